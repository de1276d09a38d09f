"""Longer derivatives of pointwise ops; each runs on raw arrays and on Tensors alike."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence
from typing import Any

Array = Any


def cast_like(xp: Any, value: Array, like: Array) -> Array:
    """Return ``value`` with the dtype of ``like``."""
    dtype = xp.dtype(like)
    return value if xp.dtype(value) is dtype else xp.to_dtype(value, dtype)


def not_implemented(name: str) -> Callable[..., Any]:
    """Return the formula of an op without a derivative: it raises with torch's text."""

    def refuse(grad: Array) -> Array:
        raise RuntimeError(f"derivative for aten::{name} is not implemented")

    return refuse


def no_derivative(name: str) -> Callable[..., Any]:
    """Return the formula of an input whose derivative torch lacks: it raises with torch's text."""

    def refuse(grad: Array) -> Array:
        raise NotImplementedError(f"the derivative for '{name}' is not implemented.")

    return refuse


def div_other_backward(xp: Any, grad: Array, self: Array, other: Array) -> Array:
    """d(self / other) / d other = -(self / other) / other."""
    return -grad * xp.conj((self / other) / other)


def div_mode_self_backward(xp: Any, grad: Array, other: Array) -> Array:
    """A rounded quotient is constant between its steps."""
    return xp.zeros_like(grad)


def div_mode_other_backward(xp: Any, grad: Array, self: Array, other: Array) -> Array:
    """A rounded quotient is constant between its steps."""
    return xp.zeros_like(grad)


def pow_scalar_backward(xp: Any, grad: Array, self: Array, exponent: Any) -> Array:
    """exponent * self ** (exponent - 1), zero for exponent 0, but not False, whatever self is."""
    if exponent == 0 and exponent is not False:
        return xp.new_zeros(self, self.shape)
    if not isinstance(exponent, complex):
        exponent = float(exponent)  # as the nodes of the second derivative show it
    return grad * xp.conj(xp.mul_scalar(xp.pow_scalar(self, exponent - 1), exponent))


def pow_self_backward(xp: Any, grad: Array, self: Array, exponent: Array) -> Array:
    """exponent * self ** (exponent - 1), zero where the exponent is 0."""
    derivative = grad * xp.conj(exponent * xp.pow(self, exponent - 1))
    return xp.where(exponent == 0, 0, derivative)


def pow_exponent_backward(
    xp: Any, grad: Array, self: Array, exponent: Array, result: Array
) -> Array:
    """result * log(self), zero where self is 0 and the exponent is real and not negative."""
    at_zero = xp.logical_and(self == 0, _not_negative(xp, exponent))
    logarithm = xp.log(cast_like(xp, self, result))  # of a real base below 0, too
    return grad * xp.where(at_zero, 0, xp.conj(result * logarithm))


def pow_base_backward(xp: Any, grad: Array, self: Any, exponent: Array, result: Array) -> Array:
    """result * log(self) for a Python number self; at 0 zero where the exponent allows."""
    if self == 0:
        infinite = xp.conj(result * -math.inf)
        return grad * xp.where(_not_negative(xp, exponent), 0, infinite)
    if isinstance(self, complex):
        logarithm: Any = cmath.log(self)
    else:
        logarithm = math.log(self) if self > 0 else math.nan
    return grad * xp.conj(result * logarithm)


def _not_negative(xp: Any, exponent: Array) -> Array:
    """Where an exponent is real and not negative."""
    if not xp.dtype(exponent).is_complex:
        return exponent >= 0
    return xp.logical_and(xp.imag(exponent) == 0, xp.real(exponent) >= 0)


def atan2_backward(
    xp: Any, grad: Array, self: Array, other: Array, needs: Sequence[bool]
) -> tuple[Array | None, Array | None]:
    """(other, -self) / (self ** 2 + other ** 2), zero where both are."""
    square = self * self + other * other
    inverse = xp.filled(xp.reciprocal(square), square == 0, 0)
    return (
        grad * other * inverse if needs[0] else None,
        grad * -self * inverse if needs[1] else None,
    )


def atan2_tangent(xp: Any, self: Array, other: Array, self_t: Array, other_t: Array) -> Array:
    """The angle's change seen from the point (other, self)."""
    squares = xp.pow_scalar(self, 2) + xp.pow_scalar(other, 2)
    return (-self * other_t + other * self_t) / squares


def acosh_backward(xp: Any, grad: Array, self: Array) -> Array:
    """1 / sqrt(self ** 2 - 1); for complex numbers with the branch cuts of acosh."""
    if xp.dtype(self).is_complex:
        return grad * xp.conj(xp.rsqrt(self + 1) * xp.rsqrt(self - 1))
    return grad * xp.rsqrt(self * self - 1)


