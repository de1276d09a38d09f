"""torch's public names: overloads and scalars are normalised here, then ops and composites run."""

from . import (
    activation,
    complex_numbers,
    creation,
    indexing,
    matmul,
    normalization,
    operators,
    pointwise,
    reduction,
    shape,
    special,
)
from .registration import NAMESPACES

__all__ = [
    "NAMESPACES",
    "activation",
    "complex_numbers",
    "creation",
    "indexing",
    "matmul",
    "normalization",
    "operators",
    "pointwise",
    "reduction",
    "shape",
    "special",
]
