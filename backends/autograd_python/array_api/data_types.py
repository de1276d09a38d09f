"""The dtypes of the standard, their kinds, limits and promotion, and what asks about them.

They are the engine's own dtypes, beside the unsigned integers that it does not have.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Final

from autograd_core import dtypes
from autograd_core.dtypes import DType

from ..unsigned import uint16, uint32, uint64
from .kernels import Scalar

SIGNED: Final = (dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64)
UNSIGNED: Final = (dtypes.uint8, uint16, uint32, uint64)
REAL_FLOATING: Final = (dtypes.float32, dtypes.float64)
COMPLEX: Final = (dtypes.complex64, dtypes.complex128)
KINDS: Final[dict[str, tuple[DType, ...]]] = {
    "bool": (dtypes.bool_,),
    "signed integer": SIGNED,
    "unsigned integer": UNSIGNED,
    "integral": SIGNED + UNSIGNED,
    "real floating": REAL_FLOATING,
    "complex floating": COMPLEX,
    "numeric": SIGNED + UNSIGNED + REAL_FLOATING + COMPLEX,
}
"""The kinds that `isdtype` knows."""
ALL: Final = (dtypes.bool_, *KINDS["numeric"])

INTEGER: Final = dtypes.int64
"""The dtype of Python integers, and of indices."""
FLOATING: Final = dtypes.float64
COMPLEX_FLOATING: Final = dtypes.complex128

# Promotion ----------------------------------------------------------------------------------------


def promote(one: DType, two: DType) -> DType:
    """Return the dtype that two arrays are computed in.

    Raises TypeError where the standard knows none: bools, integers and floats do not mix.
    """
    if one is two:
        return one
    low, high = sorted((one, two), key=lambda dtype: (dtype.category, dtype.itemsize))
    if low.category == 2 and high.category == 3:
        return dtypes.complex128 if dtypes.float64 in (low, high.to_real()) else high
    if low.category != high.category:
        raise TypeError(f"{one.name} and {two.name} do not promote to a common dtype")
    if low.category == 1 and low.is_signed is not high.is_signed:
        signed, unsigned = (low, high) if low.is_signed else (high, low)
        size = max(signed.itemsize, 2 * unsigned.itemsize)
        if size > 8:
            raise TypeError(f"no integer dtype holds both {one.name} and {two.name}")
        return SIGNED[size.bit_length() - 1]
    return high


def beside(dtype: DType, number: Scalar) -> DType:
    """Return the dtype of an array's operation with a Python number.

    Raises TypeError for a number of a kind that the dtype does not hold.
    """
    kind = dtypes.dtype_of_number(number).category
    category = dtype.category
    if kind == 3 and category == 2:
        return dtype.to_complex()
    if kind > category or (kind == 0) is not (category == 0):
        raise TypeError(f"a Python {type(number).__name__} does not mix with {dtype.name}")
    return dtype


def common_dtype(of_arrays: Iterable[DType], numbers: Iterable[Scalar] = ()) -> DType:
    """Return the dtype of an operation on arrays (one at least) and Python numbers."""
    return reduce(beside, numbers, reduce(promote, of_arrays))


def require(function: str, dtype: DType, allowed: tuple[DType, ...]) -> None:
    """Raise TypeError for a dtype that a function does not take."""
    if dtype not in allowed:
        names = ", ".join(one.name for one in allowed)
        raise TypeError(f"{function} does not take {dtype.name}; it takes {names}")


# Limits -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FloatingLimits:
    """What `finfo` tells, of a complex dtype about its parts."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: DType


@dataclass(frozen=True)
class IntegerLimits:
    """What `iinfo` tells."""

    bits: int
    max: int
    min: int
    dtype: DType


def floating_limits(dtype: DType) -> FloatingLimits:
    """Return the limits of a floating dtype."""
    require("finfo", dtype, REAL_FLOATING + COMPLEX)
    real = dtype.to_real()
    if real is dtypes.float64:
        known = sys.float_info
        return FloatingLimits(64, known.epsilon, known.max, -known.max, known.min, real)
    largest = (2 - 2.0**-23) * 2.0**127
    return FloatingLimits(32, 2.0**-23, largest, -largest, 2.0**-126, real)


def integer_limits(dtype: DType) -> IntegerLimits:
    """Return the limits of an integer dtype."""
    require("iinfo", dtype, SIGNED + UNSIGNED)
    bits = 8 * dtype.itemsize
    if dtype.is_signed:
        return IntegerLimits(bits, (1 << bits - 1) - 1, -(1 << bits - 1), dtype)
    return IntegerLimits(bits, (1 << bits) - 1, 0, dtype)


def isdtype(dtype: DType, kind: DType | str | tuple[DType | str, ...]) -> bool:
    """Return whether a dtype is another one, of a kind, or of one among several."""
    if not isinstance(dtype, DType):
        raise TypeError(f"not a dtype: {dtype!r}")
    for one in kind if isinstance(kind, tuple) else (kind,):
        if isinstance(one, str):
            if one not in KINDS:
                raise ValueError(
                    f"no kind of dtypes is called {one!r}; there are {', '.join(KINDS)}"
                )
            if dtype in KINDS[one]:
                return True
        elif not isinstance(one, DType):
            raise TypeError(f"neither a dtype nor the name of a kind: {one!r}")
        elif dtype is one:
            return True
    return False
