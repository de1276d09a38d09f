"""Box-Muller on arrays, with the bits of `autograd_core.box_muller`; float32 fused multiply-adds.

A float32 value is carried in a float64 array, where a product of two is exact.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import xlogy

from autograd_core import box_muller as definition
from autograd_core.box_muller import HALF_BLOCK
from autograd_core.narrow_floats import fused_double, round_single

Array = np.ndarray[Any, Any]

_LOW_WORD = 0 if sys.byteorder == "little" else 1
_CHUNK = 16384  # numbers in flight at a time, so that a chunk's temporaries stay in the L2 cache


def _single(values: Array) -> Array:
    return values.astype(np.float32).astype(np.float64)


def _fused(left: Array, right: Array | float, addend: Array | float) -> Array:
    """left * right + addend of float32 values, with one float32 rounding."""
    sums = left * right
    sums += addend
    rounded = _single(sums)
    midway = (sums.view(np.uint32)[_LOW_WORD::2] & np.uint32(0x1FFFFFFF)) == 0x10000000
    if midway.any():  # between two float32 values: what the double dropped decides
        total = sums[midway]
        a, b, c = (np.broadcast_to(part, sums.shape)[midway] for part in (left, right, addend))
        _, error = _sum_and_error(a * b, c)
        beside = np.nextafter(total, np.copysign(np.inf, error))
        rounded[midway] = _single(np.where(error != 0, beside, total))
    return rounded


def _horner(coefficients: Sequence[float], at: Array) -> Array:
    value = _fused(at, coefficients[0], coefficients[1])
    for coefficient in coefficients[2:]:
        value = _fused(value, at, coefficient)
    return value


def _log_single(values: Array) -> Array:
    mantissa, exponent = np.frexp(values)
    low = mantissa < definition.ROOT_HALF
    x = np.where(low, 2.0 * mantissa, mantissa) - 1.0
    exponents = (exponent - low).astype(np.float64)
    square = _single(x * x)
    y = _single(_horner(definition.LOG_POLYNOMIAL, x) * x)
    y = _fused(y, square, _single(exponents * definition.LOG_2_LOW))
    y = _fused(square, -0.5, y)
    # the sum fits a double: exponents * LOG_2_HIGH is a multiple of 2**-9, the rest of 2**-48
    return _single(exponents * definition.LOG_2_HIGH + _single(x + y))


def _sin_cos_single(angles: Array) -> tuple[Array, Array]:
    quarters = _single(angles * definition.QUARTERS_PER_RADIAN)
    octants = (quarters.astype(np.int64) + 1) & ~1
    nearest = octants.astype(np.float64)
    x = angles
    for part in definition.QUARTER_PI_PARTS:  # each sum fits a double
        x = _single(nearest * part + x)
    square = _single(x * x)
    cosine = _single(_horner(definition.COS_POLYNOMIAL, square) * square)
    cosine = _single(_fused(square, cosine, -0.5 * square) + 1.0)
    sine = _single(_horner(definition.SIN_POLYNOMIAL, square) * square)
    sine = _fused(sine, x, x)
    swapped = (octants & 2).astype(bool)
    near, far = np.where(swapped, cosine, sine), np.where(swapped, sine, cosine)
    np.negative(near, out=near, where=(octants & 4).astype(bool))
    np.negative(far, out=far, where=(octants == 2) | (octants == 4))
    return near, far


def _polar_single(u1: Array, u2: Array) -> tuple[Array, Array]:
    radius = _single(np.sqrt(-2.0 * _log_single(1.0 - u1)))
    sine, cosine = _sin_cos_single(_single(definition.TWO_PI * u2))
    return _single(radius * cosine), _single(radius * sine)


def _polar_double(u1: Array, u2: Array) -> tuple[Array, Array]:
    # xlogy and the complex exp reach the C library's log, cos and sin; np.log is NumPy's own
    radius = np.sqrt(-2.0 * xlogy(1.0, 1.0 - u1))
    turn = np.exp(1j * (2.0 * math.pi * u2))
    return radius * turn.real, radius * turn.imag


def normal_blocks(uniforms: Array, mean: float, std: float) -> Array:
    """Turn blocks of 16 uniforms into as many normal deviates of the same dtype."""
    deviates = np.empty_like(uniforms)
    single = uniforms.dtype == np.float32
    polar = _polar_single if single else _polar_double
    for start in range(0, len(uniforms), _CHUNK):
        pairs = uniforms[start : start + _CHUNK].reshape(-1, 2, HALF_BLOCK)
        chunk = deviates[start : start + _CHUNK].reshape(-1, 2, HALF_BLOCK)
        radii, angles = pairs[:, 0].astype(np.float64).ravel(), pairs[:, 1].astype(np.float64)
        cosines, sines = polar(radii, angles.ravel())
        chunk[:, 0], chunk[:, 1] = cosines.reshape(-1, HALF_BLOCK), sines.reshape(-1, HALF_BLOCK)
    return fused_scale_and_shift(deviates, std, mean)


def fused_scale_and_shift(values: Array, scale: float, shift: float) -> Array:
    """Return values * scale + shift with one rounding, in float32 or float64."""
    result = np.empty_like(values)
    if shift == 0.0:  # a single multiplication; adding zero turns -0.0 into 0.0, as torch does
        with np.errstate(over="ignore", invalid="ignore"):
            np.multiply(values, values.dtype.type(scale), out=result)
        result += values.dtype.type(0.0)
        return result
    if values.dtype == np.float32:
        scale, shift = round_single([scale, shift])
    fused = _fused_double if values.dtype == np.float64 else _fused
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(values), _CHUNK):
            chunk = values[start : start + _CHUNK].astype(np.float64)
            result[start : start + _CHUNK] = fused(chunk, scale, shift)
    return result


def _split(values: Any) -> tuple[Any, Any]:
    """Cut float64 values into a 26-bit head and the rest (Veltkamp)."""
    scaled = values * 134217729.0
    head = scaled - (scaled - values)
    return head, values - head


def _sum_and_error(left: Any, right: Any) -> tuple[Any, Any]:
    total = left + right
    part = total - left
    return total, (left - (total - part)) + (right - part)


def _fused_double(values: Array, scale: float, shift: float) -> Array:
    """A float64 fused multiply-add (Boldo and Melquiond 2008): round the low part to odd."""
    factor, addend = np.float64(scale), np.float64(shift)
    product = values * factor
    (head, tail), (factor_head, factor_tail) = _split(values), _split(factor)
    low = head * factor_head - product + head * factor_tail + tail * factor_head
    low += tail * factor_tail
    high, middle = _sum_and_error(addend, low)
    total, rest = _sum_and_error(product, high)
    odd, error = _sum_and_error(middle, rest)
    even = (odd.view(np.int64) & 1) == 0
    odd = np.where(even & (error != 0), np.nextafter(odd, np.copysign(np.inf, error)), odd)
    result: Array = total + odd
    # the splitting overflows near the largest doubles, and the errors underflow near the least
    largest = np.maximum(abs(values), 1.0) * max(abs(scale), abs(shift), 1.0)
    least = np.minimum(abs(values), 1.0) * min(abs(scale), abs(shift), 1.0)
    for index in np.flatnonzero(~(largest < 2.0**900) | (least < 2.0**-900)):
        result[index] = fused_double(float(values[index]), scale, shift)
    return result
