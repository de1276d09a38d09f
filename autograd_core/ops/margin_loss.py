"""Losses of margins between scores: kernel, gradient, tangent."""

from __future__ import annotations

from typing import Any

from ..derivatives import op
from ..derivatives.entry import AS_GIVEN, NON_DIFFERENTIABLE, no_kernel
from ..sizes import numel
from .loss_formulas import MEAN, SUM, reduced
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

Array = Any


def _soft_margin_tangent(
    xp: Any, self: Array, self_t: Array, target: Array, reduction: int
) -> Array:
    """Return the tangent of soft_margin_loss."""
    return reduced(xp, xp.soft_margin_loss_backward(self_t, self, target, 0), reduction)


def _soft_margin_second(xp: Any, grad: Array, input: Array, target: Array, reduction: int) -> Array:
    """Return the gradient of soft_margin_loss_backward's input."""
    power = xp.exp(input * -target)
    above = xp.add_scalar(power, 1)
    slope = grad * (target * target) * power / (above * above)
    return xp.div_scalar(slope, max(numel(input.shape), 1)) if reduction == MEAN else slope


def _soft_margin_backward_grad_output(
    xp: Any, grad: Array, grad_output: Array, self: Array, target: Array, reduction: int
) -> Array:
    """Return the gradient of soft_margin_loss_backward's grad_output."""
    if reduction not in (MEAN, SUM):
        return xp.soft_margin_loss_backward(grad, self, target, reduction)
    slope = xp.soft_margin_loss_backward(xp.ones_like(grad_output), self, target, reduction)
    product = slope * grad
    return xp.sum(product, tuple(range(len(product.shape))))


soft_margin_loss = op(
    "SoftMarginLossBackward0",
    "soft_margin_loss(self, target, reduction)",
    complex_gradient=False,
    promote=AS_GIVEN,
    target=NON_DIFFERENTIABLE,
    self=lambda xp, grad, self, target, reduction: xp.soft_margin_loss_backward(
        grad, self, target, reduction
    ),
    tangent=_soft_margin_tangent,
)
soft_margin_loss_backward = op(
    "SoftMarginLossBackwardBackward0",
    "soft_margin_loss_backward(grad_output, self, target, reduction)",
    promote=AS_GIVEN,
    target=NON_DIFFERENTIABLE,
    grad_output=_soft_margin_backward_grad_output,
    self=lambda xp, grad, grad_output, self, target, reduction: _soft_margin_second(
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
