"""Longer derivatives of reductions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Array = Any


def unreduced(
    xp: Any, value: Array, shape: Sequence[int], dim: Sequence[int], keepdim: bool
) -> Array:
    """Return a reduction's value with its reduced dims back as size 1, to broadcast with input."""
    if keepdim or not shape:
        return value
    return xp.view(value, [1 if k in dim else n for k, n in enumerate(shape)])


def expand_reduced(
    xp: Any, grad: Array, shape: Sequence[int], dim: Sequence[int], keepdim: bool
) -> Array:
    """Return a reduction's gradient stretched over the input's shape."""
    return xp.expand(unreduced(xp, grad, shape, dim, keepdim), shape)
