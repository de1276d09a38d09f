"""Batching of convolutions: the batch goes into the first dim, the channels or the groups."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..tensor import Tensor
from .arrays import Batch, Batched, front, is_batched
from .rules import along, composed, give, rule
from .spatial import into_first

give(along(), "pixel_shuffle pixel_unshuffle")
give(into_first, "channel_shuffle native_channel_shuffle")


def _columns(rank: int) -> Any:
    """Return the rule of an op on a tensor of that rank whose first dim may be missing."""

    def columns(batch: Batch, values: list[Any]) -> Any:
        if len(values[0]._array.shape) == rank:
            return into_first(batch, values)
        return batch.run([front(values[0]), *values[1:]])

    return columns


give(_columns(4), "im2col")
give(_columns(3), "col2im")


def _merged(value: Tensor, dim: int) -> Tensor:
    """Return a front form with the batch as the outer part of a dim of what is behind it."""
    shape = list(value._array.shape)
    order = [*range(1, dim + 1), 0, *range(dim + 1, len(shape))]
    merged = shape[1:]
    merged[dim] *= shape[0]
    return ops.reshape(ops.permute(value, tuple(order)), tuple(merged))


def _split(value: Tensor, dim: int, batch: Batch) -> Batched:
    """Undo ``_merged``."""
    shape = value._array.shape
    split = (*shape[:dim], batch.size, shape[dim] // batch.size, *shape[dim + 1 :])
    return Batched(ops.reshape(value, split), dim)


def _bias_apart(input: Tensor, weight: Tensor, bias: Tensor, *options: Any) -> Tensor:
    made = ops.convolution(input, weight, None, *options)
    line = (bias._array.shape[0], *(1,) * (made.ndim - 2))
    return ops.add(made, ops.reshape(bias, line))


@rule("convolution", "convolution_with_flags")
def _convolution(batch: Batch, values: list[Any]) -> Any:
    """Widen the batch by a batch of inputs, the channels by one of weights, the groups by both."""
    input, weight, bias, *options, groups = values
    if bias is not None and (is_batched(weight) or is_batched(bias)):
        return composed(_bias_apart)(batch, values)
    if not is_batched(weight):
        plain = None if bias is None else bias._array.value
        merged = _merged(front(input), 0)
        return _split(batch.run([merged, weight._array.value, plain, *options, groups]), 0, batch)
    if not is_batched(input) and groups == 1:
        transposed = options[3]
        wide = [front(input), _merged(front(weight), int(transposed))]
    else:
        wide = [_merged(batch.stretched(input), 1), _merged(front(weight), 0)]
        groups *= batch.size
    return _split(batch.run([*wide, None, *options, groups]), 1, batch)


@rule("convolution_backward")
def _convolution_backward(batch: Batch, values: list[Any]) -> Any:
    """Widen the batch for the gradient of the input of one weight, else the groups."""
    grad, input, weight, bias_sizes, *options, groups, mask = values
    of_input = of_weight = of_bias = None
    alone = mask[0] and not is_batched(weight)
    if alone:
        merged = [_merged(batch.stretched(tensor), 0) for tensor in (grad, input)]
        only = (True, False, False)
        made = batch.run([*merged, weight._array.value, bias_sizes, *options, groups, only])
        of_input = _split(made[0], 0, batch)
    wanted = (mask[0] and not alone, mask[1], False)
    if any(wanted):
        wide = [_merged(batch.stretched(tensor), 1) for tensor in (grad, input)]
        wide.append(_merged(batch.stretched(weight), 0))
        made = batch.run([*wide, bias_sizes, *options, groups * batch.size, wanted])
        if wanted[0]:
            of_input = _split(made[0], 1, batch)
        if wanted[1]:
            of_weight = _split(made[1], 0, batch)
    if mask[2]:
        value = batch.stretched(grad)
        of_bias = ops.sum(value, (1, *range(3, value.ndim)))
    return of_input, of_weight, of_bias
