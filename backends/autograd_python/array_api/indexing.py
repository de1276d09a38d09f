"""Reading and writing by a key: numbers, slices, new axes, an ellipsis, arrays of places, masks.

A key is taken apart into a view of the array (what is sliced, and which of its axes are read
backwards) and, for each axis of that, an array of places or None.
"""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

from autograd_core import dtypes
from autograd_core.sizes import numel

from .kernels import AxisError, Raw, common_shape, kernels


class Part(NamedTuple):
    """What a key names."""

    view: Raw
    backwards: list[int]
    places: list[Raw | None]


def part(x: Raw, key: Any) -> Part:
    """Return what a key names; raises IndexError for one that does not fit."""
    view = x
    backwards: list[int] = []
    places: list[Raw | None] = []
    for one in _complete(key if isinstance(key, tuple) else (key,), x.shape):
        axis = len(places)
        if one is None:
            view = kernels.unsqueeze(view, axis)
            places.append(None)
        elif isinstance(one, slice):
            view, is_backwards = _sliced(view, axis, one)
            if is_backwards:
                backwards.append(axis)
            places.append(None)
        elif isinstance(one, Raw) and one.dtype is dtypes.bool_:
            view, columns = _masked(view, axis, one)
            places += columns
        elif isinstance(one, Raw) and one.dtype.category == 1 and one.shape:
            places.append(places_in(one, view.shape[axis]))
        else:
            view = kernels.select(view, axis, _place(one, view.shape[axis]))
    return Part(view, backwards, places)


def read(x: Raw, key: Any) -> Raw:
    """Return the elements that a key names: a view for numbers and slices, else a copy."""
    view, backwards, places = part(x, key)
    if backwards:
        view = kernels.flip(view, backwards)
    if any(place is not None for place in places):
        common_shape(*[place.shape for place in places if place is not None])
        return kernels.index(view, places)  # type: ignore[no-any-return]
    return view if view is not x else kernels.alias(x)


def write(x: Raw, key: Any, value: Raw) -> None:
    """Write a value, broadcast, into the elements that a key names."""
    view, backwards, places = part(x, key)
    if any(place is not None for place in places):
        forward = kernels.flip(view, backwards) if backwards else view
        shape = kernels.index_shape(forward, places)
        value = kernels.index_put(forward, places, _broadcast(value, shape), False)
    else:
        value = _broadcast(value, view.shape)
    kernels.copy_(view, kernels.flip(value, backwards) if backwards else value)


def places_in(index: Raw, size: int) -> Raw:
    """Return an array of integers as int64 places of an axis, none negative; raises IndexError."""
    values = kernels.to_flat(index)
    if values and not (-size <= min(values) and max(values) < size):
        raise IndexError(f"an index is out of bounds for an axis of size {size}")
    return kernels.from_flat([v % size for v in values], index.shape, dtypes.int64)  # type: ignore[no-any-return]


def _broadcast(value: Raw, shape: tuple[int, ...]) -> Raw:
    """Return a value as one of this shape; axes of size 1 in front may be too many."""
    extra = len(value.shape) - len(shape)
    if extra > 0 and numel(value.shape[:extra]) == 1:
        value = kernels.reshape(value, value.shape[extra:])
    if common_shape(value.shape, shape) != tuple(shape):
        raise ValueError(f"a value of shape {value.shape} does not fit into shape {shape}")
    return kernels.expand(value, shape)  # type: ignore[no-any-return]


def _complete(key: tuple[Any, ...], shape: tuple[int, ...]) -> list[Any]:
    """Return a key that names every axis: an ellipsis, else its end, spelled out."""
    taken = sum(map(_axes_taken, key))
    if taken > len(shape):
        raise IndexError(f"{taken} indices for an array of {len(shape)} dimensions")
    gaps = [place for place, one in enumerate(key) if one is Ellipsis]
    if len(gaps) > 1:
        raise IndexError("a key has at most one ellipsis")
    gap = gaps[0] if gaps else len(key)
    return [*key[:gap], *[slice(None)] * (len(shape) - taken), *key[gap + 1 :]]


def _axes_taken(one: Any) -> int:
    if one is None or one is Ellipsis:
        return 0
    return len(one.shape) if isinstance(one, Raw) and one.dtype is dtypes.bool_ else 1


def _place(one: Any, size: int) -> int:
    """Return a number of a key, counted from the front."""
    if isinstance(one, Raw) and one.dtype.category == 1:
        one = kernels.item(one)
    if isinstance(one, bool) or not hasattr(one, "__index__"):
        raise IndexError(f"an index cannot be {one!r}")
    place = operator.index(one)
    if not -size <= place < size:
        raise IndexError(f"index {place} is out of bounds for an axis of size {size}")
    return place % size


def _sliced(view: Raw, axis: int, one: slice) -> tuple[Raw, bool]:
    """Return the slice of an axis in rising order, and whether it is to be read backwards."""
    taken = range(*one.indices(view.shape[axis]))
    is_backwards = taken.step < 0
    if is_backwards:
        taken = taken[::-1]
    if not taken:
        taken = range(0)
    return kernels.slice(view, axis, taken.start, max(taken.stop, taken.start), taken.step), (
        is_backwards
    )


def _masked(view: Raw, axis: int, mask: Raw) -> tuple[Raw, list[Raw]]:
    """Return the places of what a mask holds, an array for each of its axes.

    A mask without axes becomes one of a new axis of size 1.
    """
    rank = len(mask.shape)
    if not rank:
        view, mask, rank = kernels.unsqueeze(view, axis), kernels.reshape(mask, (1,)), 1
    if mask.shape != view.shape[axis : axis + rank]:
        raise IndexError(f"a mask of shape {mask.shape} does not fit axes of {view.shape}")
    found = kernels.nonzero(mask)
    return view, [kernels.select(found, 1, column) for column in range(rank)]


def along(x: Raw, indices: Raw, axis: int | None) -> Raw:
    """Return the entries of an axis that 1-d indices name."""
    if axis is None:
        if len(x.shape) != 1:
            raise AxisError("take needs an axis unless the array has one dimension")
        axis = 0
    return kernels.index_select(x, axis, places_in(indices, x.shape[axis]))  # type: ignore[no-any-return]
