"""The Hessian of the Rosenbrock function in 20 dims."""

from __future__ import annotations

from typing import Any

from ..measuring import Work
from ..peers import Skipped, jitted

ROWS = [("Hessian of 20-d Rosenbrock", (0.35, 0.05), 9, {"dims": 20})]


def rosenbrock(x: Any) -> Any:
    """The function, of a vector."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def work(library: Any, name: str, dims: int) -> Work:
    """Return one Hessian."""
    numbers = [0.1 * k for k in range(dims)]
    if name in ("torch", "autograd_core"):
        x = library.tensor(numbers)
        return lambda: library.autograd.functional.hessian(rosenbrock, x)
    if name == "HIPS autograd":
        import numpy

        hessian = library.hessian(lambda x: library.numpy.sum(rosenbrock(x)))
        return lambda: hessian(numpy.array(numbers))
    if name in ("jax", "jax.jit"):
        at = library.numpy.array(numbers)
        function = jitted(library, name, library.hessian(rosenbrock))
        return lambda: library.block_until_ready(function(at))
    raise Skipped("has no second derivatives")
