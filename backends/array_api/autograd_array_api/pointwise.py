"""Pointwise arithmetic, comparison and elementary functions in the standard's words."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd_core import dtypes
from autograd_core.sizes import broadcast_shapes

from .array import Array
from .values import Values

Native = Any


def _unary(name: str) -> Callable[[Any, Array], Array]:
    """A function of the standard whose result has the operand's dtype."""

    def kernel(self: Any, input: Array) -> Array:
        made = getattr(self.xp, name)(input.value)
        if input.steps is None:
            return self.new(made, input.dtype)  # type: ignore[no-any-return]
        return self.laid_out(made, input.dtype, input)  # type: ignore[no-any-return]

    return kernel


def _test(name: str) -> Callable[[Any, Array], Array]:
    """A function of the standard whose result is bool."""

    def kernel(self: Any, input: Array) -> Array:
        made = getattr(self.xp, name)(input.value)
        return self.laid_out(made, dtypes.bool_, input)  # type: ignore[no-any-return]

    return kernel


def _binary(name: str, of_bool: str | None = None) -> Callable[[Any, Any, Any], Array]:
    """A function of two operands of one dtype, and its name for bools if that is another one."""

    def kernel(self: Any, input: Any, other: Any) -> Array:
        if not isinstance(input, Array):
            input = self.scalar(input, other.dtype)
        elif not isinstance(other, Array):
            other = self.scalar(other, input.dtype)
        dtype = input.dtype
        called = of_bool if of_bool and dtype is dtypes.bool_ else name
        made = getattr(self.xp, called)(input.value, other.value)
        if input.steps is None and other.steps is None:
            return self.new(made, dtype)  # type: ignore[no-any-return]
        return self.laid_out(made, dtype, input, other)  # type: ignore[no-any-return]

    return kernel


def _comparison(name: str, ordered: bool = True) -> Callable[[Any, Any, Any], Array]:
    """A comparison; bools are ordered as the numbers 0 and 1."""

    def kernel(self: Any, input: Any, other: Any) -> Array:
        if not isinstance(input, Array):
            input = self.scalar(input, other.dtype)
        elif not isinstance(other, Array):
            other = self.scalar(other, input.dtype)
        if ordered and input.dtype is dtypes.bool_:
            input, other = self.cast(input, dtypes.uint8), self.cast(other, dtypes.uint8)
        made = getattr(self.xp, name)(input.value, other.value)
        if input.steps is None and other.steps is None:
            return self.new(made, dtypes.bool_)  # type: ignore[no-any-return]
        return self.laid_out(made, dtypes.bool_, input, other)  # type: ignore[no-any-return]

    return kernel


def _logical(name: str) -> Callable[[Any, Array, Array], Array]:
    def kernel(self: Any, input: Array, other: Array) -> Array:
        input, other = self.cast(input, dtypes.bool_), self.cast(other, dtypes.bool_)
        made = getattr(self.xp, name)(input.value, other.value)
        return self.laid_out(made, dtypes.bool_, input, other)  # type: ignore[no-any-return]

    return kernel


