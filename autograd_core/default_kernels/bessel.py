"""Bessel's and Airy's functions and the incomplete gamma functions, one number after the other.

Series are summed in fixed point, so that terms may cancel; away from the origin asymptotic series
take over (DLMF 10.8, 10.17, 10.31, 10.40, 9.4, 9.7, 8.7, 8.9).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import count
from typing import Any

from .special import hurwitz_zeta

Array = Any

_BITS = 200
_ONE = 1 << _BITS
_EULER = 0.57721566490153286


class BesselDefaults:
    """Derived functions of the capability "special" that few need."""

    def bessel_j0(self: Any, input: Array) -> Array:
        """Bessel function of the first kind, order 0."""
        return self._each(lambda x: _first_kind(0, x), input)

    def bessel_j1(self: Any, input: Array) -> Array:
        """Bessel function of the first kind, order 1."""
        return self._each(lambda x: _first_kind(1, x), input)

    def bessel_y0(self: Any, input: Array) -> Array:
        """Bessel function of the second kind, order 0; NaN below 0."""
        return self._each(lambda x: _second_kind(0, x), input)

    def bessel_y1(self: Any, input: Array) -> Array:
        """Bessel function of the second kind, order 1; NaN below 0."""
        return self._each(lambda x: _second_kind(1, x), input)

    def modified_bessel_i0(self: Any, input: Array) -> Array:
        """``i0``, NaN at infinity."""
        return self.where(self.isinf(input), math.nan, self.i0(input))

    def modified_bessel_i1(self: Any, input: Array) -> Array:
        """``i1``, NaN at infinity."""
        return self.where(self.isinf(input), math.nan, self.i1(input))

    def modified_bessel_k0(self: Any, input: Array) -> Array:
        """Modified Bessel function of the second kind, order 0; NaN below 0."""
        return self._each(lambda x: _damped(0, x), input)

    def modified_bessel_k1(self: Any, input: Array) -> Array:
        """Modified Bessel function of the second kind, order 1; NaN below 0."""
        return self._each(lambda x: _damped(1, x), input)

    def scaled_modified_bessel_k0(self: Any, input: Array) -> Array:
        """exp(x) modified_bessel_k0(x)."""
        return self._each(lambda x: _scaled_damped(0, x), input)

    def scaled_modified_bessel_k1(self: Any, input: Array) -> Array:
        """exp(x) modified_bessel_k1(x)."""
        return self._each(lambda x: _scaled_damped(1, x), input)

    def spherical_bessel_j0(self: Any, input: Array) -> Array:
        """sin(x) / x, 1 at 0 and 0 at infinity."""
        plain = self.logical_or(self.eq(input, 0), self.isinf(input))
        safe = self.where(plain, 1, input)
        edge = self.where(self.eq(input, 0), self.ones_like(input), 0)
        return self.where(plain, edge, self.div(self.sin(safe), safe))

    def airy_ai(self: Any, input: Array) -> Array:
        """Airy's function Ai; NaN at infinity."""
        return self._each(_airy, input)

    def igamma(self: Any, input: Array, other: Array) -> Array:
        """The lower incomplete gamma function of ``input`` at ``other``, over gamma(input)."""
        return self._each(lambda a, x: _incomplete_gamma(a, x)[0], input, other)

    def igammac(self: Any, input: Array, other: Array) -> Array:
        """The upper incomplete gamma function of ``input`` at ``other``, over gamma(input)."""
        return self._each(lambda a, x: _incomplete_gamma(a, x)[1], input, other)


def _summed(step: Callable[[int, int], int], weight: Callable[[int], int] | None = None) -> float:
    """Sum terms in fixed point: the first is 1, ``step(term, k)`` gives the k-th from the last.

    ``weight(k)`` in fixed point multiplies the k-th, from 0 on.
    """
    term = _ONE
    total = term if weight is None else weight(0)
    for k in count(1):
        term = step(term, k)
        if not term:
            break
        total += term if weight is None else term * weight(k) >> _BITS
    return total / _ONE


def _quarter_of_square(x: float) -> int:
    top, bottom = x.as_integer_ratio()
    return (top * top << _BITS) // (4 * bottom * bottom)


def _shifted_down(value: int) -> int:
    """value / 2 ** _BITS, toward 0 so that terms end."""
    return -(-value >> _BITS) if value < 0 else value >> _BITS


