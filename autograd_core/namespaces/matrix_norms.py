"""torch's norms of matrices, and condition numbers: overloads, checks and messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..composites import matrix_norms as composites
from ..dtypes import DType
from ..tensor import Tensor, wrap_dim
from .linalg import check_inexact, check_kernel, check_matrices, check_square, refuse_narrow
from .overloads import no_overload
from .reduction import check_norm_dtype, vector_norm
from .registration import accepts_out, function, method, require_tensor

_MATRIX_NORM_SIGNATURES = [
    "Tensor input, {} dim = {{-2,-1}}, bool keepdim = False, *, torch.dtype dtype = None, "
    "Tensor out = None".format(f"{order}, tuple of ints")
    for order in ("Number ord", 'str ord = "fro"')
]


@function(under="linalg", name="matrix_norm")
@accepts_out
def linalg_matrix_norm(
    A: Tensor,
    ord: Any = "fro",
    dim: Any = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: DType | None = None,
) -> Tensor:
    """The norm of matrices in two dims: "fro", "nuc", or 1, -1, 2, -2, inf, -inf."""
    require_tensor("linalg_matrix_norm", A)
    if not isinstance(dim, (tuple, list)) or not isinstance(ord, (str, int, float, complex)):
        given = (A, ord) if isinstance(dim, (tuple, list)) else (A, f"dim={type(dim).__name__}")
        raise no_overload("linalg_matrix_norm", given, _MATRIX_NORM_SIGNATURES)
    return _matrix_norm(A, ord, dim, keepdim, dtype)


def _matrix_norm(
    A: Tensor, ord: Any, dim: Sequence[int], keepdim: bool, dtype: DType | None
) -> Tensor:
    name = "linalg.matrix_norm"
    check_matrices(name, A)
    check_inexact(name, A)
    if isinstance(ord, complex):
        raise RuntimeError(f"{name}: Expected a non-complex scalar as the order of norm.")
    if isinstance(ord, str):
        known = ord in ("fro", "nuc")
    else:
        known = abs(ord) in (1, 2, float("inf"))
    if not known:
        raise RuntimeError(f"{name}: Order {ord} not supported.")
    if ord == "nuc" or (ord != "fro" and abs(ord) == 2):
        refuse_narrow(name, A)
    if len(dim) != 2:
        shown = " ".join(map(str, dim))
        raise RuntimeError(f"{name}: dim must be a 2-tuple. Got {shown}")
    first, second = (wrap_dim(d, A.ndim) for d in dim)
    if first == second:
        raise RuntimeError(f"{name}: dims must be different. Got ({dim[0]}, {dim[1]})")
    if dtype is not None:
        check_norm_dtype(name, A._dtype, dtype)
        if dtype is A._dtype:
            dtype = None
    return composites.matrix_norm(A, ord, (first, second), keepdim, dtype)


@function(under="linalg", name="norm")
@accepts_out
def linalg_norm(
    A: Tensor,
    ord: Any = None,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: DType | None = None,
) -> Tensor:
    """The norm of matrices where there are two dims and an order, else of vectors."""
    require_tensor("linalg_norm", A)
    dims = None if dim is None else list(dim) if isinstance(dim, (tuple, list)) else [dim]
    if dims is not None:
        if len(dims) not in (1, 2):
            raise RuntimeError(
                f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {dims}"
            )
    elif ord is not None and A.ndim not in (1, 2):
        raise RuntimeError(
            "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. "
            f"Got {A.ndim}D."
        )
    matrices = A.ndim == 2 if dims is None else len(dims) == 2
    if isinstance(ord, str) or (ord is not None and matrices):
        return _matrix_norm(A, ord, [0, 1] if dims is None else dims, keepdim, dtype)
    return vector_norm(A, 2.0 if ord is None else ord, dims, keepdim, dtype=dtype)


@function
@accepts_out
@method
def norm(
    input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """The ``p`` norm of the elements over dims, "fro" and None meaning 2; "nuc" of matrices."""
    dims = [dim] if isinstance(dim, int) else dim
    if not isinstance(p, str):
        return vector_norm(input, 2.0 if p is None else p, dims, keepdim, dtype=dtype)
    if p == "fro" and (dims is None or len(dims) <= 2):
        return vector_norm(input, 2, dims, keepdim, dtype=dtype)
    every = list(range(input.ndim)) if dims is None else dims
    return _matrix_norm(input, p, every, keepdim, dtype)


@function(under="linalg", name="cond")
@accepts_out
def linalg_cond(A: Tensor, p: Any = None) -> Tensor:
    """The condition number of matrices in the norm ``p``, by default 2."""
    require_tensor("linalg_cond", A)
    if isinstance(p, complex):
        raise RuntimeError("value cannot be converted to type double without overflow")
    if A.ndim < 2:
        raise RuntimeError("linalg.cond: The input tensor must have at least 2 dimensions.")
    if p is None:
        p = 2
    named = isinstance(p, str)
    if not (p in ("fro", "nuc") if named else abs(p) in (1, 2, float("inf"))):
        raise RuntimeError(f"linalg.cond got an invalid norm type: {p}")
    if A.numel():
        if not named and abs(p) == 2:
            check_inexact("linalg.svd", A)
            check_kernel("linalg_svd_cpu", A)
        else:
            check_square(f"linalg.cond(ord={p})", A)
            check_inexact("linalg.inv", A)
    return composites.cond(A, p)
