"""Longer derivatives of pointwise ops; each runs on raw arrays and on Tensors alike."""

from __future__ import annotations

from typing import Any

Array = Any


def div_other_backward(xp: Any, grad: Array, self: Array, other: Array) -> Array:
    """d(self / other) / d other = -(self / other) / other."""
    return -grad * xp.conj((self / other) / other)


def pow_scalar_backward(xp: Any, grad: Array, self: Array, exponent: Any) -> Array:
    """exponent * self ** (exponent - 1), zero for exponent 0 whatever self is."""
    if exponent == 0:
        return xp.zeros_like(self)
    return grad * xp.conj(xp.pow_scalar(self, exponent - 1) * exponent)


def pow_self_backward(xp: Any, grad: Array, self: Array, exponent: Array) -> Array:
    """exponent * self ** (exponent - 1), zero where the exponent is 0."""
    derivative = grad * xp.conj(exponent * xp.pow(self, exponent - 1))
    return xp.where(exponent == 0, 0.0, derivative)


def pow_exponent_backward(
    xp: Any, grad: Array, self: Array, exponent: Array, result: Array
) -> Array:
    """result * log(self), zero where self is 0 and the exponent is not negative."""
    at_zero = xp.logical_and(self == 0, exponent >= 0)
    return grad * xp.where(at_zero, 0.0, xp.conj(result * xp.log(self)))
