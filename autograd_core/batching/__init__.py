"""The batching interpreter: what ``vmap`` makes of every op, one file per family."""

from __future__ import annotations

from . import (
    convolution,
    indexing,
    loss,
    matmul,
    normalization,
    padding,
    pointwise,
    reduction,
    shape,
)
from .level import VmapLevel

__all__ = [
    "VmapLevel",
    "convolution",
    "indexing",
    "loss",
    "matmul",
    "normalization",
    "padding",
    "pointwise",
    "reduction",
    "shape",
]
