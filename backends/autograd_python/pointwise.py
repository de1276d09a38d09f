"""Pointwise functions: each a rule of ``scalars`` mapped over its operands."""

from __future__ import annotations

import math
import struct
from typing import Any

from autograd_core import dtypes
from autograd_core.dtypes import DType

from .array import Array, kernel_of, number, pointwise1, pointwise2, pointwise3
from .scalars import BINARY, UNARY, Rule, rule


class Pointwise:
    """Pointwise functions, those of the rules below; one of two operands may be a Python number."""

    def conj(self, input: Array) -> Array:
        return input if input.dtype.category < 3 else pointwise1(UNARY["conj_physical"], input)

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


for _name in UNARY.keys() - {"angle"}:
    setattr(Pointwise, _name, kernel_of(UNARY[_name], "self", "input"))
for _name in BINARY:
    _operands = ("grad_output", "output") if "backward" in _name else ("input", "other")
    setattr(Pointwise, _name, kernel_of(BINARY[_name], "self", *_operands))


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
