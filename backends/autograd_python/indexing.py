"""Gathering, scattering, advanced indexing, searching."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import compress
from typing import Any

from autograd_core import dtypes
from autograd_core.dtypes import DType
from autograd_core.sizes import broadcast_strides

from .array import Array, exactly, new
from .layout import at, broadcast_shapes, positions, row_major, runs_of
from .rounding import rounded
from .scalars import BINARY

Shape = tuple[int, ...]


class Indexing:
    """Functions whose positions are data."""

    def gather(self, input: Array, dim: int, index: Array) -> Array:
        values = _take(input, _places(input.shape, dim, index))
        return exactly(values, index.shape, input.dtype)

    def scatter(self, input: Array, dim: int, index: Array, src: Array) -> Array:
        values = list(input.elements())
        for place, value in _writes(input, dim, index, src):
            values[place] = value
        return exactly(values, input.shape, input.dtype)

    def scatter_add(self, input: Array, dim: int, index: Array, src: Array) -> Array:
        values = _added(input, _writes(input, dim, index, src))
        return new(values, input.shape, input.dtype)

    def scatter_reduce(
        self, input: Array, dim: int, index: Array, src: Array, reduce: str, include_self: bool
    ) -> Array:
        values = list(input.elements())
        combine = _combination(reduce, input.dtype)
        counts: dict[int, int] = {}
        for place, value in _writes(input, dim, index, src):
            fresh = place not in counts and not include_self
            values[place] = value if fresh else combine(values[place], value)
            counts[place] = counts.get(place, int(include_self)) + 1
        if reduce == "mean":
            values = rounded(values, input.dtype) if not input.dtype.is_complex else values
            for place, count in counts.items():
                if input.dtype.is_inexact:
                    values[place] /= count
                else:
                    values[place] //= count
        return new(values, input.shape, input.dtype)

    def index_select(self, input: Array, dim: int, index: Array) -> Array:
        chosen = index.elements()
        if not input.shape:
            return exactly(list(input.elements()) * len(chosen), (), input.dtype)
        shape = (*input.shape[:dim], len(chosen), *input.shape[dim + 1 :])
        step = math.prod(input.shape[dim + 1 :])
        block = step * input.shape[dim]
        values = input.elements()
        if step == 1:
            picked = at(values, _outer(range(0, len(values), block or 1), chosen))
        else:
            starts = _outer(range(0, len(values), block or 1), [step * c for c in chosen])
            picked = [v for start in starts for v in values[start : start + step]]
        return exactly(picked, shape, input.dtype)

    def index(self, input: Array, indices: Sequence[Array | None]) -> Array:
        shape, places = _indexed(input.shape, indices)
        return exactly(_take(input, places), shape, input.dtype)

    def index_put(
        self, input: Array, indices: Sequence[Array | None], values: Array, accumulate: bool
    ) -> Array:
        shape, places = _indexed(input.shape, indices)
        stride = broadcast_strides(values.shape, values.stride, shape)
        writes = zip(places, values.elements(runs_of(shape, stride)), strict=True)
        if accumulate:
            return new(_added(input, writes), input.shape, input.dtype)
        result = list(input.elements())
        for place, value in writes:
            result[place] = value
        return exactly(result, input.shape, input.dtype)

    def nonzero(self, input: Array) -> Array:
        values = input.elements()
        found = list(compress(range(len(values)), values))
        rank = len(input.shape)
        result = [0] * (len(found) * rank)
        for dim, (size, step) in enumerate(zip(input.shape, row_major(input.shape), strict=True)):
            result[dim::rank] = [place // step % size for place in found]
        return exactly(result, (len(found), rank), dtypes.int64)

    def searchsorted(self, sorted_sequence: Array, input: Array, right: bool) -> Array:
        sequence = sorted_sequence.elements()
        size = sorted_sequence.shape[-1]
        wanted = input.elements()
        if len(sorted_sequence.shape) == 1:
            result = [_search(sequence, value, right) for value in wanted]
        else:
            each = input.shape[-1]
            result = [
                _search(sequence[row * size : (row + 1) * size], value, right)
                for row in range(math.prod(input.shape[:-1]))
                for value in wanted[row * each : (row + 1) * each]
            ]
        return exactly(result, input.shape, dtypes.int64)


def _outer(starts: Sequence[int], moves: Sequence[int]) -> list[int]:
    return [start + move for start in starts for move in moves]


def _take(input: Array, places: Sequence[int]) -> list[Any]:
    """Return the elements at row-major places."""
    return at(input.elements(), places)


def _places(shape: Shape, dim: int, index: Array) -> Sequence[int]:
    """Return, for each element of ``index``, the row-major place that it names along ``dim``."""
    chosen = index.elements()
    if not shape:
        return chosen
    stride = row_major(shape)
    step = stride[dim]
    if not index.shape:
        return [value * step for value in chosen]
    base = positions(runs_of(index.shape, (*stride[:dim], 0, *stride[dim + 1 :])))
    return [start + value * step for start, value in zip(base, chosen, strict=True)]


def _writes(input: Array, dim: int, index: Array, src: Array) -> Any:
    """Return pairs of a row-major place and the value of ``src`` that goes there, in order."""
    if index.shape and src.shape:
        values = src.elements(runs_of(index.shape, src.stride))
    else:
        values = src.elements()[: math.prod(index.shape)]  # a 0-d one is 1-d
    return zip(_places(input.shape, dim, index), values, strict=True)


def _added(input: Array, writes: Any) -> list[Any]:
    values = list(input.elements())
    if input.dtype.category == 0:
        for place, value in writes:
            values[place] |= value
    else:
        for place, value in writes:
            values[place] += value
    return values


def _combination(reduce: str, dtype: DType) -> Callable[[Any, Any], Any]:
    names = {"sum": "add", "mean": "add", "prod": "mul", "amax": "maximum", "amin": "minimum"}
    return BINARY[names[reduce]].fast[dtype.category]


def _indexed(shape: Shape, indices: Sequence[Array | None]) -> tuple[Shape, Sequence[int]]:
    """Return the shape of ``input[indices]`` and the row-major places of its elements."""
    indices = list(indices) + [None] * (len(shape) - len(indices))
    stride = row_major(shape)
    named = [dim for dim, index in enumerate(indices) if index is not None]
    arrays = [index for index in indices if index is not None]
    common = broadcast_shapes(array.shape for array in arrays)
    chosen = [0] * math.prod(common)
    for dim, array in zip(named, arrays, strict=True):
        runs = runs_of(common, broadcast_strides(array.shape, array.stride, common))
        step = stride[dim]
        chosen = [c + step * value for c, value in zip(chosen, array.elements(runs), strict=True)]
    adjacent = named == list(range(named[0], named[-1] + 1)) if named else True
    split = named[0] if named and adjacent else 0
    before = [dim for dim in range(split) if dim not in named]
    after = [dim for dim in range(split, len(shape)) if dim not in named]
    front = tuple(shape[dim] for dim in before)
    back = tuple(shape[dim] for dim in after)
    places = _outer(
        _outer(positions(runs_of(front, tuple(stride[dim] for dim in before))), chosen),
        positions(runs_of(back, tuple(stride[dim] for dim in after))),
    )
    return front + common + back, places


def _search(sequence: Sequence[Any], value: Any, right: bool) -> int:
    """Return the insertion point by bisection; comparisons with NaN go right, as torch's do."""
    low, high = 0, len(sequence)
    while low < high:
        middle = (low + high) // 2
        if sequence[middle] > value if right else sequence[middle] >= value:
            high = middle
        else:
            low = middle + 1
    return low
