"""Longer derivatives of special functions; each runs on raw arrays and on Tensors alike."""

from __future__ import annotations

from typing import Any

from ..dtypes import DType, not_implemented_for
from ..engine.modes import modes

Array = Any


def mvlgamma_backward(xp: Any, grad: Array, self: Array, p: int) -> Array:
    """The sum of digamma(self - i / 2) for i below p."""
    total = xp.digamma(self + (1 - p) / 2)
    for i in range(2 - p, 1):
        total = total + xp.digamma(self + i / 2)
    return grad * total


def _refuse_half(kernel: str, dtype: DType) -> None:
    if dtype.itemsize == 2:
        raise not_implemented_for(kernel, dtype)


def i1_backward(xp: Any, grad: Array, self: Array, result: Array) -> Array:
    """i0 - i1 / x, which is 1/2 at 0."""
    _refuse_half("i1_backward", xp.dtype(self))
    large = xp.abs(self) > _EPSILON[xp.dtype(self).itemsize]
    safe = xp.where(large, self, _EPSILON[xp.dtype(self).itemsize])
    return grad * xp.where(large, xp.i0(safe) - result * xp.reciprocal(safe), 0.5)


def i1e_backward(xp: Any, grad: Array, self: Array, result: Array) -> Array:
    """i0e - i1e (sgn x + 1 / x), which is 1/2 at 0."""
    _refuse_half("i1e_backward", xp.dtype(self))
    large = xp.abs(self) > _EPSILON[xp.dtype(self).itemsize]
    safe = xp.where(large, self, _EPSILON[xp.dtype(self).itemsize])
    derivative = xp.i0e(safe) - result * (xp.sgn(safe) + xp.reciprocal(safe))
    return grad * xp.where(large, derivative, 0.5)


_EPSILON = {8: 2.0**-52, 4: 2.0**-23, 2: 2.0**-10}
"""The spacing of floats at 1 by their size in bytes."""


def logit_within(xp: Any, self: Array, eps: float | None) -> Array:
    """logit of x clamped to [eps, 1 - eps], which are of the dtype of x: 1 in bfloat16."""
    if eps is not None:
        least = xp.scalar_like(self, eps)
        self = xp.clamp_tensor(self, least, 1 - least)
    return xp.logit(self)


def logit_backward(xp: Any, grad: Array, self: Array, eps: float | None) -> Array:
    """1 / (x (1 - x)); outside [0, 1] NaN, outside [eps, 1 - eps] zero."""
    derivative = grad / (self * (1 - self))
    if eps is None:
        inside, rest = xp.logical_and(self >= 0, self <= 1), float("nan")
    else:
        outside = xp.logical_or(self < eps, self > 1 - eps)  # what is no number is not
        inside, rest = xp.logical_not(outside), 0
    if modes.grad_enabled:
        return xp.where(inside, derivative, rest)
    return xp.filled(derivative, xp.logical_not(inside), rest)  # laid out by the gradient first


def xlogy_self_backward(xp: Any, grad: Array, self: Array, other: Array) -> Array:
    """log(other), zero where self is 0 and the logarithm is not finite."""
    return xp.masked_fill(xp.xlogy(grad, other), xp.logical_and(self == 0, other <= 0), 0)


def xlog1py_self_backward(xp: Any, grad: Array, self: Array, other: Array) -> Array:
    """log(1 + other), zero where self is 0 and the logarithm is not finite."""
    return xp.masked_fill(xp.xlog1py(grad, other), xp.logical_and(self == 0, other <= -1), 0)
