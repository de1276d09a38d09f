"""torch's public names: overloads and scalars are normalised here, then ops and composites run."""

from . import (
    activation,
    casts,
    creation,
    indexing,
    indexing_queries,
    matmul,
    movement,
    normalization,
    operators,
    pointwise,
    random,
    reduction,
    running,
    shape,
    sorting,
    subscripts,
)
from .registration import NAMESPACES

__all__ = [
    "NAMESPACES",
    "activation",
    "casts",
    "creation",
    "indexing",
    "indexing_queries",
    "matmul",
    "movement",
    "normalization",
    "operators",
    "pointwise",
    "random",
    "reduction",
    "running",
    "shape",
    "sorting",
    "subscripts",
]
