"""Attention of one head, written out, and its gradients."""

from __future__ import annotations

from typing import Any

from ..measuring import Work
from ..peers import Skipped, jitted

ROWS = [
    ("attention T=128, d=64, batch 8", (1.1, 1.0), 15, {"batch": 8, "length": 128, "width": 64})
]


def work(library: Any, name: str, batch: int, length: int, width: int) -> Work:
    """Return one forward and backward."""
    shape = (batch, length, width)
    if name in ("torch", "autograd_core"):
        library.manual_seed(0)
        q, k, v = (library.randn(shape, requires_grad=True) for _ in range(3))

        def run() -> None:
            q.grad = k.grad = v.grad = None
            scores = q @ k.transpose(1, 2) * width**-0.5
            (scores.softmax(-1) @ v).sum().backward()

        return run
    if name in ("jax", "jax.jit"):
        keys = library.random.split(library.random.key(0), 3)
        arrays = [library.random.normal(key, shape) for key in keys]

        def attention(q: Any, k: Any, v: Any) -> Any:
            scores = q @ k.transpose(0, 2, 1) * width**-0.5
            return (library.nn.softmax(scores) @ v).sum()

        gradient = jitted(library, name, library.grad(attention, (0, 1, 2)))
        return lambda: library.block_until_ready(gradient(*arrays))
    if name == "by hand":
        return _by_hand(library, shape)
    if name == "HIPS autograd":
        numpy = library.numpy
        operands = [numpy.random.standard_normal(shape).astype("float32") for _ in range(3)]

        def by_hand(q: Any, k: Any, v: Any) -> Any:
            scores = numpy.matmul(q, numpy.swapaxes(k, 1, 2)) * width**-0.5
            shares = numpy.exp(scores - numpy.max(scores, -1, keepdims=True))
            shares = shares / numpy.sum(shares, -1, keepdims=True)
            return numpy.sum(numpy.matmul(shares, v))

        hips = library.grad(by_hand, (0, 1, 2))
        return lambda: hips(*operands)
    if name == "mygrad":
        return _of_mygrad(library, shape)
    raise Skipped("numbers only")


def _of_mygrad(library: Any, shape: tuple[int, int, int]) -> Work:
    import numpy

    q, k, v = (
        library.tensor(numpy.random.standard_normal(shape).astype("float32")) for _ in range(3)
    )
    scale = numpy.float32(shape[2] ** -0.5)

    def run() -> None:
        for tensor in (q, k, v):
            tensor.null_grad()
        scores = library.matmul(q, library.transpose(k, (0, 2, 1))) * scale
        shares = library.nnet.activations.softmax(scores)
        library.sum(library.matmul(shares, v)).backward()

    return run


def _by_hand(numpy: Any, shape: tuple[int, int, int]) -> Work:
    q, k, v = (numpy.random.standard_normal(shape).astype("float32") for _ in range(3))
    scale = numpy.float32(shape[2] ** -0.5)
    grad = numpy.ones(shape, numpy.float32)

    def turned(matrices: Any) -> Any:
        return matrices.swapaxes(1, 2)

    def run() -> Any:
        shares = q @ turned(k)
        shares *= scale
        shares -= shares.max(-1, keepdims=True)
        numpy.exp(shares, out=shares)
        shares /= shares.sum(-1, keepdims=True)
        (shares @ v).sum()
        of_scores = grad @ turned(v)
        of_scores *= shares
        of_scores -= shares * of_scores.sum(-1, keepdims=True)
        of_scores *= scale
        return of_scores @ k, turned(of_scores) @ q, turned(shares) @ grad

    return run
