"""Special functions, from SciPy, which is imported when one is first called."""

from __future__ import annotations

import functools
import importlib
from typing import Any

import numpy as np

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


def _finite(name: str, input: Array) -> Array:
    """SciPy's function, NaN at infinity as in torch."""
    return np.where(np.isinf(input), np.nan, _apply(name, input)).astype(input.dtype)


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


def _erfc_of_large(input: Array) -> Array:
    """erfcx(x) exp(-x ** 2), the rounding error of the square made good (Dekker's product)."""
    input = np.minimum(input, 30.0)  # 0 from 27.3 on
    square = input * input
    spread = input * 134217729.0
    high = spread - (spread - input)
    low = input - high
    lost = ((high * high - square) + 2 * high * low) + low * low
    return _scipy("erfcx")(input) * (np.exp(-square) * (1 - lost))


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


class Special:
    """The functions of the capability "special"."""

    def erf(self, input: Array) -> Array:
        return _apply("erf", input)

    def erfc(self, input: Array) -> Array:
        result = _apply("erfc", input)
        large = input > 1
        if input.dtype == np.float64 and np.any(large):  # SciPy's is 22 units off at 13
            result = np.where(large, _erfc_of_large(np.where(large, input, 1.0)), result)
        return result

    def erfinv(self, input: Array) -> Array:
        return np.copysign(_apply("erfinv", input), input)  # SciPy has 0 at -0

    def lgamma(self, input: Array) -> Array:
        result: Array = np.where(np.isinf(input), np.abs(input), _apply("gammaln", input))
        near = (input > 0.5) & (input < 2.5)
        if input.dtype == np.float64 and np.any(near):  # SciPy's loses the zeros at 1 and 2
            result = np.where(near, _lgamma_around_zeros(np.where(near, input, 1.5)), result)
        return result

    def digamma(self, input: Array) -> Array:
        return _apply("psi", input)

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
        return _apply("i1", input)

    def i1e(self, input: Array) -> Array:
        return _apply("i1e", input)

    def entr(self, input: Array) -> Array:
        return _apply("entr", input)

    def erfcx(self, input: Array) -> Array:
        return _apply("erfcx", input)

    def ndtri(self, input: Array) -> Array:
        return _apply("ndtri", input)

    def log_ndtr(self, input: Array) -> Array:
        return _apply("log_ndtr", input)

    def zeta(self, input: Array, other: Array) -> Array:
        return _scipy("zeta")(input, other)

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
