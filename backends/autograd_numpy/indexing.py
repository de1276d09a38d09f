"""Reading and writing elements that index arrays name."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.default_kernels.indexing import NO_INDEX

from .element_types import WIDE

Array = Any

_COMBINE = {
    "sum": np.add,
    "mean": np.add,
    "prod": np.multiply,
    "amax": np.maximum,
    "amin": np.minimum,
}


@functools.lru_cache(maxsize=64)
def open_grid(shape: tuple[int, ...]) -> tuple[Array, ...]:
    """For each dim its positions, shaped to broadcast with the others; a sum of sizes, not more."""
    rank = len(shape)
    return tuple(
        np.arange(size).reshape((size,) + (1,) * (rank - dim - 1)) for dim, size in enumerate(shape)
    )


def _along(dim: int, index: Array) -> tuple[Array, ...]:
    """The index tuple that reads ``index`` along dim and each position itself elsewhere."""
    grid = open_grid(index.shape)
    return (*grid[:dim], index, *grid[dim + 1 :])


def _lines(*arrays: Array) -> tuple[Array, ...]:
    """The arrays with at least one dim."""
    return tuple(np.reshape(array, 1) if array.ndim == 0 else array for array in arrays)


def _flat_places(shape: tuple[int, ...], dim: int, index: Array) -> Array:
    """Row-major positions, in an array of ``shape``, of what ``index`` along dim names; 1-d.

    ``np.ufunc.at`` is several times faster with one flat index than with a tuple.
    """
    places = np.zeros((), np.int64)
    step = 1
    for current in range(len(shape) - 1, -1, -1):
        where = index if current == dim else open_grid(index.shape)[current]
        places = places + where * step
        step *= shape[current]
    return places.ravel()


def _extent_of(index: Array, src: Array) -> Array:
    """The part of ``src`` that ``index`` covers."""
    return src[tuple(slice(0, size) for size in index.shape)]


def accumulate(combine: np.ufunc, flat: Array, places: Array, values: Array) -> None:
    """Combine values into ``flat``; 16-bit floats in float32, rounded once."""
    wide = WIDE.get(flat.dtype)
    if wide is None:
        combine.at(flat, places, values)
        return
    total = flat.astype(wide)
    combine.at(total, places, values.astype(wide))
    flat[...] = total


def _whole(indices: Sequence[Array | None]) -> tuple[Any, ...]:
    return tuple(slice(None) if index is None else index for index in indices)


def _identity(reduce: str, native: np.dtype[Any]) -> Any:
    if reduce in ("sum", "mean"):
        return 0
    if reduce == "prod":
        return 1
    largest = reduce == "amin"
    if native.kind == "b":
        return largest
    if native.kind in "iu":
        limits = np.iinfo(native)
        return limits.max if largest else limits.min
    return float("inf") if largest else -float("inf")


def _scattered(result: Array, dim: int, index: Array, src: Array) -> Array:
    """A row-major array that ``src`` has been scattered into."""
    if index.size:
        target, index, src = _lines(result, index, src)
        target[_along(dim, index)] = _extent_of(index, src)
    return result


class Indexing:
    """Gathering, scattering, advanced indexing and search."""

    def gather(self, input: Array, dim: int, index: Array) -> Array:
        shape = index.shape
        if not index.size:
            return np.empty(shape, input.dtype)
        input, index = _lines(input, index)
        picked = input[_along(dim, index)]  # an array of its own, which a reshaped one is not
        return np.array(picked if shape else picked[0], input.dtype, order="C", copy=None)

    def scatter(self, input: Array, dim: int, index: Array, src: Array) -> Array:
        return _scattered(np.array(input, order="C"), dim, index, src)

    def scattered_anew(self, shape: Sequence[int], dim: int, index: Array, src: Array) -> Array:
        return _scattered(np.zeros(shape, src.dtype), dim, index, src)

    def scatter_add(self, input: Array, dim: int, index: Array, src: Array) -> Array:
        result = np.array(input, order="C")
        if not index.size:
            return result
        index, src = _lines(index, src)
        places = _flat_places(result.shape or (1,), dim, index)
        accumulate(np.add, result.reshape(-1), places, _extent_of(index, src).ravel())
        return result

    def scatter_reduce(
        self, input: Array, dim: int, index: Array, src: Array, reduce: str, include_self: bool
    ) -> Array:
        result = np.array(input, order="C")
        if not index.size:
            return result
        index, src = _lines(index, src)
        flat = result.reshape(-1)
        places = _flat_places(result.shape or (1,), dim, index)
        if not include_self:
            flat[places] = _identity(reduce, result.dtype)
        accumulate(_COMBINE[reduce], flat, places, _extent_of(index, src).ravel())
        if reduce == "mean":
            count = np.full(flat.shape, int(include_self), np.int64)
            np.add.at(count, places, 1)
            count = np.maximum(count, 1).astype(result.dtype)
            divide = np.floor_divide if result.dtype.kind in "iu" else np.true_divide
            flat[...] = divide(flat, count)
        return result

    def index_select(self, input: Array, dim: int, index: Array) -> Array:
        if input.ndim == 0:
            return np.array(input)
        return np.take(input, index.reshape(-1), dim)

    def places(self, input: Array, indices: Sequence[Array | None]) -> Sequence[Array | None]:
        found: list[Array | None] = []
        for index in indices:
            if index is not None and index.dtype.itemsize == 1:
                found += np.nonzero(index)
            else:
                if index is not None and index.dtype.kind not in "iu":
                    raise IndexError(NO_INDEX)
                found.append(index)
        return found

    def index(self, input: Array, indices: Sequence[Array | None]) -> Array:
        return np.array(input[_whole(indices)], order="C")

    def index_put(
        self, input: Array, indices: Sequence[Array | None], values: Array, accumulate: bool
    ) -> Array:
        result = np.array(input, order="C")
        if not accumulate:
            result[_whole(indices)] = values
            return result
        places = np.arange(result.size).reshape(result.shape)[_whole(indices)]
        added = np.broadcast_to(values, places.shape).ravel()
        np.add.at(result.reshape(-1), np.ravel(places), added)
        return result

    def nonzero(self, input: Array) -> Array:
        return np.ascontiguousarray(np.argwhere(input))

    def searchsorted(self, sorted_sequence: Array, input: Array, right: bool) -> Array:
        wide = WIDE.get(input.dtype)
        if wide is not None:  # ml_dtypes does not order NaN
            sorted_sequence, input = sorted_sequence.astype(wide), input.astype(wide)
        if sorted_sequence.ndim == 1:
            nan_at_end = sorted_sequence.size and sorted_sequence[-1] != sorted_sequence[-1]
            if not nan_at_end and not (input != input).any():
                return np.searchsorted(sorted_sequence, input, "right" if right else "left")
        # All at once: halve the intervals [low, high) until each is empty. Comparisons with NaN
        # go right, as torch's do.
        low = np.zeros(input.shape, np.int64)
        high = np.full(input.shape, sorted_sequence.shape[-1], np.int64)
        last = max(sorted_sequence.shape[-1] - 1, 0)
        for _ in range(sorted_sequence.shape[-1].bit_length()):
            middle = (low + high) >> 1
            place = np.minimum(middle, last)
            if sorted_sequence.ndim == 1:
                value = sorted_sequence[place]
            else:
                value = np.take_along_axis(sorted_sequence, place, -1)
            beyond = value > input if right else value >= input
            above = ~beyond & (low < high)
            low = np.where(above, middle + 1, low)
            high = np.where(above, high, np.minimum(high, middle))
        return low
