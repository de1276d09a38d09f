"""torch's losses."""

from __future__ import annotations

import math
import warnings
from typing import Any

from .. import ops
from ..composites import loss as composites
from ..composites.ctc_loss import ctc_loss as compose_ctc_loss
from ..derivatives import ANY_BOOL
from ..dtypes import LEGACY_NAMES, bool_, not_implemented_for
from ..engine.modes import modes
from ..ops.pointwise import NO_BOOL_SUBTRACTION
from ..sizes import broadcast_shapes
from ..tensor import Given, Tensor
from ..type_promotion import check_can_cast, promote_types
from .clamping import check_bounds
from .overloads import no_overload
from .registration import NAMESPACES, function


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
        raise not_implemented_for("binary_cross_entropy", input._dtype)
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
    dtype = target._dtype
    if input._dtype.is_floating_point:  # else log_sigmoid, which comes first, has no kernel
        if pos_weight is not None:
            if pos_weight._dtype is bool_:
                raise RuntimeError(NO_BOOL_SUBTRACTION[ANY_BOOL].text)
            share = promote_types(pos_weight._dtype, dtype)
            check_can_cast(promote_types(input._dtype, share), input._dtype)
        if dtype is bool_:
            raise RuntimeError(NO_BOOL_SUBTRACTION["b"].text)
        check_can_cast(input._dtype, dtype)
        if weight is not None:
            check_can_cast(promote_types(weight._dtype, dtype), dtype)
        records = modes.grad_enabled and (input.requires_grad or target.requires_grad)
        if dtype.is_complex and records:
            raise RuntimeError(
                "binary_cross_entropy_with_logits does not support automatic differentiation for "
                "outputs with complex dtype."
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
    loss = NAMESPACES[""]["kl_div"](input, target, number, log_target=log_target)
    if reduction == "batchmean" and input.ndim:
        loss = loss / input._array.shape[0]
    return loss


@function(name="poisson_nll_loss")
def _poisson_nll_loss(
    input: Tensor, target: Tensor, log_input: bool, full: bool, eps: float, reduction: int
) -> Tensor:
    """``nn.functional.poisson_nll_loss`` with a number for the reduction."""
    return composites.poisson_nll_loss(input, target, log_input, full, eps, reduction)


@function(under="nn.functional")
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """exp(x) - t x of counts t and logarithms x of their expectations; or of expectations."""
    number = composites.reduction_number(chosen_reduction(size_average, reduce, reduction))
    return composites.poisson_nll_loss(input, target, log_input, full, eps, number)


def _fitting(var: Tensor, input: Tensor) -> Tensor:
    """Return variances so that they broadcast to the input: they may lack its last dim, or one."""
    shape, wanted = var._array.shape, input._array.shape
    if shape == wanted:
        return var
    if shape == wanted[:-1]:
        return ops.unsqueeze(var, Given(var.ndim, -1))
    differing = [n for n, size in zip(shape, wanted, strict=False) if n != size]
    if len(shape) != len(wanted) or sum(differing) != 1:
        raise ValueError("var is of incorrect size")
    return var


@function(under="nn.functional")
def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """(log(var) + (input - target) ** 2 / var) / 2 with variances of at least ``eps``.

    Args:
        input: expectations.
        target: samples.
        var: variances in the input's shape, one per last dim, or a float.
        full: add the constant, log(2 pi) / 2.
        eps: the least variance; it does not enter the gradient.
        reduction: "none", "mean" or "sum".
    """
    if isinstance(var, float):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        variance = ops.mul(ops.ones_like(input), var)
    elif bool(var.lt(0).any()):
        raise ValueError("var has negative entry/entries")
    else:
        variance = _fitting(var, input)
    if reduction not in composites.REDUCTIONS:
        raise ValueError(f"{reduction} is not valid")
    variance = ops.clone(variance)
    previous, modes.grad_enabled = modes.grad_enabled, False
    try:
        check_bounds(variance, [eps])
        ops.clamp_min.inplace(variance, eps)
    finally:
        modes.grad_enabled = previous
    loss: Tensor = 0.5 * (ops.log(variance) + (input - target) ** 2 / variance)
    if full:
        loss += 0.5 * math.log(2 * math.pi)
    return composites.reduced_loss(loss, composites.REDUCTIONS[reduction])


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


# Sequences ----------------------------------------------------------------------------------------

_CTC_SIGNATURES = [
    "Tensor log_probs, Tensor targets, tuple of ints input_lengths, tuple of ints target_lengths, "
    "int blank = 0, int reduction = at::Reduction::Mean, bool zero_infinity = False",
    "Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, "
    "int blank = 0, int reduction = at::Reduction::Mean, bool zero_infinity = False",
]


@function(name="ctc_loss")
def _ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: int = 1,
    zero_infinity: bool = False,
) -> Tensor:
    """``nn.functional.ctc_loss`` with a number for the reduction."""
    lengths = {"input_lengths": input_lengths, "target_lengths": target_lengths}
    given = [isinstance(value, Tensor) for value in lengths.values()]
    if any(given) and not all(given):
        arguments = (log_probs, targets, *lengths.values(), blank, reduction, zero_infinity)
        raise no_overload("ctc_loss", arguments, _CTC_SIGNATURES)
    if all(given):
        for name, value in lengths.items():
            if value._dtype.category != 1:
                raise RuntimeError(f"{name} must be integral")
            lengths[name] = value._backend.to_flat(value._array)
    return compose_ctc_loss(
        log_probs,
        targets,
        lengths["input_lengths"],
        lengths["target_lengths"],
        blank,
        reduction,
        zero_infinity,
    )


@function(under="nn.functional")
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """Minus the logarithm of the probability that a sequence, read without blanks, spells targets.

    Args:
        log_probs: logarithms of the labels' probabilities (T, N, C) or (T, C).
        targets: labels (N, S), or those of all members one after the other.
        input_lengths: how many of the T steps each member has: integers or a tensor of them.
        target_lengths: how many targets each member has, likewise.
        blank: the label of no target, which separates equal neighbours.
        reduction: the mean is of the losses divided by their numbers of targets.
        zero_infinity: targets that are too long for the steps count 0, with no gradient.
    """
    number = composites.reduction_number(reduction)
    loss: Tensor = NAMESPACES[""]["ctc_loss"](
        log_probs, targets, input_lengths, target_lengths, blank, number, zero_infinity
    )
    return loss
