"""Batching of reductions, running reductions and sorts: their dims move behind the batch dim."""

from __future__ import annotations

from typing import Any

from .. import ops
from .arrays import Batch, front, rank
from .rules import Rule, all_but_batch, along, flattened, give, rule

ALONG_DIM = (
    "sum mean nansum prod var std var_mean std_mean amax amin max_dim min_dim aminmax cumsum "
    "cumprod cummax cummin logcumsumexp logsumexp vector_norm norm_dim any all argmax argmin "
    "count_nonzero sort sort_stable sort_with_stable topk kthvalue mode median_dim "
    "nanmedian_dim"
)
give(along("dim", scalars=True), ALONG_DIM)

BOXED = {*ALONG_DIM.split(), "sum_all", "mean_all", "max_all", "min_all", "prod_all"}
"""What torch batches by one rule for reductions, which it names to tensors that have escaped."""


def _over_all(name: str) -> Rule:
    """Return the rule of a reduction over everything: the one over dims, without the batch dim."""

    def rule(batch: Batch, values: list[Any]) -> Any:
        value = front(values[0])
        if value.ndim == 1:
            value = ops.unsqueeze(value, 1)
        return getattr(ops, name)(value, all_but_batch(value), False, *values[1:])

    return rule


give(_over_all("sum"), "sum_all")
give(_over_all("mean"), "mean_all")


def _picked(name: str) -> Rule:
    """Return the rule of a reduction that picks an element: along the flattened dims."""

    def rule(batch: Batch, values: list[Any]) -> Any:
        return getattr(ops, name)(flattened(values[0]), 1)[0]

    return rule


for _name in ("max", "min"):
    give(_picked(f"{_name}_dim"), f"{_name}_all")
for _name in ("median", "nanmedian"):
    give(_picked(f"{_name}_dim"), _name)


@rule("prod_all")
def _prod_all(batch: Batch, values: list[Any]) -> Any:
    return ops.prod(flattened(values[0]), (1,), False, batch.argument(values, "dtype"))


@rule("dist")
def _dist(batch: Batch, values: list[Any]) -> Any:
    input, other, p = values
    difference = ops.sub(input, other)
    dims = tuple(range(rank(difference)))
    return ops.vector_norm(difference, p, dims)._array
