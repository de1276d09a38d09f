"""Losses of margins between scores: kernel, gradient, tangent."""

from __future__ import annotations

from ..derivatives import op
from ..derivatives.entry import AS_GIVEN, NON_DIFFERENTIABLE, no_kernel
from .margin_loss_formulas import (
    soft_margin_backward_grad_output,
    soft_margin_second,
    soft_margin_tangent,
)
from .pointwise_formulas import not_implemented

__all__ = [
    "multi_margin_loss",
    "multi_margin_loss_backward",
    "multilabel_margin_loss_backward",
    "multilabel_margin_loss_forward",
    "soft_margin_loss",
    "soft_margin_loss_backward",
]

NOT_IMPLEMENTED = "torch::autograd::NotImplemented"

soft_margin_loss = op(
    "SoftMarginLossBackward0",
    "soft_margin_loss(self, target, reduction)",
    complex_gradient=False,
    promote=AS_GIVEN,
    target=NON_DIFFERENTIABLE,
    self=lambda xp, grad, self, target, reduction: xp.soft_margin_loss_backward(
        grad, self, target, reduction
    ),
    tangent=soft_margin_tangent,
)
soft_margin_loss_backward = op(
    "SoftMarginLossBackwardBackward0",
    "soft_margin_loss_backward(grad_output, self, target, reduction)",
    promote=AS_GIVEN,
    target=NON_DIFFERENTIABLE,
    grad_output=soft_margin_backward_grad_output,
    self=lambda xp, grad, grad_output, self, target, reduction: soft_margin_second(
        xp, grad * grad_output, self, target, reduction
    ),
)
multi_margin_loss = op(
    "MultiMarginLossBackward0",
    "multi_margin_loss(self, target, p, margin, weight, reduction)",
    promote=AS_GIVEN,
    refuses={"bic": no_kernel("multi_margin_loss_cpu_kernel")},
    target=NON_DIFFERENTIABLE,
    weight=NON_DIFFERENTIABLE,
    self=lambda xp, grad, self, target, p, margin, weight, reduction: xp.multi_margin_loss_backward(
        grad, self, target, p, margin, weight, reduction
    ),
)
multi_margin_loss_backward = op(
    NOT_IMPLEMENTED,
    "multi_margin_loss_backward(grad_output, self, target, p, margin, weight, reduction)",
    promote=AS_GIVEN,
    target=NON_DIFFERENTIABLE,
    weight=NON_DIFFERENTIABLE,
    grad_output=not_implemented("multi_margin_loss_backward"),
    self=not_implemented("multi_margin_loss_backward"),
)
multilabel_margin_loss_forward = op(
    "MultilabelMarginLossBackward0",
    "multilabel_margin_loss_forward(self, target, reduction)",
    promote=AS_GIVEN,
    outputs="output is_target",
    fixed_outputs="is_target",
    refuses={"bic": no_kernel("multilabel_margin_loss_forward_out_frame")},
    target=NON_DIFFERENTIABLE,
    self=lambda xp, grad, self, target, reduction, is_target: xp.multilabel_margin_loss_backward(
        grad, self, target, reduction, is_target
    ),
)
multilabel_margin_loss_backward = op(
    NOT_IMPLEMENTED,
    "multilabel_margin_loss_backward(grad_output, self, target, reduction, is_target)",
    promote=AS_GIVEN,
    target=NON_DIFFERENTIABLE,
    is_target=NON_DIFFERENTIABLE,
    grad_output=not_implemented("multilabel_margin_loss_backward"),
    self=not_implemented("multilabel_margin_loss_backward"),
)
