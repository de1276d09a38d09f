"""A chain of ``sin`` on one element and its gradient: nothing but tape."""

from __future__ import annotations

from typing import Any

from ..measuring import Work
from ..peers import Skipped

ROWS = [("deep chain, 10,000 ops", (0.20, 0.12), 9, {"length": 10_000})]


def work(library: Any, name: str, length: int) -> Work:
    """Return one forward and backward."""
    if name in ("torch", "autograd_core", "bare tape"):
        x = library.tensor([0.5], requires_grad=True)

        def run() -> None:
            x.grad = None
            y = x
            for _ in range(length):
                y = y.sin()
            y.backward()

        return run
    if name == "by hand":
        return _by_hand(library, length)
    if name == "mygrad":
        return _of_mygrad(library, length)
    if name == "jax":

        def of_jax(x: Any) -> Any:
            for _ in range(length):
                x = library.numpy.sin(x)
            return x[0]

        at, grad_of = library.numpy.array([0.5]), library.grad(of_jax)
        return lambda: library.block_until_ready(grad_of(at))
    if name == "HIPS autograd":
        import numpy

        def chain(x: Any) -> Any:
            for _ in range(length):
                x = library.numpy.sin(x)
            return x[0]

        gradient = library.grad(chain)
        return lambda: gradient(numpy.array([0.5]))
    raise Skipped("arrays only" if name == "micrograd" else "minutes of compiling")


def _of_mygrad(library: Any, length: int) -> Work:
    import numpy

    x = library.tensor(numpy.array([0.5], numpy.float32))

    def run() -> None:
        x.null_grad()
        y = x
        for _ in range(length):
            y = library.sin(y)
        y.backward()

    return run


def _by_hand(numpy: Any, length: int) -> Work:
    x = numpy.array([0.5], numpy.float32)

    def run() -> Any:
        y, passed = x, []
        for _ in range(length):
            passed.append(y)
            y = numpy.sin(y)
        grad = numpy.ones(1, numpy.float32)
        while passed:
            grad = grad * numpy.cos(passed.pop())
        return grad

    return run
