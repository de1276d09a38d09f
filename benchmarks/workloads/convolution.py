"""A convolution of small images, and its gradients."""

from __future__ import annotations

import importlib
from typing import Any

from ..measuring import Work
from ..peers import Skipped, jitted

ROWS = [
    ("conv2d 8x3x32x32, 16 filters 3x3", (1.5, 1.2), 15, {"input": (8, 3, 32, 32), "filters": 16})
]


def work(library: Any, name: str, input: tuple[int, ...], filters: int) -> Work:
    """Return one forward and backward."""
    kernel = (filters, input[1], 3, 3)
    if name in ("torch", "autograd_core"):
        library.manual_seed(0)
        x, weight = (library.randn(shape, requires_grad=True) for shape in (input, kernel))
        conv2d = library.nn.functional.conv2d

        def run() -> None:
            x.grad = weight.grad = None
            conv2d(x, weight, padding=1).sum().backward()

        return run
    if name in ("jax", "jax.jit"):
        keys = library.random.split(library.random.key(0), 2)
        arrays = [library.random.normal(key, s) for key, s in zip(keys, (input, kernel))]
        convolve = library.lax.conv
        gradient = jitted(
            library, name, library.grad(lambda x, w: convolve(x, w, (1, 1), "SAME").sum(), (0, 1))
        )
        return lambda: library.block_until_ready(gradient(*arrays))
    if name in ("HIPS autograd", "mygrad"):
        return _on_numpy(library, name, input, kernel)
    raise Skipped("arrays only" if name == "by hand" else "numbers only")


def _on_numpy(library: Any, name: str, input: tuple[int, ...], kernel: tuple[int, ...]) -> Work:
    import numpy

    arrays = [numpy.random.standard_normal(s).astype("float32") for s in (input, kernel)]
    if name == "mygrad":
        x, weight = (library.tensor(array) for array in arrays)
        conv_nd = importlib.import_module("mygrad.nnet").conv_nd

        def run() -> None:
            x.null_grad(), weight.null_grad()
            library.sum(conv_nd(x, weight, stride=1, padding=1)).backward()

        return run
    convolve = importlib.import_module("autograd.scipy.signal").convolve

    def convolution(x: Any, weight: Any) -> Any:
        padded = library.numpy.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), "constant")
        dims = {"axes": ([2, 3], [2, 3]), "dot_axes": ([1], [1]), "mode": "valid"}
        return library.numpy.sum(convolve(padded, weight, **dims))

    hips = library.grad(convolution, (0, 1))
    return lambda: hips(*arrays)
