"""A graph of 999 operations on single numbers; this project on its pure-Python backend."""

from __future__ import annotations

import math
from typing import Any

from ..measuring import Work
from ..peers import Skipped, jitted

LABEL = "scalar graph, 999 0-d ops, pure Python"
ROWS = [
    (f"{LABEL}, float64", (0.25, 0.012), 9, {"length": 333, "dtype": "float64"}),
    (f"{LABEL}, float32", None, 9, {"length": 333, "dtype": "float32"}),
]
"""Python's own numbers are double: those of single precision are rounded after every operation."""


_JAX = ("jax", "jax.jit")
"""What computes in float32 unless it is told otherwise."""


def work(library: Any, name: str, length: int, dtype: str) -> Work:
    """Return one forward and backward of ``y = tanh(y * w + x)``, again and again."""
    if name not in ("torch", "autograd_core") and (dtype == "float32") != (name in _JAX):
        raise Skipped("in the row of the other dtype")
    if name == "by hand":
        return _by_hand(length)
    if name == "micrograd":
        return _of_micrograd(library, length)
    if name == "mygrad":
        return _of_mygrad(library, length)
    if name in ("HIPS autograd", *_JAX):
        return _of_functions(library, name, length)
    if name == "bare tape":
        raise Skipped("arrays only")
    options = {"dtype": getattr(library, dtype), "requires_grad": True}
    if name == "autograd_core":
        options["backend"] = "python"
    x, w = (library.tensor(n, **options) for n in (0.5, 0.25))

    def run() -> None:
        x.grad = w.grad = None
        y = x
        for _ in range(length):
            y = (y * w + x).tanh()
        y.backward()

    return run


def _by_hand(length: int) -> Work:
    def run() -> Any:
        x, w = 0.5, 0.25
        y, passed = x, []
        for _ in range(length):
            passed.append(y)
            y = math.tanh(y * w + x)
        grad, of_x, of_w = 1.0, 0.0, 0.0
        while passed:
            grad *= 1.0 - y * y
            y = passed.pop()
            of_x += grad
            of_w += grad * y
            grad *= w
        return grad + of_x, of_w

    return run


def _of_functions(library: Any, name: str, length: int) -> Work:
    def graph(x: Any, w: Any) -> Any:
        y = x
        for _ in range(length):
            y = library.numpy.tanh(y * w + x)
        return y

    gradient = library.grad(graph, (0, 1))
    if name == "HIPS autograd":
        return lambda: gradient(0.5, 0.25)
    compiled = jitted(library, name, gradient)
    return lambda: library.block_until_ready(compiled(0.5, 0.25))


def _of_mygrad(library: Any, length: int) -> Work:
    x, w = library.tensor(0.5), library.tensor(0.25)

    def run() -> None:
        x.null_grad(), w.null_grad()
        y = x
        for _ in range(length):
            y = library.tanh(y * w + x)
        y.backward()

    return run


def _of_micrograd(library: Any, length: int) -> Work:
    def run() -> None:
        x, w = library.Value(0.5), library.Value(0.25)
        y = x
        for _ in range(length):
            y = (y * w + x).relu()  # it has no tanh
        y.backward()

    return run
