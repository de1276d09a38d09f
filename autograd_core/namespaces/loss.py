"""torch's losses."""

from __future__ import annotations

import warnings

from .. import ops
from ..composites import loss as composites
from ..dtypes import LEGACY_NAMES
from ..sizes import broadcast_shapes
from ..tensor import Tensor
from .registration import function


def warn_of_sizes(input: Tensor, target: Tensor) -> None:
    """Warn of a target that is broadcast, with torch's text."""
    if target.size() != input.size():
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input size "
            f"({input.size()}). This will likely lead to incorrect results due to broadcasting. "
            "Please ensure they have the same size.",
            stacklevel=3,
        )


def chosen_reduction(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """Return the reduction that the two deprecated arguments mean, with torch's warning."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        reduction = "none"
    else:
        reduction = "sum" if size_average is False else "mean"
    warnings.warn(
        "size_average and reduce args will be deprecated, please use "
        f"reduction='{reduction}' instead.",
        stacklevel=3,
    )
    return reduction


@function(under="nn.functional")
def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Squared error; a weight of the input's size makes the mean a weighted one."""
    warn_of_sizes(input, target)
    reduction = chosen_reduction(size_average, reduce, reduction)
    return composites.mse_loss(input, target, reduction, weight)


@function(under="nn.functional")
def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Absolute error; a weight of the input's size makes the mean a weighted one."""
    warn_of_sizes(input, target)
    reduction = chosen_reduction(size_average, reduce, reduction)
    return composites.l1_loss(input, target, reduction, weight)


@function(under="nn.functional")
def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """Absolute error less beta / 2, and squared error over 2 * beta below ``beta``."""
    warn_of_sizes(input, target)
    reduction = chosen_reduction(size_average, reduce, reduction)
    return composites.smooth_l1_loss(input, target, reduction, beta)


@function(under="nn.functional")
def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """Half the squared error up to ``delta``, linear above."""
    warn_of_sizes(input, target)
    return composites.huber_loss(input, target, reduction, delta, weight)


# Classes ------------------------------------------------------------------------------------------


def _check_dtype_of(input: Tensor, *others: Tensor | None) -> None:
    """Refuse tensors of another dtype than the input's (torch's text)."""
    for other in others:
        if other is not None and other._dtype is not input._dtype:
            raise RuntimeError(
                f"Found dtype {LEGACY_NAMES[other._dtype]} but expected "
                f"{LEGACY_NAMES[input._dtype]}"
            )


@function(under="nn.functional")
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """-(t log(p) + (1 - t) log(1 - p)) of probabilities p and targets t, weighted."""
    number = composites.reduction_number(chosen_reduction(size_average, reduce, reduction))
    if target.size() != input.size():
        raise ValueError(
            f"Using a target size ({target.size()}) that is different to the input size "
            f"({input.size()}) is deprecated. Please ensure they have the same size."
        )
    shape = input._array.shape
    if weight is not None:
        widened = broadcast_shapes(shape, weight._array.shape)
        weight = ops.expand(weight, widened)
        composites.refuse_gradients("binary_cross_entropy", weight=weight)
        if widened != shape:
            raise RuntimeError(
                f"output with shape {list(shape)} doesn't match the broadcast shape {list(widened)}"
            )
    if not input._dtype.is_floating_point:
        raise NotImplementedError(
            f"\"binary_cross_entropy\" not implemented for '{LEGACY_NAMES[input._dtype]}'"
        )
    _check_dtype_of(input, target, weight)
    return ops.binary_cross_entropy(input, target, weight, number)


@function(name="binary_cross_entropy_with_logits")
def _binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    pos_weight: Tensor | None = None,
    reduction: int = 1,
) -> Tensor:
    """``nn.functional.binary_cross_entropy_with_logits`` with a number for the reduction."""
    fixed = {"weight": weight, "pos_weight": pos_weight}
    composites.refuse_gradients("binary_cross_entropy_with_logits", **fixed)
    if input._dtype.is_inexact and not target._dtype.is_inexact:
        raise RuntimeError(
            f"result type {LEGACY_NAMES[input._dtype]} can't be cast to the desired output type "
            f"{LEGACY_NAMES[target._dtype]}"
        )
    return ops.binary_cross_entropy_with_logits(input, target, weight, pos_weight, reduction)


@function(under="nn.functional")
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """``binary_cross_entropy`` of the sigmoid of scores; the part of t times ``pos_weight``."""
    number = composites.reduction_number(chosen_reduction(size_average, reduce, reduction))
    if target.size() != input.size():
        raise ValueError(
            f"Target size ({target.size()}) must be the same as input size ({input.size()})"
        )
    return _binary_cross_entropy_with_logits(input, target, weight, pos_weight, number)


@function(name="kl_div")
def _kl_div(
    input: Tensor, target: Tensor, reduction: int = 1, *, log_target: bool = False
) -> Tensor:
    """``nn.functional.kl_div`` with a number for the reduction."""
    return composites.kl_div(input, target, reduction, log_target)


@function(under="nn.functional")
def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """t (log(t) - x) of targets t and logarithms x; "batchmean" divides by the length of dim 0."""
    old = size_average is not None or reduce is not None
    if old:
        number = composites.reduction_number(chosen_reduction(size_average, reduce, reduction))
    else:
        if reduction == "mean":
            warnings.warn(
                "reduction: 'mean' divides the total loss by both the batch size and the support "
                "size.'batchmean' divides only by the batch size, and aligns with the KL div math "
                "definition.'mean' will be changed to behave the same as 'batchmean' in the next "
                "major release.",
                stacklevel=2,
            )
        number = composites.reduction_number("sum" if reduction == "batchmean" else reduction)
    loss = composites.kl_div(input, target, number, log_target)
    if reduction == "batchmean" and input.ndim:
        loss = loss / input._array.shape[0]
    return loss


@function(under="nn.functional")
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Minus the logarithm at the target class; the mean is by the sum of the classes' weights."""
    number = composites.reduction_number(chosen_reduction(size_average, reduce, reduction))
    return composites.nll_loss(input, target, weight, number, ignore_index)


@function(under="nn.functional")
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """``nll_loss`` of ``log_softmax``; the target may be probabilities of the classes instead."""
    number = composites.reduction_number(chosen_reduction(size_average, reduce, reduction))
    return composites.cross_entropy(input, target, weight, number, ignore_index, label_smoothing)
