"""Special functions, from SciPy, which is imported when one is first called."""

from __future__ import annotations

import functools
import importlib
import math
from typing import Any

import numpy as np

from .blocks import MANY_ELEMENTS, pointwise, scratch
from .element_types import WIDE, convert

Array = Any


@functools.cache
def _scipy(name: str) -> Any:
    return getattr(importlib.import_module("scipy.special"), name)


def _apply(name: str, input: Array) -> Array:
    """SciPy's function in the dtype of the input; of 16-bit floats in float32, rounded once."""
    wide = WIDE.get(input.dtype)
    if wide is None:
        return _scipy(name)(input)
    return _scipy(name)(input.astype(wide)).astype(input.dtype)


def _binary(name: str, input: Array, other: Array) -> Array:
    wide = WIDE.get(input.dtype, input.dtype)
    return _scipy(name)(input.astype(wide), other.astype(wide)).astype(input.dtype)


def _made_good(result: Array, input: Array, where: Array, function: Any) -> Array:
    """SciPy's result, in double precision replaced by that of a function where a mask says so."""
    if input.dtype != np.float64 or not np.any(where):
        return result
    result = np.array(result)
    result[where] = function(input[where])
    return result


def _finite(name: str, input: Array) -> Array:
    """SciPy's function, NaN at infinity as in torch."""
    return np.where(np.isinf(input), np.nan, _apply(name, input)).astype(input.dtype)


def _digamma_of_negative(input: Array) -> Array:
    """Reflected (DLMF 5.5.4) as torch does it, which is a few units off beside the poles."""
    return _scipy("psi")(1 - input) - np.pi / np.tan(np.pi * np.fmod(input, 1.0))


def _trigamma(input: Array) -> Array:
    """Reflected to x >= 0.5, moved up by six, then the asymptotic series to x ** -7.

    Abramowitz and Stegun 6.4.6, 6.4.7, 6.4.12. Good to 1e-10, as in torch; SciPy's is better. At a
    pole the answer is what rounding leaves of the sine of pi x, so that is rounded as in torch: in
    single precision but for doubles.
    """
    x = input.astype(np.float64)
    angle = np.pi * x
    if input.dtype != np.float64:
        angle = (np.float32(np.pi) * input.astype(np.float32)).astype(np.float64)
    reflected = x < 0.5
    moved = np.where(reflected, 1 - x, x)
    total = np.zeros_like(moved)
    for _ in range(6):
        total = total + 1 / (moved * moved)
        moved = moved + 1
    square = 1 / (moved * moved)
    series = 1 + 1 / (2 * moved) + square * (1 / 6 - square * (1 / 30 - square / 42))
    total = total + series / moved
    return np.where(reflected, (np.pi / np.sin(angle)) ** 2 - total, total)


def _exp_of_square(input: Array, factor: float) -> Array:
    """exp(factor input ** 2), the rounding error of the square made good (Dekker's product)."""
    square, lost = _product(input, input)
    return np.exp(factor * square) * (1 + factor * lost)


def _product(x: Array, y: Array) -> tuple[Array, Array]:
    """A product, and what rounding took from it."""
    (x_high, x_low), (y_high, y_low) = _halves(x), _halves(y)
    product = x * y
    lost = ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low
    return product, lost


def _halves(x: Array) -> tuple[Array, Array]:
    spread = x * 134217729.0
    high = spread - (spread - x)
    return high, x - high


def _erfc_of_large(input: Array) -> Array:
    input = np.minimum(input, 30.0)  # 0 from 27.3 on
    return _scipy("erfcx")(input) * _exp_of_square(input, -1.0)


def _log_ndtr_of_large(input: Array) -> Array:
    input = np.minimum(input, 40.0)  # 0 from 38.5 on
    tail = _scipy("erfcx")(input * math.sqrt(0.5)) * _exp_of_square(input, -0.5) / 2
    return np.log1p(-tail)


@functools.cache
def _erf_series() -> Array:
    """Coefficients of erf(x) / x - 1 as a polynomial of x ** 2, the highest first (DLMF 7.6.1)."""
    orders = range(24, 0, -1)
    higher = [(-1) ** k / (math.factorial(k) * (2 * k + 1)) for k in orders]
    return np.append(2 / math.sqrt(math.pi) * np.array(higher), 0.12837916709551257)


def _erf_less_argument(input: Array) -> Array:
    """erf(x) - x of numbers up to 1, which is small beside them."""
    return input * np.polyval(_erf_series(), input * input)


def _erf_of_small(input: Array) -> Array:
    """erf of numbers below 1, where SciPy's is two units off."""
    return input + _erf_less_argument(input)


def _erfinv_improved(input: Array) -> Array:
    """SciPy's inverse after one of Newton's steps, with a residual that keeps its digits."""
    size = np.abs(input)
    found = _scipy("erfinv")(size)
    gap = np.where(
        found < 1,
        (found - size) + _erf_less_argument(np.minimum(found, 1.0)),
        (1 - size) - _scipy("erfc")(found),
    )
    return np.copysign(found - gap * np.exp(found * found) * (math.sqrt(math.pi) / 2), input)


