"""The loss of connectionist temporal classification: kernel and gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..derivatives import op
from ..derivatives.entry import AS_GIVEN, NON_DIFFERENTIABLE, no_kernel
from .pointwise_formulas import not_implemented

__all__ = ["ctc_loss", "ctc_loss_backward"]

Array = Any


def _ctc_loss_gradient(
    xp: Any,
    grad: Array,
    log_probs: Array,
    targets: Array,
    input_lengths: Sequence[int],
    target_lengths: Sequence[int],
    result0: Array,
    result1: Array,
    blank: int,
    zero_infinity: bool,
) -> Array:
    """Return the gradient of the logarithms of the labels' probabilities."""
    return xp.ctc_loss_backward(
        grad,
        log_probs,
        targets,
        input_lengths,
        target_lengths,
        result0,
        result1,
        blank,
        zero_infinity,
    )


ctc_loss = op(
    "CtcLossBackward0",
    "ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, zero_infinity)",
    aten="_ctc_loss",
    promote=AS_GIVEN,
    outputs="result0 result1",
    fixed_outputs="result1",
    refuses={"bic": no_kernel("ctc_loss_cpu")},
    targets=NON_DIFFERENTIABLE,
    log_probs=_ctc_loss_gradient,
)
ctc_loss_backward = op(
    "torch::autograd::NotImplemented",
    "ctc_loss_backward(grad, log_probs, targets, input_lengths, target_lengths, "
    "neg_log_likelihood, log_alpha, blank, zero_infinity)",
    aten="_ctc_loss_backward",
    promote=AS_GIVEN,
    targets=NON_DIFFERENTIABLE,
    log_alpha=NON_DIFFERENTIABLE,
    grad=not_implemented("_ctc_loss_backward"),
    log_probs=not_implemented("_ctc_loss_backward"),
    neg_log_likelihood=not_implemented("_ctc_loss_backward"),
)
