"""Indexing functions that torch composes of others."""

from __future__ import annotations

from .. import ops
from ..sizes import broadcast_shapes
from ..tensor import Tensor

__all__ = ["take_along_all", "take_along_dim"]


def take_along_all(input: Tensor, indices: Tensor) -> Tensor:
    """The elements at row-major places, 1-d."""
    flat = ops.view(input, (input.numel(),)) if input.is_contiguous() else ops.reshape(input, (-1,))
    return ops.gather(flat, 0, ops.reshape(indices, (-1,)))


def take_along_dim(input: Tensor, indices: Tensor, dim: int) -> Tensor:
    """Gather along ``dim`` after both were broadcast in the other dims."""
    own, other = list(input.shape), list(indices.shape)
    if own:
        own[dim] = other[dim]
        common = broadcast_shapes(own, other)
        sizes = list(common)
        sizes[dim] = input.shape[dim]
        indices = ops.expand(indices, tuple(common))
        input = ops.expand(input, tuple(sizes))
    return ops.gather(input, dim, indices)
