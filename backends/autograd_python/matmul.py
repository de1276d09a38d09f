"""Matrix products: rows and columns as lists, each pair one multiply-and-sum in C."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import and_, mul
from typing import Any

from .array import Array, new


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
