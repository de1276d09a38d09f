"""Losses: kernel, gradients, tangent. ``reduction`` is 0 for none, 1 for mean, 2 for sum."""

from __future__ import annotations

from ..derivatives import op
from ..derivatives.entry import no_kernel
from .loss_formulas import (
    huber_backward_grad_output,
    huber_second,
    mse_second,
    reduced,
    smooth_l1_backward_tangent,
    smooth_l1_second,
)

__all__ = [
    "huber_loss",
    "huber_loss_backward",
    "mse_loss",
    "mse_loss_backward",
    "smooth_l1_loss",
    "smooth_l1_loss_backward",
]

mse_loss = op(
    "MseLossBackward0",
    "mse_loss(self, target, reduction)",
    refuses={"bic": no_kernel("mse_cpu")},
    self=lambda xp, grad, self, target, reduction: xp.mse_loss_backward(
        grad, self, target, reduction
    ),
    target=lambda xp, grad, self, target, reduction: xp.mse_loss_backward(
        grad, target, self, reduction
    ),
    tangent=lambda xp, self, target, self_t, target_t, reduction: reduced(
        xp,
        xp.mse_loss_backward(self_t, self, target, 0)
        + xp.mse_loss_backward(target_t, target, self, 0),
        reduction,
    ),
)
mse_loss_backward = op(
    "MseLossBackwardBackward0",
    "mse_loss_backward(grad_output, self, target, reduction)",
    grad_output=lambda xp, grad, self, target, reduction: xp.mse_loss_backward(
        grad, self, target, reduction
    ),
    self=lambda xp, grad, grad_output, self_shape, reduction: mse_second(
        xp, grad * grad_output, self_shape, reduction
    ),
    target=lambda xp, grad, grad_output, self_shape, reduction: (
        -mse_second(xp, grad * grad_output, self_shape, reduction)
    ),
    tangent=lambda xp, grad_output, self, target, grad_output_t, self_t, target_t, reduction: (
        mse_second(xp, self_t * grad_output, self.shape, reduction)
        - mse_second(xp, target_t * grad_output, self.shape, reduction)
        + xp.mse_loss_backward(grad_output_t, self, target, reduction)
    ),
)
smooth_l1_loss = op(
    "SmoothL1LossBackward0",
    "smooth_l1_loss(self, target, reduction, beta)",
    refuses={"bic": no_kernel("smooth_l1_cpu")},
    self=lambda xp, grad, self, target, reduction, beta: xp.smooth_l1_loss_backward(
        grad, self, target, reduction, beta
    ),
    target=lambda xp, grad, self, target, reduction, beta: xp.smooth_l1_loss_backward(
        grad, target, self, reduction, beta
    ),
    tangent=lambda xp, self, target, self_t, target_t, reduction, beta: reduced(
        xp,
        xp.smooth_l1_loss_backward(self_t, self, target, 0, beta)
        + xp.smooth_l1_loss_backward(target_t, target, self, 0, beta),
        reduction,
    ),
)
smooth_l1_loss_backward = op(
    "SmoothL1LossBackwardBackward0",
    "smooth_l1_loss_backward(grad_output, self, target, reduction, beta)",
    grad_output=lambda xp, grad, self, target, reduction, beta: xp.smooth_l1_loss_backward(
        grad, self, target, reduction, beta
    ),
    self=lambda xp, grad, grad_output, self, target, reduction, beta: smooth_l1_second(
        xp, grad * grad_output, self, target, reduction, beta
    ),
    target=lambda xp, grad, grad_output, self, target, reduction, beta: (
        -smooth_l1_second(xp, grad * grad_output, self, target, reduction, beta)
    ),
    tangent=smooth_l1_backward_tangent,
)
huber_loss = op(
    "HuberLossBackward0",
    "huber_loss(self, target, reduction, delta)",
    refuses={"bic": no_kernel("huber_cpu")},
    self=lambda xp, grad, self, target, reduction, delta: xp.huber_loss_backward(
        grad, self, target, reduction, delta
    ),
    target=lambda xp, grad, self, target, reduction, delta: xp.huber_loss_backward(
        grad, target, self, reduction, delta
    ),
    tangent=lambda xp, self, target, self_t, target_t, reduction, delta: reduced(
        xp,
        xp.huber_loss_backward(self_t, self, target, 0, delta)
        + xp.huber_loss_backward(target_t, target, self, 0, delta),
        reduction,
    ),
)
huber_loss_backward = op(
    "HuberLossBackwardBackward0",
    "huber_loss_backward(grad_output, self, target, reduction, delta)",
    grad_output=huber_backward_grad_output,
    self=lambda xp, grad, grad_output, self, target, reduction, delta: huber_second(
        xp, grad * grad_output, self, target, reduction, delta
    ),
    target=lambda xp, grad, grad_output, self, target, reduction, delta: (
        -huber_second(xp, grad * grad_output, self, target, reduction, delta)
    ),
)
