"""Pointwise functions: each a rule of ``scalars`` mapped over its operands."""

from __future__ import annotations

import math
import struct
from typing import Any

from autograd_core import dtypes
from autograd_core.dtypes import DType

from .array import Array, number, pointwise1, pointwise2, pointwise3
from .scalars import BINARY, UNARY, Rule, rule


class Pointwise:
    """Pointwise functions; operands of two-operand ones may also be Python numbers."""

    def neg(self, input: Array) -> Array:
        return pointwise1(UNARY["neg"], input)

    def abs(self, input: Array) -> Array:
        return pointwise1(UNARY["abs"], input)

    def sign(self, input: Array) -> Array:
        return pointwise1(UNARY["sign"], input)

    def exp(self, input: Array) -> Array:
        return pointwise1(UNARY["exp"], input)

    def expm1(self, input: Array) -> Array:
        return pointwise1(UNARY["expm1"], input)

    def log(self, input: Array) -> Array:
        return pointwise1(UNARY["log"], input)

    def log1p(self, input: Array) -> Array:
        return pointwise1(UNARY["log1p"], input)

    def sqrt(self, input: Array) -> Array:
        return pointwise1(UNARY["sqrt"], input)

    def sin(self, input: Array) -> Array:
        return pointwise1(UNARY["sin"], input)

    def cos(self, input: Array) -> Array:
        return pointwise1(UNARY["cos"], input)

    def tan(self, input: Array) -> Array:
        return pointwise1(UNARY["tan"], input)

    def asin(self, input: Array) -> Array:
        return pointwise1(UNARY["asin"], input)

    def acos(self, input: Array) -> Array:
        return pointwise1(UNARY["acos"], input)

    def atan(self, input: Array) -> Array:
        return pointwise1(UNARY["atan"], input)

    def sinh(self, input: Array) -> Array:
        return pointwise1(UNARY["sinh"], input)

    def cosh(self, input: Array) -> Array:
        return pointwise1(UNARY["cosh"], input)

    def tanh(self, input: Array) -> Array:
        return pointwise1(UNARY["tanh"], input)

    def asinh(self, input: Array) -> Array:
        return pointwise1(UNARY["asinh"], input)

    def acosh(self, input: Array) -> Array:
        return pointwise1(UNARY["acosh"], input)

    def atanh(self, input: Array) -> Array:
        return pointwise1(UNARY["atanh"], input)

    def floor(self, input: Array) -> Array:
        return pointwise1(UNARY["floor"], input)

    def ceil(self, input: Array) -> Array:
        return pointwise1(UNARY["ceil"], input)

    def trunc(self, input: Array) -> Array:
        return pointwise1(UNARY["trunc"], input)

    def round(self, input: Array) -> Array:
        return pointwise1(UNARY["round"], input)

    def isnan(self, input: Array) -> Array:
        return pointwise1(UNARY["isnan"], input)

    def isinf(self, input: Array) -> Array:
        return pointwise1(UNARY["isinf"], input)

    def logical_not(self, input: Array) -> Array:
        return pointwise1(UNARY["logical_not"], input)

    def bitwise_not(self, input: Array) -> Array:
        return pointwise1(UNARY["bitwise_not"], input)

    def add(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["add"], input, other)

    def sub(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["sub"], input, other)

    def mul(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["mul"], input, other)

    def div(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["div"], input, other)

    def floor_divide(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["floor_divide"], input, other)

    def remainder(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["remainder"], input, other)

    def fmod(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["fmod"], input, other)

    def pow(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["pow"], input, other)

    def atan2(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["atan2"], input, other)

    def hypot(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["hypot"], input, other)

    def copysign(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["copysign"], input, other)

    def maximum(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["maximum"], input, other)

    def minimum(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["minimum"], input, other)

    def eq(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["eq"], input, other)

    def ne(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["ne"], input, other)

    def lt(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["lt"], input, other)

    def le(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["le"], input, other)

    def gt(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["gt"], input, other)

    def ge(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["ge"], input, other)

    def logical_and(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["logical_and"], input, other)

    def logical_or(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["logical_or"], input, other)

    def logical_xor(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["logical_xor"], input, other)

    def bitwise_and(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["bitwise_and"], input, other)

    def bitwise_or(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["bitwise_or"], input, other)

    def bitwise_xor(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["bitwise_xor"], input, other)

    def bitwise_left_shift(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["bitwise_left_shift"], input, other)

    def bitwise_right_shift(self, input: Array, other: Array) -> Array:
        return pointwise2(BINARY["bitwise_right_shift"], input, other)

    def nextafter(self, input: Array, other: Array) -> Array:
        operands: tuple[Any, ...] = (input, other)  # one may be a number
        dtype = next(operand.dtype for operand in operands if isinstance(operand, Array))
        return pointwise2(_NEXT_AFTER[dtype], input, other)

    def where(self, condition: Array, input: Array, other: Array) -> Array:
        if not isinstance(input, Array):
            input = number(input, other.dtype)
        if not isinstance(other, Array):
            other = number(other, input.dtype)
        return pointwise3(condition, input, other)


def _next_after(pack: Any, unpack: Any) -> Rule:
    """Return the rule for a format whose numbers are ordered as their bits are."""

    def step(x: float, y: float) -> float:
        if math.isnan(x) or math.isnan(y):
            return math.nan
        if x == y:
            return y
        if x == 0:
            return math.copysign(unpack(1), y)
        return unpack(pack(x) + (1 if (x < y) == (x > 0) else -1))  # type: ignore[no-any-return]

    return rule(real=step, exact=True)


def _format(number_code: str, bits_code: str) -> Rule:
    numbers, bits = struct.Struct(number_code), struct.Struct(bits_code)
    return _next_after(
        lambda x: bits.unpack(numbers.pack(x))[0], lambda x: numbers.unpack(bits.pack(x))[0]
    )


_NEXT_AFTER: dict[DType, Rule] = {
    dtypes.float64: rule(real=math.nextafter, exact=True),
    dtypes.float32: _format("<f", "<I"),
    dtypes.float16: _format("<e", "<H"),
    dtypes.bfloat16: _next_after(
        lambda x: struct.unpack("<I", struct.pack("<f", x))[0] >> 16,
        lambda x: struct.unpack("<f", struct.pack("<I", x << 16))[0],
    ),
}
