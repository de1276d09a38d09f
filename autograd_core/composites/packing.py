"""What torch composes to pad sequences of several lengths: writes into a filled tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


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
