"""Element by element, on the backend's arrays: which dtypes a function takes, and its kernel.

Where torch, whose answers the kernels give, and the standard differ, the standard's is made of
kernels here. Functions of two operands promote them first; one may be a Python number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from autograd_core import dtypes
from autograd_core.dtypes import DType

from .data_types import ALL, COMPLEX, KINDS, REAL_FLOATING, common_dtype, integer_limits, require
from .kernels import Raw, Scalar, common_shape, kernels

Function = Callable[..., Raw]
Dtypes = tuple[DType, ...]

_BOOL: Final = KINDS["bool"]
_INTEGER: Final = KINDS["integral"]
_BITS: Final = _BOOL + _INTEGER
_NUMERIC: Final = KINDS["numeric"]
_FLOATING: Final = REAL_FLOATING + COMPLEX
_REAL: Final = _INTEGER + REAL_FLOATING


class Operation(NamedTuple):
    """A function of arrays of one dtype, and the dtypes that it takes."""

    dtypes: Dtypes
    function: Function


def scalar(value: Scalar, dtype: DType) -> Raw:
    """Return a number as an operand; raises OverflowError for an integer that does not fit."""
    if dtype.category == 1:
        limits = integer_limits(dtype)
        if not limits.min <= value <= limits.max:  # type: ignore[operator]
            raise OverflowError(f"{value} does not fit into {dtype.name}")
    return kernels.scalar(value, dtype)  # type: ignore[no-any-return]


def together(*operands: Raw | Scalar) -> list[Raw]:
    """Return arrays and Python numbers, an array at least, as arrays of one dtype."""
    arrays = [operand.dtype for operand in operands if isinstance(operand, Raw)]
    if not arrays:
        raise TypeError("one of the operands must be an array")
    dtype = common_dtype(arrays, [one for one in operands if not isinstance(one, Raw)])
    return [
        kernels.cast(operand, dtype) if isinstance(operand, Raw) else scalar(operand, dtype)
        for operand in operands
    ]


def apply(name: str, *operands: Raw | Scalar) -> Raw:
    """Return the result of a function by its name in the standard."""
    allowed, function = OPERATIONS[name]
    arrays = together(*operands)
    require(name, arrays[0].dtype, allowed)
    common_shape(*[array.shape for array in arrays])
    return function(*arrays)


# The standard's answers ---------------------------------------------------------------------------


def _copy(x: Raw) -> Raw:
    return kernels.clone(x)  # type: ignore[no-any-return]


def _of_floats(kernel: Function) -> Function:
    """A rounding to integers, which integers need not."""
    return lambda x: kernel(x) if x.dtype.is_inexact else _copy(x)


def _round(x: Raw) -> Raw:
    if x.dtype.is_complex:
        return _by_parts(kernels.round, x)
    return _of_floats(kernels.round)(x)


def _by_parts(kernel: Function, x: Raw) -> Raw:
    return kernels.complex(kernel(kernels.real(x)), kernel(kernels.imag(x)))  # type: ignore[no-any-return]


def _sign(x: Raw) -> Raw:
    sign = kernels.sgn(x)
    if x.dtype.category != 2:
        return sign  # type: ignore[no-any-return]
    return kernels.where(kernels.isnan(x), x, sign)  # type: ignore[no-any-return]


def _real(x: Raw) -> Raw:
    return _copy(kernels.real(x) if x.dtype.is_complex else x)


def _nonzero_divisor(function: Function) -> Function:
    """A function of integers that gives 0, as NumPy's, where the divisor is 0."""

    def divided(x: Raw, y: Raw) -> Raw:
        zero = kernels.eq(y, 0)
        if not kernels.anywhere(zero):
            return function(x, y)
        return kernels.where(zero, 0, function(x, kernels.where(zero, 1, y)))  # type: ignore[no-any-return]

    return divided


def _unless_finite(kernel: Function, otherwise: Function) -> Function:
    """A function of complex numbers that is composed of others where a part is not finite."""

    def function(x: Raw) -> Raw:
        result = kernel(x)
        if x.dtype.is_complex:
            result = kernels.where(kernels.isfinite(x), result, otherwise(x))
        return result

    return function


def _at_nan_above_zero(kernel: Function, real: float | None, imag: float) -> Function:
    """A function of complex numbers with the value that the standard gives it at 0 + NaN j.

    Its real part is that of the operand if none is given.
    """

    def function(x: Raw) -> Raw:
        result = kernel(x)
        if not x.dtype.is_complex:
            return result
        part, above = kernels.real(x), kernels.imag(x)
        there = kernels.logical_and(kernels.eq(part, 0), kernels.isnan(above))
        if kernels.anywhere(there):
            first = part if real is None else scalar(real, part.dtype)
            value = kernels.complex(first, scalar(imag, part.dtype))
            result = kernels.where(there, value, result)
        return result

    return function


_floor_quotient: Final = _nonzero_divisor(kernels.floor_divide)
_rest: Final = _nonzero_divisor(kernels.remainder)


def _floor_divide(x: Raw, y: Raw) -> Raw:
    """Of an infinity and a number the plain quotient, where Python has NaN and -1."""
    if not x.dtype.is_inexact:
        return _floor_quotient(x, y)
    infinite = kernels.logical_or(kernels.isinf(x), kernels.isinf(y))
    return kernels.where(infinite, kernels.div(x, y), kernels.floor_divide(x, y))  # type: ignore[no-any-return]


