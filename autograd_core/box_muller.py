"""The Box-Muller transform behind torch's CPU `randn`: blocks of 16 uniforms in each precision.

The float32 block evaluates Cephes' logf, sinf and cosf polynomials with fused multiply-adds, the
order in which an x86-64 torch with AVX2 evaluates them; the others call the C library.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from .narrow_floats import fused_single, round_single, scale_and_shift

BLOCK: Final = 16
HALF_BLOCK: Final = 8


def _singles(*values: float) -> tuple[float, ...]:
    return tuple(round_single(values))


# Cephes (S. Moshier), logf.c, sinf.c: ln(1 + x) on [sqrt(1/2) - 1, sqrt(2) - 1], ln 2 in two
# parts; sin and cos on [-pi/4, pi/4], -pi/4 in three parts.
LOG_POLYNOMIAL: Final = _singles(
    7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
    -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
)  # fmt: skip
LOG_2_LOW, LOG_2_HIGH, ROOT_HALF = _singles(-2.12194440e-4, 0.693359375, 0.707106781186547524)
SIN_POLYNOMIAL: Final = _singles(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
COS_POLYNOMIAL: Final = _singles(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
QUARTER_PI_PARTS: Final = _singles(-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8)
TWO_PI, QUARTERS_PER_RADIAN = _singles(2.0 * math.pi, 4.0 / math.pi)


def _horner(coefficients: Sequence[float], at: Sequence[float]) -> list[float]:
    value = [coefficients[0]] * len(at)
    for coefficient in coefficients[1:]:
        value = fused_single(value, at, [coefficient] * len(at))
    return value


def _multiply(left: Sequence[float], right: Sequence[float]) -> list[float]:
    return round_single([a * b for a, b in zip(left, right, strict=True)])


def _add(left: Sequence[float], right: Sequence[float]) -> list[float]:
    return round_single([a + b for a, b in zip(left, right, strict=True)])


def log_single(values: Sequence[float]) -> list[float]:
    """Natural logarithm of float32 values in [2**-24, 1]."""
    count = len(values)
    split = [math.frexp(value) for value in values]
    low = [mantissa < ROOT_HALF for mantissa, _ in split]
    x = [2.0 * m - 1.0 if below else m - 1.0 for (m, _), below in zip(split, low, strict=True)]
    exponent = [float(e - below) for (_, e), below in zip(split, low, strict=True)]
    square = _multiply(x, x)
    y = _multiply(_horner(LOG_POLYNOMIAL, x), x)
    y = fused_single(y, square, round_single([e * LOG_2_LOW for e in exponent]))
    y = fused_single(square, [-0.5] * count, y)
    return fused_single(exponent, [LOG_2_HIGH] * count, _add(x, y))


def sin_cos_single(angles: Sequence[float]) -> tuple[list[float], list[float]]:
    """Sine and cosine of float32 angles in [0, 2 pi]."""
    count = len(angles)
    quarters = round_single([angle * QUARTERS_PER_RADIAN for angle in angles])
    octants = [int(quarter) + 1 & ~1 for quarter in quarters]
    nearest = [float(octant) for octant in octants]
    x = list(angles)
    for part in QUARTER_PI_PARTS:
        x = fused_single(nearest, [part] * count, x)
    square = _multiply(x, x)
    cosine = _multiply(_horner(COS_POLYNOMIAL, square), square)
    cosine = fused_single(square, cosine, [-0.5 * z for z in square])
    cosine = round_single([c + 1.0 for c in cosine])
    sine = _multiply(_horner(SIN_POLYNOMIAL, square), square)
    sine = fused_single(sine, x, x)
    sines, cosines = [], []
    for octant, s, c in zip(octants, sine, cosine, strict=True):
        near, far = (c, s) if octant & 2 else (s, c)
        sines.append(-near if octant & 4 else near)
        cosines.append(-far if octant in (2, 4) else far)
    return sines, cosines


def _polar_single(u1: Sequence[float], u2: Sequence[float]) -> tuple[list[float], list[float]]:
    """Box-Muller in float32: the cosine and the sine deviate of each pair of uniforms."""
    logs = log_single([1.0 - u for u in u1])
    radius = round_single([math.sqrt(-2.0 * log) for log in logs])
    sine, cosine = sin_cos_single(round_single([TWO_PI * u for u in u2]))
    return _multiply(radius, cosine), _multiply(radius, sine)


def _polar_double(u1: Sequence[float], u2: Sequence[float]) -> tuple[list[float], list[float]]:
    radius = [math.sqrt(-2.0 * math.log(1.0 - u)) for u in u1]
    theta = [2.0 * math.pi * u for u in u2]
    cosines = [r * math.cos(t) for r, t in zip(radius, theta, strict=True)]
    return cosines, [r * math.sin(t) for r, t in zip(radius, theta, strict=True)]


def normal_blocks(
    uniforms: Sequence[float], mean: float, std: float, precision: str
) -> list[float]:
    """Turn blocks of 16 uniforms (8 radii, 8 angles) into as many normal deviates.

    `precision` is "float64" or "float32"; for the latter mean and std are float32 values.
    """
    starts = range(0, len(uniforms), BLOCK)
    u1 = [u for start in starts for u in uniforms[start : start + HALF_BLOCK]]
    u2 = [u for start in starts for u in uniforms[start + HALF_BLOCK : start + BLOCK]]
    polar = _polar_double if precision == "float64" else _polar_single
    first, second = (scale_and_shift(part, std, mean, precision) for part in polar(u1, u2))
    deviates: list[float] = []
    for start in range(0, len(first), HALF_BLOCK):
        deviates += first[start : start + HALF_BLOCK]
        deviates += second[start : start + HALF_BLOCK]
    return deviates