def sinc_backward(xp: Any, grad: Array, self: Array) -> Array:
    """(pi x cos(pi x) - sin(pi x)) / (pi x ** 2), zero at 0."""
    scaled = self * math.pi
    square = self * self * math.pi
    derivative = grad * xp.conj((scaled * xp.cos(scaled) - xp.sin(scaled)) / square)
    return xp.where(square == 0, 0, derivative)


def sgn_backward(xp: Any, grad: Array, self: Array, result: Array) -> Array:
    """Of x / |x|: the part of the gradient across x, over |x|; zero at 0 and for real x."""
    if not xp.dtype(self).is_complex:
        return xp.new_zeros(grad, grad.shape)
    size = xp.abs(self)
    twice, turned = xp.as_dtype_of(xp.mul_scalar(size, 2), self), xp.conj(grad)
    return xp.filled((grad - result * result * turned) / twice, size == 0, 0)


def copysign_backward(xp: Any, grad: Array, self: Array, result: Array) -> Array:
    """1 or -1 as the sign was kept or turned, zero at 0."""
    return grad * xp.filled(result / self, self == 0, 0)


def fmax_keeps_self(xp: Any, self: Array, other: Array) -> Array:
    """Where fmax(self, other) is self."""
    return xp.logical_or(self >= other, xp.isnan(other))


def fmin_keeps_self(xp: Any, self: Array, other: Array) -> Array:
    """Where fmin(self, other) is self."""
    return xp.logical_or(self <= other, xp.isnan(other))


def larger_tangent(xp: Any, self: Array, other: Array, self_t: Array, other_t: Array) -> Array:
    """The tangent of the larger one, the mean at ties."""
    step = self_t - other_t
    return other_t + xp.where(self == other, 0.5 * step, xp.where(self > other, step, 0))


def smaller_tangent(xp: Any, self: Array, other: Array, self_t: Array, other_t: Array) -> Array:
    """The tangent of the smaller one, the mean at ties."""
    step = self_t - other_t
    return other_t + xp.where(self == other, 0.5 * step, xp.where(self < other, step, 0))


def clamp_backward(xp: Any, grad: Array, self: Array, min: Any, max: Any) -> Array:
    """The gradient inside the bounds, which are numbers, arrays or None."""
    if max is None:
        return xp.where(self >= min, grad, 0)
    if min is None:
        return xp.where(self <= max, grad, 0)
    return xp.where(xp.logical_and(self >= min, self <= max), grad, 0)


def clamp_min_backward(xp: Any, grad: Array, self: Array, min: Any, max: Any) -> Array:
    """The gradient where the lower bound holds."""
    if max is None:
        return xp.where(self < min, grad, 0)
    return xp.where(xp.logical_and(min < max, self < min), grad, 0)


def clamp_max_backward(xp: Any, grad: Array, self: Array, min: Any, max: Any) -> Array:
    """The gradient where the upper bound holds."""
    if min is None:
        return xp.where(self > max, grad, 0)
    return xp.where(xp.logical_or(self > max, max < min), grad, 0)


def clamp_tangent(
    xp: Any,
    self: Array,
    min: Any,
    max: Any,
    self_t: Array,
    min_t: Array,
    max_t: Array,
) -> Array:
    """The tangent of whichever of the three the result is."""
    if max is None:
        return xp.where(self > min, self_t, min_t)
    if min is None:
        return xp.where(self < max, self_t, max_t)
    inside = xp.where(self < min, min_t, xp.where(self > max, max_t, self_t))
    return xp.where(min > max, max_t, inside)


def angle_backward(xp: Any, grad: Array, self: Array) -> Array:
    """i x / |x| ** 2, zero at 0 and for real x."""
    if not xp.dtype(self).is_complex:
        return xp.zeros_like(self)
    square = xp.as_dtype_of(xp.pow_scalar(xp.abs(self), 2), self)
    return xp.where(self == 0, 0, xp.as_dtype_of(grad, self) * self / square * 1j)


def polar_abs_backward(xp: Any, grad: Array, result: Array) -> Array:
    """The part of the gradient along the result."""
    return xp.real(xp.conj(grad) * xp.sgn(result))


def polar_angle_backward(xp: Any, grad: Array, result: Array) -> Array:
    """The part of the gradient across the result, times its length."""
    return xp.real(xp.conj(grad) * xp.mul_scalar(result, 1j))


def polar_tangent(xp: Any, abs: Array, angle: Array, abs_t: Array, angle_t: Array) -> Array:
    """d(abs * exp(i angle)), part by part."""
    cosine, sine = xp.cos(angle), xp.sin(angle)
    return xp.complex(abs_t * cosine - angle_t * abs * sine, abs_t * sine + angle_t * abs * cosine)
