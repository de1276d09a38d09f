"""Derived movement kernels and arrays made from others, written in the required ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import dtypes, sizes

Array = Any


class ShapeDefaults:
    """Derived shape functions of the backend contract."""

    def new_zeros(self: Any, input: Array, size: Sequence[int]) -> Array:
        """Zeros of another shape with the dtype of ``input``."""
        return self.full(tuple(size), 0, self.dtype(input))

    def zeros_like(self: Any, input: Array) -> Array:
        """Zeros with shape and dtype of ``input``."""
        return self.full(input.shape, 0, self.dtype(input))

    def ones_like(self: Any, input: Array) -> Array:
        """Ones with shape and dtype of ``input``."""
        return self.full(input.shape, 1, self.dtype(input))

    def new_positions(self: Any, input: Array, count: int) -> Array:
        """int64 array 0, 1 ... count - 1, on the backend of ``input``."""
        return self.arange(0, 1, count, dtypes.int64)

    def to_dtype(self: Any, input: Array, dtype: dtypes.DType) -> Array:
        """``cast`` under the name the table has it by."""
        return self.cast(input, dtype)

    def reshape(self: Any, input: Array, shape: Sequence[int]) -> Array:
        """The elements in row-major order under another shape; a view where strides allow.

        One length may be -1.
        """
        shape = sizes.inferred(shape, sizes.numel(input.shape))
        if sizes.view_strides(input.shape, self.strides(input), shape) is None:
            input = self.contiguous(input)
        return self.view(self.own(input), shape)

    def clone_row_major(self: Any, input: Array) -> Array:
        """A new row-major array with the same elements."""
        result = self.empty(input.shape, self.dtype(input))
        self.copy_(result, input)
        return result
