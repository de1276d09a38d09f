"""Pointwise functions: each a rule of ``scalars`` mapped over its operands."""

from __future__ import annotations

import math
import struct
from typing import Any

from autograd_core import dtypes
from autograd_core.dtypes import DType

from .array import Array, binary, number, pointwise1, pointwise2, pointwise3, unary
from .scalars import BINARY, UNARY, Rule, rule


class Pointwise:
    """Pointwise functions; operands of two-operand ones may also be Python numbers."""

    neg = staticmethod(unary(UNARY["neg"]))
    abs = staticmethod(unary(UNARY["abs"]))
    sign = staticmethod(unary(UNARY["sign"]))
    exp = staticmethod(unary(UNARY["exp"]))
    expm1 = staticmethod(unary(UNARY["expm1"]))
    log = staticmethod(unary(UNARY["log"]))
    log1p = staticmethod(unary(UNARY["log1p"]))
    sqrt = staticmethod(unary(UNARY["sqrt"]))
    sin = staticmethod(unary(UNARY["sin"]))
    cos = staticmethod(unary(UNARY["cos"]))
    tan = staticmethod(unary(UNARY["tan"]))
    asin = staticmethod(unary(UNARY["asin"]))
    acos = staticmethod(unary(UNARY["acos"]))
    atan = staticmethod(unary(UNARY["atan"]))
    sinh = staticmethod(unary(UNARY["sinh"]))
    cosh = staticmethod(unary(UNARY["cosh"]))
    tanh = staticmethod(unary(UNARY["tanh"]))
    asinh = staticmethod(unary(UNARY["asinh"]))
    acosh = staticmethod(unary(UNARY["acosh"]))
    atanh = staticmethod(unary(UNARY["atanh"]))
    floor = staticmethod(unary(UNARY["floor"]))
    ceil = staticmethod(unary(UNARY["ceil"]))
    trunc = staticmethod(unary(UNARY["trunc"]))
    round = staticmethod(unary(UNARY["round"]))
    isnan = staticmethod(unary(UNARY["isnan"]))
    isinf = staticmethod(unary(UNARY["isinf"]))
    logical_not = staticmethod(unary(UNARY["logical_not"]))
    bitwise_not = staticmethod(unary(UNARY["bitwise_not"]))
    add = staticmethod(binary(BINARY["add"]))
    sub = staticmethod(binary(BINARY["sub"]))
    mul = staticmethod(binary(BINARY["mul"]))
    div = staticmethod(binary(BINARY["div"]))
    floor_divide = staticmethod(binary(BINARY["floor_divide"]))
    remainder = staticmethod(binary(BINARY["remainder"]))
    fmod = staticmethod(binary(BINARY["fmod"]))
    pow = staticmethod(binary(BINARY["pow"]))
    atan2 = staticmethod(binary(BINARY["atan2"]))
    hypot = staticmethod(binary(BINARY["hypot"]))
    copysign = staticmethod(binary(BINARY["copysign"]))
    maximum = staticmethod(binary(BINARY["maximum"]))
    minimum = staticmethod(binary(BINARY["minimum"]))
    eq = staticmethod(binary(BINARY["eq"]))
    ne = staticmethod(binary(BINARY["ne"]))
    lt = staticmethod(binary(BINARY["lt"]))
    le = staticmethod(binary(BINARY["le"]))
    gt = staticmethod(binary(BINARY["gt"]))
    ge = staticmethod(binary(BINARY["ge"]))
    logical_and = staticmethod(binary(BINARY["logical_and"]))
    logical_or = staticmethod(binary(BINARY["logical_or"]))
    logical_xor = staticmethod(binary(BINARY["logical_xor"]))
    bitwise_and = staticmethod(binary(BINARY["bitwise_and"]))
    bitwise_or = staticmethod(binary(BINARY["bitwise_or"]))
    bitwise_xor = staticmethod(binary(BINARY["bitwise_xor"]))
    bitwise_left_shift = staticmethod(binary(BINARY["bitwise_left_shift"]))
    bitwise_right_shift = staticmethod(binary(BINARY["bitwise_right_shift"]))

    def conj(self, input: Array) -> Array:
        return input if input.dtype.category < 3 else pointwise1(UNARY["conj_physical"], input)

    def tanh_backward(self, grad_output: Array, output: Array) -> Array:
        return _TANH_BACKWARD(grad_output, output)

    def sigmoid_backward(self, grad_output: Array, output: Array) -> Array:
        return _SIGMOID_BACKWARD(grad_output, output)

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


_TANH_BACKWARD = binary(
    rule(
        real=lambda grad, y: grad * (1.0 - y * y),
        complex=lambda grad, y: grad * (1.0 - y * y).conjugate(),
    )
)
_SIGMOID_BACKWARD = binary(
    rule(
        real=lambda grad, y: grad * ((1.0 - y) * y),
        complex=lambda grad, y: grad * ((1.0 - y) * y).conjugate(),
    )
)


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
