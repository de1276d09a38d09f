"""Batching of padding, pooling, resizing and samplers by a grid: the batch joins the first dim.

That is of samples, or planes: torch has no rules of unpooling.
"""

from __future__ import annotations

from typing import Any

from .. import ops
from ..ops.resampling import FUNCTIONS
from ..tensor import Tensor
from .arrays import Batch, Batched, front, is_batched
from .fallbacks import SLOW
from .rules import along, give, rule


def _joined(batch: Batch, tensor: Tensor) -> Tensor:
    """Return the Tensor below with the batch dim and the first dim as one."""
    value = batch.stretched(tensor)
    shape = value._array.shape
    return ops.reshape(value, (shape[0] * shape[1], *shape[2:]))


def _parted(batch: Batch, made: Any) -> Any:
    """Return results with the batch dim in front again."""
    if isinstance(made, tuple):
        return tuple(_parted(batch, part) for part in made)
    if made is None:
        return None
    shape = made._array.shape
    return ops.reshape(made, (batch.size, shape[0] // max(batch.size, 1), *shape[1:]))


def into_first(batch: Batch, values: list[Any]) -> Any:
    """Run the op on Tensors whose batch dim and first dim are one."""
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
        return into_first(batch, values)
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


give(into_first, "grid_sampler_2d_backward grid_sampler_3d_backward")
for _name in (name for _, name in FUNCTIONS.values() if name not in SLOW):
    give(into_first, _name)
    give(_backward, f"{_name}_backward")
give(along(), "constant_pad_nd")
for _axes in "123":
    for _name in (f"reflection_pad{_axes}d", f"replication_pad{_axes}d"):
        give(into_first, _name, f"{_name}_backward")
for _name in (
    "avg_pool2d avg_pool3d max_pool2d_with_indices max_pool3d_with_indices",
    "adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool2d adaptive_max_pool3d",
):
    give(into_first, _name, *(f"{name}_backward" for name in _name.split()))
give(into_first, "max_pool1d")
