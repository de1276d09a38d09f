"""Derived special functions, written in the required ones."""

from __future__ import annotations

import math
from typing import Any

from .. import dtypes

Array = Any


class SpecialDefaults:
    """Derived special functions of the backend contract."""

    def mvlgamma(self: Any, input: Array, p: int) -> Array:
        """Logarithm of the p-variate gamma function."""
        total = self.lgamma(input + (1 - p) / 2)
        for i in range(2 - p, 1):
            total = self.add(total, self.lgamma(input + i / 2))
        return total + p * (p - 1) / 4 * math.log(math.pi)

    def entr(self: Any, input: Array) -> Array:
        """-x log x: 0 at 0, -inf below."""
        positive = self.gt(input, 0)
        safe = self.where(positive, input, 1)
        entropy = self.neg(self.mul(safe, self.log(safe)))
        other = self.where(self.eq(input, 0), 0, self.where(self.isnan(input), input, -math.inf))
        return self.where(positive, entropy, other)

    def logit(self: Any, input: Array) -> Array:
        """log(x / (1 - x))."""
        return self.log(self.div(input, 1 - input))

    def xlogy(self: Any, input: Array, other: Array) -> Array:
        """input * log(other), 0 where input is 0 and other is not NaN."""
        product = self.mul(input, self.log(other))
        zero = self.where(self.eq(input, 0), 0, product)
        return self.where(self.isnan(other), other, zero)

    def xlogy_scalar(self: Any, input: Array, other: Any) -> Array:
        """``xlogy`` with a Python number as the second operand."""
        return self.xlogy(input, self.scalar_like(input, other))

    def xlog1py(self: Any, input: Array, other: Array) -> Array:
        """input * log1p(other), 0 where input is 0 and other is not NaN."""
        product = self.mul(input, self.log1p(other))
        zero = self.where(self.eq(input, 0), 0, product)
        return self.where(self.isnan(other), other, zero)

    def xlog1py_scalar(self: Any, input: Array, other: Any) -> Array:
        """``xlog1py`` with a Python number as the second operand."""
        return self.xlog1py(input, self.scalar_like(input, other))

    def zeta_of_number(self: Any, input: Any, other: Array) -> Array:
        """``zeta`` with a Python number as the first operand."""
        return self.zeta(self.scalar_like(other, input), other)

    # One number after the other, in double precision ----------------------------------------------

    def _each(self: Any, function: Any, *operands: Array) -> Array:
        """A function of Python floats applied to each element of operands that broadcast."""
        dtype = self.dtype(operands[0])
        total = operands[0]
        for operand in operands[1:]:
            total = self.add(total, operand)
        columns = [
            self.to_flat(self.cast(self.expand(self.own(x), total.shape), dtypes.float64))
            for x in operands
        ]
        values = [function(*row) for row in zip(*columns, strict=True)]
        result = self.from_flat(values, total.shape, dtypes.float64)
        return self.following(self.cast(result, dtype), *operands)

    def i1(self: Any, input: Array) -> Array:
        """Modified Bessel function of the first kind, order 1."""
        return self._each(_i1, input)

    def i0e(self: Any, input: Array) -> Array:
        """exp(-|x|) i0(x)."""
        return self._each(lambda x: _scaled_bessel(0, x), input)

    def i1e(self: Any, input: Array) -> Array:
        """exp(-|x|) i1(x)."""
        return self._each(lambda x: _scaled_bessel(1, x), input)

    def erfcx(self: Any, input: Array) -> Array:
        """exp(x ** 2) erfc(x)."""
        return self._each(_erfcx, input)

    def ndtri(self: Any, input: Array) -> Array:
        """Inverse of the normal distribution function."""
        middle = self.mul(self.erfinv(input * 2 - 1), self.scalar_like(input, math.sqrt(2)))
        in_tail = self.logical_or(self.lt(input, 0.25), self.gt(input, 0.75))
        return self.where(in_tail, self._each(_ndtri_of_tail, input), middle)

    def log_ndtr(self: Any, input: Array) -> Array:
        """Logarithm of the normal distribution function."""
        return self._each(_log_ndtr, input)

    def zeta(self: Any, input: Array, other: Array) -> Array:
        """Hurwitz's zeta function of input > 1."""
        return self._each(hurwitz_zeta, input, other)


_BITS = 96
"""Binary places of the fixed-point sums: enough that only the last steps round."""


