"""Writes that torch refuses because elements of the written tensor share memory."""

from __future__ import annotations

from .. import sizes
from ..tensor import Tensor

_SHARED = (
    "unsupported operation: {} the written-to tensor refer{} to a single memory location. Please "
    "clone() the tensor before performing the operation."
)


def refuse_internal_overlap(target: Tensor) -> None:
    """Refuse to write a tensor that was expanded.

    Raises:
        RuntimeError: some dim of more than one element has stride 0 (torch's text).
    """
    if any(n > 1 and step == 0 for n, step in zip(target.shape, target.stride(), strict=True)):
        raise RuntimeError(_SHARED.format("more than one element of", "s"))


def refuse_overlap(target: Tensor, *sources: Tensor, count: int | None = None) -> None:
    """Refuse to write a tensor that shares memory with what is read meanwhile.

    Like torch, this looks at tensors that fill their extent and leaves others alone. ``count`` is
    how many elements the target will have when it is resized before.

    Raises:
        RuntimeError: a source is the target, or overlaps with it (torch's text).
    """
    for source in sources:
        if source is target or _extents_meet(target, source, count):
            raise RuntimeError(_SHARED.format("some elements of the input tensor and", ""))


def _extents_meet(target: Tensor, source: Tensor, count: int | None) -> bool:
    if target._version_counter is not source._version_counter:
        return False  # different storages
    count = target.numel() if count is None else count
    if not (count and source.numel()):
        return False
    if not all(sizes.is_dense(t.shape, t.stride()) for t in (target, source)):
        return False
    start, other = target.storage_offset(), source.storage_offset()
    return start < other + source.numel() and other < start + count
