"""Rounding to a dtype: floats to the narrower formats, integers wrapped to their width.

Values live as Python numbers; after each function its results pass through here once.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Callable
from typing import Any, Final

from autograd_core import dtypes
from autograd_core.dtypes import DType

from .unsigned import uint16, uint32, uint64

Rounding = Callable[[list[Any]], list[Any]]


def to_float32(values: list[float]) -> list[float]:
    """Round to nearest, halves to even; what is too large becomes infinite."""
    return array("f", values).tolist()


def to_float16(values: list[float]) -> list[float]:
    """Round to float32 and then to float16, as torch does; what is too large becomes infinite."""
    values = to_float32(values)
    form = f"{len(values)}e"
    try:
        packed = struct.pack(form, *values)
    except OverflowError:
        packed = struct.pack(
            form,
            *[
                v if -65520.0 < v < 65520.0 or math.isnan(v) else math.copysign(math.inf, v)
                for v in values
            ],
        )
    return list(struct.unpack(form, packed))


def to_bfloat16(values: list[float]) -> list[float]:
    """Round to float32 and then to its upper 16 bits, halves to even."""
    bits = array("I", array("f", values).tobytes())
    kept = [
        (b + 0x7FFF + (b >> 16 & 1)) & 0xFFFF0000 if b & 0x7FFFFFFF <= 0x7F800000 else 0x7FC00000
        for b in bits
    ]
    return array("f", array("I", kept).tobytes()).tolist()


def _wrapping(code: str, bits: int, signed: bool) -> Rounding:
    mask = (1 << bits) - 1
    half = 1 << bits - 1 if signed else 0

    def wrap(values: list[int]) -> list[int]:
        try:
            array(code, values)  # the quickest test that all fit
        except OverflowError:
            return [(value + half & mask) - half for value in values]
        return values

    return wrap


ROUNDING: Final[dict[DType, Rounding | None]] = {
    dtypes.bool_: None,
    dtypes.uint8: _wrapping("B", 8, False),
    dtypes.int8: _wrapping("b", 8, True),
    dtypes.int16: _wrapping("h", 16, True),
    dtypes.int32: _wrapping("i", 32, True),
    dtypes.int64: _wrapping("q", 64, True),
    uint16: _wrapping("H", 16, False),
    uint32: _wrapping("I", 32, False),
    uint64: _wrapping("Q", 64, False),
    dtypes.float16: to_float16,
    dtypes.bfloat16: to_bfloat16,
    dtypes.float32: to_float32,
    dtypes.float64: None,
    dtypes.complex64: to_float32,
    dtypes.complex128: None,
}
"""What brings a list of results into each dtype (of complex numbers, their parts), if anything."""


ROUND_RESULT = "(result,) = to_float32([result])"
if sys.implementation.name == "cpython" and getattr(sys, "_is_gil_enabled", object)():
    # With a lock, threads change at calls and jumps, not between these: a quarter of the time.
    ROUND_RESULT = "place[0] = result; result = place[0]"
"""How kernels round to float32; ``place`` is memory for one number."""


def convert(values: list[Any], dtype: DType) -> list[Any]:
    """Return Python numbers of any kind as elements of ``dtype``, complex ones still whole.

    Floats to integers truncate; what fits in no integer becomes the smallest one, as on x86.
    """
    if dtype.category == 0:
        return list(map(bool, values))
    if dtype.category == 3:
        return list(map(complex, values))
    kinds = set(map(type, values))
    if complex in kinds:
        values = [value.real for value in values]
        kinds = set(map(type, values))
    if dtype.category == 1:
        return rounded(
            _truncated(values, dtype) if float in kinds else list(map(int, values)), dtype
        )
    if int in kinds and dtype.itemsize < 8:
        values = [_keep_sticky(value) if type(value) is int else value for value in values]
    return rounded(list(map(float, values)), dtype)


def rounded(values: list[Any], dtype: DType) -> list[Any]:
    """Return numbers of the right kind (of complex dtypes, the parts) rounded to ``dtype``."""
    rounding = ROUNDING[dtype]
    return values if rounding is None else rounding(values)


def _truncated(values: list[Any], dtype: DType) -> list[int]:
    code, bits = ("q", 63) if dtype.itemsize == 8 else ("i", 31)
    limit = 1 << bits + (not dtype.is_signed and dtype.itemsize > 1)  # wider than torch's
    try:
        whole = list(map(int, values))
        array(code, whole)  # the quickest test that all fit
    except (ValueError, OverflowError):  # of nan, inf and what is too large
        return [
            int(value) if type(value) is not float or -limit <= value < limit else -limit
            for value in values
        ]
    return whole


def _keep_sticky(value: int) -> int:
    """Fold the bits a double cannot hold into one, so that rounding twice rounds right."""
    if -(1 << 53) <= value <= 1 << 53:
        return value
    return (value >> 11 | (value & 2047 != 0)) << 11
