"""Indexing functions that torch composes of others."""

from __future__ import annotations

from .. import ops
from ..dtypes import int64
from ..sizes import broadcast_shapes
from ..tensor import Tensor, wrap

__all__ = ["take_along_all", "take_along_dim"]


def take_along_all(input: Tensor, indices: Tensor) -> Tensor:
    """The elements at row-major places, 1-d."""
    flat = ops.view(input, (input.numel(),)) if input.is_contiguous() else ops.reshape(input, (-1,))
    return ops.gather(flat, 0, ops.reshape(indices, (-1,)))


def take_along_dim(input: Tensor, indices: Tensor, dim: int) -> Tensor:
    """Gather along ``dim``, both broadcast in the other dims; indices are taken modulo."""
    own, other = list(input.shape), list(indices.shape)
    if own:
        own[dim] = other[dim]
        common = broadcast_shapes(own, other)
        sizes = list(common)
        sizes[dim] = input.shape[dim]
        indices = ops.expand(indices, tuple(common))
        backend = indices._backend
        places = backend.remainder(indices._array, backend.scalar(max(sizes[dim], 1), int64))
        indices = wrap(places, int64, backend)
        input = ops.expand(input, tuple(sizes))
    return ops.gather(input, dim, indices)
