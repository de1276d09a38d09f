"""Writes that torch refuses because elements of the written tensor share memory."""

from __future__ import annotations

import warnings
from typing import Any

from .. import sizes
from ..dtypes import int64
from ..tensor import LazyTensor, Tensor
from ..versions import share_versions

_SHARED = (
    "unsupported operation: {} the written-to tensor refer{} to a single memory location. Please "
    "clone() the tensor before performing the operation."
)


def overlaps_itself(tensor: Tensor) -> bool:
    """Whether elements share memory because some dim of more than one element has stride 0.

    Like torch, this does not look for other overlaps. Where nothing is, nothing is shared.
    """
    return array_overlaps_itself(tensor._backend, tensor._memory)


def array_overlaps_itself(backend: Any, array: Any) -> bool:
    """Whether elements of an array share memory, likewise."""
    strides = backend.strides(array)
    if 0 not in strides:
        return False
    whole = getattr(array, "value", array)  # of which a batch is seen without one dim
    return 0 not in whole.shape and any(
        n > 1 and step == 0 for n, step in zip(array.shape, strides, strict=True)
    )


def refuse_internal_overlap(target: Tensor) -> None:
    """Refuse to write a tensor that was expanded.

    Raises:
        RuntimeError: it overlaps itself (torch's text).
    """
    refuse_overlapping_array(target._backend, target._memory)


def refuse_overlapping_array(backend: Any, array: Any) -> None:
    """Refuse to write an array that was expanded, likewise."""
    if array_overlaps_itself(backend, array):
        raise RuntimeError(_SHARED.format("more than one element of", "s"))


def write_changes(target: Tensor, result: Any) -> None:
    """Write an array into a tensor; where elements share memory, only those that are changed by it.

    So what was written into one of them stays.
    """
    xp, array = target._backend, target._memory
    shape, strides, offset = xp.geometry(array)
    span = 1 + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
    if sizes.numel(shape) <= max(span, 0):
        target._write(result)
        return
    memory = xp.as_strided(array, (span,), (1,), offset)
    places = xp.as_strided(xp.arange(0, 1, span, int64), shape, strides, 0)
    changed = xp.ne(result, array)
    places, written = xp.masked_select(places, changed), xp.masked_select(result, changed)
    xp.copy_(memory, xp.index_put(memory, [places], written, False))


def warn_of_internal_overlap(name: str, target: Tensor, subscript: str) -> None:
    """Warn of the write of an expanded tensor where torch does not refuse it."""
    if overlaps_itself(target):
        warnings.warn(
            f"Use of {name} on expanded tensors is deprecated. Please clone() the tensor before "
            f"performing this operation. This also applies to advanced indexing e.g. {subscript}",
            UserWarning,
            stacklevel=3,
        )


def refuse_overlap(target: Tensor, *sources: Tensor, count: int | None = None) -> None:
    """Refuse to write a tensor that shares memory with what is read meanwhile.

    Like torch, this looks at tensors that fill their extent and leaves others alone; lazy ones are
    computed before. ``count`` is how many elements the target will have when it is resized before.

    Raises:
        RuntimeError: a source is the target, or overlaps with it (torch's text).
    """
    for source in sources:
        if LazyTensor in (type(source), type(target)):
            continue
        if source is target or _extents_meet(target, source, count, of_data=True):
            raise RuntimeError(_SHARED.format("some elements of the input tensor and", ""))


def refuse_partial_overlap(target: Tensor, *sources: Tensor, lazy: bool = False) -> None:
    """Refuse to write a tensor elementwise that shares memory with what is read meanwhile.

    A source that is the target, or lies exactly as it does, is read before it is written; and what
    a lazy tensor is computed from is computed before, except by a copy (``lazy``).

    Raises:
        RuntimeError: a source overlaps with the target otherwise (torch's text).
    """
    for source in sources:
        if source is target or (not lazy and LazyTensor in (type(source), type(target))):
            continue
        if _extents_meet(target, source) and not _alike(target, source):
            raise RuntimeError(_SHARED.format("some elements of the input tensor and", ""))


def _extents_meet(
    target: Tensor, source: Tensor, count: int | None = None, *, of_data: bool = False
) -> bool:
    """``of_data``: what ``.data`` gives counts its writes apart, but is looked for, too.

    What was given another storage by ``set_`` counts with its views still.
    """
    if share_versions(target, source):
        if _share_memory(target, source) is False:
            return False
    elif not (of_data and _share_memory(target, source)):
        return False
    count = target.numel() if count is None else count
    if not (count and source.numel()):
        return False
    if not all(sizes.is_dense(t.shape, t.stride()) for t in (target, source)):
        return False
    start, other = target.storage_offset(), source.storage_offset()
    return start < other + source.numel() and other < start + count


def _share_memory(target: Tensor, source: Tensor) -> bool | None:
    """Whether two tensors lie in one storage; None where that is not told."""
    if target._backend is not source._backend:
        return None
    identity = target._backend.storage_identity
    storage = identity(target._memory)
    return None if storage is None else bool(storage == identity(source._memory))


def _alike(target: Tensor, source: Tensor) -> bool:
    return (
        target.storage_offset() == source.storage_offset()
        and target.numel() == source.numel()
        and bool(target.stride() == source.stride())
    )
