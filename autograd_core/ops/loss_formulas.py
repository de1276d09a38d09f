"""Longer derivatives of losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..sizes import numel

Array = Any
MEAN, SUM = 1, 2


def reduced(xp: Any, values: Array, reduction: int) -> Array:
    """Return the values, their mean or their sum."""
    dims = tuple(range(len(values.shape)))
    if reduction == MEAN:
        return xp.mean(values, dims)
    return xp.sum(values, dims) if reduction == SUM else values


def _averaged(xp: Any, value: Array, shape: Sequence[int], reduction: int) -> Array:
    return xp.div_scalar(value, max(numel(shape), 1)) if reduction == MEAN else value


def mse_second(xp: Any, grad: Array, shape: Sequence[int], reduction: int) -> Array:
    """Return the gradient of mse_loss_backward's input."""
    return _averaged(xp, xp.mul_scalar(grad, 2), shape, reduction)


def _inside(xp: Any, grad: Array, input: Array, target: Array, limit: float) -> Array:
    """Return ``grad`` where input and target are closer than ``limit``, 0 elsewhere."""
    return grad * xp.to_dtype(xp.abs(input - target) < limit, xp.dtype(grad))


def smooth_l1_second(
    xp: Any, grad: Array, input: Array, target: Array, reduction: int, beta: float
) -> Array:
    """Return the gradient of smooth_l1_loss_backward's input."""
    return _averaged(
        xp, xp.div_scalar(_inside(xp, grad, input, target, beta), beta), input.shape, reduction
    )


def smooth_l1_backward_tangent(
    xp: Any,
    grad_output: Array,
    self: Array,
    target: Array,
    grad_output_t: Array,
    self_t: Array,
    target_t: Array,
    reduction: int,
    beta: float,
) -> Array:
    """Return the tangent of smooth_l1_loss_backward."""
    return (
        smooth_l1_second(xp, self_t * grad_output, self, target, reduction, beta)
        - smooth_l1_second(xp, target_t * grad_output, self, target, reduction, beta)
        + xp.smooth_l1_loss_backward(grad_output_t, self, target, reduction, beta)
    )


def huber_second(
    xp: Any, grad: Array, input: Array, target: Array, reduction: int, delta: float
) -> Array:
    """Return the gradient of huber_loss_backward's input."""
    return _averaged(xp, _inside(xp, grad, input, target, delta), input.shape, reduction)


def huber_backward_grad_output(
    xp: Any,
    grad: Array,
    grad_output: Array,
    self: Array,
    target: Array,
    reduction: int,
    delta: float,
) -> Array:
    """Return the gradient of huber_loss_backward's grad_output."""
    if reduction not in (MEAN, SUM):
        return xp.huber_loss_backward(grad, self, target, reduction, delta)
    slope = xp.huber_loss_backward(xp.ones_like(grad_output), self, target, reduction, delta)
    product = slope * grad
    return xp.sum(product, tuple(range(len(product.shape))))
