"""torch's public names: overloads and scalars are normalised here, then ops and composites run."""

from . import (
    activation,
    creation,
    indexing,
    indexing_queries,
    indexing_views,
    matmul,
    normalization,
    operators,
    pointwise,
    random,
    reduction,
    shape,
    subscripts,
)
from .registration import NAMESPACES

__all__ = [
    "NAMESPACES",
    "activation",
    "creation",
    "indexing",
    "indexing_queries",
    "indexing_views",
    "matmul",
    "normalization",
    "operators",
    "pointwise",
    "random",
    "reduction",
    "shape",
    "subscripts",
]