def _remainder(x: Raw, y: Raw) -> Raw:
    """A zero has the sign of the divisor."""
    if not x.dtype.is_inexact:
        return _rest(x, y)
    rest = kernels.remainder(x, y)
    return kernels.where(kernels.eq(rest, 0), kernels.copysign(rest, y), rest)  # type: ignore[no-any-return]


def _pow(x: Raw, y: Raw) -> Raw:
    """What is raised to zero is 1, also complex numbers."""
    power = kernels.pow(x, y)
    if not x.dtype.is_complex:
        return power  # type: ignore[no-any-return]
    return kernels.where(kernels.eq(y, 0), scalar(1, x.dtype), power)  # type: ignore[no-any-return]


OPERATIONS: Final[dict[str, Operation]] = {
    name: Operation(allowed, function)
    for allowed, functions in (
        (ALL, {"equal": kernels.eq, "not_equal": kernels.ne}),
        (
            _NUMERIC,
            {
                "abs": kernels.abs,
                "add": kernels.add,
                "conj": lambda x: kernels.conj_physical(x),
                "isfinite": kernels.isfinite,
                "isinf": kernels.isinf,
                "isnan": kernels.isnan,
                "multiply": kernels.mul,
                "negative": kernels.neg,
                "positive": _copy,
                "pow": _pow,
                "real": _real,
                "round": _round,
                "sign": _sign,
                "square": kernels.square,
                "subtract": kernels.sub,
            },
        ),
        (
            _REAL,
            {
                "ceil": _of_floats(kernels.ceil),
                "floor": _of_floats(kernels.floor),
                "floor_divide": _floor_divide,
                "greater": kernels.gt,
                "greater_equal": kernels.ge,
                "less": kernels.lt,
                "less_equal": kernels.le,
                "maximum": kernels.maximum,
                "minimum": kernels.minimum,
                "remainder": _remainder,
                "trunc": _of_floats(kernels.trunc),
            },
        ),
        (
            _FLOATING,
            {
                "acos": kernels.acos,
                "acosh": _at_nan_above_zero(kernels.acosh, math.nan, math.pi / 2),
                "asin": kernels.asin,
                "asinh": kernels.asinh,
                "atan": kernels.atan,
                "atanh": kernels.atanh,
                "cos": kernels.cos,
                "cosh": kernels.cosh,
                "divide": kernels.div,
                "exp": kernels.exp,
                "expm1": _unless_finite(kernels.expm1, lambda x: kernels.exp(x) - 1),
                "log": kernels.log,
                "log10": kernels.log10,
                "log1p": _unless_finite(kernels.log1p, lambda x: kernels.log(x + 1)),
                "log2": kernels.log2,
                "reciprocal": kernels.reciprocal,
                "sin": kernels.sin,
                "sinh": kernels.sinh,
                "sqrt": kernels.sqrt,
                "tan": kernels.tan,
                "tanh": _at_nan_above_zero(kernels.tanh, None, math.nan),
            },
        ),
        (
            REAL_FLOATING,
            {
                "atan2": kernels.atan2,
                "copysign": kernels.copysign,
                "hypot": kernels.hypot,
                "logaddexp": kernels.logaddexp,
                "nextafter": kernels.nextafter,
                "signbit": kernels.signbit,
            },
        ),
        (COMPLEX, {"imag": lambda x: _copy(kernels.imag(x))}),
        (
            _INTEGER,
            {
                "bitwise_left_shift": kernels.bitwise_left_shift,
                "bitwise_right_shift": kernels.bitwise_right_shift,
            },
        ),
        (
            _BITS,
            {
                "bitwise_and": kernels.bitwise_and,
                "bitwise_invert": kernels.bitwise_not,
                "bitwise_or": kernels.bitwise_or,
                "bitwise_xor": kernels.bitwise_xor,
            },
        ),
        (
            _BOOL,
            {
                "logical_and": kernels.logical_and,
                "logical_not": kernels.logical_not,
                "logical_or": kernels.logical_or,
                "logical_xor": kernels.logical_xor,
            },
        ),
    )
    for name, function in functions.items()
}
"""The elementwise functions of the standard that are of one kernel, or a few."""


def select(condition: Raw, one: Raw | Scalar, two: Raw | Scalar) -> Raw:
    """Return ``one`` where the condition holds, else ``two``."""
    require("where", condition.dtype, (dtypes.bool_,))
    first, second = together(one, two)
    common_shape(condition.shape, first.shape, second.shape)
    return kernels.where(condition, first, second)  # type: ignore[no-any-return]


def clamp(x: Raw, low: Raw | Scalar | None, high: Raw | Scalar | None) -> Raw:
    """Return ``x`` not below ``low`` and not above ``high``, in the dtype of ``x``."""
    require("clip", x.dtype, _REAL)
    bounds: tuple[tuple[str, Any], ...] = (("maximum", low), ("minimum", high))
    result = _copy(x)
    for name, bound in bounds:
        if bound is not None:
            result = kernels.cast(apply(name, result, bound), x.dtype)
    return result
