"""Derivatives of batch norm; each runs on raw arrays and on Tensors alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .normalization_formulas import (
    added,
    affine_tangent,
    channelwise,
    normalization_backward_tangents,
    normalization_bend,
    normalization_gradient,
    normalization_tangent,
)
from .pointwise_formulas import cast_like
from .reduction_formulas import all_but_channels

Array = Any
Gradients = tuple[Any, ...]


def batch_norm_backward(
    xp: Any,
    grad: Array,
    input: Array,
    weight: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    training: bool,
    eps: float,
    result1: Array,
    result2: Array,
    needs: Sequence[bool],
) -> Gradients:
    """The gradients of input, weight and bias by one kernel."""
    return xp.native_batch_norm_backward(
        grad, input, weight, running_mean, running_var, result1, result2, training, eps, needs
    )


def batch_norm_of_batch_backward(
    xp: Any,
    grad: Array,
    input: Array,
    weight: Array | None,
    training: bool,
    eps: float,
    result1: Array,
    result2: Array,
    needs: Sequence[bool],
) -> Gradients:
    """Likewise without running statistics."""
    return xp.native_batch_norm_backward(
        grad, input, weight, None, None, result1, result2, training, eps, needs
    )


def batch_norm_with_update_backward(
    xp: Any,
    grad: Array,
    input: Array,
    weight: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    eps: float,
    result1: Array,
    result2: Array,
    result3: Array,
    needs: Sequence[bool],
) -> Gradients:
    """Likewise by the newer kernel, which passes on what the forward reserved."""
    return xp.batch_norm_update_backward(
        grad, input, weight, running_mean, running_var, result1, result2, True, eps, needs, result3
    )


def _batch_statistics(
    xp: Any,
    input: Array,
    running_mean: Array | None,
    running_var: Array | None,
    mean: Array,
    invstd: Array,
    train: bool,
    eps: float,
) -> tuple[Array, Array]:
    """Return the mean and the reciprocal deviation that the forward used, shaped for the input."""
    if running_mean is not None and running_var is not None and not train:
        mean, invstd = running_mean, xp.pow_scalar(running_var + eps, -0.5)
    mean, invstd = cast_like(xp, mean, input), cast_like(xp, invstd, input)
    return channelwise(xp, mean, input), channelwise(xp, invstd, input)


def batch_norm_double_backward(
    xp: Any,
    grad_grad_input: Array | None,
    grad_grad_weight: Array | None,
    grad_grad_bias: Array | None,
    grad_out: Array,
    input: Array,
    weight: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    save_mean: Array,
    save_invstd: Array,
    train: bool,
    eps: float,
) -> Gradients:
    """The gradients of grad_out, input, weight, (save_mean, save_invstd) of the backward kernel.

    Evaluation scales by running statistics only, so there grad_out passes straight through.
    """
    mean, invstd = _batch_statistics(
        xp, input, running_mean, running_var, save_mean, save_invstd, train, eps
    )
    dims = all_but_channels(input)
    centered = input - mean
    scale = channelwise(xp, weight, input)
    of_grad: Any = None
    of_input: Any = None
    of_weight: Any = None
    if grad_grad_input is not None:
        if train:
            passed = normalization_gradient(xp, grad_grad_input, centered, invstd, dims)
            bent = normalization_bend(xp, grad_grad_input, grad_out, centered, invstd, dims)
            of_input = bent if scale is None else scale * bent
            slope = normalization_gradient(xp, grad_out, centered, invstd, dims)
        else:
            passed = grad_grad_input * invstd
            slope = grad_out * invstd
        of_grad = passed if scale is None else passed * scale
        if weight is not None:
            of_weight = xp.sum(grad_grad_input * slope, dims)
    if grad_grad_weight is not None:
        of_scale = channelwise(xp, grad_grad_weight, input)
        if train:
            part = normalization_gradient(xp, grad_out, centered, invstd, dims)
        else:
            part = grad_out * invstd
        of_input = added(of_input, of_scale * part)
        of_grad = added(of_grad, of_scale * centered * invstd)
    if grad_grad_bias is not None:
        of_bias = xp.expand(channelwise(xp, grad_grad_bias, input), grad_out.shape)
        of_grad = added(of_grad, of_bias)
    return of_grad, of_input, of_weight, None, None


def batch_norm_update_double_backward(
    xp: Any,
    grad_grad_input: Array | None,
    grad_grad_weight: Array | None,
    grad_grad_bias: Array | None,
    grad_out: Array,
    input: Array,
    weight: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    save_mean: Array,
    save_var: Array,
    update: bool,
    eps: float,
) -> Gradients:
    """Likewise for the newer kernel; nothing for what the forward reserved."""
    gradients = batch_norm_double_backward(
        xp,
        grad_grad_input,
        grad_grad_weight,
        grad_grad_bias,
        grad_out,
        input,
        weight,
        running_mean,
        running_var,
        save_mean,
        save_var,
        update,
        eps,
    )
    return (*gradients, None)


def batch_norm_backward_tangent(
    xp: Any,
    grad_out: Array,
    input: Array,
    weight: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    save_mean: Array,
    save_invstd: Array,
    train: bool,
    eps: float,
    output_mask: Sequence[bool],
    grad_out_t: Array,
    input_t: Array,
    weight_t: Array | None,
) -> tuple[Array | None, ...]:
    """The tangents of the backward kernel's gradients; in evaluation the statistics stand still."""
    mean, invstd = _batch_statistics(
        xp, input, running_mean, running_var, save_mean, save_invstd, train, eps
    )
    centered = input - mean
    dims = all_but_channels(input)
    scale, scale_t = channelwise(xp, weight, input), channelwise(xp, weight_t, input)
    if train:
        of_input, of_weight, of_bias = normalization_backward_tangents(
            xp, grad_out, grad_out_t, scale, scale_t, centered, invstd, input_t, dims
        )
    else:
        of_input = grad_out_t
        if scale is not None:
            of_input = grad_out_t * scale + grad_out * scale_t
        of_input = of_input * invstd
        of_weight = (grad_out_t * centered + grad_out * input_t) * invstd
        of_bias = grad_out_t
    return (
        of_input if output_mask[0] else None,
        xp.sum(of_weight, dims) if output_mask[1] else None,
        xp.sum(of_bias, dims) if output_mask[2] else None,
    )


