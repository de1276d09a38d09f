"""Batching of samplers by a grid and of resizing: the batch joins the samples."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..ops.resampling import FUNCTIONS
from ..tensor import Tensor
from .arrays import Batch, Batched, front, is_batched
from .fallbacks import SLOW
from .rules import give, rule


def _joined(batch: Batch, tensor: Tensor) -> Tensor:
    """Return the Tensor below with the samples of all members as samples, dim 0."""
    value = batch.stretched(tensor)
    shape = value._array.shape
    return ops.reshape(value, (shape[0] * shape[1], *shape[2:]))


def _parted(batch: Batch, made: Any) -> Any:
    """Return results of joined samples with the batch dim in front again."""
    if isinstance(made, tuple):
        return tuple(_parted(batch, part) for part in made)
    if made is None:
        return None
    shape = made._array.shape
    return ops.reshape(made, (batch.size, shape[0] // batch.size, *shape[1:]))


def _samples(batch: Batch, values: list[Any]) -> Any:
    return _parted(batch, batch.run(batch.mapped(lambda t: _joined(batch, t), values)))


def _backward(batch: Batch, values: list[Any]) -> Any:
    grad_output, output_size, input_size, *options = values
    whole = (batch.size * input_size[0], *input_size[1:])
    made = batch.run([_joined(batch, grad_output), output_size, whole, *options])
    return _parted(batch, made)


@rule("grid_sampler_2d", "grid_sampler_3d")
def _sampled(batch: Batch, values: list[Any]) -> Any:
    """Inputs of one grid join as channels, grids of one input as points, both as samples."""
    input, grid, *options = values
    if is_batched(input) and is_batched(grid):
        return _samples(batch, values)
    moved, still = (input, grid) if is_batched(input) else (grid, input)
    value = front(moved)
    shape = value._array.shape
    dims = (1, 0, *range(2, len(shape)))
    joined = ops.reshape(ops.permute(value, dims), (shape[1], shape[0] * shape[2], *shape[3:]))
    pair = (joined, front(still)) if moved is input else (front(still), joined)
    made = batch.run([*pair, *options])
    at = 1 if moved is input else 2
    sizes = made._array.shape
    parted = (*sizes[:at], batch.size, sizes[at] // batch.size, *sizes[at + 1 :])
    return Batched(ops.reshape(made, parted), at)


give(_samples, "grid_sampler_2d_backward grid_sampler_3d_backward")
for _name in (name for _, name in FUNCTIONS.values() if name not in SLOW):
    give(_samples, _name)
    give(_backward, f"{_name}_backward")
