"""torch.nn.utils.rnn: sequences of several lengths, with padding and without."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ...dtypes import float16, float32, float64, int8, int16, int32, int64, uint8
from ...namespaces.creation import arange
from ...namespaces.data import as_tensor
from ...namespaces.packing import _TOO_SHORT, _pack_padded_sequence, _pad_packed_sequence
from ...namespaces.packing import pad_sequence as _pad
from ...namespaces.sorting import sort
from ...tensor import Tensor, contiguous_format
from ...torch_names import class_text

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class PackedSequence_(NamedTuple):  # noqa: N801
    """The fields of a PackedSequence."""

    data: Any
    batch_sizes: Any
    sorted_indices: Any
    unsorted_indices: Any


class PackedSequence(PackedSequence_):
    """The rows of all sequences step by step, longest sequence first.

    ``batch_sizes`` says how many sequences have each step; ``sorted_indices`` how they were sorted
    by length, ``unsorted_indices`` the way back; None if they were given in order.
    """

    def __new__(
        cls,
        data: Any,
        batch_sizes: Any = None,
        sorted_indices: Any = None,
        unsorted_indices: Any = None,
    ) -> PackedSequence:
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes is None:
            if not (isinstance(data, list | tuple) and len(data) == 2):
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Return the sequence with its rows converted, itself if nothing changes."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else type(self)(data, *self[1:])

    def cpu(self) -> PackedSequence:
        """Return the sequence itself."""
        return self

    def double(self) -> PackedSequence:
        """Return the sequence in float64."""
        return self.to(dtype=float64)

    def float(self) -> PackedSequence:
        """Return the sequence in float32."""
        return self.to(dtype=float32)

    def half(self) -> PackedSequence:
        """Return the sequence in float16."""
        return self.to(dtype=float16)

    def long(self) -> PackedSequence:
        """Return the sequence in int64."""
        return self.to(dtype=int64)

    def int(self) -> PackedSequence:
        """Return the sequence in int32."""
        return self.to(dtype=int32)

    def short(self) -> PackedSequence:
        """Return the sequence in int16."""
        return self.to(dtype=int16)

    def char(self) -> PackedSequence:
        """Return the sequence in int8."""
        return self.to(dtype=int8)

    def byte(self) -> PackedSequence:
        """Return the sequence in uint8."""
        return self.to(dtype=uint8)

    @property
    def is_cuda(self) -> bool:
        """Return False: tensors here are the CPU's."""
        return False

    def is_pinned(self) -> bool:
        """Return False: no memory here is pinned."""
        return False


def invert_permutation(permutation: Any) -> Any:
    """Return the permutation that undoes another one; None for None."""
    if permutation is None:
        return None
    output = permutation.clone(memory_format=contiguous_format)
    return output.scatter_(0, permutation, arange(permutation.numel(), backend=output._backend))


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Return padded sequences (T, N, ...) without their padding.

    Args:
        lengths: of the N sequences.
        batch_first: the input is (N, T, ...).
        enforce_sorted: the lengths are falling; else the sequences are sorted first.

    Raises:
        RuntimeError: the lengths do not fit (torch's texts).
    """
    if isinstance(lengths, Tensor):
        lengths = lengths.to(dtype=int64)
    else:
        lengths = as_tensor(lengths, dtype=int64)
    order = None
    if not enforce_sorted:
        lengths, order = sort(lengths, descending=True)
        input = input.index_select(0 if batch_first else 1, order)
    data, batch_sizes = _pack_padded_sequence(input, lengths, batch_first)
    return PackedSequence(data, batch_sizes, order, None)


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Any, Any]:
    """Return packed sequences with padding, (T, N, ...), and their lengths, in the first order.

    Raises:
        ValueError: ``total_length`` is less than the longest sequence (torch's text).
    """
    longest = sequence.batch_sizes.size(0)
    if total_length is not None and total_length < longest:
        raise ValueError(_TOO_SHORT.format(total_length, longest))
    output: Any
    output, lengths = _pad_packed_sequence(
        sequence.data, sequence.batch_sizes, batch_first, padding_value, total_length or longest
    )
    order = sequence.unsorted_indices
    if order is None:
        return output, lengths
    return output.index_select(0 if batch_first else 1, order), lengths[order]


def pad_sequence(
    sequences: Any,
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Any:
    """Return sequences (L, ...) of several lengths as one tensor (T, N, ...), with padding.

    Raises:
        RuntimeError: there are none, or the side is none (torch's texts).
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            "pad_sequence: Expected iterable for input sequences, but got arg of type: "
            f"{class_text(type(sequences))}"
        )
    return _pad(tuple(sequences), batch_first, padding_value, padding_side)


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Any]:
    """Return padded sequences as a list, each in its length."""
    if not batch_first:
        padded_sequences.transpose_(0, 1)
    steps = arange(padded_sequences.shape[1], backend=padded_sequences._backend)
    return [
        sequence[steps < length] for sequence, length in zip(padded_sequences, lengths, strict=True)
    ]


def pack_sequence(sequences: list[Any], enforce_sorted: bool = True) -> PackedSequence:
    """Return sequences (L, ...) of several lengths, packed."""
    lengths = as_tensor([sequence.size(0) for sequence in sequences])
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """Return packed sequences as a list, each in its length."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
