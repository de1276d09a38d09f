"""100 in-place writes through views of one tensor, and the gradient behind them."""

from __future__ import annotations

from typing import Any

from ..measuring import Work
from ..peers import Skipped, jitted

ROWS = [("100 in-place writes through views", (0.40, 0.1), 15, {})]


def work(library: Any, name: str) -> Work:
    """Return one forward and backward."""
    if name == "by hand":
        return _by_hand(library)
    if name in ("jax", "jax.jit"):

        def updated(weight: Any) -> Any:
            y = weight * 2
            for i in range(10):
                for j in range(10):
                    y = y.at[i, j:].multiply(1.01)
            return y.sum()

        at = library.numpy.full((10, 10), 0.5)
        gradient = jitted(library, name, library.grad(updated))
        return lambda: library.block_until_ready(gradient(at))
    if name == "mygrad":
        return _of_mygrad(library)
    if name not in ("torch", "autograd_core"):
        raise Skipped("does not record writes through views")
    weight = library.tensor([[0.5] * 10] * 10, requires_grad=True)

    def run() -> None:
        weight.grad = None
        y = weight * 2
        for i in range(10):
            for j in range(10):
                y[i, j:].mul_(1.01)
        y.sum().backward()

    return run


def _of_mygrad(library: Any) -> Work:
    import numpy

    weight = library.tensor(numpy.full((10, 10), 0.5, numpy.float32))

    def run() -> None:
        weight.null_grad()
        y = weight * 2
        for i in range(10):
            for j in range(10):
                y[i, j:] *= 1.01
        library.sum(y).backward()

    return run


def _by_hand(numpy: Any) -> Work:
    weight = numpy.full((10, 10), 0.5, numpy.float32)
    factor = numpy.float32(1.01)
    places = [(i, j) for i in range(10) for j in range(10)]

    def run() -> Any:
        y = weight * 2
        for i, j in places:
            y[i, j:] *= factor
        y.sum()
        grad = numpy.ones((10, 10), numpy.float32)
        for i, j in reversed(places):
            grad[i, j:] *= factor
        return grad * 2

    return run
