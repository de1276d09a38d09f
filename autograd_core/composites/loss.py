"""What torch composes of other ops to make a loss: the same calls in the same order."""

from __future__ import annotations

from .. import ops
from ..tensor import Tensor
from .shape import broadcast_tensors

REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}


def reduction_number(reduction: str) -> int:
    """Return the number of a reduction.

    Raises:
        ValueError: there is none of this name (torch's text).
    """
    if reduction not in REDUCTIONS:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return REDUCTIONS[reduction]


def _invalid(reduction: str) -> ValueError:
    return ValueError(
        f"Invalid reduction mode: {reduction}. Expected one of 'none', 'mean', 'sum'."
    )


def _weighted(errors: Tensor, weight: Tensor, reduction: str) -> Tensor:
    """Return weighted errors, reduced; the mean is by the sum of the weights."""
    errors = ops.mul(errors, weight)
    if reduction == "none":
        return errors
    if reduction == "sum":
        return ops.sum_all(errors)
    if reduction == "mean":
        return ops.div(ops.sum_all(errors), ops.sum_all(weight))
    raise _invalid(reduction)


def _check_weight(input: Tensor, weight: Tensor) -> None:
    if weight.shape != input.shape:
        raise ValueError("Weights and input must have the same size.")


def mse_loss(input: Tensor, target: Tensor, reduction: str, weight: Tensor | None) -> Tensor:
    """Return the squared error."""
    left, right = broadcast_tensors(input, target)
    if weight is None:
        return ops.mse_loss(left, right, reduction_number(reduction))
    _check_weight(input, weight)
    return _weighted(ops.pow_scalar(ops.sub(left, right), 2), weight, reduction)


def l1_loss(input: Tensor, target: Tensor, reduction: str, weight: Tensor | None = None) -> Tensor:
    """Return the absolute error."""
    left, right = broadcast_tensors(input, target)
    if weight is None:
        number = reduction_number(reduction)
        errors = ops.abs(ops.sub(left, right))
        if number == REDUCTIONS["mean"]:
            return errors.mean()
        return errors.sum() if number == REDUCTIONS["sum"] else errors
    _check_weight(input, weight)
    return _weighted(ops.abs(ops.sub(left, right)), weight, reduction)


def smooth_l1_loss(input: Tensor, target: Tensor, reduction: str, beta: float) -> Tensor:
    """Return the absolute error, squared below ``beta``."""
    if beta == 0:
        return l1_loss(input, target, reduction)
    left, right = broadcast_tensors(input, target)
    number = reduction_number(reduction)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    return ops.smooth_l1_loss(left, right, number, float(beta))


def huber_loss(
    input: Tensor, target: Tensor, reduction: str, delta: float, weight: Tensor | None
) -> Tensor:
    """Return the squared error, absolute above ``delta``; a weight does not enter the mean."""
    left, right = broadcast_tensors(input, target)
    if weight is not None:
        _check_weight(input, weight)
    number = reduction_number(reduction if weight is None else "none")
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    loss = ops.huber_loss(left, right, number, float(delta))
    if weight is None:
        return loss
    loss = ops.mul(loss, weight)
    if reduction == "none":
        return loss
    if reduction == "sum":
        return ops.sum_all(loss)
    if reduction == "mean":
        return ops.mean_all(loss)
    raise _invalid(reduction)