def batch_norm_update_backward_tangent(
    xp: Any,
    grad_out: Array,
    input: Array,
    weight: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    save_mean: Array,
    save_var: Array,
    update: bool,
    eps: float,
    output_mask: Sequence[bool],
    grad_out_t: Array,
    input_t: Array,
    weight_t: Array | None,
) -> tuple[Array | None, ...]:
    """Likewise for the newer kernel."""
    return batch_norm_backward_tangent(
        xp,
        grad_out,
        input,
        weight,
        running_mean,
        running_var,
        save_mean,
        save_var,
        update,
        eps,
        output_mask,
        grad_out_t,
        input_t,
        weight_t,
    )


def batch_norm_tangent(
    xp: Any,
    input: Array,
    weight: Array | None,
    bias: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    training: bool,
    eps: float,
    input_t: Array,
    weight_t: Array | None,
    bias_t: Array | None,
    result1: Array,
    result2: Array,
) -> Array:
    """The tangent of the normalised input, scaled, plus those of weight and bias."""
    mean, invstd = _batch_statistics(
        xp, input, running_mean, running_var, result1, result2, training, eps
    )
    centered = input - mean
    if training:
        dims = all_but_channels(input)
        normal_t = normalization_tangent(xp, input_t, centered, invstd, dims)
    else:
        normal_t = input_t * invstd
    weight, weight_t = channelwise(xp, weight, input), channelwise(xp, weight_t, input)
    bias_t = channelwise(xp, bias_t, input)
    return affine_tangent(centered * invstd, normal_t, weight, bias, weight_t, bias_t)


def batch_norm_of_batch_tangent(
    xp: Any,
    input: Array,
    weight: Array | None,
    bias: Array | None,
    eps: float,
    input_t: Array,
    weight_t: Array | None,
    bias_t: Array | None,
    result1: Array,
    result2: Array,
) -> Array:
    """Likewise by the statistics of the batch."""
    return batch_norm_tangent(
        xp,
        input,
        weight,
        bias,
        None,
        None,
        True,
        eps,
        input_t,
        weight_t,
        bias_t,
        result1,
        result2,
    )