@functools.cache
def _lgamma_taylor() -> Array:
    """Coefficients of lgamma around 2, the highest order (28) first; DLMF 5.7.3."""
    orders = np.arange(28, 1, -1)
    higher: Array = (-1.0) ** orders * _scipy("zeta")(orders, 2.0) / orders
    return np.append(higher, 1 - np.euler_gamma)


def _lgamma_around_zeros(input: Array) -> Array:
    """lgamma from 0.5 to 2.5, exact near its zeros: lgamma(x) is lgamma(x + 1) - log(x)."""
    upper = input >= 1.5
    distance = np.where(upper, input - 2, input - 1)
    series = distance * np.polyval(_lgamma_taylor(), distance)
    return np.where(upper, series, series - np.log1p(distance))


_LGAMMA_ZEROS = (
    (-2.4570247382208006, -3.7075610815513266e-17),
    (-2.7476826467274127, 9.055340329338315e-17),
    (-3.14358088834998, -2.1818179852331714e-16),
    (-3.955294284858598, -1.999428391746348e-17),
    (-4.039361839740537, 2.1143995503980602e-16),
    (-4.991544640560048, 1.5174411760571722e-16),
    (-5.0082181683225935, -4.3926353491015815e-17),
)
"""Where gamma is 1 or -1, as sums of two doubles; further on the zeros lie close to poles."""


@functools.cache
def _lgamma_taylor_at(zero: float) -> Array:
    """Coefficients of lgamma around a negative zero, the highest order (16) first."""
    poles = zero + np.arange(7.0)
    orders = np.arange(16, 1, -1)
    hurwitz = (poles[:, None] ** -orders).sum(0) + _scipy("zeta")(orders, zero + 7)
    slope = _scipy("psi")(zero + 7) - (1 / poles).sum()
    return np.append((-1.0) ** orders * hurwitz / orders, slope)


def _lgamma_of_negative(input: Array) -> Array:
    """SciPy's lgamma of numbers from -18 to -2, made good around its zeros."""
    result = _scipy("gammaln")(input)
    for zero, rest in _LGAMMA_ZEROS:
        near = np.abs(input - zero) < 0.1 * abs(math.remainder(zero, 1.0))
        distance = input[near] - zero - rest
        result[near] = distance * np.polyval(_lgamma_taylor_at(zero), distance)
    pole = np.round(input)
    size = np.abs(input - pole) * _scipy("factorial")(-pole)
    near = (pole < -5) & (size > 0.5) & (size < 2)
    result[near] = _lgamma_near_poles(input[near])
    return result


def _lgamma_near_poles(input: Array) -> Array:
    """lgamma where d n! is near 1 in size, x being d - n.

    gamma(x) is gamma(1 + d) / (d (d - 1) ... (d - n)); the logarithm is taken of d n! exactly.
    """
    order = -np.round(input)
    d = input + order
    size, lost = _product(np.abs(d), _scipy("factorial")(order))
    rest = d * np.polyval(_lgamma_taylor(), d) - np.log1p(d)
    for k in range(1, 18):
        rest = rest - np.where(k <= order, np.log1p(-d / k), 0.0)
    return rest - lost / size - np.log(size)


@functools.cache
def _i1_series() -> Array:
    """Coefficients of i1(x) / (x / 2) as a polynomial of (x / 2) ** 2, the highest first."""
    return np.array([1 / (math.factorial(k) * math.factorial(k + 1)) for k in range(32, -1, -1)])


def _i1_of_small(input: Array) -> Array:
    """i1 up to 9, where SciPy's is a dozen units off."""
    half = input / 2
    return half * np.polyval(_i1_series(), half * half)


def _i1e_of_small(input: Array) -> Array:
    return _i1_of_small(input) * np.exp(-np.abs(input))


_ERF_RATIO = (
    "6.68644214275e-6 4.08411880171e-4 4.21035275282e-3 0.0556642651667 0.192672501377 "
    "1.12837916977",
    "2.54559402403e-7 7.18106359771e-5 1.41420675799e-3 0.0162535359181 0.117358890402 "
    "0.504084985674 1",
)
"""erf(x) / x up to 3.96 as a ratio of polynomials of x ** 2, the highest power first.

Fitted by weighted least squares to a relative error of 2.4e-9 everywhere, a twentieth of what
single precision tells apart; from 3.96 on erf is 1 there.
"""
_ERF_PART = 1 << 15


