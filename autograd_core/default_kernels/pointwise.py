"""Derived pointwise kernels, written in the required ones."""

from __future__ import annotations

import math
from typing import Any

from ..dtypes import float64, int32

Array = Any


class PointwiseDefaults:
    """Derived pointwise functions of the backend contract."""

    # Arithmetic -----------------------------------------------------------------------------------

    def add_scaled(self: Any, input: Array, other: Array, alpha: Any) -> Array:
        """input + alpha * other."""
        return self.add(input, self.mul(other, self.scalar_like(other, alpha)))

    def sub_scaled(self: Any, input: Array, other: Array, alpha: Any) -> Array:
        """input - alpha * other."""
        return self.sub(input, self.mul(other, self.scalar_like(other, alpha)))

    def rsub(self: Any, input: Array, other: Array, alpha: Any = 1) -> Array:
        """other - alpha * input."""
        if alpha == 1:
            return self.sub(other, input)
        return self.sub(other, self.mul(input, self.scalar_like(input, alpha)))

    def rsub_scalar(self: Any, input: Array, other: Any, alpha: Any = 1) -> Array:
        """A Python number minus alpha * input."""
        return self.rsub(input, self.scalar_like(input, other), alpha)

    def add_scalar(self: Any, input: Array, other: Any) -> Array:
        """input plus a Python number."""
        return self.add(input, self.scalar_like(input, other))

    def mul_scalar(self: Any, input: Array, other: Any) -> Array:
        """input times a Python number."""
        return self.mul(input, self.scalar_like(input, other))

    def div_scalar(self: Any, input: Array, other: Any) -> Array:
        """input by a Python number; floating and complex arrays."""
        return self.div(input, self.scalar_like(input, other))

    def div_floor(self: Any, input: Array, other: Array) -> Array:
        """Quotient rounded down."""
        return self.floor_divide(input, other)

    def div_trunc(self: Any, input: Array, other: Array) -> Array:
        """Quotient rounded toward zero."""
        if self.dtype(input).is_inexact:
            return self.trunc(self.div(input, other))
        quotient = self.floor_divide(input, other)
        rest = self.sub(input, self.mul(quotient, other))
        uneven = self.logical_and(self.ne(rest, 0), self.ne(self.lt(input, 0), self.lt(other, 0)))
        return self.where(uneven, quotient + 1, quotient)

    def addcmul(self: Any, input: Array, tensor1: Array, tensor2: Array, value: Any = 1) -> Array:
        """input + value * tensor1 * tensor2."""
        product = self.mul(tensor1, tensor2)
        if value != 1:
            product = self.mul(self.mul(tensor1, self.scalar_like(tensor1, value)), tensor2)
        return self.add(input, product)

    def addcdiv(self: Any, input: Array, tensor1: Array, tensor2: Array, value: Any = 1) -> Array:
        """input + value * tensor1 / tensor2."""
        if value != 1:
            tensor1 = self.mul(tensor1, self.scalar_like(tensor1, value))
        return self.add(input, self.div(tensor1, tensor2))

    def lerp(self: Any, input: Array, end: Array, weight: Array) -> Array:
        """input + weight * (end - input), computed from the nearer end."""
        difference = self.sub(end, input)
        return self.where(
            self.lt(self.abs(weight), 0.5),
            self.add(input, self.mul(weight, difference)),
            self.sub(end, self.mul(difference, 1 - weight)),
        )

    def lerp_scalar(self: Any, input: Array, end: Array, weight: Any) -> Array:
        """``lerp`` with a Python number as the weight."""
        difference = self.sub(end, input)
        if abs(weight) < 0.5:
            return self.add(input, self.mul(difference, self.scalar_like(input, weight)))
        return self.sub(end, self.mul(difference, self.scalar_like(input, 1 - weight)))

    def reciprocal(self: Any, input: Array) -> Array:
        """1 / input; floating and complex arrays."""
        return self.div(self.scalar(1, self.dtype(input)), input)

    # Powers, exponentials, logarithms -------------------------------------------------------------

    def square(self: Any, input: Array) -> Array:
        """input * input."""
        return self.mul(input, input)

    def rsqrt(self: Any, input: Array) -> Array:
        """1 / sqrt(input)."""
        return self.reciprocal(self.sqrt(input))

    def pow_scalar(self: Any, input: Array, exponent: Any) -> Array:
        """input to the power of a Python number; small powers by multiplication, as in torch."""
        dtype = self.dtype(input)
        if not dtype.is_inexact and exponent < 0:
            raise RuntimeError("Integers to negative integer powers are not allowed.")
        if exponent == 2:
            return self.mul(input, input)
        if exponent == 3:
            return self.mul(self.mul(input, input), input)
        if exponent in (0, 1):  # a dim of one element steps as computed ones do, not as in a copy
            made = self.clone(input) if exponent else self.full(tuple(input.shape), 1, dtype)
            return self.following(made, input)
        if dtype.is_inexact:
            if exponent == 0.5:
                return self.sqrt(input)
            if exponent == -1 and not dtype.is_complex:
                return self.reciprocal(input)
            if exponent == -2 and not dtype.is_complex:
                return self.reciprocal(self.mul(input, input))
            if exponent == -0.5:
                return self.rsqrt(input)
        return self.pow(input, self.scalar(exponent, dtype))

    def pow_base(self: Any, input: Any, exponent: Array) -> Array:
        """A Python number to the power of an array."""
        return self.pow(self.scalar_like(exponent, input), exponent)

    def ldexp_whole(self: Any, input: Array, other: Array) -> Array:
        """Floats times two to whole powers, of which none overflows: each goes in three steps."""
        dtype, limit = self.dtype(input), 2100
        wide, power = self.cast(input, float64), self.cast(other, float64)
        power = self.minimum(
            self.maximum(power, self.scalar_like(power, -limit)), self.scalar_like(power, limit)
        )
        third = self.trunc(power / 3)
        step = self.pow_base(2, third)
        rest = self.pow_base(2, power - third * 2)
        return self.cast(wide * step * step * rest, dtype)

    def hypot(self: Any, input: Array, other: Array) -> Array:
        """sqrt(input ** 2 + other ** 2) without overflow."""
        a, b = self.abs(input), self.abs(other)
        large, small = self.maximum(a, b), self.minimum(a, b)
        plain = self.logical_and(self.gt(large, 0), self.isfinite(large))
        ratio = self.where(plain, small / self.where(plain, large, 1), 0)
        length = self.mul(large, self.sqrt(self.mul(ratio, ratio) + 1))
        infinite = self.logical_or(self.isinf(a), self.isinf(b))
        return self.where(infinite, math.inf, length)

    def exp2(self: Any, input: Array) -> Array:
        """2 to each element."""
        if not self.dtype(input).is_complex:
            return self.pow(self.scalar_like(input, 2), input)
        # A real factor is no complex one where a part is infinite or NaN.
        parts = self.mul(self.view_as_real(input), math.log(2))
        return self.exp(self.view_as_complex(parts))

    def log2(self: Any, input: Array) -> Array:
        """Logarithm to base 2."""
        return self._over_number(self.log(input), math.log(2))

    def log10(self: Any, input: Array) -> Array:
        """Logarithm to base 10."""
        return self._over_number(self.log(input), math.log(10))

    def _over_number(self: Any, input: Array, number: float) -> Array:
        """A quotient by a real number, of complex numbers part by part: infinities stay by it."""
        if not self.dtype(input).is_complex:
            return self.div(input, self.scalar_like(input, number))
        real, imag = self._over_number(self.real(input), number), self.imag(input)
        return self.complex(real, self._over_number(imag, number))

    def logaddexp(self: Any, input: Array, other: Array) -> Array:
        """log(exp(input) + exp(other)) without overflow."""
        if self.dtype(input).is_complex:
            first = self.ge(self.real(self.own(input)), self.real(self.own(other)))
            large = self.where(first, input, other)
            small = self.where(first, other, input)
            total = self.add(large, self.log(self.exp(self.sub(small, large)) + 1))
        else:
            large = self.maximum(input, other)
            distance = self.abs(self.sub(input, other))
            total = self.add(large, self.log1p(self.exp(self.neg(distance))))
        same = self.logical_and(self.eq(input, other), self.isinf(input))
        return self.where(same, input, total)

    def logaddexp2(self: Any, input: Array, other: Array) -> Array:
        """log2(2 ** input + 2 ** other) without overflow."""
        large = self.maximum(input, other)
        distance = self.abs(self.sub(input, other))
        total = self.add(large, self.log1p(self.exp2(self.neg(distance))) / math.log(2))
        same = self.logical_and(self.eq(input, other), self.isinf(input))
        return self.where(same, input, total)

    # Signs, roundings, angles ---------------------------------------------------------------------

    def sgn(self: Any, input: Array) -> Array:
        """sign(input) for real arrays; input / |input|, 0 at 0, for complex ones."""
        dtype = self.dtype(input)
        if not dtype.is_complex:
            return self.sign(input)
        magnitude = self.abs(input)
        zero = self.eq(magnitude, 0)
        safe = self.where(zero, self.scalar(1, dtype.to_real()), magnitude)
        return self.where(zero, self.scalar(0, dtype), self.div(input, self.cast(safe, dtype)))

    def signbit(self: Any, input: Array) -> Array:
        """Bool array: is negative, of floats also -0 (and NaN with the sign set)."""
        if self.dtype(input).is_inexact:
            return self.lt(self.copysign(self.scalar_like(input, 1), input), 0)
        if not self.dtype(input).is_signed:
            return self.ne(input, input)
        return self.lt(input, 0)

    def frac(self: Any, input: Array) -> Array:
        """The part after the point, with the sign of the input."""
        return self.sub(input, self.trunc(input))

    def round_decimals(self: Any, input: Array, decimals: int) -> Array:
        """Round to a number of decimal places, to tens or hundreds when it is negative."""
        power = self.scalar_like(input, 10.0 ** abs(decimals))
        if decimals >= 0:
            return self.div(self.round(self.mul(input, power)), power)
        return self.mul(self.round(self.div(input, power)), power)

    def sinc(self: Any, input: Array) -> Array:
        """sin(pi x) / (pi x), 1 at 0; half precision has no pi x to take the sine of."""
        zero = self.eq(input, 0)
        scaled = self.where(zero, 1, self.widened(input)) * math.pi
        made = self.where(zero, 1, self.div(self.sin(scaled), scaled))
        return self.cast(made, self.dtype(input))

    def deg2rad(self: Any, input: Array) -> Array:
        """Degrees to radians."""
        return self.mul(input, self.scalar_like(input, math.pi / 180))

    def rad2deg(self: Any, input: Array) -> Array:
        """Radians to degrees."""
        return self.mul(input, self.scalar_like(input, 180 / math.pi))

    def is_conj(self: Any, input: Array) -> bool:
        """False: arrays hold their elements; levels of transforms have other answers."""
        return False

    def is_neg(self: Any, input: Array) -> bool:
        """False, likewise."""
        return False

    def resolve_conj(self: Any, input: Array) -> Array:
        """The array itself: arrays hold their elements."""
        return input

    def resolve_neg(self: Any, input: Array) -> Array:
        """The array itself: arrays hold their elements."""
        return input

    def conj(self: Any, input: Array) -> Array:
        """Conjugate of a complex array; a real array as it is."""
        return self.conj_physical(input) if self.dtype(input).is_complex else input

    # Comparison and choice ------------------------------------------------------------------------

    def isfinite(self: Any, input: Array) -> Array:
        """Bool array: is neither infinite nor NaN."""
        return self.logical_not(self.logical_or(self.isinf(input), self.isnan(input)))

    def isposinf(self: Any, input: Array) -> Array:
        """Bool array: is positive infinity."""
        if not self.dtype(input).is_inexact:
            return self.ne(input, input)
        return self.eq(input, math.inf)

    def isneginf(self: Any, input: Array) -> Array:
        """Bool array: is negative infinity."""
        if not self.dtype(input).is_inexact:
            return self.ne(input, input)
        return self.eq(input, -math.inf)

    def fmax(self: Any, input: Array, other: Array) -> Array:
        """Larger element; of a number and NaN the number."""
        larger = self.where(self.isnan(input), other, self.maximum(input, other))
        return self.where(self.isnan(other), input, larger)

    def fmin(self: Any, input: Array, other: Array) -> Array:
        """Smaller element; of a number and NaN the number."""
        smaller = self.where(self.isnan(input), other, self.minimum(input, other))
        return self.where(self.isnan(other), input, smaller)

    def clamp(self: Any, input: Array, min: Any = None, max: Any = None) -> Array:
        """Bounded by Python numbers, of which one may be None; NaN stays."""
        return self.clamp_tensor(
            input,
            None if min is None else self.scalar_like(input, min),
            None if max is None else self.scalar_like(input, max),
        )

    def clamp_tensor(
        self: Any, input: Array, min: Array | None = None, max: Array | None = None
    ) -> Array:
        """Bounded by arrays, of which one may be None; a NaN anywhere wins."""
        if min is not None:
            input = self.maximum(input, min)
        return input if max is None else self.minimum(input, max)

    def heaviside(self: Any, input: Array, values: Array) -> Array:
        """0 below zero, 1 above, ``values`` at zero; 0 for NaN."""
        step = self.cast(self.gt(input, 0), self.dtype(input))
        return self.where(self.eq(input, 0), values, step)

    def nan_to_num(
        self: Any, input: Array, nan: Any = None, posinf: Any = None, neginf: Any = None
    ) -> Array:
        """NaN and infinities replaced, by 0 and the largest numbers of the dtype unless given."""
        dtype = self.dtype(input)
        if not dtype.is_inexact:
            return self.clone(input)
        if dtype.is_complex:
            input = self.own(input)
            return self.complex(
                self.nan_to_num(self.real(input), nan, posinf, neginf),
                self.nan_to_num(self.imag(input), nan, posinf, neginf),
            )
        largest = LARGEST[dtype.name]
        result = input
        for replaced, given, usual in (
            (self.isnan(input), nan, 0.0),
            (self.eq(input, math.inf), posinf, largest),
            (self.eq(input, -math.inf), neginf, -largest),
        ):
            number = self.scalar_like(input, usual if given is None else given)
            result = self.where(replaced, number, result)
        return result

    def gcd(self: Any, input: Array, other: Array) -> Array:
        """Greatest common divisor, never negative; integers."""
        a, b = self.abs(input), self.abs(other)
        while bool(self.any(b, tuple(range(len(b.shape))))):
            rest = self.remainder(a, self.where(self.eq(b, 0), 1, b))
            a, b = self.where(self.eq(b, 0), a, b), self.where(self.eq(b, 0), 0, rest)
        return a

    def lcm(self: Any, input: Array, other: Array) -> Array:
        """Least common multiple, never negative; integers."""
        divisor = self.gcd(input, other)
        safe = self.where(self.eq(divisor, 0), 1, divisor)
        return self.abs(self.mul(self.floor_divide(input, safe), other))

    # Floats taken apart ---------------------------------------------------------------------------

    def frexp(self: Any, input: Array) -> tuple[Array, Array]:
        """Mantissa in [0.5, 1) and int32 exponent with input = mantissa * 2 ** exponent."""
        flat = self.to_flat(input)
        pairs = [math.frexp(value) for value in flat]
        mantissa = self.from_flat([pair[0] for pair in pairs], input.shape, self.dtype(input))
        return mantissa, self.from_flat([pair[1] for pair in pairs], input.shape, int32)


LARGEST = {
    "float16": 65504.0,
    "bfloat16": 3.3895313892515355e38,
    "float32": 3.4028234663852886e38,
    "float64": 1.7976931348623157e308,
}
"""The largest number of each floating dtype."""
