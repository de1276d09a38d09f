"""Reductions over dims, running reductions along one, and sorting."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import accumulate
from typing import Any

from autograd_core import dtypes
from autograd_core.dtypes import DType

from .array import Array, exactly, new
from .layout import runs_of

Rows = list[list[Any]]

_FEW = 5  # numbers that torch adds up in one order, however they lie in memory
_PLAIN = (dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128)
"""The dtypes that are added up in themselves; halves are in float32."""


def rows_over(input: Array, dims: Sequence[int]) -> Rows:
    """Return, for each place of the other dims, the list of elements along ``dims``."""
    if len(dims) >= len(input.shape):  # a 0-d array is a line, too
        return [input.elements()]
    kept = [dim for dim in range(len(input.shape)) if dim not in dims]
    order = kept + sorted(dims)
    values = input.elements(
        runs_of(tuple(input.shape[dim] for dim in order), tuple(input.stride[dim] for dim in order))
    )
    size = math.prod(input.shape[dim] for dim in dims)
    if not size:
        return [[] for _ in range(math.prod(input.shape[dim] for dim in kept))]
    if size == len(values):
        return [values]
    return [values[start : start + size] for start in range(0, len(values), size)]


def reduced_shape(shape: tuple[int, ...], dims: Sequence[int], keepdim: bool) -> tuple[int, ...]:
    """Return the shape that is left."""
    if keepdim:
        return tuple(1 if dim in dims else size for dim, size in enumerate(shape))
    return tuple(size for dim, size in enumerate(shape) if dim not in dims)


def from_lines(
    lines: Sequence[Sequence[Any]], shape: tuple[int, ...], dim: int, dtype: DType, exact: bool
) -> Array:
    """Return the contiguous array whose elements along ``dim`` are the lines."""
    values: list[Any] = [None] * math.prod(shape)
    inner = math.prod(shape[dim + 1 :])
    block = inner * shape[dim] if shape else 1
    for place, line in enumerate(lines):
        start = place // inner * block + place % inner if inner else 0
        values[start : start + block : inner] = line
    return (exactly if exact else new)(values, shape, dtype)


def sum_floats(values: Sequence[float]) -> float:
    """Return the sum, rounded once; what overflows or has no sum is as IEEE addition has it."""
    try:
        return math.fsum(values)
    except (ValueError, OverflowError):
        return builtins.sum(values)


def sum_complex(values: Sequence[complex]) -> complex:
    """Return the sum by parts."""
    return complex(sum_floats([z.real for z in values]), sum_floats([z.imag for z in values]))


SUMS: tuple[Callable[[Sequence[Any]], Any], ...] = (
    builtins.any,
    builtins.sum,
    sum_floats,
    sum_complex,
)


def has_nan(values: Sequence[Any]) -> bool:
    """Return whether a NaN is among real numbers."""
    total = builtins.sum(values)  # NaN also for inf - inf, so look closer then
    return math.isnan(total) and builtins.any(map(math.isnan, values))


def largest(values: Sequence[Any]) -> Any:
    """Return the maximum, NaN if there is one."""
    return math.nan if has_nan(values) else max(values)


def smallest(values: Sequence[Any]) -> Any:
    """Return the minimum, NaN if there is one."""
    return math.nan if has_nan(values) else min(values)


def wrapped_product(x: int, y: int) -> int:
    """Return x * y kept below 2 ** 64, where it wraps alike for every integer dtype."""
    return x * y & 0xFFFFFFFFFFFFFFFF


def product(values: Sequence[Any], dtype: DType) -> Any:
    """Return the product, 1 of nothing."""
    if dtype.category == 0:
        return builtins.all(values)
    if dtype.category == 1:
        return reduce(wrapped_product, values, 1)
    return reduce(operator.mul, values, 1.0 if dtype.category == 2 else complex(1.0))


class Reduction:
    """Reductions, running reductions, sorting."""

    def sum(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        few = 1 < math.prod(input.shape[d] for d in dim) <= _FEW
        if few and input.dtype in _PLAIN and 0 not in input.shape:
            return _sum_of_few(input, dim, keepdim)
        return _reduce(input, dim, keepdim, SUMS[input.dtype.category], input.dtype)

    def prod(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        return _reduce(input, dim, keepdim, lambda row: product(row, input.dtype), input.dtype)

    def amax(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        return _reduce(input, dim, keepdim, largest, input.dtype)

    def amin(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        return _reduce(input, dim, keepdim, smallest, input.dtype)

    def any(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        return _reduce(input, dim, keepdim, builtins.any, dtypes.bool_)

    def all(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        return _reduce(input, dim, keepdim, builtins.all, dtypes.bool_)

    def argmax(self, input: Array, dim: int, keepdim: bool = False) -> Array:
        return _reduce(input, (dim,), keepdim, lambda row: _place(row, max), dtypes.int64)

    def argmin(self, input: Array, dim: int, keepdim: bool = False) -> Array:
        return _reduce(input, (dim,), keepdim, lambda row: _place(row, min), dtypes.int64)

    def cumsum(self, input: Array, dim: int) -> Array:
        add = operator.or_ if input.dtype.category == 0 else operator.add
        lines = [list(accumulate(row, add)) for row in rows_over(input, (dim,))]
        return from_lines(lines, input.shape, dim, input.dtype, exact=False)

    def cumprod(self, input: Array, dim: int) -> Array:
        multiply = (operator.and_, wrapped_product, operator.mul, operator.mul)
        function = multiply[input.dtype.category]
        lines = [list(accumulate(row, function)) for row in rows_over(input, (dim,))]
        return from_lines(lines, input.shape, dim, input.dtype, exact=False)

    def cummax(self, input: Array, dim: int) -> tuple[Array, Array]:
        return _running(input, dim, operator.ge)

    def cummin(self, input: Array, dim: int) -> tuple[Array, Array]:
        return _running(input, dim, operator.le)

    def sort(self, input: Array, dim: int, descending: bool = False) -> tuple[Array, Array]:
        rows = rows_over(input, (dim,))
        orders = []
        for row in rows:
            key: Callable[[int], Any] = row.__getitem__
            if has_nan(row):
                keys = [(True, 0.0) if math.isnan(value) else (False, value) for value in row]
                key = keys.__getitem__
            orders.append(sorted(range(len(row)), key=key, reverse=descending))
        lines = [list(map(row.__getitem__, order)) for row, order in zip(rows, orders, strict=True)]
        return (
            from_lines(lines, input.shape, dim, input.dtype, exact=True),
            from_lines(orders, input.shape, dim, dtypes.int64, exact=True),
        )


def _sum_of_few(input: Array, dims: Sequence[int], keepdim: bool) -> Array:
    """Add up one by one, rounding each time: what torch does with so few, to the last bit.

    It keeps four sums, the first of which takes what is left over, and adds them up in the end; all
    start at 0, so that a sum of negative zeros is a positive one.
    """
    columns = list(map(list, zip(*rows_over(input, dims), strict=True)))
    columns = columns[:1] + columns[4:] + columns[1:4]
    shape = reduced_shape(input.shape, dims, keepdim)
    total = new([0 + value for value in columns[0]] if columns else [], shape, input.dtype)
    for column in columns[1:]:
        total = new(list(map(operator.add, total.elements(), column)), shape, input.dtype)
    return total


def _reduce(
    input: Array,
    dims: Sequence[int],
    keepdim: bool,
    function: Callable[[Sequence[Any]], Any],
    dtype: DType,
) -> Array:
    values = list(map(function, rows_over(input, dims)))
    return new(values, reduced_shape(input.shape, dims, keepdim), dtype)


def _place(row: Sequence[Any], extreme: Callable[[Sequence[Any]], Any]) -> int:
    if has_nan(row):
        return next(place for place, value in enumerate(row) if math.isnan(value))
    return row.index(extreme(row))


def _running(input: Array, dim: int, beats: Callable[[Any, Any], bool]) -> tuple[Array, Array]:
    lines, places = [], []
    for row in rows_over(input, (dim,)):
        found = []
        best = 0
        for place, value in enumerate(row):
            if beats(value, row[best]) or math.isnan(value):
                best = place
            found.append(best)
        places.append(found)
        lines.append([row[place] for place in found])
    return (
        from_lines(lines, input.shape, dim, input.dtype, exact=True),
        from_lines(places, input.shape, dim, dtypes.int64, exact=True),
    )
