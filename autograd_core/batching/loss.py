"""Batching of losses: of each element, then reduced over all dims but the batch dim."""

from __future__ import annotations

from typing import Any

from .. import ops, sizes
from ..sizes import broadcast_shapes
from ..tensor import Tensor
from .arrays import Batch, front, is_batched, padded, rank
from .rules import all_but_batch, flattened, give

MEAN, SUM = 1, 2


def _loss(batch: Batch, values: list[Any]) -> Any:
    input, target, reduction, *options = values
    shape = broadcast_shapes(input._array.shape, target._array.shape)
    alike = input._array.shape == target._array.shape == shape
    lined_up = [_flat(t) if alike else padded(t, len(shape)) for t in (input, target)]
    made = batch.run([*lined_up, 0, *options])
    if reduction == MEAN:
        return ops.mean(made, all_but_batch(made))
    if reduction == SUM:
        return ops.sum(made, all_but_batch(made))
    return ops.reshape(made, (batch.size, *shape)) if len(shape) > 0 else made


def _flat(tensor: Tensor) -> Tensor:
    """Return a Tensor with its dims but the batch dim as one."""
    if is_batched(tensor):
        return flattened(tensor) if rank(tensor) else front(tensor)
    return ops.reshape(front(tensor), (-1,)) if rank(tensor) else front(tensor)


def _loss_backward(batch: Batch, values: list[Any]) -> Any:
    grad, input, target, reduction, *options = values
    wanted = max(rank(tensor) for tensor in (grad, input, target))
    made = batch.run([*(padded(t, wanted) for t in (grad, input, target)), 0, *options])
    if reduction == MEAN:
        return ops.div_scalar(made, max(sizes.numel(made._array.shape[1:]), 1))
    return made


give(_loss, "mse_loss", "huber_loss", "smooth_l1_loss")
give(_loss_backward, "mse_loss_backward", "huber_loss_backward", "smooth_l1_loss_backward")
