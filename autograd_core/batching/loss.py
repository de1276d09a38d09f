"""Batching of losses: of each element, then reduced over all dims but the batch dim."""

from __future__ import annotations

from typing import Any

from .. import ops, sizes
from ..sizes import broadcast_shapes
from ..tensor import Tensor
from .arrays import Batch, front, is_batched, padded, rank
from .rules import all_but_batch, composed, flattened, give

MEAN, SUM = 1, 2


def _loss(batch: Batch, values: list[Any]) -> Any:
    input, target, reduction, *options = values
    shape = broadcast_shapes(input._array.shape, target._array.shape)
    alike = input._array.shape == target._array.shape == shape
    lined_up = [_flat(t) if alike else padded(t, len(shape)) for t in (input, target)]
    made = batch.run([*lined_up, 0, *options])
    if reduction in (MEAN, SUM):
        return _reduced(made, reduction)
    return ops.reshape(made, (batch.size, *shape)) if len(shape) > 0 else made


def _reduced(losses: Tensor, reduction: int) -> Any:
    """Reduce each member's losses."""
    if reduction == MEAN:
        return ops.mean(losses, all_but_batch(losses))
    return ops.sum(losses, all_but_batch(losses)) if reduction == SUM else losses


def _shared(gradients: Tensor, reduction: int) -> Any:
    """Divide each member's gradients by their number where its loss is a mean."""
    if reduction == MEAN:
        return ops.div_scalar(gradients, max(sizes.numel(gradients._array.shape[1:]), 1))
    return gradients


def _flat(tensor: Tensor) -> Tensor:
    """Return a Tensor with its dims but the batch dim as one."""
    if is_batched(tensor):
        return flattened(tensor) if rank(tensor) else front(tensor)
    return ops.reshape(front(tensor), (-1,)) if rank(tensor) else front(tensor)


def _loss_backward(batch: Batch, values: list[Any]) -> Any:
    grad, input, target, reduction, *options = values
    wanted = max(rank(tensor) for tensor in (grad, input, target))
    made = batch.run([*(padded(t, wanted) for t in (grad, input, target)), 0, *options])
    return _shared(made, reduction)


give(_loss, "mse_loss", "huber_loss", "smooth_l1_loss")
give(_loss_backward, "mse_loss_backward", "huber_loss_backward", "smooth_l1_loss_backward")


def _cross_entropy(batch: Batch, values: list[Any]) -> Any:
    """Line up scores, targets and weights, compute each element's loss, and reduce."""
    *tensors, reduction = values
    wanted = max(rank(t) for t in tensors if t is not None)
    made = batch.run([*(None if t is None else padded(t, wanted) for t in tensors), 0])
    return _reduced(made, reduction)


def _cross_entropy_backward(batch: Batch, values: list[Any]) -> Any:
    return _shared(_cross_entropy(batch, [*values[:-1], 0]), values[-1])


give(_cross_entropy, "binary_cross_entropy", "binary_cross_entropy_with_logits")
give(_cross_entropy_backward, "binary_cross_entropy_backward")


def _classes(
    input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int
) -> tuple[int, Tensor, Tensor, Tensor]:
    """Return the dim of the classes, where targets count, the classes there and their weights."""
    dim = min(input.ndim - 1, 1)
    counts: Tensor = target.ne(ignore_index)
    place = ops.where(counts, target, ops.zeros_like(target))
    if weight is None:
        return dim, counts, place, ops.to_dtype(counts, input.dtype)
    chosen = ops.gather(weight, 0, ops.reshape(place, (place.numel(),)))
    chosen = ops.reshape(chosen, tuple(place.shape))
    return dim, counts, place, ops.where(counts, chosen, ops.zeros_like(chosen))


def _nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None, reduction: int, ignore_index: int
) -> tuple[Tensor, Tensor]:
    dim, counts, place, weights = _classes(input, target, weight, ignore_index)
    picked = ops.squeeze_dim(ops.gather(input, dim, ops.unsqueeze(place, dim)), dim)
    loss = ops.neg(ops.mul(picked, weights))
    loss = ops.where(counts, loss, ops.zeros_like(loss))
    every = tuple(range(loss.ndim))
    if reduction not in (MEAN, SUM):
        return loss, ops.new_zeros(input, ())
    total = ops.sum(weights, every)
    summed = ops.sum(loss, every)
    return (ops.div(summed, total) if reduction == MEAN else summed), total


def _nll_loss_backward(
    grad: Tensor,
    input: Tensor,
    target: Tensor,
    weight: Tensor | None,
    reduction: int,
    ignore_index: int,
    total_weight: Tensor,
) -> Tensor:
    dim, _, place, weights = _classes(input, target, weight, ignore_index)
    if reduction == MEAN:
        grad = ops.div(grad, total_weight)
    slope = ops.unsqueeze(ops.neg(ops.mul(weights, grad)), dim)
    made: Tensor = ops.scatter(ops.zeros_like(input), dim, ops.unsqueeze(place, dim), slope)
    return made


for _kind in ("", "2d"):
    give(composed(_nll_loss), f"nll_loss{_kind}_forward")
    give(composed(_nll_loss_backward), f"nll_loss{_kind}_backward")
