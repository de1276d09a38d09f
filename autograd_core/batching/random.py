"""Batching of random ops: one draw for the whole batch, or the same for every member."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ops
from .arrays import Batch, front, is_batched, padded, rank
from .fallbacks import refuse_unbatched_target
from .rules import Rule, rule, unbatched

RANDOM = {
    "bernoulli",
    "bernoulli_fill",
    "fill_sampled",
    "multinomial",
    "normal_mean",
    "normal_mean_std",
    "normal_std",
}
DIFFERENT_UNBATCHED = (
    "vmap: Cannot ask for different inplace randomness on an unbatched tensor. This will appear "
    "like same randomness. If this is necessary for your usage, please file an issue with "
    "functorch."
)
SAME_BATCHED = (
    "Vmap does not currently support same randomness with a batched tensor input. Please file an "
    "issue with functorch"
)


def is_random(entry: Any) -> bool:
    """Whether an op draws random numbers."""
    return entry.kernel_name in RANDOM


def _drawn(physical: Callable[[Batch, list[Any]], Any]) -> Rule:
    """Return the rule of an op that draws by parameters, from what it is for a whole batch."""

    def rule(batch: Batch, values: list[Any]) -> Any:
        batch.check_random()
        if batch.randomness == "different":
            return physical(batch, values)
        if any(is_batched(tensor) for tensor in batch.tensors(values)):
            raise RuntimeError(SAME_BATCHED)
        return unbatched(batch, values)

    return rule


def _whole(order: tuple[int, ...]) -> tuple[int, ...]:
    """Return the dims from the outermost in memory inward, the batch dim first."""
    return (0, *(dim + 1 for dim in order))


@rule("bernoulli")
@_drawn
def _bernoulli(batch: Batch, values: list[Any]) -> Any:
    input, order, generator = values
    return batch.run([batch.stretched(input), _whole(order), generator])


@rule("bernoulli_fill")
@_drawn
def _bernoulli_fill(batch: Batch, values: list[Any]) -> Any:
    target, p, order, generator = values
    if not is_batched(target):
        if is_batched(p):
            refuse_unbatched_target("bernoulli_fill", None, 0)
        raise RuntimeError(DIFFERENT_UNBATCHED)
    return batch.run([front(target), padded(p, rank(target)), _whole(order), generator])


@rule("normal_mean", "normal_std")
@_drawn
def _normal(batch: Batch, values: list[Any]) -> Any:
    return batch.run([batch.stretched(values[0]), *values[1:]])


@rule("normal_mean_std")
@_drawn
def _normal_mean_std(batch: Batch, values: list[Any]) -> Any:
    mean, std, size, generator = values
    wanted = max(rank(mean), rank(std))
    return batch.run([padded(mean, wanted), padded(std, wanted), (batch.size, *size), generator])


@rule("multinomial")
@_drawn
def _multinomial(batch: Batch, values: list[Any]) -> Any:
    weights = batch.stretched(values[0])
    shape = weights._array.shape
    if len(shape) == 2:
        return batch.run([weights, *values[1:]])
    made = batch.run([ops.reshape(weights, (-1, shape[-1])), *values[1:]])
    return ops.reshape(made, (*shape[:-1], values[1]))


@_drawn
def _filled(batch: Batch, values: list[Any]) -> Any:
    target, sampler, parameters, order, generator = values
    return batch.run([batch.stretched(target), sampler, parameters, _whole(order), generator])


@rule("fill_sampled")
def _fill(batch: Batch, values: list[Any]) -> Any:
    """Fill a Tensor in the order of its memory, or every member in that of one."""
    target, sampler, parameters, order, generator = values
    batch.check_random()
    if not batch.inplace:
        return _filled(batch, values)
    if batch.randomness == "different":
        if not is_batched(target):
            raise RuntimeError(DIFFERENT_UNBATCHED)
        return batch.run([front(target), sampler, parameters, _whole(order), generator])
    if not is_batched(target):
        return unbatched(batch, values)
    member = ops.zeros_like(ops.select(front(target), 0, 0))
    drawn = batch.entry.function(member, sampler, parameters, order, generator)
    return ops.copy.inplace(front(target), drawn)
