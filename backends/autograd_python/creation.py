"""Creation, casting, transfer to and from Python, and storage."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

from autograd_core.dtypes import DType
from autograd_core.sizes import broadcast_strides

from .array import Array, Single, View, exactly, interleave, new, number
from .layout import copy_layout, extent, row_major, runs_of
from .rounding import convert, rounded

Number = bool | int | float | complex


class Creation:
    """Arrays: creation, dtype, transfer, storage."""

    def dtype(self, input: Array) -> DType:
        return input.dtype

    def native_dtype(self, dtype: DType) -> Any:
        return dtype

    def cast(self, input: Array, dtype: DType) -> Array:
        if input.dtype is dtype:
            return input
        stride, runs = copy_layout(input.shape, input.stride)
        return new(convert(input.elements(runs), dtype), input.shape, dtype, stride)

    def scalar(self, value: Number, dtype: DType) -> Array:
        return number(value, dtype)

    def full(self, shape: Sequence[int], value: Number, dtype: DType) -> Array:
        shape = tuple(shape)
        one = new(convert([value], dtype), (), dtype)
        return exactly(one.elements() * math.prod(shape), shape, dtype)

    def empty_strided(self, shape: Sequence[int], stride: Sequence[int], dtype: DType) -> Array:
        shape, stride = tuple(shape), tuple(stride)
        count = extent(shape, stride)
        blank = (False, 0, 0.0, 0.0)[dtype.category]
        storage = [blank] * (2 * count if dtype.is_complex else count)
        return Array(storage, shape, stride, 0, dtype)

    def arange(self, start: Number, step: Number, count: int, dtype: DType) -> Array:
        if dtype.category == 1:
            start, step = convert([start, step], dtype)
        values = [start + place * step for place in range(count)]
        return new(convert(values, dtype), (count,), dtype)

    def from_flat(self, values: Sequence[Any], shape: Sequence[int], dtype: DType) -> Array:
        return new(convert(list(values), dtype), tuple(shape), dtype)

    def to_flat(self, input: Array) -> list[Any]:
        return list(input.elements())

    def own(self, input: Array) -> Array:
        return input

    def storage_identity(self, input: Array) -> int:
        return id(input.storage)

    def is_whole(self, input: Array) -> bool:
        # Two references to its storage: the array's own and the argument.
        if type(input) is Single:
            return True
        if type(input) is not Array or 0 in input.stride:
            return False
        return sys.getrefcount(input.storage) == 2

    def is_cut(self, input: Array) -> bool:
        return type(input) is View

    def strides(self, input: Array) -> tuple[int, ...]:
        return input.stride

    def storage_offset(self, input: Array) -> int:
        return input.offset

    def storage_size(self, input: Array) -> int:
        return len(input.storage) // (2 if input.dtype.is_complex else 1)

    def data_ptr(self, input: Array) -> int:
        if 0 in input.shape:
            return 0
        # The list's identity above, the byte within its storage below: no two storages meet.
        return (id(input.storage) << 40) + input.offset * input.dtype.itemsize

    def as_strided(
        self, input: Array, size: Sequence[int], stride: Sequence[int], storage_offset: int
    ) -> Array:
        return input.restrided(tuple(size), tuple(stride), int(storage_offset))

    def copy_(self, input: Array, source: Array) -> None:
        stride = broadcast_strides(source.shape, source.stride, input.shape)
        values = source.elements(runs_of(input.shape, stride))
        if values is input.storage:
            values = values.copy()
        if source.dtype is not input.dtype:
            values = convert(values, input.dtype)
            if input.dtype.is_complex:
                parts = interleave([v.real for v in values], [v.imag for v in values])
                parts = rounded(parts, input.dtype)
                values = list(map(complex, parts[::2], parts[1::2]))
        input.write(values)

    def clone(self, input: Array) -> Array:
        stride, runs = copy_layout(input.shape, input.stride)
        return new(list(input.elements(runs)), input.shape, input.dtype, stride, True)

    def contiguous(self, input: Array) -> Array:
        in_rows = input.stride == row_major(input.shape)
        if in_rows or (0 not in input.shape and input.is_contiguous()):
            return input
        return exactly(list(input.elements()), input.shape, input.dtype)
