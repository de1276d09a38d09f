"""Ops whose time is their arithmetic, on NumPy beside torch eager: forward, and backward if any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import autograd_core

torch = pytest.importorskip("torch")
torch.set_num_threads(2)

Work = Callable[[], Any]


def tensor(module: Any, *shape: int, grad: bool = True) -> Any:
    """The same numbers on either side."""
    values = torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape))).numpy()
    made = module.tensor(values)
    return made.requires_grad_() if grad else made


def differentiated(run: Work, inputs: list[Any], cotangent: Any) -> Work:
    """``run`` and its backward."""

    def work() -> None:
        for leaf in inputs:
            leaf.grad = None
        run().backward(cotangent)

    return work


def convolution(module: Any, batch: int, channels: int, size: int, filters: int) -> Work:
    x = tensor(module, batch, channels, size, size)
    weight = tensor(module, filters, channels, 3, 3)
    cotangent = tensor(module, batch, filters, size, size, grad=False)
    run = module.nn.functional.conv2d
    return differentiated(lambda: run(x, weight, padding=1), [x, weight], cotangent)


def small_convolution(module: Any) -> Work:
    return convolution(module, 8, 3, 32, 16)


def large_convolution(module: Any) -> Work:
    return convolution(module, 32, 64, 56, 64)


def layer_norm(module: Any) -> Work:
    x, weight, bias = tensor(module, 256, 1024), tensor(module, 1024), tensor(module, 1024)
    run = module.nn.functional.layer_norm
    return differentiated(
        lambda: run(x, (1024,), weight, bias),
        [x, weight, bias],
        tensor(module, 256, 1024, grad=False),
    )


def softmax(module: Any) -> Work:
    x = tensor(module, 256, 1024)
    return differentiated(lambda: x.softmax(1), [x], tensor(module, 256, 1024, grad=False))


def cross_entropy(module: Any) -> Work:
    x = tensor(module, 256, 1000)
    target = module.arange(256)
    run = module.nn.functional.cross_entropy
    return differentiated(lambda: run(x, target), [x], module.tensor(1.0))


def attention(module: Any) -> Work:
    q, k, v = (tensor(module, 8, 128, 64) for _ in range(3))
    run = module.nn.functional.scaled_dot_product_attention
    cotangent = tensor(module, 8, 128, 64, grad=False)
    return differentiated(lambda: run(q, k, v), [q, k, v], cotangent)


def svd(module: Any) -> Work:
    matrix = tensor(module, 256, 256, grad=False)
    return lambda: module.linalg.svd(matrix)


def fft(module: Any) -> Work:
    signal = module.complex(*(tensor(module, 2**18, grad=False) for _ in range(2)))
    return lambda: module.fft.fft(signal)


@pytest.mark.parametrize(
    "workload",
    [
        small_convolution,
        large_convolution,
        layer_norm,
        softmax,
        cross_entropy,
        attention,
        svd,
        fft,
    ],
)
def test_kernel(beside_torch: Callable[..., None], workload: Callable[[Any], Work]) -> None:
    with autograd_core.use_backend("numpy"):
        ours = workload(autograd_core)
    beside_torch(ours, workload(torch), pairs=7 if workload is large_convolution else 25)
