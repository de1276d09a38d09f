"""All families of rules; they are imported when the first rule is asked for."""

from . import (
    convolution,
    indexing,
    interpolation,
    linalg,
    loss,
    matmul,
    normalization,
    padding,
    pointwise,
    pooling,
    reduction,
    shape,
    spectra,
)

__all__ = [
    "convolution",
    "indexing",
    "interpolation",
    "linalg",
    "loss",
    "matmul",
    "normalization",
    "padding",
    "pointwise",
    "pooling",
    "reduction",
    "shape",
    "spectra",
]