class Pointwise(Values):
    """Functions of one, two and three operands, element by element."""

    exp = _unary("exp")
    expm1 = _unary("expm1")
    log = _unary("log")
    log1p = _unary("log1p")
    log2 = _unary("log2")
    log10 = _unary("log10")
    sqrt = _unary("sqrt")
    sin = _unary("sin")
    cos = _unary("cos")
    tan = _unary("tan")
    asin = _unary("asin")
    acos = _unary("acos")
    atan = _unary("atan")
    sinh = _unary("sinh")
    cosh = _unary("cosh")
    tanh = _unary("tanh")
    asinh = _unary("asinh")
    acosh = _unary("acosh")
    atanh = _unary("atanh")
    floor = _unary("floor")
    ceil = _unary("ceil")
    trunc = _unary("trunc")
    round = _unary("round")
    neg = _unary("negative")
    bitwise_not = _unary("bitwise_invert")
    conj_physical = _unary("conj")

    isnan = _test("isnan")
    isinf = _test("isinf")
    isfinite = _test("isfinite")

    add = _binary("add", "logical_or")
    sub = _binary("subtract")
    mul = _binary("multiply", "logical_and")
    div = _binary("divide")
    atan2 = _binary("atan2")
    copysign = _binary("copysign")
    nextafter = _binary("nextafter")
    maximum = _binary("maximum", "logical_or")
    minimum = _binary("minimum", "logical_and")
    bitwise_and = _binary("bitwise_and")
    bitwise_or = _binary("bitwise_or")
    bitwise_xor = _binary("bitwise_xor")
    bitwise_left_shift = _binary("bitwise_left_shift")
    bitwise_right_shift = _binary("bitwise_right_shift")

    eq = _comparison("equal", ordered=False)
    ne = _comparison("not_equal", ordered=False)
    lt = _comparison("less")
    le = _comparison("less_equal")
    gt = _comparison("greater")
    ge = _comparison("greater_equal")
    logical_and = _logical("logical_and")
    logical_or = _logical("logical_or")
    logical_xor = _logical("logical_xor")

    def logical_not(self, input: Array) -> Array:
        made = self.xp.logical_not(self.cast(input, dtypes.bool_).value)
        return self.laid_out(made, dtypes.bool_, input)

    def abs(self, input: Array) -> Array:
        if not input.dtype.is_signed:
            return self.laid_out(input.value, input.dtype, input)
        return self.laid_out(self.xp.abs(input.value), input.dtype.to_real(), input)

    def sign(self, input: Array) -> Array:
        dtype = input.dtype
        if dtype is dtypes.bool_:
            return self.laid_out(input.value, dtype, input)
        # The standard's sign of NaN is NaN.
        zero, one = self.number(0, dtype), self.number(1, dtype)
        made = self.xp.where(self.xp.greater(input.value, zero), one, zero)
        if dtype.is_signed:
            minus = self.number(-1, dtype)
            made = self.xp.where(self.xp.less(input.value, zero), minus, made)
        return self.laid_out(made, dtype, input)

    def _refuse_zero(self, input: Array, other: Array) -> None:
        if not other.dtype.is_inexact:
            zero = self.xp.equal(other.value, self.number(0, other.dtype))
            if bool(self.xp.any(zero)) and 0 not in broadcast_shapes(input.shape, other.shape):
                raise RuntimeError("ZeroDivisionError")

    def _pair(self, input: Any, other: Any) -> tuple[Array, Array]:
        dtype = input.dtype if isinstance(input, Array) else other.dtype
        return self.operand(input, dtype), self.operand(other, dtype)

    def floor_divide(self, input: Array, other: Array) -> Array:
        input, other = self._pair(input, other)
        self._refuse_zero(input, other)
        dtype = input.dtype
        if dtype.is_inexact:
            return self._floor_quotient(input, other)
        made = self.xp.floor_divide(input.value, other.value)
        return self.laid_out(made, dtype, input, other)

    def _floor_quotient(self, input: Array, other: Array) -> Array:
        """C's fmod taken away, and what is left divided: torch's quotient of floats."""
        xp, dtype = self.xp, input.dtype
        x, y = input.value, other.value
        zero, one = self.number(0, dtype), self.number(1, dtype)
        rest = self.xp.fmod(x, y)
        quotient = xp.divide(xp.subtract(x, rest), y)
        uneven = xp.logical_and(
            xp.not_equal(rest, zero), xp.not_equal(xp.less(y, zero), xp.less(rest, zero))
        )
        quotient = xp.where(uneven, xp.subtract(quotient, one), quotient)
        floor = xp.floor(quotient)
        above = xp.greater(xp.subtract(quotient, floor), self.number(0.5, dtype))
        floor = xp.where(above, xp.add(floor, one), floor)
        signed = xp.multiply(zero, xp.divide(x, y))
        floor = xp.where(xp.equal(quotient, zero), signed, floor)
        made = xp.where(xp.equal(y, zero), xp.divide(x, y), floor)
        return self.laid_out(made, dtype, input, other)

    def fmod(self, input: Array, other: Array) -> Array:
        input, other = self._pair(input, other)
        self._refuse_zero(input, other)
        xp, dtype = self.xp, input.dtype
        x, y = input.value, other.value
        if dtype.is_inexact:
            return self.laid_out(self.xp.fmod(x, y), dtype, input, other)
        rest = xp.remainder(x, y)
        if dtype.is_signed:
            zero = self.number(0, dtype)
            crossed = xp.not_equal(xp.less(x, zero), xp.less(y, zero))
            turned = xp.logical_and(xp.not_equal(rest, zero), crossed)
            rest = xp.where(turned, xp.subtract(rest, y), rest)
        return self.laid_out(rest, dtype, input, other)

    def remainder(self, input: Array, other: Array) -> Array:
        input, other = self._pair(input, other)
        self._refuse_zero(input, other)
        xp, dtype = self.xp, input.dtype
        x, y = input.value, other.value
        if not dtype.is_inexact:
            return self.laid_out(xp.remainder(x, y), dtype, input, other)
        zero = self.number(0, dtype)
        rest = self.xp.fmod(x, y)
        crossed = xp.not_equal(xp.less(y, zero), xp.less(rest, zero))
        turned = xp.logical_and(xp.not_equal(rest, zero), crossed)
        return self.laid_out(xp.where(turned, xp.add(rest, y), rest), dtype, input, other)

    def pow(self, input: Array, other: Array) -> Array:
        input, other = self._pair(input, other)
        xp, dtype = self.xp, input.dtype
        x, y = input.value, other.value
        if dtype is dtypes.bool_:
            made = xp.logical_or(x, xp.logical_not(y))
        elif dtype.is_inexact or not dtype.is_signed:
            made = xp.pow(x, y)
        else:  # 1 and -1 have inverses among the integers; of the others those round to 0
            zero, one = self.number(0, dtype), self.number(1, dtype)
            power = xp.pow(x, xp.maximum(y, zero))
            odd = xp.not_equal(xp.bitwise_and(y, one), zero)
            unit = xp.equal(xp.abs(x), one)
            inverse = xp.where(unit, xp.where(odd, x, one), zero)
            made = xp.where(xp.less(y, zero), inverse, power)
        return self.laid_out(made, dtype, input, other)

    def where(self, condition: Array, input: Array, other: Array) -> Array:
        if isinstance(input, Array) or isinstance(other, Array):
            input, other = self._pair(input, other)
        made = self.xp.where(condition.value, input.value, other.value)
        return self.laid_out(made, input.dtype, condition, input, other)

    def complex(self: Any, real: Array, imag: Array) -> Array:
        dtype = real.dtype.to_complex()
        parts = self.xp.broadcast_arrays(real.value, imag.value)
        made = self.joined(*parts, dtype)
        return self.laid_out(made, dtype, real, imag)  # type: ignore[no-any-return]

    def angle(self, input: Array) -> Array:
        xp, dtype = self.xp, input.dtype
        if dtype.is_complex:
            made = xp.atan2(xp.imag(input.value), xp.real(input.value))
            return self.new(made, dtype.to_real())
        zero, half_turn = self.number(0, dtype), self.number(math.pi, dtype)
        phase = xp.where(xp.less(input.value, zero), half_turn, zero)
        return self.laid_out(xp.where(xp.isnan(input.value), input.value, phase), dtype, input)
