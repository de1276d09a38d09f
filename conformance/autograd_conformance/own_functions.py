"""What stands in torch's database as a lambda without a public name, spelled once more.

Each takes `torch` (or the subject under that name) first, and its source stands alone in a script.
"""

from __future__ import annotations

from typing import Any


def T(torch: Any, x: Any) -> Any:
    return x.T


def H(torch: Any, x: Any) -> Any:
    return x.H


def mT(torch: Any, x: Any) -> Any:
    return x.mT


def mH(torch: Any, x: Any) -> Any:
    return x.mH


def einsum(torch: Any, operands: Any, equation: str) -> Any:
    return torch.einsum(equation, operands)


def where(torch: Any, x: Any, condition: Any, *rest: Any, **options: Any) -> Any:
    return torch.where(condition, x, *rest, **options)


def polygamma(torch: Any, x: Any, n: int, **options: Any) -> Any:
    return torch.polygamma(n, x, **options)


def special_polygamma(torch: Any, x: Any, n: int, **options: Any) -> Any:
    return torch.special.polygamma(n, x, **options)


def normal_of_std(torch: Any, std: Any, mean: Any, *rest: Any, **options: Any) -> Any:
    return torch.normal(mean, std, *rest, **options)


def svd_lowrank(torch: Any, a: Any, b: Any, **options: Any) -> Any:
    return torch.svd_lowrank(a @ b.mT, **options)


def pca_lowrank(torch: Any, a: Any, b: Any, **options: Any) -> Any:
    return torch.pca_lowrank(a @ b.mT, **options)


def zero_of_clone(torch: Any, x: Any) -> Any:
    return torch.zero_(x.clone())


def max_pool2d_backward(
    torch: Any,
    x: Any,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = (0,),
    dilation: Any = (1,),
    ceil_mode: bool = False,
    **options: Any,
) -> Any:
    stride = kernel_size if stride is None else stride
    window = (kernel_size, stride, padding, dilation, ceil_mode)
    out, indices = torch.nn.functional.max_pool2d_with_indices(x, *window, return_indices=True)
    backward = torch.ops.aten.max_pool2d_with_indices_backward.default
    return backward(torch.ones_like(out), x, *window, indices)


def embedding(torch: Any, weight: Any, indices: Any, **options: Any) -> Any:
    return torch.nn.functional.embedding(indices, weight, **options)


def embedding_bag(torch: Any, weight: Any, indices: Any, **options: Any) -> Any:
    return torch.nn.functional.embedding_bag(indices, weight, **options)


def lstsq_solution(torch: Any, a: Any, b: Any, driver: str) -> Any:
    return torch.linalg.lstsq(a, b, driver=driver)[:2]


def pinv_of_product(torch: Any, a: Any, b: Any) -> Any:
    return torch.linalg.pinv(a @ b.mT)
