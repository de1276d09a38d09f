"""Batching of pooling: the members' planes are planes of one input. torch has none of unpooling."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..tensor import Tensor
from .arrays import Batch
from .rules import give


def _pooled(batch: Batch, values: list[Any]) -> Any:
    """Make the batch dim part of the first dim, and what comes out two again."""
    made = batch.run(batch.mapped(lambda t: _merged(batch.stretched(t)), values))
    if isinstance(made, tuple):
        return tuple(_parted(part, batch.size) for part in made)
    return _parted(made, batch.size)


def _merged(tensor: Tensor) -> Tensor:
    shape = tensor._array.shape
    return ops.reshape(tensor, (shape[0] * shape[1], *shape[2:]))


def _parted(tensor: Tensor, size: int) -> Tensor:
    shape = tensor._array.shape
    return ops.reshape(tensor, (size, shape[0] // max(size, 1), *shape[1:]))


for _name in (
    "avg_pool2d avg_pool3d max_pool2d_with_indices max_pool3d_with_indices",
    "adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool2d adaptive_max_pool3d",
):
    give(_pooled, _name, *(f"{name}_backward" for name in _name.split()))
give(_pooled, "max_pool1d")