def _near_zero(order: int, x: float, sign: int) -> tuple[float, float]:
    """Sums of (sign x^2/4)^k / (k! (k+n)!), and of those times H(k) + H(k+n) for second kinds."""
    square = sign * _quarter_of_square(x)

    def step(term: int, k: int) -> int:
        value = _shifted_down(term * square)
        divisor = k * (k + order)
        return -(-value // divisor) if value < 0 else value // divisor

    harmonic = [0]

    def weight(k: int) -> int:
        while len(harmonic) <= k + order:
            harmonic.append(harmonic[-1] + _ONE // len(harmonic))
        return harmonic[k] + harmonic[k + order]

    return _summed(step), _summed(step, weight)


def _phases(order: int, x: float) -> tuple[float, float]:
    """Hankel's J and Y for large x, without sqrt(1 / (pi x))."""
    terms = [1.0]
    while abs(terms[-1]) > 1e-18:
        k = len(terms)
        terms.append(terms[-1] * (4 * order - (2 * k - 1) ** 2) / (8 * k * x))
    p = math.fsum(-t if k % 2 else t for k, t in enumerate(terms[::2]))
    q = math.fsum(-t if k % 2 else t for k, t in enumerate(terms[1::2]))
    both, gap = math.cos(x) + math.sin(x), math.sin(x) - math.cos(x)
    cosine, sine = (gap, -both) if order else (both, gap)
    return p * cosine - q * sine, p * sine + q * cosine


def _first_kind(order: int, x: float) -> float:
    if math.isinf(x) or math.isnan(x):
        return math.nan
    size = abs(x)
    if size < 25:
        plain, _ = _near_zero(order, x, -1)
        return plain * x / 2 if order else plain
    made = _phases(order, size)[0] / math.sqrt(math.pi) / math.sqrt(size)
    return -made if order and x < 0 else made


def _second_kind(order: int, x: float) -> float:
    if x < 0 or math.isinf(x) or math.isnan(x):
        return math.nan
    if x == 0:
        return -math.inf
    if x >= 25:
        return _phases(order, x)[1] / math.sqrt(math.pi) / math.sqrt(x)
    plain, weighted = _near_zero(order, x, -1)
    logarithm = math.log(x / 2) + _EULER if x > 1e-300 else math.log(x) - math.log(2) + _EULER
    if not order:
        return (2 * logarithm * plain - weighted) / math.pi
    return (2 * logarithm * plain - weighted) * (x / 2) / math.pi - 2 / (math.pi * x)


def _scaled_damped(order: int, x: float) -> float:
    """exp(x) K(x): a series, an integral by the trapezoidal rule, or the asymptotic series."""
    if x <= 0 or math.isnan(x):
        return math.inf if x == 0 else math.nan
    if math.isinf(x):
        return 0.0
    if x < 1:
        plain, weighted = _near_zero(order, x, 1)
        logarithm = math.log(x) - math.log(2) + _EULER
        if not order:
            return math.exp(x) * (weighted / 2 - logarithm * plain)
        return math.exp(x) * (1 / x + (logarithm * plain - weighted / 2) * (x / 2))
    if x > 30:
        terms = [1.0]
        while abs(terms[-1]) > 1e-18:
            k = len(terms)
            terms.append(terms[-1] * (4 * order - (2 * k - 1) ** 2) / (8 * k * x))
        return math.fsum(terms) * math.sqrt(math.pi / 2) / math.sqrt(x)
    step = 1 / 16
    values = [0.5]
    for k in count(1):
        t = k * step
        values.append(math.exp(-2 * x * math.sinh(t / 2) ** 2) * math.cosh(order * t))
        if values[-1] < 1e-18:
            return math.fsum(values) * step
    return math.nan


def _damped(order: int, x: float) -> float:
    if x > 1400:
        return 0.0
    scaled = _scaled_damped(order, x)
    return scaled * math.exp(-x / 2) * math.exp(-x / 2) if x > 0 else scaled


_AIRY_AT_0 = 0x5AE31E589C56E17A96D7BB04E64F6DA97AB1006B26F9EB6421
_AIRY_SLOPE_AT_0 = 0x4241FD0ADC3E2A2EBA6FCA5021D9EE1E6A31F0935D3A8B0FA7
"""Ai(0) and -Ai'(0) in units of 2 ** -_BITS."""


def _airy(x: float) -> float:
    if math.isinf(x) or math.isnan(x):
        return math.nan
    if abs(x) < 10:
        top, bottom = x.as_integer_ratio()
        cube = (top**3 << _BITS) // bottom**3

        def series(first: int, offset: int) -> int:
            term = total = first
            for k in count(1):
                term = _shifted_down(term * cube)
                divisor = (3 * k + offset) * (3 * k + offset - 1)
                term = -(-term // divisor) if term < 0 else term // divisor
                if not term:
                    return total
                total += term
            return total

        slope = (series(_AIRY_SLOPE_AT_0, 1) * top) // bottom
        return (series(_AIRY_AT_0, 0) - slope) / _ONE
    size = abs(x)
    root = math.sqrt(size)
    zeta = 2 / 3 * size * root
    terms = [1.0]
    while abs(terms[-1]) > 1e-18:
        k = len(terms)
        factor = (6 * k - 5) * (6 * k - 3) * (6 * k - 1) / (216 * k * (2 * k - 1))
        terms.append(-terms[-1] * factor / zeta)
    scale = 1 / math.sqrt(math.pi * root)
    if x > 0:
        return scale / 2 * math.fsum(terms) * math.exp(-zeta)
    even = math.fsum(-t if k % 2 else t for k, t in enumerate(terms[::2]))
    odd = math.fsum(t if k % 2 else -t for k, t in enumerate(terms[1::2]))
    cosine = (math.cos(zeta) + math.sin(zeta)) * math.sqrt(0.5)
    sine = (math.sin(zeta) - math.cos(zeta)) * math.sqrt(0.5)
    return scale * (even * cosine + odd * sine)


def _incomplete_gamma(a: float, x: float) -> tuple[float, float]:
    """Both regularized functions; the smaller is computed, the other is 1 minus it."""
    if not (a >= 0 and x >= 0) or (math.isinf(a) and math.isinf(x)) or a == x == 0:
        return math.nan, math.nan
    if math.isinf(a) or x == 0:
        return 0.0, 1.0
    if math.isinf(x) or a == 0:
        return 1.0, 0.0
    density = _gamma_density(a, x)
    if x < a or x < 1.1:
        term = total = 1.0
        for k in count(1):
            term *= x / (a + k)
            total += term
            if term <= 1e-17 * total:
                break
        lower = min(density * total, 1.0)
        return lower, _upper_near_zero(a, x) if x < 1.1 else 1 - lower
    upper = min(density * a / _continued_fraction(a, x), 1.0)
    return 1 - upper, upper


def _upper_near_zero(a: float, x: float) -> float:
    """The upper function for small x, where it is small for small ``a``, too."""
    logarithm = a * math.log(x) - _lgamma_of_one_more(a)
    term, terms = 1.0, []
    for k in range(1, 40):
        term *= -x / k
        terms.append(term / (a + k))
    return -math.expm1(logarithm) - math.exp(logarithm) * a * math.fsum(terms)


def _lgamma_of_one_more(a: float) -> float:
    """log gamma(1 + a), to the last places of a small ``a``, too (DLMF 5.7.3)."""
    if a > 0.5:
        return math.lgamma(1 + a)
    return math.fsum(c * a**k for k, c in enumerate(_lgamma_coefficients(), 1))


@lru_cache(1)
def _lgamma_coefficients() -> list[float]:
    return [-_EULER, *((-1) ** k * hurwitz_zeta(k, 1.0) / k for k in range(2, 60))]


def _gamma_density(a: float, x: float) -> float:
    """x ** a exp(-x) / gamma(a + 1)."""
    if a < 20:
        if x < 700:
            power: float = x**a
            return math.exp(-x) * power / math.gamma(a + 1)
        return math.exp(a * math.log(x) - x - math.lgamma(a + 1))
    gap = (x - a) / a
    if abs(gap) < 0.1:  # log1p(gap) - gap, whose first terms cancel
        power, terms = gap, []
        for k in range(2, 20):
            power *= -gap
            terms.append(power / k)
        exponent = a * math.fsum(terms)
    else:
        exponent = a * (math.log(x / a) - gap)
    stirling = 1 / (12 * a) - 1 / (360 * a**3) + 1 / (1260 * a**5) - 1 / (1680 * a**7)
    return math.exp(exponent - stirling) / math.sqrt(2 * math.pi * a)


def _continued_fraction(a: float, x: float) -> float:
    """Legendre's fraction of the upper function, by Lentz's method."""
    bottom = x + 1 - a
    value = bottom or 1e-300
    c, d = value, 0.0
    for k in range(1, 100000):
        numerator = k * (a - k)
        bottom += 2
        d = 1 / ((bottom + numerator * d) or 1e-300)
        c = (bottom + numerator / c) or 1e-300
        value *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return value
