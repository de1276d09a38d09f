"""Losses: kernel, gradients, tangent. ``reduction`` is 0 for none, 1 for mean, 2 for sum."""

from __future__ import annotations

from ..derivatives import op
from ..derivatives.entry import AS_GIVEN, NON_DIFFERENTIABLE, no_kernel
from ..sizes import row_major_strides, strides_of_first
from .loss_formulas import (
    bce_backward_tangent,
    bce_second,
    bce_second_grad_output,
    bce_second_target,
    bce_tangent,
    bce_target_backward,
    bce_with_logits_backward,
    bce_with_logits_tangent,
    bce_with_logits_target_backward,
    huber_backward_grad_output,
    huber_gradient,
    huber_loss_in_own_dtype,
    huber_second,
    mse_second,
    reduced,
    smooth_l1_backward_tangent,
    smooth_l1_second,
)

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_backward",
    "binary_cross_entropy_with_logits",
    "huber_loss",
    "huber_loss_backward",
    "mse_loss",
    "mse_loss_backward",
    "nll_loss2d_backward",
    "nll_loss2d_forward",
    "nll_loss_backward",
    "nll_loss_forward",
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
    layout=row_major_strides,
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
    layout=row_major_strides,
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
    kernel=huber_loss_in_own_dtype,
    promote=AS_GIVEN,
    layout=strides_of_first,
    self=huber_gradient,
    target=lambda xp, grad, self, target, reduction, delta: huber_gradient(
        xp, grad, target, self, reduction, delta
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
    layout=row_major_strides,
    grad_output=huber_backward_grad_output,
    self=lambda xp, grad, grad_output, self, target, reduction, delta: huber_second(
        xp, grad * grad_output, self, target, reduction, delta
    ),
    target=lambda xp, grad, grad_output, self, target, reduction, delta: (
        -huber_second(xp, grad * grad_output, self, target, reduction, delta)
    ),
)
binary_cross_entropy = op(
    "BinaryCrossEntropyBackward0",
    "binary_cross_entropy(self, target, weight, reduction)",
    promote=AS_GIVEN,
    self=lambda xp, grad, self, target, weight, reduction: xp.binary_cross_entropy_backward(
        grad, self, target, weight, reduction
    ),
    target=bce_target_backward,
    weight=NON_DIFFERENTIABLE,
    tangent=bce_tangent,
)
binary_cross_entropy_backward = op(
    "BinaryCrossEntropyBackwardBackward0",
    "binary_cross_entropy_backward(grad_output, self, target, weight, reduction)",
    promote=AS_GIVEN,
    grad_output=bce_second_grad_output,
    self=bce_second,
    target=bce_second_target,
    weight=NON_DIFFERENTIABLE,
    tangent=bce_backward_tangent,
)
binary_cross_entropy_with_logits = op(
    "BinaryCrossEntropyWithLogitsBackward0",
    "binary_cross_entropy_with_logits(self, target, weight, pos_weight, reduction)",
    complex_gradient=False,
    promote=AS_GIVEN,
    layout=lambda shape, shapes, strides: strides_of_first(shape, shapes[1:], strides[1:]),
    refuses={"bic": no_kernel("log_sigmoid_cpu")},
    self=bce_with_logits_backward,
    target=bce_with_logits_target_backward,
    weight=NON_DIFFERENTIABLE,
    pos_weight=NON_DIFFERENTIABLE,
    tangent=bce_with_logits_tangent,
)
nll_loss_forward = op(
    "NllLossBackward0",
    "nll_loss_forward(self, target, weight, reduction, ignore_index)",
    promote=AS_GIVEN,
    outputs="result total_weight",
    fixed_outputs="total_weight",
    target=NON_DIFFERENTIABLE,
    weight=NON_DIFFERENTIABLE,
    self=lambda xp, grad, self, target, weight, reduction, ignore_index, total_weight: (
        xp.nll_loss_backward(grad, self, target, weight, reduction, ignore_index, total_weight)
    ),
    tangent=lambda xp, self_t, target, weight, reduction, ignore_index: xp.nll_loss_forward(
        self_t, target, weight, reduction, ignore_index
    )[0],
)
nll_loss_backward = op(
    "NllLossBackwardBackward0",
    "nll_loss_backward(grad_output, self, target, weight, reduction, ignore_index, total_weight)",
    promote=AS_GIVEN,
    target=NON_DIFFERENTIABLE,
    weight=NON_DIFFERENTIABLE,
    total_weight=NON_DIFFERENTIABLE,
    grad_output=lambda xp, grad, target, weight, reduction, ignore_index: xp.nll_loss_forward(
        grad, target, weight, reduction, ignore_index
    )[0],
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, grad_output_t, self, target, weight, reduction, ignore_index, total_weight: (
        xp.nll_loss_backward(
            grad_output_t, self, target, weight, reduction, ignore_index, total_weight
        )
    ),
)
nll_loss2d_forward = op(
    "NllLoss2DBackward0",
    "nll_loss2d_forward(self, target, weight, reduction, ignore_index)",
    promote=AS_GIVEN,
    outputs="result total_weight",
    fixed_outputs="total_weight",
    target=NON_DIFFERENTIABLE,
    weight=NON_DIFFERENTIABLE,
    self=lambda xp, grad, self, target, weight, reduction, ignore_index, total_weight: (
        xp.nll_loss2d_backward(grad, self, target, weight, reduction, ignore_index, total_weight)
    ),
    tangent=lambda xp, self_t, target, weight, reduction, ignore_index: xp.nll_loss2d_forward(
        self_t, target, weight, reduction, ignore_index
    )[0],
)
nll_loss2d_backward = op(
    "NllLoss2DBackwardBackward0",
    "nll_loss2d_backward(grad_output, self, target, weight, reduction, ignore_index, total_weight)",
    promote=AS_GIVEN,
    target=NON_DIFFERENTIABLE,
    weight=NON_DIFFERENTIABLE,
    total_weight=NON_DIFFERENTIABLE,
    grad_output=lambda xp, grad, target, weight, reduction, ignore_index: xp.nll_loss2d_forward(
        grad, target, weight, reduction, ignore_index
    )[0],
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, grad_output_t, self, target, weight, reduction, ignore_index, total_weight: (
        xp.nll_loss2d_backward(
            grad_output_t, self, target, weight, reduction, ignore_index, total_weight
        )
    ),
)
