"""Special functions of real doubles, good to about 1e-15, and their kernels.

erf, erfc and mostly lgamma are Python's own; digamma, polygamma, erfinv and i0 are series (DLMF
5.7, 5.11, 25.11, 10.25, 10.40) and Newton steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache, partial
from typing import Final

from autograd_core import dtypes

from .array import Array, kernel_of, pointwise1
from .rounding import to_float32
from .scalars import rule

_SINGLE_PI: Final = to_float32([math.pi])[0]

# digamma's positive zero as a sum of two doubles.
_ZERO: Final = 1.4616321449683622
_ZERO_REST: Final = 9.549995429965697e-17
_EULER: Final = 0.5772156649015329
_BERNOULLI: Final = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
"""The Bernoulli numbers 2, 4, 6 ..."""


def _polynomial(coefficients: Sequence[float], x: float) -> float:
    """Return the sum of coefficients[k] * x ** k."""
    total = 0.0
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


@lru_cache(1)
def _digamma_taylor() -> tuple[float, ...]:
    """Return the Taylor coefficients of digamma around its zero, from the first order on."""
    return tuple((-1) ** order * _zeta(order + 2, _ZERO) for order in range(24))


@lru_cache(1)
def _lgamma_taylor() -> tuple[float, ...]:
    """Return the Taylor coefficients of lgamma around 2, from the first order on."""
    higher = ((-1) ** order * _zeta(order, 2.0) / order for order in range(2, 28))
    return (1 - _EULER, *higher)


_LGAMMA_ZEROS: Final = (
    (-2.4570247382208006, -3.7075610815513266e-17),
    (-2.7476826467274127, 9.055340329338315e-17),
    (-3.14358088834998, -2.1818179852331714e-16),
    (-3.955294284858598, -1.999428391746348e-17),
    (-4.039361839740537, 2.1143995503980602e-16),
    (-4.991544640560048, 1.5174411760571722e-16),
    (-5.0082181683225935, -4.3926353491015815e-17),
)
"""Where gamma is 1 or -1, as sums of two doubles; further on the zeros lie close to poles."""


@lru_cache(16)
def _lgamma_taylor_at(zero: float) -> tuple[float, ...]:
    """Return the Taylor coefficients of lgamma around a negative zero, from the first order on."""
    sine = math.sin(math.pi * math.remainder(zero, 1.0))
    second = (math.pi / sine) ** 2 - _zeta(2, 1 - zero)  # trigamma is not good enough
    higher = (polygamma(order - 1, zero) / math.factorial(order) for order in range(3, 16))
    return (digamma(zero), second / 2, *higher)


def _lgamma_near_pole(x: float) -> float:
    """Return lgamma where d n! is near 1 in size, x being d - n: the zeros there are close to n.

    gamma(x) is gamma(1 + d) / (d (d - 1) ... (d - n)); the logarithm is taken of d n! exactly.
    """
    n = -round(x)
    d = x + n
    product = abs(d) * math.factorial(n)
    lost = Fraction(abs(d)) * math.factorial(n) - Fraction(product)
    terms = [-math.log(product), -float(lost) / product, d * _polynomial(_lgamma_taylor(), d)]
    terms += [-math.log1p(d), *(-math.log1p(-d / k) for k in range(1, n + 1))]
    return math.fsum(terms)


def lgamma(x: float) -> float:
    """Return log |gamma(x)|: infinite at the poles, exact near its zeros 1 and 2."""
    if abs(x - 2) <= 0.5:
        return (x - 2) * _polynomial(_lgamma_taylor(), x - 2)
    if abs(x - 1) < 0.5:
        return (x - 1) * _polynomial(_lgamma_taylor(), x - 1) - math.log1p(x - 1)
    if -5.01 < x < -2.4:
        for zero, rest in _LGAMMA_ZEROS:
            if abs(x - zero) < 0.1 * abs(math.remainder(zero, 1.0)):
                distance = x - zero - rest
                return distance * _polynomial(_lgamma_taylor_at(zero), distance)
    if -17.5 < x < -5.5 and 0.5 < abs(x - round(x)) * math.factorial(-round(x)) < 2:
        return _lgamma_near_pole(x)
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):
        return math.inf


def digamma(x: float) -> float:
    """Return the logarithmic derivative of gamma: -inf at 0, inf at -0, NaN at the other poles."""
    if x == 0:
        return math.copysign(math.inf, -x)
    if x == -math.inf:
        return math.nan
    if x < 0:  # reflected as in torch, whose part of x is the less exact the nearer a pole below is
        part = math.fmod(x, 1.0)
        return digamma(1 - x) - math.pi * _cotangent(part) if part else math.nan
    if abs(x - _ZERO) < 0.3:
        distance = x - _ZERO - _ZERO_REST
        return distance * _polynomial(_digamma_taylor(), distance)
    if math.isinf(x) or math.isnan(x):
        return x
    terms = []
    while x < 10:
        terms.append(-1 / x)
        x += 1
    terms += [math.log(x), -0.5 / x]
    square = power = 1 / (x * x)
    for order, bernoulli in enumerate(_BERNOULLI, 1):
        terms.append(-bernoulli / (2 * order) * power)
        power *= square
    return math.fsum(terms)


def _cotangent(part: float) -> float:
    """Return cot(pi x) of what x is more than an integer, above or below."""
    return 1 / math.tan(math.pi * part) if abs(part) != 0.5 else 0.0


def trigamma(x: float, single: bool = False) -> float:
    """Return the derivative of digamma, good to 1e-10: torch's series, so that answers agree.

    Reflected to x >= 0.5, moved up by six, then the asymptotic series to x ** -7 (DLMF 5.15.5,
    5.15.6, 5.15.8). At a pole the answer is what rounding leaves of the sine of pi x, so that is
    rounded as in torch, in single precision if ``single``.
    """
    if math.isinf(x):
        return 0.0 if x > 0 else math.nan
    moved = 1 - x if x < 0.5 else x
    total = 0.0
    for _ in range(6):
        total += 1 / (moved * moved)
        moved += 1
    square = 1 / (moved * moved)
    series = 1 + 1 / (2 * moved) + square * (1 / 6 - square * (1 / 30 - square / 42))
    total += series / moved
    if x >= 0.5 or math.isnan(x):
        return total
    angle = to_float32([_SINGLE_PI * x])[0] if single else math.pi * x
    sine = math.sin(angle)
    ratio = math.pi / sine if sine else math.inf
    return ratio * ratio - total


def polygamma(n: int, x: float, single: bool = False) -> float:
    """Return the n-th derivative of digamma; at its poles the limit from the right.

    NaN at infinity for n > 1, as in torch.
    """
    if n == 0:
        return digamma(x)
    if n == 1:
        return trigamma(x, single)
    sign = 1.0 if n % 2 else -1.0
    if math.isnan(x) or x == math.inf:
        return math.nan
    if x <= 0:
        if x == -math.inf or math.remainder(x, 1.0) == 0:
            return sign * math.inf
        periodic = _polynomial(_cotangent_derivative(n), _cotangent(math.remainder(x, 1.0)))
        return -sign * polygamma(n, 1 - x) - math.pi ** (n + 1) * periodic
    try:
        return sign * math.factorial(n) * _zeta(n + 1, x)
    except OverflowError:
        return sign * math.inf


@lru_cache(64)
def _cotangent_derivative(n: int) -> tuple[int, ...]:
    """Return the coefficients of the n-th derivative of cot as a polynomial in cot."""
    if n == 0:
        return (0, 1)
    result = [0] * (n + 2)
    for power, coefficient in enumerate(_cotangent_derivative(n - 1)):
        if power:
            result[power - 1] -= power * coefficient
            result[power + 1] -= power * coefficient
    return tuple(result)


def _zeta(s: int, q: float) -> float:
    """Return Hurwitz's zeta function for s > 1, q > 0, by Euler and Maclaurin's formula."""
    if math.isinf(q):
        return 0.0
    terms = []
    while q < 10 + s:
        terms.append(q**-s)
        q += 1
    tail = q**-s
    terms += [q ** (1 - s) / (s - 1), 0.5 * tail]
    factor = tail * s / q
    for order, bernoulli in enumerate(_BERNOULLI, 1):
        terms.append(bernoulli / math.factorial(2 * order) * factor)
        factor *= (s + 2 * order - 1) * (s + 2 * order) / (q * q)
    return math.fsum(terms)


def erfinv(x: float) -> float:
    """Return the number whose erf is x: infinite at -1 and 1, NaN outside."""
    size = abs(x)
    if size >= 1 or math.isnan(x):
        return math.copysign(math.inf, x) if size == 1 else math.nan
    if size < 0.1:
        y = size * math.sqrt(math.pi) / 2
    else:  # Winitzki's approximation, good to 0.002
        logarithm = math.log((1 - size) * (1 + size))
        half = 2 / (math.pi * 0.147) + logarithm / 2
        y = math.sqrt(math.sqrt(half * half - logarithm / 0.147) - half)
    for _ in range(3):  # Halley's steps
        gap = math.erf(y) - size if size < 0.5 else (1 - size) - math.erfc(y)
        step = gap * math.sqrt(math.pi) / 2 * math.exp(y * y)
        y -= step / (1 + y * step)
    return math.copysign(y, x)


def i0(x: float) -> float:
    """Return the modified Bessel function of the first kind of order 0."""
    x = abs(x)
    if math.isinf(x) or math.isnan(x):
        return math.nan  # of infinity, too, as in torch
    terms = [1.0]
    if x < 20:
        quarter = x * x / 4
        while terms[-1] > 1e-17 * terms[0] and len(terms) < 200:
            terms.append(terms[-1] * quarter / len(terms) ** 2)
        return math.fsum(terms)
    while terms[-1] > 1e-17:
        terms.append(terms[-1] * (2 * len(terms) - 1) ** 2 / (8 * x * len(terms)))
    if x > 720:
        return math.inf
    root = math.exp(x / 2)
    return root * (root / math.sqrt(2 * math.pi * x) * math.fsum(terms))


class Special:
    """Functions of the capability "special"."""

    def polygamma(self, n: int, input: Array) -> Array:
        single = input.dtype is not dtypes.float64
        return pointwise1(rule(real=partial(polygamma, n, single=single)), input)


for _function in (erfinv, lgamma, digamma, i0):
    setattr(Special, _function.__name__, kernel_of(rule(real=_function), "self", "input"))
