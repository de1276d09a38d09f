"""What torch composes of sorting: quantiles."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..dtypes import int64
from ..engine.views import seen_whole
from ..tensor import Given, Tensor


@seen_whole
def quantile(
    input: Tensor, q: Tensor, dim: int | None, keepdim: bool, interpolation: str, skip_nan: bool
) -> Tensor:
    """Quantiles q of the elements (or along dim) between neighbours of the sorted ones.

    Several q come first in the result's shape.
    """
    shape = list(input._array.shape)
    if dim is None:
        ordered = ops.sort(input.flatten(), Given(0, -1))[0]
        reduced = [1] * len(shape) if keepdim else []
    else:
        if dim == len(shape) - 1:
            ordered = ops.sort(input, Given(dim, -1))[0]
        else:
            last = Given(len(shape), -1)
            moved = ops.transpose(ops.unsqueeze(input, last), int(dim), last)
            ordered = ops.sort(moved, last)[0]
        reduced = [1 if d == dim else n for d, n in enumerate(shape) if keepdim or d != dim]
    count = ordered._array.shape[-1] if ordered.ndim else 1
    ordered = ordered.view(*reduced, count)
    final = len(reduced)
    ranks = _ranks(ordered.detach(), q, final, count, skip_nan)
    if interpolation == "lower":
        ranks = ranks.floor()
    elif interpolation == "higher":
        ranks = ranks.ceil()
    elif interpolation == "nearest":
        ranks = ranks.round()
    below = ops.to_dtype(ranks.detach(), int64)
    values = ops.gather(ordered, Given(final, -1), below)
    if interpolation in ("linear", "midpoint"):
        weights = ranks - below
        if interpolation == "midpoint":
            weights = ops.full_like(ranks, 0.5)
        above = ops.to_dtype(ranks.detach().ceil(), int64)
        ops.lerp.inplace(values, ops.gather(ordered, Given(final, -1), above), weights)
    if q.ndim == 0:
        return values.squeeze_(-1)
    return values.unsqueeze_(0).transpose_(0, -1).squeeze_(-1)


def _ranks(ordered: Tensor, q: Tensor, final: int, count: int, skip_nan: bool) -> Any:
    """Return the fractional places of the quantiles; where NaN must result, the last place."""
    missing = ops.isnan(ordered)
    if skip_nan:
        present = ops.sum(ops.to_dtype(ops.logical_not(missing), int64), (final,), True)
        ranks = q * (present - 1)
        return ops.masked_fill(ranks, ranks.detach() < 0, 0)
    ranks = ops.mul_scalar(q, count - 1)
    missing = ops.any(missing, (final,), True)
    shape = (*missing._array.shape[:-1], q._array.shape[0] if q.ndim else 1)
    if ranks._array.shape != shape:
        ranks = ops.expand(ranks, shape)
    return ops.masked_fill(ranks, ops.expand(missing, shape), count - 1)