def _scaled_bessel(order: int, x: float) -> float:
    """exp(-|x|) times the modified Bessel function of order 0 or 1 (DLMF 10.25.2, 10.40.1)."""
    size = abs(x)
    if math.isnan(x):
        return x
    if math.isinf(x):
        return math.copysign(0.0, x) if order else 0.0
    if size < 20:
        top, bottom = size.as_integer_ratio()
        quarter = (top * top << _BITS) // (4 * bottom * bottom)
        term = total = 1 << _BITS
        k = 1
        while term:
            term = (term * quarter >> _BITS) // (k * (k + order))
            total += term
            k += 1
        result = (size / 2) ** order * (total / (1 << _BITS)) * math.exp(-size)
    else:
        terms = [1.0]
        while abs(terms[-1]) > 1e-17:
            k = len(terms)
            terms.append(terms[-1] * ((2 * k - 1) ** 2 - 4 * order) / (8 * size * k))
        result = math.fsum(terms) / math.sqrt(2 * math.pi * size)
    return -result if order and x < 0 else result


def _i1(x: float) -> float:
    if math.isinf(x) or math.isnan(x):
        return math.nan  # of infinity, too, as in torch
    half = math.exp(abs(x) / 2) if abs(x) < 1400 else math.inf
    return _scaled_bessel(1, x) * half * half


def _erfcx(x: float) -> float:
    if x < 25:
        if x < -26.7:
            return math.inf
        return _exp_of_square(x, 1.0) * math.erfc(x)
    square = x * x  # the asymptotic series, DLMF 7.12.1
    terms = [1.0]
    while abs(terms[-1]) > 1e-17:
        terms.append(-terms[-1] * (2 * len(terms) - 1) / (2 * square))
    return math.fsum(terms) / (x * math.sqrt(math.pi)) if not math.isinf(x) else 0.0


def _exp_of_square(x: float, factor: float) -> float:
    """exp(factor x ** 2), the rounding error of the square made good; a power of 2 the factor."""
    if math.isnan(x):
        return x
    high = math.fsum([x * 134217729.0, -(x * 134217729.0 - x)])
    low = x - high
    square = x * x
    error = ((high * high - square) + 2 * high * low) + low * low
    return math.exp(factor * square) * (1 + factor * error)


def _log_ndtr(x: float) -> float:
    scaled = abs(x) * math.sqrt(0.5)
    if x < -1:
        return math.log(_erfcx(scaled) / 2) - scaled * scaled if x > -math.inf else x
    if 1 < x < 100:  # the square of scaled has lost what the tail shows
        return math.log1p(-_erfcx(scaled) * _exp_of_square(x, -0.5) / 2)
    return math.log1p(-math.erfc(x / math.sqrt(2)) / 2)


def _ndtri_of_tail(p: float) -> float:
    """The inverse of the normal distribution function away from its middle: Newton's steps."""
    if p > 0.5:
        return -_ndtri_of_tail(1 - p)
    if p <= 0 or math.isnan(p):
        return -math.inf if p == 0 else math.nan
    logarithm = math.log(p)
    x = -math.sqrt(max(-2 * logarithm - math.log(2 * math.pi), 0.5))
    for _ in range(8):
        slope = math.sqrt(2 / math.pi) / _erfcx(-x * math.sqrt(0.5))
        step = (_log_ndtr(x) - logarithm) / slope
        x -= step
        if abs(step) < 1e-9 * abs(x):  # the next one would be below the last place
            break
    return x


_BERNOULLI = (
    *(1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510),
    *(43867 / 798, -174611 / 330, 854513 / 138, -236364091 / 2730),
)
"""The Bernoulli numbers 2, 4, 6 ..."""
_ZETA = tuple(b / math.factorial(2 * k) for k, b in enumerate(_BERNOULLI, 1))


def hurwitz_zeta(s: float, q: float) -> float:
    """Hurwitz's zeta function by Euler and Maclaurin's formula (DLMF 25.11)."""
    if s == 1:
        return math.inf
    if s < 1:
        return math.nan
    if q <= 0:
        if q.is_integer() or math.isinf(q):
            return math.inf
        if not (s.is_integer() or math.isinf(s)):
            return math.nan
    if math.isnan(s) or math.isnan(q) or math.isinf(q):
        return math.nan
    if math.isinf(s):  # above 1 the terms are 0, and torch makes 0 times infinity of the rest
        return 1.0 if q == 1 else math.inf if q < 1 else math.nan
    try:
        terms = [q**-s]
        while q < 12 + s:
            q += 1
            tail = q**-s
            if q > 0 and tail <= 1e-18 * abs(terms[0]):
                return math.fsum(terms)
            terms.append(tail)
    except OverflowError:
        return math.copysign(math.inf, q) if s % 2 == 1 else math.inf
    last = terms.pop()
    terms += [q ** (1 - s) / (s - 1), last / 2]
    factor = last * s / q
    for k, coefficient in enumerate(_ZETA, 1):
        terms.append(coefficient * factor)
        factor *= (s + 2 * k - 1) * (s + 2 * k) / (q * q)
    return math.fsum(terms)
