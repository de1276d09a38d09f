"""Indexing functions that torch composes of others."""

from __future__ import annotations

from .. import ops
from ..dtypes import int64
from ..sizes import broadcast_shapes
from ..tensor import Tensor, wrap

__all__ = ["take_along_all", "take_along_dim"]


def take_along_all(input: Tensor, indices: Tensor) -> Tensor:
    """The elements at row-major places, which are 1-d."""
    return ops.gather(ops.view(input, (input.numel(),)), 0, indices)


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
