"""Derived views, written in the required ones or as a geometry, and arrays made from others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import dtypes, sizes, view_geometry

Array = Any


class ShapeDefaults:
    """Derived shape functions of the backend contract."""

    # New arrays -----------------------------------------------------------------------------------

    def new_zeros(self: Any, input: Array, size: Sequence[int]) -> Array:
        """Zeros of another shape with the dtype of ``input``."""
        return self.full(tuple(size), 0, self.dtype(input))

    def new_numbers(self: Any, input: Array, values: Sequence[Any], size: Sequence[int]) -> Array:
        """Python numbers, row-major, with the dtype of ``input``."""
        return self.from_flat(values, tuple(size), self.dtype(input))

    def zeros_like(self: Any, input: Array) -> Array:
        """Zeros with shape, dtype and dense layout of ``input``."""
        return self.full_in_layout(input, 0)

    def ones_like(self: Any, input: Array) -> Array:
        """Ones with shape, dtype and dense layout of ``input``."""
        return self.full_in_layout(input, 1)

    def full_in_layout(self: Any, input: Array, value: Any) -> Array:
        """One value with shape, dtype and dense layout of ``input``."""
        strides = sizes.dense_strides_like(input.shape, self.strides(input))
        dtype = self.dtype(input)
        if strides == sizes.row_major(input.shape):
            return self.full(input.shape, value, dtype)
        result = self.empty_strided(input.shape, strides, dtype)
        self.copy_(result, self.scalar(value, dtype))
        return result

    def fill_tensor(self: Any, input: Array, value: Array) -> Array:
        """A new array in the layout of ``input`` with every element a 0-d array's, cast."""
        result = self.clone(self.own(input))
        self.copy_(result, value)
        return result

    def new_positions(self: Any, input: Array, count: int, step: int = 1) -> Array:
        """int64 array 0, step ... (count - 1) * step, on the backend of ``input``."""
        return self.arange(0, step, count, dtypes.int64)

    def to_dtype(self: Any, input: Array, dtype: dtypes.DType) -> Array:
        """``cast`` under the name the table has it by."""
        return self.cast(input, dtype)

    def clone_row_major(self: Any, input: Array) -> Array:
        """A new row-major array with the same elements."""
        result = self.empty(input.shape, self.dtype(input))
        self.copy_(result, input)
        return result

    def clone_strided(self: Any, input: Array, stride: Sequence[int]) -> Array:
        """A new array with the same elements and these strides."""
        result = self.empty_strided(input.shape, stride, self.dtype(input))
        self.copy_(result, input)
        return result

    def in_format_of(self: Any, result: Array, input: Array) -> Array:
        """``result`` row-major, or channels-last where ``input``, of as many dims, is."""
        if sizes.suggests_channels_last(input.shape, self.strides(input)):
            return self.clone_strided(result, sizes.channels_last(result.shape))
        in_rows = self.strides(result) == sizes.row_major(result.shape)
        return result if in_rows else self.clone_row_major(result)

    def clone_storage(self: Any, input: Array) -> Array:
        """A copy at the same place in a copy of the storage; a plain copy if elements overlap."""
        shape, strides = input.shape, self.strides(input)
        if any(n > 1 and step == 0 for n, step in zip(shape, strides, strict=True)):
            return self.clone(input)
        input = self.own(input)
        offset = self.storage_offset(input)
        storage = self.clone(self.as_strided(input, (self.storage_size(input),), (1,), 0))
        return self.as_strided(storage, shape, strides, offset)

    # Views ----------------------------------------------------------------------------------------

    def geometry(self: Any, input: Array) -> view_geometry.Geometry:
        """Size, strides and storage offset."""
        return input.shape, self.strides(input), self.storage_offset(input)

    def reshape(self: Any, input: Array, shape: Sequence[int]) -> Array:
        """The elements in row-major order under another shape; a view where strides allow.

        One length may be -1.
        """
        shape = sizes.inferred(shape, sizes.numel(input.shape))
        if sizes.view_strides(input.shape, self.strides(input), shape) is None:
            input = self.contiguous(input)
        return self.view(self.own(input), shape)

    def reshape_alias(self: Any, input: Array, size: Sequence[int], stride: Sequence[int]) -> Array:
        """The elements under another shape, whose strides have been computed, as a view."""
        input = self.own(input)
        return self.as_strided(input, size, stride, self.storage_offset(input))

    def alias(self: Any, input: Array) -> Array:
        """Another array over the same elements."""
        return self.permute(self.own(input), tuple(range(len(input.shape))))

    def transpose(self: Any, input: Array, dim0: int, dim1: int) -> Array:
        """Two dims exchanged, as a view; a 0-d array as it is."""
        dims = list(range(len(input.shape)))
        if dims:
            dims[dim0], dims[dim1] = dims[dim1], dims[dim0]
        return self.permute(self.own(input), dims)

    def t(self: Any, input: Array) -> Array:
        """The transpose of a matrix, as a view; an array of fewer dims as it is."""
        return self.permute(self.own(input), tuple(range(len(input.shape)))[::-1])

    def squeeze(self: Any, input: Array) -> Array:
        """Without the dims of size 1, as a view."""
        return self.squeeze_dims(input, range(len(input.shape)))

    def squeeze_dim(self: Any, input: Array, dim: int) -> Array:
        """Without ``dim`` if that has size 1, as a view."""
        return self.squeeze_dims(input, (dim,))

    def squeeze_dims(self: Any, input: Array, dim: Sequence[int]) -> Array:
        """Without those of the dims that have size 1, as a view."""
        input = self.own(input)
        return self.as_strided(input, *view_geometry.squeezed(self.geometry(input), dim))

    def unsqueeze(self: Any, input: Array, dim: int) -> Array:
        """With a new dim of size 1 before ``dim``, as a view."""
        input = self.own(input)
        return self.as_strided(input, *view_geometry.unsqueezed(self.geometry(input), dim))

    def diagonal(self: Any, input: Array, offset: int, dim1: int, dim2: int) -> Array:
        """The diagonal of two dims as the last dim, as a view."""
        geometry = view_geometry.diagonal(self.geometry(input), offset, dim1, dim2)
        return self.as_strided(input, *geometry)

    def unfold(self: Any, input: Array, dimension: int, size: int, step: int) -> Array:
        """Windows of ``size`` every ``step``, their elements as the last dim, as a view."""
        input = self.own(input)
        geometry = view_geometry.unfolded(self.geometry(input), dimension, size, step)
        return self.as_strided(input, *geometry)

    def split(self: Any, input: Array, split_size: int, dim: int) -> list[Array]:
        """Pieces of ``split_size`` along ``dim``, as views; the last may be shorter."""
        parts = view_geometry.chunk_sizes(input.shape[dim], split_size)
        pieces: list[Array] = self.split_with_sizes(input, parts, dim)
        return pieces

    def split_with_sizes(
        self: Any, input: Array, split_sizes: Sequence[int], dim: int
    ) -> list[Array]:
        """Pieces of these lengths along ``dim``, as views."""
        pieces, start = [], 0
        for length in split_sizes:
            pieces.append(self.slice(input, dim, start, start + length, 1))
            start += length
        return pieces

    def unbind(self: Any, input: Array, dim: int) -> list[Array]:
        """Every index of ``dim``, as views."""
        return [self.select(input, dim, k) for k in range(input.shape[dim])]

    def subscript(self: Any, input: Array, items: Sequence[Any]) -> Array:
        """What integers and slices of positive step, of the first dims, name, as a view.

        Where no dims are left they end with ``...``, as NumPy has it.
        """
        dim = 0
        for item in items:
            if item is ...:
                break
            length = input.shape[dim]
            if type(item) is int:
                input = self.select(input, dim, item % length)
            else:
                start, stop, step = item.indices(length)
                input = self.slice(input, dim, start, max(start, stop), step)
                dim += 1
        return input

    def view_dtype(self: Any, input: Array, dtype: dtypes.DType) -> Array:
        """The bytes read as another dtype, as a view; last dim and strides scaled to fit."""
        raise NotImplementedError(
            f"backend {self.name!r} has no kernel 'view_dtype'; "
            "it needs arrays whose bytes can be read as another dtype"
        )

    # Writing into a copy --------------------------------------------------------------------------

    def select_scatter(self: Any, input: Array, src: Array, dim: int, index: int) -> Array:
        """A copy with ``src`` in one index of ``dim``."""
        result = self.clone_storage(input)
        self.copy_(self.select(result, dim, index), src)
        return result

    def slice_scatter(
        self: Any, input: Array, src: Array, dim: int, start: int, end: int, step: int
    ) -> Array:
        """A copy with ``src`` in a slice of ``dim``."""
        result = self.clone_storage(input)
        self.copy_(self.slice(result, dim, start, end, step), src)
        return result

    def diagonal_scatter(
        self: Any, input: Array, src: Array, offset: int, dim1: int, dim2: int
    ) -> Array:
        """A copy with ``src`` on a diagonal."""
        result = self.clone_storage(input)
        self.copy_(self.diagonal(result, offset, dim1, dim2), src)
        return result

    def as_strided_scatter(
        self: Any,
        input: Array,
        src: Array,
        size: Sequence[int],
        stride: Sequence[int],
        storage_offset: int,
    ) -> Array:
        """A copy with ``src`` where a geometry reads in the storage."""
        result = self.clone_storage(input)
        self.copy_(self.as_strided(result, size, stride, storage_offset), src)
        return result

    def placed(
        self: Any,
        values: Array,
        length: int,
        size: Sequence[int],
        stride: Sequence[int],
        storage_offset: int,
    ) -> Array:
        """1-d zeros of this length with the values where a geometry reads."""
        result = self.new_zeros(values, (length,))
        self.copy_(self.as_strided(result, size, stride, storage_offset), values)
        return result

    def select_backward(
        self: Any, grad: Array, input_sizes: Sequence[int], dim: int, index: int
    ) -> Array:
        """Zeros with ``grad`` in one index of ``dim``."""
        result = self.new_zeros(grad, input_sizes)
        self.copy_(self.select(result, dim, index), grad)
        return result

    def slice_backward(
        self: Any,
        grad: Array,
        input_sizes: Sequence[int],
        dim: int,
        start: int,
        end: int,
        step: int,
    ) -> Array:
        """Zeros with ``grad`` in a slice of ``dim``."""
        result = self.new_zeros(grad, input_sizes)
        self.copy_(self.slice(result, dim, start, end, step), grad)
        return result

    def diagonal_backward(
        self: Any, grad: Array, input_sizes: Sequence[int], offset: int, dim1: int, dim2: int
    ) -> Array:
        """Zeros with ``grad`` on a diagonal."""
        result = self.new_zeros(grad, input_sizes)
        self.copy_(self.diagonal(result, offset, dim1, dim2), grad)
        return result

    def unfold_backward(
        self: Any, grad: Array, input_sizes: Sequence[int], dim: int, size: int, step: int
    ) -> Array:
        """Zeros with the windows of ``grad`` added where they were read."""
        result = self.new_zeros(grad, input_sizes)
        last = len(grad.shape) - 1
        if not input_sizes:
            if size:
                self.copy_(result, self.select(grad, last, 0))
            return result
        reach = (grad.shape[dim] - 1) * step + 1
        for k in range(size):
            place = self.slice(result, dim, k, k + reach, step)
            self.copy_(place, self.add(place, self.select(grad, last, k)))
        return result
