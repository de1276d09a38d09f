"""Padding that torch composes of copies and writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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


def pad_packed_sequence(
    data: Any, batch_sizes: Sequence[int], batch_first: bool, padding: float, length: int
) -> tuple[Any, list[int]]:
    """Return packed rows (total, ...) with padding, (T, N, ...), and the lengths."""
    count = batch_sizes[0]
    rest = tuple(data.shape[1:])
    output = data.new_empty((length, count, *rest)).fill_(padding)
    lengths = [sum(step_size > k for step_size in batch_sizes) for k in range(count)]
    row = first = 0
    for step in range(1, len(batch_sizes) + 1):
        size = batch_sizes[first]
        if step < len(batch_sizes) and batch_sizes[step] == size:
            continue
        rows = (step - first) * size  # steps that have the same number of sequences
        part = data[row : row + rows].view(step - first, size, *rest)
        output[first:step, :size].copy_(part)
        row, first = row + rows, step
    return output.transpose(0, 1) if batch_first else output, lengths


def pad_sequence(sequences: Sequence[Any], batch_first: bool, padding: float, left: bool) -> Any:
    """Return sequences (L, ...) of several lengths as one tensor (L, N, ...)."""
    longest = max(sequence.shape[0] for sequence in sequences)
    rest = tuple(sequences[0].shape[1:])
    lead = (len(sequences), longest) if batch_first else (longest, len(sequences))
    output = sequences[0].new_empty((*lead, *rest)).fill_(padding)
    for k, sequence in enumerate(sequences):
        own = output.select(0 if batch_first else 1, k)
        length = sequence.shape[0]
        own.narrow(0, longest - length if left else 0, length).copy_(sequence)
    return output
