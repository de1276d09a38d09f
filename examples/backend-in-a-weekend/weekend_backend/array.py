"""A strided array over a plain Python list, and what rounds numbers to a dtype."""

from __future__ import annotations

import array
import itertools
import math
import struct
from collections.abc import Sequence
from typing import Any

from autograd_core.dtypes import DType
from autograd_core.sizes import row_major

Shape = tuple[int, ...]


class Array:
    """A view of a list. A complex element is two floats of it, so that parts can be viewed."""

    __slots__ = ("dtype", "offset", "shape", "storage", "strides")
    __hash__ = None  # type: ignore[assignment]  # == is elementwise

    def __init__(
        self, storage: list[Any], shape: Shape, strides: Shape, offset: int, dtype: DType
    ) -> None:
        self.storage = storage
        self.shape = shape
        self.strides = strides
        self.offset = offset
        self.dtype = dtype

    def places(self) -> list[int]:
        """Where the elements are, in row-major order, counted in elements."""
        steps = [range(0, n * s, s) if s else [0] * n for n, s in zip(self.shape, self.strides)]
        return [self.offset + sum(where) for where in itertools.product(*steps)]

    def read(self) -> list[Any]:
        """The elements in row-major order."""
        cells, places = self.storage, self.places()
        if self.dtype.is_complex:
            return [complex(cells[2 * p], cells[2 * p + 1]) for p in places]
        return [cells[p] for p in places]

    def write(self, values: Sequence[Any]) -> None:
        """Write elements in row-major order, rounded to the dtype."""
        cells = self.storage
        for place, value in zip(self.places(), rounded(values, self.dtype), strict=True):
            if self.dtype.is_complex:
                cells[2 * place], cells[2 * place + 1] = value.real, value.imag
            else:
                cells[place] = value

    def view(self, shape: Sequence[int], strides: Sequence[int], offset: int) -> Array:
        """The same list, seen otherwise."""
        return View(self.storage, tuple(shape), tuple(strides), offset, self.dtype)

    def expanded(self, shape: Shape) -> Array:
        """Broadcast: stride 0 in the new dims and in those of size 1 that are stretched."""
        lead = len(shape) - len(self.shape)
        strides = (0,) * lead + tuple(
            0 if have == 1 and want != 1 else step
            for have, want, step in zip(self.shape, shape[lead:], self.strides)
        )
        return self.view(shape, strides, self.offset)

    def __bool__(self) -> bool:
        (value,) = self.read()
        return bool(value)


class View(Array):
    """An array that was cut from another one, whose list it has."""

    __slots__ = ()


def new(
    values: Sequence[Any], shape: Sequence[int], dtype: DType, strides: Shape | None = None
) -> Array:
    """An array of its own; the values are in row-major order, however they are laid out."""
    shape = tuple(shape)
    made = blank(shape, row_major(shape) if strides is None else strides, dtype)
    made.write(values)
    return made


def blank(shape: Shape, strides: Shape, dtype: DType) -> Array:
    """An array of zeros of its own with these strides."""
    extent = 0 if 0 in shape else 1 + sum((n - 1) * s for n, s in zip(shape, strides))
    zero = (False, 0, 0.0, 0.0)[dtype.category]
    return Array([zero] * (extent * (1 + dtype.is_complex)), shape, strides, 0, dtype)


# Rounding -----------------------------------------------------------------------------------------


def rounded(values: Sequence[Any], dtype: DType) -> list[Any]:
    """Python numbers as elements of a dtype."""
    if dtype.category == 0:
        return [bool(value) for value in values]
    if dtype.category == 1:
        return [_integer(value, dtype) for value in values]
    if dtype.category == 2:
        reals = [value.real if isinstance(value, complex) else value for value in values]
        return _floats([float(value) for value in reals], dtype.name)
    numbers = [complex(value) for value in values]
    part = dtype.to_real().name
    real = _floats([z.real for z in numbers], part)
    return list(map(complex, real, _floats([z.imag for z in numbers], part)))


def _integer(value: Any, dtype: DType) -> int:
    """Truncated toward zero, and wrapped as C does."""
    if isinstance(value, complex):
        value = value.real
    bits = 8 * dtype.itemsize
    if isinstance(value, float) and not math.isfinite(value):
        value = -(1 << bits - 1)
    wrapped = int(value) & (1 << bits) - 1
    return wrapped - (1 << bits) if dtype.is_signed and wrapped >> bits - 1 else wrapped


def _floats(values: list[float], name: str) -> list[float]:
    if name == "float64":
        return values
    if name == "float32":
        return array.array("f", values).tolist()
    return list(map(_half if name == "float16" else _bfloat16, values))


def _half(value: float) -> float:
    try:
        return struct.unpack("e", struct.pack("e", value))[0]  # type: ignore[no-any-return]
    except OverflowError:
        return math.copysign(math.inf, value)


def _bfloat16(value: float) -> float:
    """The upper half of a float32, rounded to even."""
    if not math.isfinite(value):
        return value
    (bits,) = struct.unpack("I", array.array("f", [value]).tobytes())
    bits = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000
    return struct.unpack("f", struct.pack("I", bits))[0]  # type: ignore[no-any-return]
