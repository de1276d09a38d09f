"""``((a*b+c).sin()*a).sum()`` and its gradients, by number of elements."""

from __future__ import annotations

from typing import Any

from ..measuring import Work
from ..peers import Skipped, jitted

ROWS = [
    ("expression, N=1", (0.25, 0.09), 31, {"size": 1}),
    ("expression, N=100", (0.25, 0.09), 31, {"size": 100}),
    ("expression, N=10,000", (0.45, 0.3), 21, {"size": 10_000}),
    ("expression, N=1,000,000", (1.0, 0.8), 9, {"size": 1_000_000}),
    ("expression, N=10,000,000", (0.8, 0.35), 5, {"size": 10_000_000}),
]


def work(library: Any, name: str, size: int) -> Work:
    """Return one forward and backward."""
    if name in ("torch", "autograd_core", "bare tape"):
        return _of_tensors(library, size)
    if name == "by hand":
        return _by_hand(library, size)
    if name == "mygrad":
        return _of_mygrad(library, size)
    if name == "HIPS autograd":
        numpy = library.numpy
        arrays = [numpy.full(size, 0.5, "float32") for _ in range(3)]
        gradient = library.grad(
            lambda a, b, c: numpy.sum(numpy.sin(a * b + c) * a), argnum=(0, 1, 2)
        )
        return lambda: gradient(*arrays)
    if name in ("jax", "jax.jit"):
        numbers = [library.numpy.full(size, 0.5, "float32") for _ in range(3)]
        function = jitted(
            library,
            name,
            library.grad(lambda a, b, c: (library.numpy.sin(a * b + c) * a).sum(), (0, 1, 2)),
        )
        return lambda: library.block_until_ready(function(*numbers))
    raise Skipped("numbers only")


def _of_tensors(library: Any, size: int) -> Work:
    a, b, c = (library.full((size,), 0.5, requires_grad=True) for _ in range(3))

    def run() -> None:
        a.grad = b.grad = c.grad = None
        ((a * b + c).sin() * a).sum().backward()

    return run


def _by_hand(numpy: Any, size: int) -> Work:
    a, b, c = (numpy.full(size, 0.5, numpy.float32) for _ in range(3))
    one = numpy.float32(1)

    def run() -> Any:
        inner = a * b + c
        sine = numpy.sin(inner)
        (sine * a).sum()
        grad = numpy.broadcast_to(one, size)
        of_inner = grad * a * numpy.cos(inner)
        return grad * sine + of_inner * b, of_inner * a, of_inner

    return run


def _of_mygrad(library: Any, size: int) -> Work:
    import numpy

    a, b, c = (library.tensor(numpy.full(size, 0.5, numpy.float32)) for _ in range(3))

    def run() -> None:
        a.null_grad(), b.null_grad(), c.null_grad()
        library.sum(library.sin(a * b + c) * a).backward()

    return run
