"""Batches of matrices as lists of rows, and arrays of rows or columns that were computed.

Of a product each row and column are one multiply-and-sum in C.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import and_, mul
from typing import Any

from autograd_core.dtypes import DType
from autograd_core.sizes import column_major

from .array import Array, new
from .hermitian import Matrix


def _dot(zero: Any) -> Callable[[Sequence[Any], Sequence[Any]], Any]:
    def dot(row: Sequence[Any], column: Sequence[Any]) -> Any:
        return sum(map(mul, row, column), zero)

    return dot


_REAL: Callable[[Sequence[Any], Sequence[Any]], Any] = getattr(math, "sumprod", _dot(0.0))
_DOTS = (lambda row, column: any(map(and_, row, column)), _dot(0), _REAL, _dot(0j))


class Matmul:
    """Products of matrices and of batches of them."""

    def mm(self, input: Array, mat2: Array) -> Array:
        values = _product(input.elements(), mat2.elements(), input, mat2.shape[-1])
        return new(values, (input.shape[0], mat2.shape[1]), input.dtype)

    def mv(self, input: Array, vec: Array) -> Array:
        values = _product(input.elements(), vec.elements(), input, 1)
        return new(values, input.shape[:1], input.dtype)

    def bmm(self, input: Array, mat2: Array) -> Array:
        batch, rows, inner = input.shape
        columns = mat2.shape[2]
        left, right = input.elements(), mat2.elements()
        values: list[Any] = []
        for place in range(batch):
            values += _product(
                left[place * rows * inner : (place + 1) * rows * inner],
                right[place * inner * columns : (place + 1) * inner * columns],
                input,
                columns,
            )
        return new(values, (batch, rows, columns), input.dtype)


def _product(left: list[Any], right: list[Any], like: Array, columns: int) -> list[Any]:
    """Return the row-major product of two row-major matrices."""
    rows, inner = like.shape[-2:]
    category = like.dtype.category
    if not inner:
        return [(False, 0, 0.0, 0j)[category]] * (rows * columns)
    dot = _DOTS[category]
    across = [right[column::columns] for column in range(columns)]
    lines = [left[row * inner : (row + 1) * inner] for row in range(rows)]
    return [dot(line, column) for line in lines for column in across]


def matrices(input: Array) -> list[Matrix]:
    """Return the matrices of a batch as lists of rows."""
    *batch, m, n = input.shape
    count = math.prod(batch)
    if not m * n:
        return [[[] for _ in range(m)] for _ in range(count)]
    values = input.elements()
    rows = [values[start : start + n] for start in range(0, count * m * n, n)]
    return [rows[start : start + m] for start in range(0, count * m, m)]


def vectors(input: Array) -> list[list[Any]]:
    """Return the vectors of a batch, which lie along the last dim."""
    *batch, n = input.shape
    values = input.elements()
    return [values[k * n : (k + 1) * n] for k in range(math.prod(batch))]


def in_columns(found: Sequence[Sequence[Any]], shape: tuple[int, ...], dtype: DType) -> Array:
    """Return the column-major array of matrices given by their columns."""
    values = [v for columns in found for column in columns for v in column]
    if dtype.category == 3:
        values = list(map(complex, values))
    return new(values, shape, dtype, column_major(shape))


def lines(found: list[list[Any]], shape: tuple[int, ...], dtype: DType) -> Array:
    """Return the array of vectors along the last dim."""
    values = [v for values in found for v in values]
    if dtype.category == 3:
        values = list(map(complex, values))
    return new(values, shape, dtype)


def broadcast(input: Array, batch: tuple[int, ...]) -> Array:
    """Return a view of the matrices with these batch dims."""
    own, missing = input.shape[:-2], len(batch) - len(input.shape) + 2
    steps = [0] * missing + [
        0 if size == 1 else step for size, step in zip(own, input.stride[:-2], strict=True)
    ]
    return input.restrided((*batch, *input.shape[-2:]), (*steps, *input.stride[-2:]))
