"""Batching of losses: of each element, then reduced over all dims but the batch dim."""

from __future__ import annotations

from typing import Any

from .. import ops, sizes
from .arrays import Batch, padded, rank
from .rules import all_but_batch, give

MEAN, SUM = 1, 2


def _loss(batch: Batch, values: list[Any]) -> Any:
    input, target, reduction, *options = values
    wanted = max(rank(input), rank(target))
    made = batch.run([padded(input, wanted), padded(target, wanted), 0, *options])
    if not reduction and made.ndim > 1:
        return ops.reshape(made, made._array.shape)
    if reduction == MEAN:
        return ops.mean(made, all_but_batch(made))
    return ops.sum(made, all_but_batch(made)) if reduction == SUM else made


def _loss_backward(batch: Batch, values: list[Any]) -> Any:
    grad, input, target, reduction, *options = values
    wanted = max(rank(tensor) for tensor in (grad, input, target))
    made = batch.run([*(padded(t, wanted) for t in (grad, input, target)), 0, *options])
    if reduction == MEAN:
        return ops.div_scalar(made, max(sizes.numel(made._array.shape[1:]), 1))
    return made


give(_loss, "mse_loss", "huber_loss", "smooth_l1_loss")
give(_loss_backward, "mse_loss_backward", "huber_loss_backward", "smooth_l1_loss_backward")
