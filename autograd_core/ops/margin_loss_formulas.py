"""Longer derivatives of margin losses."""

from __future__ import annotations

from typing import Any

from ..sizes import numel
from .loss_formulas import MEAN, SUM, reduced

Array = Any


def soft_margin_tangent(
    xp: Any, self: Array, self_t: Array, target: Array, reduction: int
) -> Array:
    """Return the tangent of soft_margin_loss."""
    return reduced(xp, xp.soft_margin_loss_backward(self_t, self, target, 0), reduction)


def soft_margin_second(xp: Any, grad: Array, input: Array, target: Array, reduction: int) -> Array:
    """Return the gradient of soft_margin_loss_backward's input."""
    power = xp.exp(input * -target)
    above = xp.add_scalar(power, 1)
    slope = grad * (target * target) * power / (above * above)
    return xp.div_scalar(slope, max(numel(input.shape), 1)) if reduction == MEAN else slope


def soft_margin_backward_grad_output(
    xp: Any, grad: Array, grad_output: Array, self: Array, target: Array, reduction: int
) -> Array:
    """Return the gradient of soft_margin_loss_backward's grad_output."""
    if reduction not in (MEAN, SUM):
        return xp.soft_margin_loss_backward(grad, self, target, reduction)
    slope = xp.soft_margin_loss_backward(xp.ones_like(grad_output), self, target, reduction)
    product = slope * grad
    return xp.sum(product, tuple(range(len(product.shape))))
