"""Padding that torch composes of copies."""

from __future__ import annotations

from collections.abc import Sequence

from .. import ops
from ..engine.views import seen_whole
from ..tensor import Tensor


@seen_whole
def pad_circular(input: Tensor, padding: Sequence[int]) -> Tensor:
    """Pad the last dims with what lies at the other end; the amounts have been checked."""
    rank = input.ndim
    padded = [(rank - 1 - k, padding[2 * k], padding[2 * k + 1]) for k in range(len(padding) // 2)]
    shape = list(input._array.shape)
    for dim, before, after in padded:
        shape[dim] += before + after
    result = ops.new_zeros(input, tuple(shape))
    inner, source = result, input
    for dim, before, after in padded:
        inner = ops.slice(inner, dim, max(before, 0), shape[dim] - max(after, 0), 1)
        length = input._array.shape[dim]
        source = ops.slice(source, dim, max(-before, 0), length - max(-after, 0), 1)
    ops.copy.inplace(inner, source)
    for dim, before, after in padded:
        end = shape[dim] - max(after, 0)
        if before > 0:
            _copy(result, dim, 0, end - before, before)
        if after > 0:
            _copy(result, dim, shape[dim] - after, max(before, 0), after)
    return result


def _copy(tensor: Tensor, dim: int, to: int, start: int, count: int) -> None:
    """Copy indices of a dim over others."""
    place = ops.slice(tensor, dim, to, to + count, 1)
    ops.copy.inplace(place, ops.slice(tensor, dim, start, start + count, 1))
