"""Longer derivatives of losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..dtypes import LEGACY_NAMES, DType, not_implemented_for
from ..sizes import numel
from ..type_promotion import check_can_cast, result_dtype

Array = Any
MEAN, SUM = 1, 2


def reduced(xp: Any, values: Array, reduction: int) -> Array:
    """Return the values, their mean or their sum."""
    dims = tuple(range(len(values.shape)))
    if reduction == MEAN:
        return xp.mean(values, dims)
    return xp.sum(values, dims) if reduction == SUM else values


def _averaged(xp: Any, value: Array, shape: Sequence[int], reduction: int) -> Array:
    return xp.div_scalar(value, max(numel(shape), 1)) if reduction == MEAN else value


def huber_loss_in_own_dtype(
    xp: Any, self: Array, target: Array, reduction: int, delta: float
) -> Array:
    """Return the loss, computed in the common dtype and rounded to the input's before the mean.

    Raises:
        RuntimeError: the input's dtype cannot hold it (torch's text).
    """
    own, other = xp.dtype(self), xp.dtype(target)
    if own is other and own.is_floating_point:
        return xp.huber_loss(self, target, reduction, delta)
    by_rank: list[list[DType]] = [[], []]  # with dims, and without
    for array, dtype in ((self, own), (target, other)):
        by_rank[not array.shape].append(dtype)
    common = result_dtype(by_rank[0], by_rank[1], ())
    check_can_cast(common, own)
    if not common.is_floating_point:
        raise not_implemented_for("huber_cpu", common)
    loss = xp.huber_loss(xp.cast(self, common), xp.cast(target, common), 0, delta)
    return reduced(xp, xp.cast(loss, own), reduction)


def huber_gradient(
    xp: Any, grad: Array, self: Array, target: Array, reduction: int, delta: float
) -> Array:
    """Return the gradient of what stands first.

    Raises:
        RuntimeError: the dtypes differ, which the loss itself takes (torch's text).
    """
    own, other = xp.dtype(self), xp.dtype(target)
    if own is not other:
        raise RuntimeError(f"Found dtype {LEGACY_NAMES[other]} but expected {LEGACY_NAMES[own]}")
    gradient: Array = xp.huber_loss_backward(grad, self, target, reduction, delta)
    return gradient


def mse_second(xp: Any, grad: Array, shape: Sequence[int], reduction: int) -> Array:
    """Return the gradient of mse_loss_backward's input."""
    return _averaged(xp, xp.mul_scalar(grad, 2), shape, reduction)


def _inside(xp: Any, grad: Array, input: Array, target: Array, limit: float) -> Array:
    """Return ``grad`` where input and target are closer than ``limit``, 0 elsewhere."""
    return grad * xp.to_dtype(xp.abs(input - target) < limit, xp.dtype(grad))


def smooth_l1_second(
    xp: Any, grad: Array, input: Array, target: Array, reduction: int, beta: float
) -> Array:
    """Return the gradient of smooth_l1_loss_backward's input."""
    return _averaged(
        xp, xp.div_scalar(_inside(xp, grad, input, target, beta), beta), input.shape, reduction
    )


def smooth_l1_backward_tangent(
    xp: Any,
    grad_output: Array,
    self: Array,
    target: Array,
    grad_output_t: Array,
    self_t: Array,
    target_t: Array,
    reduction: int,
    beta: float,
) -> Array:
    """Return the tangent of smooth_l1_loss_backward."""
    return (
        smooth_l1_second(xp, self_t * grad_output, self, target, reduction, beta)
        - smooth_l1_second(xp, target_t * grad_output, self, target, reduction, beta)
        + xp.smooth_l1_loss_backward(grad_output_t, self, target, reduction, beta)
    )


def huber_second(
    xp: Any, grad: Array, input: Array, target: Array, reduction: int, delta: float
) -> Array:
    """Return the gradient of huber_loss_backward's input."""
    return _averaged(xp, _inside(xp, grad, input, target, delta), input.shape, reduction)


def huber_backward_grad_output(
    xp: Any,
    grad: Array,
    grad_output: Array,
    self: Array,
    target: Array,
    reduction: int,
    delta: float,
) -> Array:
    """Return the gradient of huber_loss_backward's grad_output."""
    if reduction not in (MEAN, SUM):
        return xp.huber_loss_backward(grad, self, target, reduction, delta)
    slope = xp.huber_loss_backward(xp.ones_like(grad_output), self, target, reduction, delta)
    product = slope * grad
    return xp.sum(product, tuple(range(len(product.shape))))


# Classes ------------------------------------------------------------------------------------------


def _weighted(xp: Any, value: Array, weight: Array | None) -> Array:
    return value if weight is None else value * weight


def bce_target_backward(
    xp: Any, grad: Array, self: Array, weight: Array | None, reduction: int
) -> Array:
    """Return the gradient of binary_cross_entropy's target."""
    slope = _weighted(xp, -xp.logit(self) * grad, weight)
    return _averaged(xp, slope, self.shape, reduction)


def bce_tangent(
    xp: Any,
    self: Array,
    target: Array,
    weight: Array | None,
    self_t: Array,
    target_t: Array,
    reduction: int,
) -> Array:
    """Return the tangent of binary_cross_entropy."""
    return reduced(
        xp,
        xp.binary_cross_entropy_backward(self_t, self, target, weight, 0)
        + bce_target_backward(xp, target_t, self, weight, 0),
        reduction,
    )


def _one_minus(xp: Any, input: Array) -> Array:
    return xp.sub(xp.scalar_like(input, 1), input)


def bce_second(
    xp: Any,
    grad: Array,
    grad_output: Array,
    self: Array,
    target: Array,
    weight: Array | None,
    reduction: int,
) -> Array:
    """Return the gradient of binary_cross_entropy_backward's input."""
    above = xp.add_scalar(self, _LEAST)
    below = xp.add_scalar(_one_minus(xp, self), _LEAST)
    top = self * self - xp.mul_scalar(self, 2) * target + target
    slope = top / (xp.square(above) * xp.square(below)) * (grad * grad_output)
    return _averaged(xp, _weighted(xp, slope, weight), self.shape, reduction)


_LEAST = 1e-12


def bce_second_target(
    xp: Any,
    grad: Array,
    grad_output: Array,
    self: Array,
    weight: Array | None,
    reduction: int,
) -> Array:
    """Return the gradient of binary_cross_entropy_backward's target."""
    top = _weighted(xp, grad * grad_output, weight)
    slope = top / (xp.sub(self, xp.scalar_like(self, 1)) * self)
    return _averaged(xp, slope, self.shape, reduction)


def bce_second_grad_output(
    xp: Any,
    grad: Array,
    self: Array,
    target: Array,
    weight: Array | None,
    reduction: int,
) -> Array:
    """Return the gradient of binary_cross_entropy_backward's grad_output."""
    below = xp.add_scalar(_one_minus(xp, self), _LEAST)
    slope = (self - target) / (xp.add_scalar(self, _LEAST) * below) * grad
    return _averaged(xp, _weighted(xp, slope, weight), self.shape, reduction)


def bce_backward_tangent(
    xp: Any,
    grad_output: Array,
    self: Array,
    target: Array,
    weight: Array | None,
    grad_output_t: Array,
    self_t: Array,
    target_t: Array,
    reduction: int,
) -> Array:
    """Return the tangent of binary_cross_entropy_backward."""
    return (
        bce_second(xp, self_t, grad_output, self, target, weight, reduction)
        + bce_second_target(xp, target_t, grad_output, self, weight, reduction)
        + xp.binary_cross_entropy_backward(grad_output_t, self, target, weight, reduction)
    )


def bce_with_logits_backward(
    xp: Any,
    grad: Array,
    self: Array,
    target: Array,
    weight: Array | None,
    pos_weight: Array | None,
    reduction: int,
) -> Array:
    """Return the gradient of binary_cross_entropy_with_logits's input."""
    if pos_weight is None:
        slope = xp.sigmoid(self) - target
    else:
        positive = pos_weight * target
        slope = (xp.add_scalar(positive, 1) - target) * xp.sigmoid(self) - positive
    return _averaged(xp, _weighted(xp, slope * grad, weight), self.shape, reduction)


def bce_with_logits_target_backward(
    xp: Any,
    grad: Array,
    self: Array,
    weight: Array | None,
    pos_weight: Array | None,
    reduction: int,
) -> Array:
    """Return the gradient of binary_cross_entropy_with_logits's target."""
    slope = -self
    if pos_weight is not None:
        negative, positive = xp.log_sigmoid_forward(-self)[0], xp.log_sigmoid_forward(self)[0]
        slope = negative - positive * pos_weight
    return _averaged(xp, _weighted(xp, slope * grad, weight), self.shape, reduction)


def bce_with_logits_tangent(
    xp: Any,
    self: Array,
    target: Array,
    weight: Array | None,
    pos_weight: Array | None,
    self_t: Array,
    target_t: Array,
    reduction: int,
) -> Array:
    """Return the tangent of binary_cross_entropy_with_logits."""
    return reduced(
        xp,
        bce_with_logits_backward(xp, self_t, self, target, weight, pos_weight, 0)
        + bce_with_logits_target_backward(xp, target_t, self, weight, pos_weight, 0),
        reduction,
    )
