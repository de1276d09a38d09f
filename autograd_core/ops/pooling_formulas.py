"""Derivatives of maxima over windows, which read what they are given where the maxima were."""

from __future__ import annotations

from typing import Any

from .. import sizes
from ..tensor import Given

Array = Any


def chosen(xp: Any, grad: Array, indices: Array, rank: int) -> Array:
    """Return the elements of planes of the last ``rank`` dims at the places of ``indices``.

    They are read in the memory format of the indices, into which others are copied, as in torch.
    """
    shape = tuple(indices.shape)
    if not sizes.numel(shape):
        return xp.new_zeros(grad, shape)
    space = tuple(grad.shape)
    channels_last = sizes.suggests_channels_last(shape, xp.strides(indices))
    wanted = sizes.channels_last(space) if channels_last else sizes.row_major(space)
    if not sizes.same_strides(space, xp.strides(grad), wanted):
        grad = xp.clone_strided(grad, wanted)
    dim = len(shape) - rank
    flat = xp.view(grad, (*space[:dim], sizes.numel(space[dim:])))
    index = xp.reshape(indices, (*shape[:dim], sizes.numel(shape[dim:])))
    return xp.view(xp.gather(flat, Given(dim, -1), index), shape)


def tangent_of_maxima(xp: Any, tangent: Array, indices: Array, rank: int) -> Array:
    """Return what a tangent has where the maxima were."""
    shape = tuple(indices.shape)
    dim = len(shape) - rank
    flat = xp.reshape(tangent, (*tangent.shape[:dim], sizes.numel(tangent.shape[dim:])))
    index = xp.reshape(indices, (*shape[:dim], sizes.numel(shape[dim:])))
    return xp.reshape(xp.gather(flat, Given(dim, -1), index), shape)
