"""Arrays themselves: creation, dtype and transfer, storage, views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core import dtypes
from autograd_core.dtypes import DType
from autograd_core.sizes import (
    is_contiguous,
    is_dense,
    numel,
    row_major,
    view_strides,
)
from autograd_core.view_geometry import expanded

from .array import Array, View
from .indexing import Indexing
from .plans import Plan, inverse, layout, plan

Native = Any
Number = bool | int | float | complex
Shape = tuple[int, ...]


class Arrays(Indexing):
    """Creation, transfer, storage and views."""

    # Values -----------------------------------------------------------------------------------

    def read(self, view: View) -> Native:
        """The elements of a view as a native array."""
        if 0 in view.shape:
            return self.xp.zeros(view.shape, dtype=self.natives[view.dtype], device=self.xp.device)
        storage, steps = self._storage(view)
        found = plan(steps, view.shape, view.steps or (), view.offset)
        if found is None:
            flat = self._flat(storage)
            places = self._places_in(view.shape, view.steps or (), view.offset)
            return self.xp.reshape(self.xp.take(flat, places, axis=0), view.shape)
        part = self.shaped(storage, found.folded)
        if found.key is not None:
            part = self.xp.cut(part, found.key)
        if found.order is not None:
            part = self.xp.permute_dims(part, found.order)
        part = self.shaped(part, found.dense)
        return part if found.dense == view.shape else self.xp.broadcast_to(part, view.shape)

    def _write(self, view: View, value: Native) -> None:
        """Put a box that holds ``value`` (of the view's shape and dtype) where the view is."""
        if 0 in view.shape:
            return
        storage, shape = self._storage(view)
        found = plan(shape, view.shape, view.steps or (), view.offset)
        if found is None:
            flat = self._flat(storage)
            places = self._places_in(view.shape, view.steps or (), view.offset)
            made = self.overwritten(flat, places, self._flat(value))
        else:
            made = self._written(storage, found, value)
        root = view.root
        if root.dtype.is_complex is not view.dtype.is_complex:
            made = self._seen_back(made, root.dtype)
        order, memory = layout(root.shape, root.steps)
        made = self.shaped(made, memory)
        root.value = made if order is None else self.xp.permute_dims(made, inverse(order))

    def _written(self, storage: Native, found: Plan, value: Native) -> Native:
        if found.dense != found.shape:  # of elements that are one, the first is written
            firsts = [slice(0, n) for n in found.dense]
            value = self.xp.cut(value, tuple(firsts))
        if found.order is None:
            part = self.shaped(value, found.cut)
        else:
            turned = tuple([found.cut[d] for d in found.order])
            part = self.xp.permute_dims(self.shaped(value, turned), inverse(found.order))
        if found.key is None:
            return part
        return self.xp.written(self.shaped(storage, found.folded), found.key, part)

    def _storage(self, view: View) -> tuple[Native, Shape]:
        """The storage under a view, as an array of the view's dtype, and its row-major shape."""
        root = view.root
        order, shape = layout(root.shape, root.steps)
        value = root.value if order is None else self.xp.permute_dims(root.value, order)
        if root.dtype.is_complex is view.dtype.is_complex:
            return value, shape
        made = self._seen_back(value, view.dtype)
        return made, tuple(made.shape)

    def _seen_back(self, value: Native, dtype: DType) -> Native:
        """Pairs of real numbers as complex ones, or the other way round, in row-major order."""
        if not dtype.is_complex:
            return self.xp.stack([self.xp.real(value), self.xp.imag(value)], axis=-1)
        pairs = self.xp.reshape(value, (-1, 2))
        parts = [self.xp.cut(pairs, (slice(None), slice(k, k + 1))) for k in (0, 1)]
        real, imag = [self._flat(part) for part in parts]
        return self.joined(real, imag, dtype)

    def _places_in(self, shape: Shape, steps: Shape, offset: int) -> Native:
        """Where in the storage the elements of a view are, 1-d."""
        places = self._number64(offset)
        for d, (n, step) in enumerate(zip(shape, steps)):
            places = self.xp.add(places, self._along(n, step, len(shape) - d - 1))
        return self._flat(places)

    # Creation, dtype, transfer ----------------------------------------------------------------

    def native_dtype(self, dtype: DType) -> Any:
        return dtype

    def full(self, shape: Sequence[int], value: Number, dtype: DType) -> Array:
        number = self.number(value, dtype)
        return self.new(self.xp.broadcast_to(number, tuple(shape)), dtype)

    def empty_strided(self, shape: Sequence[int], stride: Sequence[int], dtype: DType) -> Array:
        shape, stride = tuple(shape), tuple(stride)
        if is_dense(shape, stride):
            made = self.full(shape, 0, dtype)
            made.steps = None if stride == row_major(shape) else stride
            return made
        extent = 0 if 0 in shape else 1 + sum((n - 1) * step for n, step in zip(shape, stride))
        return self.cut(self.full((extent,), 0, dtype), dtype, shape, stride, 0)

    def arange(self, start: Number, step: Number, count: int, dtype: DType) -> Array:
        if dtype.is_complex:
            return self.from_flat([start + k * step for k in range(count)], (count,), dtype)
        kind = dtypes.int64
        if isinstance(start, float) or isinstance(step, float):
            kind = dtypes.float64
        places = self.converted(self.positions(count), dtypes.int64, kind)
        moved = self.xp.multiply(places, self.number(step, kind))
        return self.cast(self.new(self.xp.add(moved, self.number(start, kind)), kind), dtype)

    def from_flat(self, values: Sequence[Any], shape: Sequence[int], dtype: DType) -> Array:
        shape = tuple(shape)
        if 0 in shape:
            return self.full(shape, 0, dtype)
        if not shape:
            return self.scalar(values[0], dtype)
        made = self.xp.from_elements(values, self.natives[dtype])
        return self.new(self.shaped(made, shape), dtype)

    def to_flat(self, input: Array) -> list[Any]:
        if 0 in input.shape:
            return []
        return self.xp.elements(self._flat(input.value))

    def from_native(self, data: Any) -> Array | None:
        if not self.xp.is_own(data):
            return None
        return self.new(self.xp.kept(data), self.dtype_of_value(data))

    def from_dlpack(self, source: Any) -> Array:
        value = source if self.xp.is_own(source) else self.xp.from_dlpack(source)
        return self.new(self.xp.kept(value), self.dtype_of_value(value))

    def to_ndarray(self, input: Array) -> Any:
        return self.xp.ndarray(input.value)

    def own(self, input: Array) -> Array:
        return input

    def is_whole(self, input: Array) -> bool:
        return type(input) is self.new

    def is_cut(self, input: Array) -> bool:
        return type(input) is self.cut

    # Storage ----------------------------------------------------------------------------------

    def storage_offset(self, input: Array) -> int:
        return input.offset if isinstance(input, View) else 0

    def storage_size(self, input: Array) -> int:
        if not isinstance(input, View):
            return numel(input.shape)
        root = input.root
        return numel(root.shape) * root.dtype.itemsize // input.dtype.itemsize

    def data_ptr(self, input: Array) -> int:
        if 0 in input.shape:
            return 0
        root = input.root if isinstance(input, View) else input
        return (id(root) << 40) + self.storage_offset(input) * input.dtype.itemsize

    def as_strided(
        self, input: Array, size: Sequence[int], stride: Sequence[int], storage_offset: int
    ) -> Array:
        root = input.root if isinstance(input, View) else input
        return self.cut(root, input.dtype, tuple(size), tuple(stride), int(storage_offset))

    def copy_(self, input: Array, source: Array) -> None:
        value = self.converted(source.value, source.dtype, input.dtype)
        if value.shape != input.shape:
            value = self.xp.broadcast_to(value, input.shape)
        if isinstance(input, View):
            self._write(input, value)
        else:
            input.value = value

    def clone(self, input: Array) -> Array:
        return self.new(input.value, input.dtype, self.dense(input))

    def contiguous(self, input: Array) -> Array:
        if input.steps is None or is_contiguous(input.shape, input.steps):
            return input
        return self.new(input.value, input.dtype)

    # Views --------------------------------------------------------------------------------------

    def view(self, input: Array, shape: Sequence[int]) -> Array:
        strides = view_strides(input.shape, self.strides(input), tuple(shape))
        if strides is None:
            raise ValueError(f"shape {shape} needs a copy")
        return self.as_strided(input, shape, strides, self.storage_offset(input))

    def permute(self, input: Array, dims: Sequence[int]) -> Array:
        strides = self.strides(input)
        return self.as_strided(
            input,
            [input.shape[d] for d in dims],
            [strides[d] for d in dims],
            self.storage_offset(input),
        )

    def expand(self, input: Array, size: Sequence[int]) -> Array:
        strides = expanded(input.shape, self.strides(input), tuple(size))
        return self.as_strided(input, size, strides, self.storage_offset(input))

    def select(self, input: Array, dim: int, index: int) -> Array:
        shape, strides = list(input.shape), list(self.strides(input))
        first = self.storage_offset(input) + int(index) * strides[dim]
        del shape[dim], strides[dim]
        return self.as_strided(input, shape, strides, first)

    def slice(self, input: Array, dim: int, start: int, end: int, step: int) -> Array:
        shape, strides = list(input.shape), list(self.strides(input))
        first = self.storage_offset(input) + start * strides[dim]
        shape[dim] = len(range(start, end, step))
        strides[dim] *= step
        return self.as_strided(input, shape, strides, first)

    # Complex numbers --------------------------------------------------------------------------

    def _half(self, input: Array, place: int) -> Array:
        root = input.root if isinstance(input, View) else input
        strides = tuple([2 * step for step in self.strides(input)])
        offset = 2 * self.storage_offset(input) + place
        return self.cut(root, input.dtype.to_real(), input.shape, strides, offset)

    def real(self, input: Array) -> Array:
        return self._half(input, 0)

    def imag(self, input: Array) -> Array:
        return self._half(input, 1)

    def view_as_real(self, input: Array) -> Array:
        part = self._half(input, 0)
        shape, strides = (*part.shape, 2), (*self.strides(part), 1)
        return self.as_strided(part, shape, strides, self.storage_offset(part))

    def view_as_complex(self, input: Array) -> Array:
        root = input.root if isinstance(input, View) else input
        strides = tuple([step // 2 for step in self.strides(input)[:-1]])
        offset = self.storage_offset(input) // 2
        return self.cut(root, input.dtype.to_complex(), input.shape[:-1], strides, offset)
