"""torch's losses of margins and of distances between vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ops
from ..composites import margin_loss as composites
from ..composites.loss import reduction_number, refuse_gradients
from ..dtypes import (
    LEGACY_NAMES,
    bool_,
    float32,
    float64,
    get_default_dtype,
    int64,
    not_implemented_for,
)
from ..ops.pointwise import NEGATED_BOOL, NO_BOOL_SUBTRACTION
from ..sizes import broadcast_shapes
from ..tensor import Tensor
from ..type_promotion import check_can_cast
from .facts import result_type
from .loss import chosen_reduction
from .registration import NAMESPACES, function, require_tensor

# Distances ----------------------------------------------------------------------------------------


@function
@function(under="nn.functional")
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """Cosine of the angle between the vectors along a dim; lengths count as ``eps`` at least."""
    require_tensor("cosine_similarity", x1, "x1")
    require_tensor("cosine_similarity", x2, "x2", 2)
    return composites.cosine_similarity(x1, x2, dim, eps)


@function
@function(under="nn.functional")
def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """The ``p`` norm of x1 - x2 + eps over the last dim."""
    require_tensor("pairwise_distance", x1, "x1")
    require_tensor("pairwise_distance", x2, "x2", 2)
    return composites.pairwise_distance(x1, x2, p, eps, keepdim)


# Losses -------------------------------------------------------------------------------------------


def _number(size_average: bool | None, reduce: bool | None, reduction: str) -> int:
    return reduction_number(chosen_reduction(size_average, reduce, reduction))


@function(name="cosine_embedding_loss")
def _cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = 1
) -> Tensor:
    """``nn.functional.cosine_embedding_loss`` with a number for the reduction."""
    return composites.cosine_embedding_loss(input1, input2, target, margin, reduction)


@function(under="nn.functional")
def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """1 - cos of pairs (N, D) with target 1, and cos above ``margin`` of those with target -1."""
    number = _number(size_average, reduce, reduction)
    return composites.cosine_embedding_loss(input1, input2, target, float(margin), number)


@function(name="hinge_embedding_loss")
def _hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: float = 1.0, reduction: int = 1
) -> Tensor:
    """``nn.functional.hinge_embedding_loss`` with a number for the reduction."""
    return composites.hinge_embedding_loss(input, target, margin, reduction)


@function(under="nn.functional")
def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Distances x of pairs with target 1, and max(0, margin - x) of those with target -1."""
    number = _number(size_average, reduce, reduction)
    if input._dtype is bool_:
        raise RuntimeError(NO_BOOL_SUBTRACTION["b"].text)
    return composites.hinge_embedding_loss(input, target, float(margin), number)


@function(name="margin_ranking_loss")
def _margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = 1
) -> Tensor:
    """``nn.functional.margin_ranking_loss`` with a number for the reduction."""
    return composites.margin_ranking_loss(input1, input2, target, margin, reduction)


@function(under="nn.functional")
def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """max(0, margin - target * (input1 - input2)): target 1 wants input1 larger, -1 smaller."""
    number = _number(size_average, reduce, reduction)
    if not input1.ndim == input2.ndim == target.ndim:
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.size()}, input2: {input2.size()}, target: {target.size()} "
        )
    return composites.margin_ranking_loss(input1, input2, target, float(margin), number)


@function(name="triplet_margin_loss")
def _triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: int = 1,
) -> Tensor:
    """``nn.functional.triplet_margin_loss`` with a number for the reduction."""
    return composites.triplet_margin_loss(
        anchor, positive, negative, margin, p, eps, swap, reduction
    )


def _check_positive(margin: float) -> None:
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")


@function(under="nn.functional")
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """max(0, margin + distance to the positive - distance to the negative), by the ``p`` norm."""
    number = _number(size_average, reduce, reduction)
    _check_positive(margin)
    return composites.triplet_margin_loss(
        anchor, positive, negative, float(margin), p, eps, swap, number
    )


