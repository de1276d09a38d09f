"""The batching interpreter: what ``vmap`` makes of every op, one file per family."""

from __future__ import annotations

from . import indexing, interpolation, loss, matmul, normalization, pointwise, reduction, shape
from .level import VmapLevel

__all__ = [
    "VmapLevel",
    "indexing",
    "interpolation",
    "loss",
    "matmul",
    "normalization",
    "pointwise",
    "reduction",
    "shape",
]
