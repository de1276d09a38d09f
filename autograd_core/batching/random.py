"""Batching of random ops: one draw for the whole batch, or the same for every member."""

from __future__ import annotations

from typing import Any

from .. import ops
from .arrays import Batch, front, is_batched
from .rules import rule

RANDOM = {
    "bernoulli",
    "bernoulli_fill",
    "fill_sampled",
    "normal_mean",
    "normal_mean_std",
    "normal_std",
}


def is_random(entry: Any) -> bool:
    """Whether an op draws random numbers."""
    return entry.kernel_name in RANDOM


@rule("fill_sampled")
def _fill(batch: Batch, values: list[Any]) -> Any:
    """Fill a Tensor in the order of its memory, or of the memory of one member."""
    target, sampler, parameters, order, generator = values
    batch.check_random()
    if batch.randomness == "same":
        member = ops.select(front(target), 0, 0) if is_batched(target) else front(target)
        drawn = batch.entry.function(ops.zeros_like(member), sampler, parameters, order, generator)
        return ops.copy.inplace(front(target), drawn)
    if not is_batched(target):
        raise RuntimeError(
            "vmap: Cannot ask for different inplace randomness on an unbatched tensor. This will "
            "appear like same randomness. If this is necessary for your usage, please file an "
            "issue with functorch."
        )
    whole = (0, *(dim + 1 for dim in order))
    return batch.run([front(target), sampler, parameters, whole, generator])
