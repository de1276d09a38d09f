"""What torch composes of other ops to make a loss: the same calls in the same order."""

from __future__ import annotations

import math

from .. import ops
from ..dtypes import LEGACY_NAMES, int64, not_implemented_for, uint8
from ..engine.modes import modes
from ..engine.views import seen_whole
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


def reduced_loss(losses: Tensor, reduction: int) -> Tensor:
    """Return the losses, their mean or their sum."""
    if reduction == REDUCTIONS["mean"]:
        return losses.mean()
    return losses.sum() if reduction == REDUCTIONS["sum"] else losses


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
        return reduced_loss(ops.abs(ops.sub(left, right)), number)
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


# Classes ------------------------------------------------------------------------------------------


def refuse_gradients(function: str, **arguments: Tensor | None) -> None:
    """Refuse arguments that require a gradient which the function does not have (torch's text)."""
    for name, value in arguments.items():
        if value is not None and value.requires_grad and modes.grad_enabled:
            raise RuntimeError(
                f"The function '{function}' is not differentiable with respect to argument "
                f"'{name}'. This input cannot have requires_grad True."
            )


def kl_div(input: Tensor, target: Tensor, reduction: int, log_target: bool) -> Tensor:
    """Return the divergence of each element, their mean or their sum."""
    kinds = (input._dtype, target._dtype)
    if any(kind.is_complex for kind in kinds):
        raise RuntimeError("kl_div: Complex inputs not supported.")
    if not all(kind.is_inexact for kind in kinds):
        raise RuntimeError("kl_div: Integral inputs not supported.")
    if log_target:
        loss = ops.mul(ops.exp(target), ops.sub(target, input))
    else:
        product = ops.mul(target, input)  # made before the other, as the order of gradients shows
        loss = ops.sub(ops.xlogy(target, target), product)
    return reduced_loss(loss, reduction)


@seen_whole
def poisson_nll_loss(
    input: Tensor, target: Tensor, log_input: bool, full: bool, eps: float, reduction: int
) -> Tensor:
    """Return exp(x) - t x, or x - t log(x + eps); ``full`` adds Stirling's log(t!) above t = 1."""
    if log_input:
        expected = ops.mul(target, input)  # first, as torch's compiler has it
        loss = ops.sub(ops.exp(input), expected)
    else:
        loss = ops.sub(input, ops.mul(target, ops.log(ops.add_scalar(input, eps))))
    if full:
        stirling = ops.add(
            ops.sub(ops.mul(target, ops.log(target)), target),
            ops.mul_scalar(ops.log(ops.mul_scalar(target, 2 * math.pi)), 0.5),
        )
        loss = ops.add.inplace(loss, ops.masked_fill(stirling, ops.le(target, 1), 0))
    return reduced_loss(loss, reduction)


def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None, reduction: int, ignore_index: int
) -> Tensor:
    """Return the loss; more than two spatial dims, or one, are seen as two.

    Raises:
        ValueError, RuntimeError: the shapes do not fit together (torch's texts).
    """
    shape, rank = input._array.shape, input.ndim
    if rank < 1:
        raise ValueError(f"Expected 1 or more dimensions (got {rank})")
    if rank != 1 and shape[:1] != target._array.shape[:1]:
        raise ValueError(
            f"Expected input batch_size ({shape[0]}) to match target batch_size "
            f"({target._array.shape[0] if target.ndim else 0})."
        )
    options = (weight, reduction, ignore_index)
    refuse_gradients(f"nll_loss{'' if rank <= 2 else '2d'}_forward", weight=weight)
    if rank <= 2:
        _check_target(input, target, weight)
        return ops.nll_loss_forward(input, target, *options)[0]
    if rank == 4:
        _check_target2d(input, target, weight)
        return ops.nll_loss2d_forward(input, target, *options)[0]
    batch, classes, *spatial = shape
    if target._array.shape[1:] != tuple(spatial):
        raise RuntimeError(
            f"Expected target size {[batch, *spatial]}, got {list(target._array.shape)}"
        )
    flat = (1, -1) if input.numel() else (0, 0)
    seen = ops.reshape(ops.contiguous(input), (batch, classes, *flat))
    seen_target = ops.reshape(ops.contiguous(target), (batch, *flat))
    _check_target2d(seen, seen_target, weight)
    loss = ops.nll_loss2d_forward(seen, seen_target, *options)[0]
    return loss if reduction else ops.reshape(loss, (batch, *spatial))


def _check_target(input: Tensor, target: Tensor, weight: Tensor | None) -> None:
    if target.ndim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if input.ndim == 1 and target.ndim == 1 and target._array.shape[0] != 1:
        raise ValueError(
            "For 1D input, 1D target must have size 1, but got target size: "
            f"{target._array.shape[0]}"
        )
    _check_class_weight(input, weight, input._array.shape[-1])
    _check_kinds(input, target, weight, "nll_loss_out_frame")


