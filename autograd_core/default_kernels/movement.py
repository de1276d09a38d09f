"""Derived kernels that move elements into a new array, written in the required ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import dtypes

Array = Any


class MovementDefaults:
    """Derived movement functions of the backend contract; every result is a new array."""

    def stack(self: Any, tensors: Sequence[Array], dim: int) -> Array:
        """Joined along a new dim before ``dim``."""
        return self.cat([self.unsqueeze(part, dim) for part in tensors], dim)

    def diag_embed(self: Any, input: Array, offset: int, dim1: int, dim2: int) -> Array:
        """Zeros with the last dim of ``input`` on the diagonal of two new dims."""
        length = input.shape[-1] + abs(offset)
        shape = list(input.shape[:-1])
        for dim in sorted((dim1, dim2)):
            shape.insert(dim, length)
        return self.diagonal_backward(input, shape, offset, dim1, dim2)

    def _below(self: Any, input: Array, diagonal: int) -> Array:
        """Bool matrix: at or below a diagonal."""
        rows, columns = input.shape[-2:]
        row = self.view(self.arange(0, 1, rows, dtypes.int64), (rows, 1))
        column = self.arange(-diagonal, 1, columns, dtypes.int64)
        return self.le(column, row)

    def tril(self: Any, input: Array, diagonal: int) -> Array:
        """The elements at or below a diagonal, zeros elsewhere."""
        result = self.empty(input.shape, self.dtype(input))
        self.copy_(result, self.where(self._below(input, diagonal), input, self._zero(input)))
        return result

    def triu(self: Any, input: Array, diagonal: int) -> Array:
        """The elements at or above a diagonal, zeros elsewhere."""
        result = self.empty(input.shape, self.dtype(input))
        below = self._below(input, diagonal - 1)
        self.copy_(result, self.where(below, self._zero(input), input))
        return result

    def _zero(self: Any, input: Array) -> Array:
        return self.scalar(0, self.dtype(input))

    def trace(self: Any, input: Array) -> Array:
        """The sum of the main diagonal of a matrix."""
        return self.sum(self.diagonal(input, 0, 0, 1), (0,), False)

    def roll(self: Any, input: Array, shifts: Sequence[int], dims: Sequence[int]) -> Array:
        """Elements moved around by ``shifts`` along ``dims``; without dims in row-major order."""
        if not dims and len(input.shape) != 1:
            flat = self.reshape(input, (-1,))
            rolled = self.view(self.roll(flat, shifts, ()), input.shape)
            return self.clone_row_major(rolled)  # which has memory of its own
        result = self.clone_row_major(input)
        for shift, dim in zip(shifts, dims or (0,), strict=True):
            length = input.shape[dim]
            if length:
                start = -shift % length
                tail = self.slice(result, dim, start, length, 1)
                result = self.cat([tail, self.slice(result, dim, 0, start, 1)], dim)
        return result

    def rot90(self: Any, input: Array, k: int, dims: Sequence[int]) -> Array:
        """Rotated by ``k`` quarter turns in the plane of two dims."""
        first, second = dims
        turns = k % 4
        if turns == 1:
            return self.transpose(self.flip(input, (second,)), first, second)
        if turns == 2:
            return self.flip(input, (first, second))
        if turns == 3:
            return self.transpose(self.flip(input, (first,)), first, second)
        return self.clone_row_major(input)

    def repeat(self: Any, input: Array, repeats: Sequence[int]) -> Array:
        """The array laid beside itself ``repeats`` times along each dim; repeats may be longer."""
        shape = (1,) * (len(repeats) - len(input.shape)) + tuple(input.shape)
        pairs = [n for length in shape for n in (1, length)]
        wide = [n for count, length in zip(repeats, shape, strict=True) for n in (count, length)]
        repeated = self.clone_row_major(self.expand(self.reshape(input, pairs), wide))
        whole = [count * length for count, length in zip(repeats, shape, strict=True)]
        return self.view(repeated, whole)

    def block_diag(self: Any, tensors: Sequence[Array]) -> Array:
        """The matrices along the diagonal of one matrix; fewer dims are taken as one row."""
        matrices = [
            self.reshape(part, (1,) * (2 - len(part.shape)) + tuple(part.shape)) for part in tensors
        ]
        rows = sum(part.shape[0] for part in matrices)
        columns = sum(part.shape[1] for part in matrices)
        result = self.new_zeros(matrices[0], (rows, columns))
        row = column = 0
        for part in matrices:
            height, width = part.shape
            place = self.slice(result, 0, row, row + height, 1)
            self.copy_(self.slice(place, 1, column, column + width, 1), part)
            row, column = row + height, column + width
        return result
