"""The values under arrays: what every family makes its native arrays, numbers and results with."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

from autograd_core import dtypes
from autograd_core.dtypes import BY_NAME, DType
from autograd_core.sizes import dense_strides_like, pointwise_strides, row_major

from .array import Array, View
from .libraries import Library

Native = Any
Number = bool | int | float | complex
Shape = tuple[int, ...]


class _Natives(dict[DType, Any]):
    """The library's dtypes; those that it lacks are told apart by a clear refusal."""

    def __init__(self, name: str, found: dict[DType, Any]) -> None:
        super().__init__(found)
        self.name = name

    def __missing__(self, dtype: DType) -> Any:
        raise NotImplementedError(
            f"backend {self.name!r} has no arrays of {dtype}: its library has no such dtype, "
            "and the Array API standard does not ask for it"
        )


def wide(dtype: DType) -> DType:
    """What floats are computed in: those of 16 bits in 32, to be rounded once."""
    return dtypes.float32 if dtype.is_floating_point and dtype.itemsize == 2 else dtype


class Values:
    """Native arrays and numbers, and the boxes that results are put into."""

    name: ClassVar[str]
    xp: Library
    natives: dict[DType, Any]
    new: type[Array]
    """The class of this backend's arrays: called with a value, a dtype, and strides if any."""
    cut: type[View]
    """The class of its views."""

    def _connect(self, library: Library) -> None:
        """Take a library for the arrays of this backend."""
        self.xp = library
        found = {
            dtype: getattr(library.namespace, name)
            for name, dtype in BY_NAME.items()
            if hasattr(library.namespace, name)
        }
        self.natives = _Natives(self.name, found)
        members = {"__slots__": (), "backend": self}
        self.new = type("Array", (Array,), members)
        self.cut = type("View", (View,), members)
        self._number = functools.lru_cache(1024, typed=True)(self._made_number)

    def positions(self, count: int) -> Native:
        """0, 1 ... count - 1."""
        return self.xp.arange(count, dtype=self.natives[dtypes.int64], device=self.xp.device)

    def shaped(self, value: Native, shape: Shape) -> Native:
        return value if value.shape == shape else self.xp.reshape(value, shape)

    def laid_out(self, value: Native, dtype: DType, *operands: Array) -> Array:
        """A pointwise result in the layout that its operands tell."""
        for operand in operands:
            if operand.steps is not None:
                break
        else:
            return self.new(value, dtype)
        shape = tuple(value.shape)
        steps = pointwise_strides(
            shape, tuple([o.shape for o in operands]), tuple([self.strides(o) for o in operands])
        )
        return self.new(value, dtype, None if steps == row_major(shape) else steps)

    def _made_number(self, value: Any, dtype: DType, sign: float = 1.0) -> Native:
        native = self.natives[dtype]
        if dtype.category == 0:
            value = bool(value)
        elif dtype.category == 1:
            bits = 8 * dtype.itemsize
            value = int(value.real) & (1 << bits) - 1  # wraps like an assignment in C
            if dtype.is_signed and value >> (bits - 1):
                value -= 1 << bits
        elif dtype.category == 2:
            value = float(value.real)
        else:
            value = complex(value)
        return self.xp.asarray(value, dtype=native, device=self.xp.device)

    def number(self, value: Any, dtype: DType) -> Native:
        """A 0-d native array holding a Python number."""
        if value == 0 and not isinstance(value, int):  # -0.0 and 0.0 are one key of a cache
            return self._made_number(value, dtype)
        return self._number(value, dtype)

    def operand(self, value: Any, dtype: DType) -> Array:
        """An array as it is, a Python number as a 0-d array of ``dtype``."""
        return value if isinstance(value, Array) else self.scalar(value, dtype)

    def joined(self, real: Native, imag: Native, dtype: DType) -> Native:
        """A complex native array of real and imaginary parts of one shape."""
        made = self.xp.complex(real, imag, self.natives[dtype])
        if made is not None:
            return made
        # In the standard's words only by arithmetic, which loses the sign of a zero and makes NaN
        # of infinite parts: where there are such numbers the host puts them together.
        flat = [self.xp.elements(self.xp.reshape(part, (-1,))) for part in (real, imag)]
        numbers = self.xp.from_elements(list(map(complex, *flat)), self.natives[dtype])
        return self.xp.reshape(numbers, real.shape)

    def dtype_of_value(self, value: Native) -> DType:
        """The dtype of a native array; TypeError for one that does not exist here."""
        for dtype, native in self.natives.items():
            if value.dtype == native:
                return dtype
        raise TypeError(f"no dtype for arrays of {value.dtype} of backend {self.name!r}")

    def dtype(self, input: Array) -> DType:
        return input.dtype

    def cast(self, input: Array, dtype: DType) -> Array:
        if input.dtype is dtype:
            return input
        return self.new(self.converted(input.value, input.dtype, dtype), dtype, self.dense(input))

    def converted(self, value: Native, source: DType, dtype: DType) -> Native:
        """A native array as another dtype, by torch's rules for lossy conversions."""
        if source is dtype:
            return value
        native = self.natives[dtype]
        if dtype is dtypes.bool_:
            return self.xp.not_equal(value, self.number(0, source))
        if source.is_complex and not dtype.is_complex:
            value, source = self.xp.real(value), source.to_real()
        if dtype.itemsize == 2 and source is dtypes.float64 and dtype.is_floating_point:
            value = self.xp.astype(value, self.natives[dtypes.float32])  # torch rounds twice
        return self.xp.astype(value, native)

    def scalar(self, value: Number, dtype: DType) -> Array:
        return self.new(self.number(value, dtype), dtype)

    def dense(self, input: Array) -> Shape | None:
        """The strides of a copy of an array, None for row-major ones."""
        if input.steps is None:
            return None
        steps = dense_strides_like(input.shape, input.steps)
        return None if steps == row_major(input.shape) else steps

    def strides(self, input: Array) -> Shape:
        return row_major(input.shape) if input.steps is None else input.steps
