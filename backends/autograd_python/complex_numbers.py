"""Complex numbers: parts as views, building, conjugate, phase."""

from __future__ import annotations

from autograd_core.dtypes import DType

from .array import Array, View, interleave, pointwise1
from .layout import plan, row_major
from .scalars import UNARY


class ComplexNumbers:
    """Functions of the capability "complex"."""

    def real(self, input: Array) -> Array:
        return _part(input, 0)

    def imag(self, input: Array) -> Array:
        return _part(input, 1)

    def view_as_real(self, input: Array) -> Array:
        part = _part(input, 0)
        return part.restrided((*part.shape, 2), (*part.stride, 1))

    def view_as_complex(self, input: Array) -> Array:
        stride = tuple(step // 2 for step in input.stride[:-1])
        dtype = input.dtype.to_complex()
        return Array(input.storage, input.shape[:-1], stride, input.offset // 2, dtype)

    def view_dtype(self, input: Array, dtype: DType) -> Array:
        """Complex numbers as their parts and the other way round; no other bytes are shared."""
        if dtype is input.dtype:
            return input.restrided(input.shape, input.stride)
        if input.dtype.is_complex and dtype is input.dtype.to_real():
            part = _part(input, 0)
            return part.restrided((*part.shape[:-1], 2 * part.shape[-1]), (*part.stride[:-1], 1))
        if dtype.is_complex and dtype.to_real() is input.dtype:
            shape = (*input.shape[:-1], input.shape[-1] // 2)
            stride = (*(step // 2 for step in input.stride[:-1]), 1)
            return Array(input.storage, shape, stride, input.offset // 2, dtype)
        return super().view_dtype(input, dtype)  # type: ignore[misc, no-any-return]

    def complex(self, real: Array, imag: Array) -> Array:
        shape, stride, runs = plan(real.shape, real.stride, imag.shape, imag.stride)
        storage = interleave(real.elements(runs[0]), imag.elements(runs[1]))
        return Array(storage, shape, stride, 0, real.dtype.to_complex())

    def angle(self, input: Array) -> Array:
        result = pointwise1(UNARY["angle"], input)
        if not input.dtype.is_complex or result.is_contiguous():
            return result
        # torch lays this one out in rows, whatever its operand
        return Array(
            list(result.elements()), result.shape, row_major(result.shape), 0, result.dtype
        )


def _part(input: Array, place: int) -> Array:
    """A view of every second number of the storage."""
    return View(
        input.storage,
        input.shape,
        tuple(2 * step for step in input.stride),
        2 * input.offset + place,
        input.dtype.to_real(),
    )
