"""Numbers as the kit holds them: a dtype's name, a shape, and plain Python numbers.

Nothing here imports an array library, so that both sides can be compared where there is none.
"""

from __future__ import annotations

import array
import cmath
import math
import struct
from dataclasses import dataclass
from itertools import chain
from operator import eq
from typing import Any

Number = bool | int | float | complex

#: Distance of 1 from the next number, and the smallest normal number.
_LIMITS = {
    "float16": (2.0**-10, 2.0**-14),
    "bfloat16": (2.0**-7, 2.0**-126),
    "float32": (2.0**-23, 2.0**-126),
    "float64": (2.0**-52, 2.0**-1022),
}
#: The dtype of the parts of complex numbers.
PARTS = {"complex32": "float16", "complex64": "float32", "complex128": "float64"}
#: The highest precision for numbers of a dtype, where it is not their own.
HIGH = {
    "float16": "float64",
    "bfloat16": "float64",
    "float32": "float64",
    "complex32": "complex128",
    "complex64": "complex128",
}
ITEM_SIZES = {
    "bool": 1, "uint8": 1, "int8": 1, "uint16": 2, "int16": 2, "uint32": 4, "int32": 4,
    "uint64": 8, "int64": 8, "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8,
    "complex32": 4, "complex64": 8, "complex128": 16,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Array:
    """The elements of a tensor in row-major order; every dtype's are exact as Python numbers."""

    dtype: str
    shape: tuple[int, ...]
    values: list[Any]

    def numel(self) -> int:
        return len(self.values)

    @property
    def is_complex(self) -> bool:
        return self.dtype in PARTS

    @property
    def is_inexact(self) -> bool:
        """Whether the numbers are rounded: floating or complex."""
        return self.dtype in _LIMITS or self.dtype in PARTS

    def reshape(self, shape: tuple[int, ...]) -> Array:
        """The same elements under another shape of as many."""
        return Array(self.dtype, shape, self.values)

    def tolist(self) -> Any:
        """The elements nested as the shape says; the element alone where it is ()."""
        nested = self.values
        for axis in range(len(self.shape) - 1, 0, -1):
            size, count = self.shape[axis], math.prod(self.shape[:axis])
            nested = [nested[i * size : (i + 1) * size] for i in range(count)]
        return nested if self.shape else nested[0]


def flat(nested: Any, dims: int) -> list[Any]:
    """The elements of lists nested `dims` deep, in order."""
    for _ in range(dims - 1):
        nested = chain.from_iterable(nested)
    return list(nested) if dims else [nested]


def upcast(values: Array) -> Array:
    """The same numbers at the highest precision there is."""
    high = HIGH.get(values.dtype)
    return values if high is None else Array(high, values.shape, values.values)


def eps(dtype: str) -> float:
    """The distance of 1 from the next larger number of a floating (or the parts' of a complex)."""
    return _LIMITS[PARTS.get(dtype, dtype)][0]


def ulps(values: Array) -> list[float]:
    """One unit in the last place at the magnitude of each number; of 0 where it is not finite."""
    spacing, tiny = _LIMITS[PARTS.get(values.dtype, values.dtype)]
    return [max(abs(v), tiny) * spacing if isfinite(v) else tiny * spacing for v in values.values]


def unrounded(values: Array) -> list[float]:
    """The numbers, parts of complex ones alone, that the dtype does not have."""
    dtype = PARTS.get(values.dtype, values.dtype)
    if dtype not in _LIMITS or dtype == "float64":
        return []
    parts = values.values
    if values.is_complex:
        parts = [part for value in parts for part in (value.real, value.imag)]
    single = array.array("f", parts)
    if dtype == "bfloat16":  # the upper half of single precision
        bits = array.array("I", single.tobytes())
        single = array.array("f", array.array("I", [b & 0xFFFF0000 for b in bits]).tobytes())
    kept = single.tolist()
    if dtype == "float16":
        beyond = 65520.0  # what is rounded to infinity, which struct refuses to do
        kept = [math.copysign(math.inf, k) if abs(k) >= beyond else k for k in kept]
        kept = list(struct.unpack(f"{len(kept)}e", struct.pack(f"{len(kept)}e", *kept)))
    return [p for k, p in zip(kept, parts, strict=True) if k != p and p == p]


def isnan(value: Number) -> bool:
    return cmath.isnan(value)


#: Whether a number (and both parts of a complex one) is neither infinite nor nan.
isfinite = cmath.isfinite


def finite(value: Any) -> Any:
    """The number, or 0 where it (or a part of it) is infinite or nan."""
    return value if cmath.isfinite(value) else 0.0


def same(first: Array, second: Array) -> bool:
    """Whether dtype, shape and every number agree; nan is not equal to itself."""
    return (
        first.dtype == second.dtype
        and first.shape == second.shape
        and all(map(eq, first.values, second.values))
    )


def same_or_nan(first: Array, second: Array) -> bool:
    """Whether every number agrees, nan being equal to nan."""
    return all(map(_equal_or_nan, first.values, second.values))


def _equal_or_nan(first: Any, second: Any) -> bool:
    return bool(first == second) or (cmath.isnan(first) and cmath.isnan(second))
