"""Rounding lists of Python floats to float32, float16 and bfloat16, and fused multiply-adds.

A float32 value is carried as the Python float equal to it. Products of two such values are exact
in double precision, so one rounding afterwards is float32 arithmetic.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from typing import Final

# A double lies midway between two float32 values when its low 29 bits are 1 and 28 zeros: these
# are the low words which that leaves possible.
_MIDWAY_WORDS: Final = frozenset(0x10000000 | high << 29 for high in range(8))
_LOW_WORD: Final = 0 if sys.byteorder == "little" else 1
_HALF_OVERFLOW: Final = 65520.0  # the midpoint above the largest float16


def round_single(values: Iterable[float]) -> list[float]:
    """Round each value to float32 (to nearest even; too large becomes infinite)."""
    return array("f", values).tolist()


def round_half(values: Iterable[float]) -> list[float]:
    """Round float32 values to float16."""
    held = [value if abs(value) < _HALF_OVERFLOW else math.copysign(math.inf, value)
            for value in values]  # fmt: skip
    layout = f"{len(held)}e"
    return list(struct.unpack(layout, struct.pack(layout, *held)))


def round_bfloat16(values: Iterable[float]) -> list[float]:
    """Round float32 values, none of them nan, to bfloat16."""
    bits = array("I", array("f", values).tobytes())
    rounded = array("I", [(word + 0x7FFF + (word >> 16 & 1)) & 0xFFFF0000 for word in bits])
    return array("f", rounded.tobytes()).tolist()


def round_to(dtype_name: str, values: Iterable[float]) -> list[float]:
    """Cast doubles to a real floating dtype; the 16-bit ones pass through float32, as in torch."""
    if dtype_name == "float64":
        return list(values)
    single = round_single(values)
    if dtype_name == "float16":
        return round_half(single)
    return round_bfloat16(single) if dtype_name == "bfloat16" else single


def _sum_error(left: float, right: float, total: float) -> float:
    """Return left + right - total exactly, where total is their rounded sum (Knuth)."""
    part = total - left
    return (left - (total - part)) + (right - part)


def fused_single(
    left: Sequence[float], right: Sequence[float], addend: Sequence[float]
) -> list[float]:
    """Return left * right + addend of float32 values with one float32 rounding, elementwise."""
    sums = [a * b + c for a, b, c in zip(left, right, addend, strict=True)]
    rounded = round_single(sums)
    low_words = memoryview(array("d", sums)).cast("B").cast("I")[_LOW_WORD::2]
    if not _MIDWAY_WORDS.isdisjoint(low_words):
        for index, word in enumerate(low_words):
            if word in _MIDWAY_WORDS:
                error = _sum_error(left[index] * right[index], addend[index], sums[index])
                if error:  # what the double dropped decides: step off the midpoint towards it
                    beside = math.nextafter(sums[index], math.copysign(math.inf, error))
                    rounded[index] = round_single([beside])[0]
    return rounded


def scale_and_shift(
    values: Sequence[float], scale: float, shift: float, dtype_name: str
) -> list[float]:
    """Return values * scale + shift, fused, in float64 or (any other name) in float32."""
    if dtype_name != "float64":
        count = len(values)
        return fused_single(values, [scale] * count, [shift] * count)
    if shift == 0.0:
        return [value * scale + 0.0 for value in values]
    return [fused_double(value, scale, shift) for value in values]


if sys.version_info >= (3, 13):

    def fused_double(left: float, right: float, addend: float) -> float:
        """Return left * right + addend with one rounding."""
        try:
            return math.fma(left, right, addend)
        except (OverflowError, ValueError):  # C answers with an infinity or NaN
            return left * right + addend
else:

    def fused_double(left: float, right: float, addend: float) -> float:
        """Return left * right + addend with one rounding."""
        if math.isfinite(left) and math.isfinite(right) and math.isfinite(addend):
            try:
                from fractions import Fraction  # which is slow to import

                return float(Fraction(left) * Fraction(right) + Fraction(addend))
            except OverflowError:
                pass  # too large for a double: the plain expression is infinite as well
        return left * right + addend
