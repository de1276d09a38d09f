"""torch's functions of packed sequences, below those of ``nn.utils.rnn``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops
from ..composites import padding as composites
from ..dtypes import LEGACY_NAMES, int64
from ..tensor import Tensor
from .data import tensor
from .registration import function

_TOO_SHORT = (
    "Expected total_length to be at least the length of the longest sequence in input, but got "
    "total_length={} and max sequence length being {}"
)


@function
def _pack_padded_sequence(input: Any, lengths: Tensor, batch_first: bool) -> tuple[Tensor, Tensor]:
    """Return the rows (total, ...) of padded sequences (T, N, ...), and the batch of each step.

    Raises:
        RuntimeError: the lengths do not fit (torch's texts).
    """
    if lengths.ndim != 1 or lengths._dtype is not int64:
        raise RuntimeError(
            f"'lengths' argument should be a 1D CPU int64 tensor, but got {lengths.ndim}D cpu "
            f"{LEGACY_NAMES[lengths._dtype]} tensor"
        )
    if not input.numel():
        raise RuntimeError("Cannot pack empty tensors.")
    count = input.shape[0 if batch_first else 1]
    sizes: list[int] = lengths.tolist()
    if len(sizes) != count:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(sizes)} "
            f"(batch_size={count})"
        )
    if sizes[-1] <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' "
            "that is <= 0"
        )
    if sizes != sorted(sizes, reverse=True):
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You "
            "can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to "
            "sidestep this requirement if you do not need ONNX exportability."
        )
    return ops.pack_padded_sequence(input, tuple(sizes), batch_first)


@function
def _pad_packed_sequence(
    data: Any, batch_sizes: Tensor, batch_first: bool, padding_value: float, total_length: int = -1
) -> tuple[Tensor, Tensor]:
    """Return packed rows with padding, and the lengths of the sequences."""
    sizes: list[int] = batch_sizes.tolist()
    if 0 < total_length < len(sizes):
        raise RuntimeError(_TOO_SHORT.format(total_length, len(sizes)))
    length = max(total_length, len(sizes))
    output, lengths = composites.pad_packed_sequence(
        data, sizes, batch_first, padding_value, length
    )
    return output, tensor(lengths, dtype=int64, backend=data._backend)


def pad_sequence(
    sequences: Sequence[Any], batch_first: bool, padding_value: float, padding_side: str
) -> Tensor:
    """Return sequences of several lengths as one tensor.

    Raises:
        RuntimeError: there are none, or the side is none (torch's texts).
    """
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(
            f"Expected padding_side to be one of left or right, but got {padding_side}."
        )
    return composites.pad_sequence(sequences, batch_first, padding_value, padding_side == "left")
