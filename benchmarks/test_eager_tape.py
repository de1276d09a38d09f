"""The eager tape against torch eager: small expressions, forward and backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import autograd_core

torch = pytest.importorskip("torch")
torch.set_num_threads(2)


def expression(module: Any, size: int) -> Callable[[], None]:
    """``((a*b+c).sin()*a).sum()`` and its gradients, on tensors of ``size`` elements."""
    a, b, c = (module.tensor([0.5] * size, requires_grad=True) for _ in range(3))

    def run() -> None:
        a.grad = b.grad = c.grad = None
        ((a * b + c).sin() * a).sum().backward()

    return run


def chain(module: Any, length: int) -> Callable[[], None]:
    """A chain of small ops on one element and its gradient."""
    x = module.tensor([0.5], requires_grad=True)

    def run() -> None:
        x.grad = None
        y = x
        for _ in range(length):
            y = y.sin()
        y.backward()

    return run


@pytest.mark.parametrize("size", [1, 100, 10_000, 1_000_000])
def test_expression(beside_torch: Callable[..., None], size: int) -> None:
    with autograd_core.use_backend("numpy"):
        ours = expression(autograd_core, size)
    beside_torch(ours, expression(torch, size), pairs=60 if size < 1_000_000 else 15)


def test_deep_chain(beside_torch: Callable[..., None]) -> None:
    with autograd_core.use_backend("numpy"):
        ours = chain(autograd_core, 1_000)
    beside_torch(ours, chain(torch, 1_000), pairs=15)


def test_scalar_graph_in_pure_python(beside_torch: Callable[..., None]) -> None:
    """0-d tensors on the pure-Python backend."""
    with autograd_core.use_backend("python"):
        ours = expression(autograd_core, 1)
    beside_torch(ours, expression(torch, 1))
