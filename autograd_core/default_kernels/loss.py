"""Derived losses, written in the required functions.

``reduction`` is 0 for the loss of each element, 1 for their mean, 2 for their sum.
"""

from __future__ import annotations

from typing import Any

from .. import sizes

Array = Any
MEAN, SUM = 1, 2


class LossDefaults:
    """Derived losses of the backend contract."""

    def reduce_loss(self: Any, input: Array, reduction: int) -> Array:
        """The elements, their mean or their sum."""
        dims = tuple(range(len(input.shape)))
        if reduction == MEAN:
            return self.mean(input, dims)
        return self.sum(input, dims) if reduction == SUM else input

    def loss_slope(self: Any, slope: Array, grad_output: Array, reduction: int) -> Array:
        """The slope of each element's loss times the gradient; for the mean, by their number."""
        if reduction == MEAN:
            slope = self.div_scalar(slope, max(sizes.numel(slope.shape), 1))
        return self.mul(slope, grad_output)

    def mse_loss(self: Any, input: Array, target: Array, reduction: int) -> Array:
        """(input - target) ** 2."""
        return self.reduce_loss(self.square(self.sub(input, target)), reduction)

    def mse_loss_backward(
        self: Any, grad_output: Array, input: Array, target: Array, reduction: int
    ) -> Array:
        """The gradient of input."""
        return self.loss_slope(self.mul_scalar(self.sub(input, target), 2), grad_output, reduction)

    def smooth_l1_loss(
        self: Any, input: Array, target: Array, reduction: int, beta: float
    ) -> Array:
        """|d| - beta / 2 of the difference d, and d ** 2 / (2 * beta) below beta."""
        distance = self.abs(self.sub(input, target))
        inner = self.div_scalar(self.mul_scalar(self.square(distance), 0.5), beta)
        outer = self.sub(distance, self.scalar_like(distance, 0.5 * beta))
        return self.reduce_loss(
            self.where(self.lt(distance, self.scalar_like(distance, beta)), inner, outer), reduction
        )

    def smooth_l1_loss_backward(
        self: Any, grad_output: Array, input: Array, target: Array, reduction: int, beta: float
    ) -> Array:
        """The gradient of input."""
        difference = self.sub(input, target)
        near = self.lt(self.abs(difference), self.scalar_like(difference, beta))
        slope = self.where(near, self.div_scalar(difference, beta), self.sign(difference))
        return self.loss_slope(slope, grad_output, reduction)

    def huber_loss(self: Any, input: Array, target: Array, reduction: int, delta: float) -> Array:
        """d ** 2 / 2 of the difference d, and delta * (|d| - delta / 2) above delta."""
        distance = self.abs(self.sub(input, target))
        inner = self.mul_scalar(self.square(distance), 0.5)
        limit = self.scalar_like(distance, delta)
        outer = self.mul(self.sub(distance, self.mul_scalar(limit, 0.5)), limit)
        return self.reduce_loss(self.where(self.le(distance, limit), inner, outer), reduction)

    def huber_loss_backward(
        self: Any, grad_output: Array, input: Array, target: Array, reduction: int, delta: float
    ) -> Array:
        """The gradient of input."""
        difference = self.sub(input, target)
        limit = self.scalar_like(difference, delta)
        near = self.lt(self.abs(difference), limit)
        slope = self.where(near, difference, self.mul(self.sign(difference), limit))
        return self.loss_slope(slope, grad_output, reduction)
