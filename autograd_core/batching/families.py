"""All families of rules; they are imported when the first rule is asked for."""

from . import (
    convolution,
    indexing,
    linalg,
    loss,
    matmul,
    normalization,
    pointwise,
    reduction,
    shape,
    spatial,
)

__all__ = [
    "convolution",
    "indexing",
    "linalg",
    "loss",
    "matmul",
    "normalization",
    "pointwise",
    "reduction",
    "shape",
    "spatial",
]
