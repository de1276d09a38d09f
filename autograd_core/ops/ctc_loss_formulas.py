"""The derivative of the loss of connectionist temporal classification."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Array = Any


def ctc_loss_gradient(
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
