"""torch's public names: overloads and scalars are normalised here, then ops and composites run."""

from . import (
    activation,
    casts,
    creation,
    creation_like,
    data,
    indexing,
    interop,
    matmul,
    movement,
    normalization,
    operators,
    pointwise,
    random,
    reduction,
    shape,
)
from .registration import NAMESPACES

__all__ = [
    "NAMESPACES",
    "activation",
    "casts",
    "creation",
    "creation_like",
    "data",
    "indexing",
    "interop",
    "matmul",
    "movement",
    "normalization",
    "operators",
    "pointwise",
    "random",
    "reduction",
    "shape",
]
