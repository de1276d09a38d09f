"""2,000 branches of one leaf that are added up: gradients accumulate."""

from __future__ import annotations

from typing import Any

from ..measuring import Work
from ..peers import Skipped, jitted

ROWS = [("fan-out, 2,000 branches", (0.25, 0.15), 9, {"branches": 2_000})]


def work(library: Any, name: str, branches: int) -> Work:
    """Return one forward and backward."""
    if name in ("torch", "autograd_core", "bare tape"):
        x = library.tensor([0.5, 0.25], requires_grad=True)

        def run() -> None:
            x.grad = None
            total = x.sin()
            for _ in range(branches - 1):
                total = total + x.sin()
            total.sum().backward()

        return run
    if name == "HIPS autograd":
        import numpy

        def function(x: Any) -> Any:
            return library.numpy.sum(sum(library.numpy.sin(x) for _ in range(branches)))

        gradient = library.grad(function)
        return lambda: gradient(numpy.array([0.5, 0.25]))
    if name == "by hand":
        x = library.array([0.5, 0.25], library.float32)

        def by_hand() -> Any:
            total = library.sin(x)
            for _ in range(branches - 1):
                total = total + library.sin(x)
            total.sum()
            grad = library.ones(2, library.float32)
            whole = grad * library.cos(x)
            for _ in range(branches - 1):
                whole += grad * library.cos(x)
            return whole

        return by_hand
    if name == "mygrad":
        return _of_mygrad(library, branches)
    if name in ("jax", "jax.jit"):

        def of_jax(x: Any) -> Any:
            return sum(library.numpy.sin(x) for _ in range(branches)).sum()

        at = library.numpy.array([0.5, 0.25])
        grad_of = jitted(library, name, library.grad(of_jax))
        return lambda: library.block_until_ready(grad_of(at))
    raise Skipped("numbers only")


def _of_mygrad(library: Any, branches: int) -> Work:
    import numpy

    x = library.tensor(numpy.array([0.5, 0.25], numpy.float32))

    def run() -> None:
        x.null_grad()
        total = library.sin(x)
        for _ in range(branches - 1):
            total = total + library.sin(x)
        library.sum(total).backward()

    return run
