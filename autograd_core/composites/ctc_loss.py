"""What torch composes around the loss of connectionist temporal classification."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .. import ops
from ..dtypes import float32, float64, int64, not_implemented_for
from ..tensor import Tensor, wrap
from .loss import REDUCTIONS


def _check(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Sequence[int],
    target_lengths: Sequence[int],
    blank: int,
) -> None:
    """Refuse shapes and lengths that do not fit together (torch's texts)."""
    where = "(while checking arguments for ctc_loss_allocate_outputs)"
    steps, members, classes = log_probs._array.shape
    if targets.ndim not in (1, 2):
        raise RuntimeError(
            f"Expected 1 to 2 dimensions, but got {targets.ndim}-dimensional tensor for argument "
            f"#2 'targets' {where}"
        )
    if not 0 <= blank < classes:
        raise RuntimeError("blank must be in label range")
    if len(input_lengths) != members:
        raise RuntimeError("input_lengths must be of size batch_size")
    if len(target_lengths) != members:
        raise RuntimeError("target_lengths must be of size batch_size")
    for length in target_lengths:
        if length < 0:
            raise RuntimeError(
                f"Expected target_lengths to have value at least 0, but got value {length} {where}"
            )
    shape = targets._array.shape
    wanted = members if len(shape) > 1 else sum(target_lengths)
    if shape[0] != wanted:
        raise RuntimeError(
            f"Expected tensor to have size {wanted} at dimension 0, but got size {shape[0]} for "
            f"argument #2 'targets' {where}"
        )
    longest = max(target_lengths, default=0)
    if len(shape) > 1 and shape[1] < longest:
        raise RuntimeError(
            f"Expected tensor to have size at least {longest} at dimension 1, but got size "
            f"{shape[1]} for argument #2 'targets' {where}"
        )
    for length in input_lengths:
        if length < 0:
            raise RuntimeError(
                f"Expected input_lengths to have value at least 0, but got value {length} {where}"
            )
        if length > steps:
            raise RuntimeError(
                f"Expected input_lengths to have value at most {steps}, but got value {length} "
                f"{where}"
            )


def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Sequence[int],
    target_lengths: Sequence[int],
    blank: int,
    reduction: int,
    zero_infinity: bool,
) -> Tensor:
    """Return the loss of sequences (T, N, C), or of one (T, C).

    The mean is of the losses divided by their numbers of targets.

    Raises:
        RuntimeError: the arguments do not fit together (torch's texts).
    """
    alone = log_probs.ndim != 3
    if alone:
        log_probs = ops.unsqueeze(log_probs, 1)
    if log_probs.numel() == 0:
        raise RuntimeError("log_probs tensor must not be empty")
    if log_probs._dtype not in (float32, float64):
        raise not_implemented_for("ctc_loss_cpu", log_probs._dtype)
    if log_probs.ndim != 3:
        raise RuntimeError(
            f"Expected 3-dimensional tensor, but got {log_probs.ndim}-dimensional tensor for "
            "argument #1 'log_probs' (while checking arguments for ctc_loss_allocate_outputs)"
        )
    if targets._dtype is not int64:
        targets = ops.to_dtype(targets, int64)
    _check(log_probs, targets, input_lengths, target_lengths, blank)
    loss: Tensor = ops.ctc_loss(
        log_probs, targets, tuple(input_lengths), tuple(target_lengths), blank, zero_infinity
    )[0]
    if zero_infinity:
        loss = ops.where(ops.eq(loss, math.inf), ops.new_zeros(loss, ()), loss)
    if reduction == REDUCTIONS["mean"]:
        backend, dtype = loss._backend, loss._dtype
        counts = [float(max(length, 1)) for length in target_lengths]
        shared = wrap(backend.from_flat(counts, (len(counts),), dtype), dtype, backend)
        return ops.mean_all(ops.div(loss, shared))
    if reduction == REDUCTIONS["sum"]:
        return ops.sum_all(loss)
    return ops.squeeze_dim(loss, 0) if alone else loss