def _check_target2d(input: Tensor, target: Tensor, weight: Tensor | None) -> None:
    if target.ndim != 3:
        raise RuntimeError(
            "only batches of spatial targets supported (3D tensors) but got targets of dimension: "
            f"{target.ndim}"
        )
    batch, classes, *spatial = input._array.shape
    if target._array.shape != (batch, *spatial):
        raise RuntimeError(
            f"size mismatch (got input: {list(input._array.shape)} , target: "
            f"{list(target._array.shape)}"
        )
    if weight is not None and weight.numel() != classes:
        raise RuntimeError("weight tensor should be defined either for all or no classes")
    _check_kinds(input, target, weight, "nll_loss2d_forward_out_frame")


def _check_class_weight(input: Tensor, weight: Tensor | None, classes: int) -> None:
    if weight is not None and (weight.ndim != 1 or weight.numel() != classes):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but "
            f"got weight tensor of shape: {list(weight._array.shape)}"
        )


def _check_kinds(input: Tensor, target: Tensor, weight: Tensor | None, kernel: str) -> None:
    if not input._dtype.is_floating_point:
        raise not_implemented_for(kernel, input._dtype)
    if target._dtype not in (int64, uint8):
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {LEGACY_NAMES[target._dtype]}"
        )
    if weight is not None and weight._dtype is not input._dtype:
        raise RuntimeError(
            f"expected scalar type {LEGACY_NAMES[input._dtype]} but found "
            f"{LEGACY_NAMES[weight._dtype]}"
        )


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None,
    reduction: int,
    ignore_index: int,
    label_smoothing: float,
) -> Tensor:
    """Return the loss of scores; the target has classes, or probabilities in the input's shape.

    Raises:
        ValueError, RuntimeError: the arguments do not fit together (torch's texts).
    """
    if input._array.shape == target._array.shape:
        if not target._dtype.is_floating_point:
            raise RuntimeError(
                "Expected floating point type for target with class probabilities, got "
                f"{LEGACY_NAMES[target._dtype]}"
            )
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target")
        return _of_probabilities(input, target, weight, reduction, label_smoothing)
    if not input._dtype.is_floating_point and input.numel():
        kernel = "log_softmax_lastdim" if input.ndim < 3 else "log_softmax"
        raise not_implemented_for(f"{kernel}_kernel_impl", input._dtype)
    logarithms = ops.log_softmax(input, min(input.ndim - 1, 1)) if input.ndim else input
    if label_smoothing > 0.0:
        if label_smoothing > 1.0:
            raise RuntimeError(
                f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}"
            )
        return _smoothed(logarithms, target, weight, reduction, ignore_index, label_smoothing)
    return nll_loss(logarithms, target, weight, reduction, ignore_index)


def _along_classes(weight: Tensor, ndim: int, dim: int) -> Tensor:
    """Return class weights so that they broadcast along the classes."""
    shape = [1] * ndim
    shape[dim] = weight.numel()
    return ops.view(weight, tuple(shape))


def _smoothed(
    logarithms: Tensor,
    target: Tensor,
    weight: Tensor | None,
    reduction: int,
    ignore_index: int,
    label_smoothing: float,
) -> Tensor:
    dim = min(logarithms.ndim - 1, 1)
    loss = nll_loss(logarithms, target, weight, reduction, ignore_index)
    weighted = logarithms
    if weight is not None:
        weighted = ops.mul(logarithms, _along_classes(weight, logarithms.ndim, dim))
    smooth = ops.neg(ops.sum(weighted, (dim,)))
    ignored = target.eq(ignore_index)
    smooth = ops.masked_fill(smooth, ignored, 0)
    if reduction == REDUCTIONS["sum"]:
        smooth = ops.sum_all(smooth)
    elif reduction == REDUCTIONS["mean"]:
        kept = ignored.logical_not()
        if weight is None:
            count = kept.sum()
        else:
            count = weight.gather(0, target.masked_select(kept).flatten()).sum()
        smooth = ops.div(ops.sum_all(smooth), count)
    classes = logarithms._array.shape[dim]
    share = label_smoothing / classes if classes else math.inf
    return ops.add(ops.mul_scalar(loss, 1 - label_smoothing), ops.mul_scalar(smooth, share))


def _of_probabilities(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None,
    reduction: int,
    label_smoothing: float,
) -> Tensor:
    dim = min(input.ndim - 1, 1)
    classes = input._array.shape[dim]
    if weight is not None and (weight.ndim != 1 or weight.numel() != classes):
        raise RuntimeError(
            f"cross_entropy: weight tensor should be defined either for all {classes} classes or "
            f"no classes but got weight tensor of shape: {list(weight._array.shape)}"
        )
    logarithms = ops.log_softmax(input, dim)
    if label_smoothing > 0.0:
        if label_smoothing > 1.0:
            raise RuntimeError(
                f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}"
            )
        share = label_smoothing / classes if classes else math.inf
        target = ops.add_scalar(ops.mul_scalar(target, 1 - label_smoothing), share)
    loss = ops.mul(logarithms, target)
    if weight is not None:
        along = _along_classes(weight, input.ndim, dim) if input.ndim > 1 else weight
        loss = ops.mul(loss, along)
    if reduction == REDUCTIONS["none"]:
        return ops.neg(ops.sum(loss, (dim,)))
    loss = ops.neg(ops.sum_all(loss))
    if reduction == REDUCTIONS["sum"]:
        return loss
    return ops.div_scalar(loss, input.numel() // classes if input.numel() else math.nan)