@function(under="nn.functional")
def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """``triplet_margin_loss`` with any distance; ``pairwise_distance`` unless one is given."""
    reduction_number(reduction)
    _check_positive(margin)
    distance: Any = distance_function or pairwise_distance
    return composites.triplet_margin_with_distance_loss(
        anchor, positive, negative, distance, margin, swap, reduction
    )


# Scores of classes --------------------------------------------------------------------------------


def _soft_margin_loss(input: Tensor, target: Tensor, reduction: int = 1) -> Tensor:
    refuse_gradients("soft_margin_loss", target=target)
    if input._dtype is bool_:
        raise RuntimeError(NEGATED_BOOL.text)
    shape = input._array.shape
    widened = broadcast_shapes(shape, target._array.shape)
    if widened != shape:
        raise RuntimeError(
            f"output with shape {list(shape)} doesn't match the broadcast shape {list(widened)}"
        )
    check_can_cast(result_type(input, target), input._dtype)  # multiplied in place
    if not input._dtype.is_inexact:  # and raised
        check_can_cast(get_default_dtype(), input._dtype)
    return ops.soft_margin_loss(input, target, reduction)


@function(under="nn.functional")
def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """log(1 + exp(-target * x)) of scores x and targets 1 or -1."""
    return _soft_margin_loss(input, target, _number(size_average, reduce, reduction))


def _check_scores(input: Tensor) -> None:
    shape = input._array.shape
    if len(shape) > 2 or (shape and shape[-1] == 0):
        raise RuntimeError(
            "Expected non-empty vector or matrix with optional 0-dim batch size, but got: "
            f"{list(shape)}"
        )


def _check_kind(tensor: Tensor, wanted: Any) -> None:
    if tensor._dtype is not wanted:
        raise RuntimeError(
            f"expected scalar type {LEGACY_NAMES[wanted]} but found {LEGACY_NAMES[tensor._dtype]}"
        )


def _check_floating(input: Tensor, kernel: str) -> None:
    if input._dtype not in (float32, float64):
        raise not_implemented_for(kernel, input._dtype)


@function(under="nn.functional")
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Mean over classes of max(0, margin - x[target] + x) ** p, times the target's weight."""
    number = _number(size_average, reduce, reduction)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    refuse_gradients("multi_margin_loss", weight=weight)
    _check_scores(input)
    shape = input._array.shape
    frames, classes = (shape[0] if len(shape) > 1 else 1), (shape[-1] if shape else 1)
    if target.ndim > 1 or target.numel() != frames:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input "
            f"samples (batch size). Expected target size [{frames}], but got "
            f"{list(target._array.shape)}. Input has shape {list(shape)}."
        )
    if weight is not None and weight.numel() != classes:
        raise RuntimeError(
            f"inconsistent weight size, expected {classes} but got {list(weight._array.shape)}"
        )
    _check_floating(input, "multi_margin_loss_cpu_kernel")
    _check_kind(target, int64)
    if weight is not None:
        _check_kind(weight, input._dtype)
    return ops.multi_margin_loss(input, target, p, margin, weight, number)


@function(under="nn.functional")
def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Mean over classes of max(0, 1 - x[t] + x), summed over the targets t before the first -1."""
    number = _number(size_average, reduce, reduction)
    _check_scores(input)
    shape, wanted = list(input._array.shape), list(target._array.shape)
    if len(shape) > 1:
        fits = wanted == shape
    else:
        fits = target.ndim <= 1 and target.numel() == input.numel()
    if not fits:
        raise RuntimeError(f"inconsistent target size: {wanted} for input of size: {shape}")
    _check_floating(input, "multilabel_margin_loss_forward_out_frame")
    _check_kind(target, int64)
    return ops.multilabel_margin_loss_forward(input, target, number)[0]


@function(under="nn.functional")
def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Mean over classes of the cross entropy of scores and targets 0 or 1, each for itself."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    logsigmoid = NAMESPACES["nn.functional"]["logsigmoid"]
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    dim = input.ndim - 1
    loss = loss.sum(dim=dim) / input.size(dim)
    if reduction == "none":
        return loss
    if reduction == "mean":
        return loss.mean()
    if reduction == "sum":
        return loss.sum()
    raise ValueError(f"{reduction} is not valid")
