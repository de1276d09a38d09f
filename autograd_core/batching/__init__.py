"""The batching interpreter: what ``vmap`` makes of every op, one file per family."""

from __future__ import annotations

from . import (
    convolution,
    fft,
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
from .level import VmapLevel
from .whole_functions import NO_FALLBACK, NO_VIEWS, member_by_member, refuse_undivided

__all__ = [
    "NO_FALLBACK",
    "NO_VIEWS",
    "VmapLevel",
    "convolution",
    "fft",
    "indexing",
    "interpolation",
    "linalg",
    "loss",
    "matmul",
    "member_by_member",
    "normalization",
    "padding",
    "pointwise",
    "pooling",
    "reduction",
    "refuse_undivided",
    "shape",
    "spectra",
]
