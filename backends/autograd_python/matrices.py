"""Batches of matrices as lists of rows, and arrays of the rows or columns that were computed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd_core.dtypes import DType
from autograd_core.sizes import column_major

from .array import Array, new
from .hermitian import Matrix


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
