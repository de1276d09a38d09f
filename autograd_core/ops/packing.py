"""Sequences of several lengths without their padding, step after step: node and gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import dtypes
from ..derivatives import AS_GIVEN, HIDDEN, op


def _packed(xp: Any, input: Any, lengths: Sequence[int], batch_first: bool) -> tuple[Any, Any]:
    """Return the rows of all steps (total, ...) and how many sequences each step has."""
    if batch_first:
        input = xp.transpose(input, 0, 1)
    steps, count = input.shape[:2]
    batches = [sum(step < length for length in lengths) for step in range(lengths[0])]
    rows = [step * count + k for step, size in enumerate(batches[:steps]) for k in range(size)]
    flat = xp.reshape(input, (steps * count, *input.shape[2:]))
    return (
        xp.index_select(flat, 0, xp.from_flat(rows, (len(rows),), dtypes.int64)),
        xp.from_flat(batches, (len(batches),), dtypes.int64),
    )


def _unpacked(
    xp: Any,
    grad: Any,
    input_shape: Sequence[int],
    lengths: Sequence[int],
    batch_first: bool,
    batch_sizes: Any,
) -> Any:
    """Return the gradient of the padded sequences: places read their rows, padding a zero row."""
    count, steps = input_shape[:2] if batch_first else (input_shape[1], input_shape[0])
    places = [grad.shape[0]] * (steps * count)
    row = 0
    for step in range(min(steps, lengths[0])):
        for k, length in enumerate(lengths):
            if step < length:
                places[step * count + k] = row
                row += 1
    rest = tuple(input_shape[2:])
    rows = xp.cat([grad, xp.new_zeros(grad, (1, *rest))], 0)
    index = xp.new_numbers(batch_sizes, places, (len(places),))
    made = xp.reshape(xp.index_select(rows, 0, index), (steps, count, *rest))
    return xp.transpose(made, 0, 1) if batch_first else made


pack_padded_sequence = op(
    "PackPaddedSequenceBackward0",
    "pack_padded_sequence(input, lengths, batch_first)",
    kernel=_packed,
    promote=AS_GIVEN,
    outputs="data batch_sizes",
    complex_gradient=False,
    fixed_outputs="batch_sizes",
    shown={"lengths": HIDDEN},
    input=_unpacked,
)
__all__ = ["pack_padded_sequence"]