def single_erf(input: Array, out: Array, within: Any = np.float64) -> None:
    """Write erf of row-major float32 numbers in a tenth of the time that SciPy's takes.

    Within single precision it takes half of that, and is a few units off.
    """
    native = np.dtype(within)
    for start in range(0, input.size, _ERF_PART):
        part = slice(start, start + _ERF_PART)
        x, square, ratio, divisor = (scratch(input[part].shape, native, k) for k in range(4))
        np.clip(input[part], -3.96, 3.96, out=x)
        np.multiply(x, x, out=square)
        for polynomial, numbers in zip((ratio, divisor), _ERF_RATIO, strict=True):
            first, second, *others = map(float, numbers.split())
            np.multiply(square, first, out=polynomial)
            polynomial += second
            for coefficient in others:
                polynomial *= square
                polynomial += coefficient
        ratio *= x
        np.divide(ratio, divisor, out=out[part], casting="same_kind")


class Special:
    """The functions of the capability "special"."""

    def erf(self, input: Array) -> Array:
        if input.dtype == np.float32 and input.size >= MANY_ELEMENTS and input.flags.c_contiguous:
            return pointwise(single_erf, input)
        return _made_good(_apply("erf", input), input, np.abs(input) < 1, _erf_of_small)

    def erfc(self, input: Array) -> Array:
        # SciPy's is 22 units off at 13.
        return _made_good(_apply("erfc", input), input, input > 1, _erfc_of_large)

    def erfinv(self, input: Array) -> Array:
        result = np.copysign(_apply("erfinv", input), input)  # SciPy has 0 at -0
        return _made_good(result, input, np.abs(input) < 1, _erfinv_improved)

    def lgamma(self, input: Array) -> Array:
        result: Array = np.where(np.isinf(input), np.abs(input), _apply("gammaln", input))
        # SciPy's loses the zeros: those at 1 and 2, and the negative ones.
        near = (input > 0.5) & (input < 2.5)
        result = _made_good(result, input, near, _lgamma_around_zeros)
        return _made_good(result, input, (input < -2) & (input > -18), _lgamma_of_negative)

    def digamma(self, input: Array) -> Array:
        # SciPy's loses digits below 0, but around the zero there.
        below = (input < 0) & (input != np.floor(input)) & (np.abs(input + 0.504) > 0.1)
        return _made_good(_apply("psi", input), input, below, _digamma_of_negative)

    def polygamma(self, n: int, input: Array) -> Array:
        if n == 0:
            return self.digamma(input)
        if n == 1:
            return convert(_trigamma(input), input.dtype)
        wide = input.astype(np.float64)
        sign = 1.0 if n % 2 else -1.0
        scale = sign * np.exp(_scipy("gammaln")(n + 1.0))
        result = scale * _scipy("zeta")(n + 1.0, wide)
        return convert(np.where(wide == np.inf, np.nan, result), input.dtype)  # NaN as in torch

    def i0(self, input: Array) -> Array:
        return _apply("i0", input)

    def i0e(self, input: Array) -> Array:
        return _apply("i0e", input)

    def i1(self, input: Array) -> Array:
        return _made_good(_apply("i1", input), input, np.abs(input) < 9, _i1_of_small)

    def i1e(self, input: Array) -> Array:
        return _made_good(_apply("i1e", input), input, np.abs(input) < 9, _i1e_of_small)

    def entr(self, input: Array) -> Array:
        return _apply("entr", input)

    def erfcx(self, input: Array) -> Array:
        return _apply("erfcx", input)

    def ndtri(self, input: Array) -> Array:
        return _apply("ndtri", input)

    def log_ndtr(self, input: Array) -> Array:
        # SciPy's is 700 units off at 36.
        return _made_good(_apply("log_ndtr", input), input, input > 1, _log_ndtr_of_large)

    def zeta(self, input: Array, other: Array) -> Array:
        infinite = np.isposinf(other) & (input != 1)  # where SciPy's is 0
        return np.where(infinite, np.nan, _scipy("zeta")(input, other)).astype(input.dtype)

    def bessel_j0(self, input: Array) -> Array:
        return _finite("j0", input)

    def bessel_j1(self, input: Array) -> Array:
        return _finite("j1", input)

    def bessel_y0(self, input: Array) -> Array:
        return _finite("y0", input)

    def bessel_y1(self, input: Array) -> Array:
        return _finite("y1", input)

    def modified_bessel_k0(self, input: Array) -> Array:
        return _apply("k0", input)

    def modified_bessel_k1(self, input: Array) -> Array:
        return _apply("k1", input)

    def scaled_modified_bessel_k0(self, input: Array) -> Array:
        return _apply("k0e", input)

    def scaled_modified_bessel_k1(self, input: Array) -> Array:
        return _apply("k1e", input)

    def airy_ai(self, input: Array) -> Array:
        result = np.where(input > 1e3, 0.0, _scipy("airy")(input)[0])  # SciPy has NaN at 1e300
        return np.where(np.isinf(input), np.nan, result).astype(input.dtype)

    def igamma(self, input: Array, other: Array) -> Array:
        return _binary("gammainc", input, other)

    def igammac(self, input: Array, other: Array) -> Array:
        return _binary("gammaincc", input, other)
