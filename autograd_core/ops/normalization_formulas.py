"""Longer derivatives of normalizations; each runs on raw arrays and on Tensors alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..engine.modes import modes
from ..sizes import numel
from .pointwise_formulas import cast_like
from .reduction_formulas import logsumexp_tangent, var_mean_backward

Array = Any
Gradients = tuple[Any, ...]


def softmax_tangent(xp: Any, self: Array, self_t: Array, result: Array, dim: int) -> Array:
    """softmax times the tangent's distance from its mean weighted by softmax."""
    return result * log_softmax_tangent(xp, self, self_t, dim)


def safe_softmax_tangent(xp: Any, self: Array, self_t: Array, result: Array, dim: int) -> Array:
    """Likewise; where every element is -inf softmax is 0, and so is the weighted mean."""
    if 0 in self.shape:
        return result * self_t
    dims = (dim,) if self.shape else ()
    largest = xp.amax(self, dims, True)
    shift = xp.where(largest == float("-inf"), 0, largest)
    power = xp.exp(self - shift)
    total = xp.sum(power, dims, True)
    total = xp.where(total == 0, 1, total)
    return result * (self_t - xp.sum(power * self_t, dims, True) / total)


def log_softmax_tangent(xp: Any, self: Array, self_t: Array, dim: int) -> Array:
    """The tangent's distance from its mean weighted by softmax."""
    return self_t - logsumexp_tangent(xp, self, self_t, (dim,) if self.shape else (), True)


def softmax_backward_data_output_backward(
    xp: Any, grad: Array, grad_output: Array, output: Array, dim: int
) -> Array:
    """Derivative of (grad_output - sum(grad_output * output)) * output by ``output``."""
    dims = (dim,) if output.shape else ()
    inner = xp.sum(output * grad_output, dims, True)
    outer = xp.sum(output * grad, dims, True)
    return grad_output * grad - inner * grad - grad_output * outer


def softmax_backward_data_tangent(
    xp: Any,
    grad_output: Array,
    output: Array,
    grad_output_t: Array,
    output_t: Array,
    dim: int,
) -> Array:
    """The product rule."""
    dims = (dim,) if output.shape else ()
    inner = xp.sum(grad_output * output, dims, True)
    inner_t = xp.sum(grad_output_t * output + grad_output * output_t, dims, True)
    return (grad_output_t - inner_t) * output + (grad_output - inner) * output_t


def log_softmax_backward_data_output_backward(
    xp: Any, grad: Array, grad_output: Array, output: Array, dim: int
) -> Array:
    """Derivative of grad_output - exp(output) * sum(grad_output) by ``output``."""
    dims = (dim,) if output.shape else ()
    return -xp.sum(grad_output, dims, True) * xp.exp(output) * grad


def log_softmax_backward_data_grad_backward(xp: Any, grad: Array, output: Array, dim: int) -> Array:
    """Derivative of grad_output - exp(output) * sum(grad_output) by ``grad_output``."""
    dims = (dim,) if output.shape else ()
    return grad - xp.sum(grad * xp.exp(output), dims, True)


def log_softmax_backward_data_tangent(
    xp: Any,
    grad_output: Array,
    output: Array,
    grad_output_t: Array,
    output_t: Array,
    dim: int,
) -> Array:
    """The product rule."""
    dims = (dim,) if output.shape else ()
    power = xp.exp(output)
    total = xp.sum(grad_output, dims, True)
    total_t = xp.sum(grad_output_t, dims, True)
    return grad_output_t - power * (output_t * total + total_t)


# Layer norm ---------------------------------------------------------------------------------------


def layer_norm_backward(
    xp: Any,
    grad: Array,
    input: Array,
    normalized_shape: Sequence[int],
    weight: Array | None,
    bias: Array | None,
    result1: Array,
    result2: Array,
    needs: Sequence[bool],
) -> Gradients:
    """The gradients of input, weight and bias by one kernel, which takes the statistics."""
    return xp.native_layer_norm_backward(
        grad, input, normalized_shape, result1, result2, weight, bias, needs
    )


def layer_norm_tangent(
    xp: Any,
    input: Array,
    weight: Array | None,
    bias: Array | None,
    input_t: Array,
    weight_t: Array | None,
    bias_t: Array | None,
    result1: Array,
    result2: Array,
    normalized_shape: Sequence[int],
) -> Array:
    """The tangent of the normalised input, scaled, plus those of weight and bias."""
    mean, rstd = result1, result2
    dims = trailing_dims(input, normalized_shape)
    normal = (input - mean) * rstd
    normal_t = normalization_tangent(xp, input_t, input - mean, rstd, dims)
    return affine_tangent(normal, normal_t, weight, bias, weight_t, bias_t)


def layer_norm_double_backward(
    xp: Any,
    grad_grad_input: Array | None,
    grad_grad_weight: Array | None,
    grad_grad_bias: Array | None,
    grad_out: Array,
    input: Array,
    normalized_shape: Sequence[int],
    mean: Array,
    rstd: Array,
    weight: Array | None,
    bias: Array | None,
) -> Gradients:
    """The gradients of grad_out, input, (mean, rstd,) weight and bias of the backward kernel.

    With n the normalised input and P the derivative of n, the kernel computes P(grad_out * weight),
    sum(grad_out * n) and sum(grad_out).
    """
    mean, rstd = cast_like(xp, mean, input), cast_like(xp, rstd, input)
    dims = trailing_dims(input, normalized_shape)
    outer = tuple(range(dims[0]))
    centered = input - mean
    of_grad: Any = None
    of_input: Any = None
    of_weight: Any = None
    if grad_grad_input is not None:
        scaled = grad_out if weight is None else grad_out * weight
        of_input = normalization_bend(xp, grad_grad_input, scaled, centered, rstd, dims)
        passed = normalization_gradient(xp, grad_grad_input, centered, rstd, dims)
        of_grad = passed if weight is None else passed * weight
        if weight is not None:
            of_weight = xp.sum(grad_out * passed, outer)
    if grad_grad_weight is not None:
        part = normalization_gradient(xp, grad_out * grad_grad_weight, centered, rstd, dims)
        of_input = added(of_input, part)
        of_grad = added(of_grad, grad_grad_weight * centered * rstd)
    if grad_grad_bias is not None:
        of_grad = added(of_grad, xp.expand(grad_grad_bias, grad_out.shape))
    return of_grad, of_input, None, None, of_weight, None


def layer_norm_backward_tangent(
    xp: Any,
    grad_out: Array,
    input: Array,
    normalized_shape: Sequence[int],
    mean: Array,
    rstd: Array,
    weight: Array | None,
    grad_out_t: Array,
    input_t: Array,
    weight_t: Array | None,
    output_mask: Sequence[bool],
) -> tuple[Array | None, ...]:
    """The tangents of the backward kernel's gradients (see the double backward for what it does).

    Those of mean and rstd follow from the input's; given ones would be of the same numbers.
    """
    mean, rstd = cast_like(xp, mean, input), cast_like(xp, rstd, input)
    dims = trailing_dims(input, normalized_shape)
    of_input, of_weight, of_bias = normalization_backward_tangents(
        xp, grad_out, grad_out_t, weight, weight_t, input - mean, rstd, input_t, dims
    )
    outer = tuple(range(dims[0]))
    return (
        of_input if output_mask[0] else None,
        xp.sum(of_weight, outer) if output_mask[1] else None,
        xp.sum(of_bias, outer) if output_mask[2] else None,
    )


# Normalization: (input - mean) * rstd over dims, its first and second derivative ------------------


def trailing_dims(input: Array, normalized_shape: Sequence[int]) -> tuple[int, ...]:
    """Return the dims that a layer norm runs over."""
    count = len(input.shape)
    return tuple(range(count - len(normalized_shape), count))


def added(first: Any, second: Any) -> Any:
    """Return the sum of what is there."""
    if first is None or second is None:
        return second if first is None else first
    return first + second


def normalization_tangent(
    xp: Any, input_t: Array, centered: Array, rstd: Array, dims: Sequence[int]
) -> Array:
    """The tangent of the normalised input: that of the deviation, and that of its scale."""
    centered_t = input_t - xp.mean(input_t, dims, True)
    rstd_t = reciprocal_deviation_tangent(xp, centered_t, centered, rstd, dims)
    return centered_t * rstd + centered * rstd_t


def reciprocal_deviation_tangent(
    xp: Any, centered_t: Array, centered: Array, rstd: Array, dims: Sequence[int]
) -> Array:
    """The tangent of rstd."""
    count = max(numel(centered.shape[d] for d in dims), 1)
    return xp.sum(centered_t * centered * -(rstd * rstd * rstd), dims, True) / count


def affine_tangent(
    normal: Array,
    normal_t: Array,
    weight: Array | None,
    bias: Array | None,
    weight_t: Array | None,
    bias_t: Array | None,
) -> Array:
    """The tangent of normal * weight + bias."""
    result = normal_t
    if weight is not None:
        result = result * weight + normal * weight_t
    return result if bias is None else result + bias_t


def normalization_gradient(
    xp: Any, grad: Array, centered: Array, rstd: Array, dims: Sequence[int]
) -> Array:
    """The gradient of the input for one of the normalised input; summed up as torch does."""
    count = max(numel(centered.shape[d] for d in dims), 1)
    along = xp.sum(grad * centered, dims, True)
    level = grad * count - xp.sum(grad, dims, True)
    return rstd / count * (level - centered * (rstd * rstd) * along)


def normalization_bend(
    xp: Any, other: Array, grad: Array, centered: Array, rstd: Array, dims: Sequence[int]
) -> Array:
    """The gradient of the input for ``other``, one of ``normalization_gradient(grad)``."""
    count = max(numel(centered.shape[d] for d in dims), 1)
    cube = rstd * rstd * rstd
    total, along = xp.sum(grad, dims, True), xp.sum(grad * centered, dims, True)
    other_total, other_along = xp.sum(other, dims, True), xp.sum(other * centered, dims, True)
    crossed = other_total * total / count - xp.sum(other * grad, dims, True)
    crossed = crossed + rstd * rstd * along * other_along * (3.0 / count)
    bent = centered * cube * crossed / count
    bent = bent + other_along * cube / count * (total / count - grad)
    return bent + along * cube / count * (other_total / count - other)


def normalization_backward_tangents(
    xp: Any,
    grad_out: Array,
    grad_out_t: Array,
    weight: Array | None,
    weight_t: Array | None,
    centered: Array,
    rstd: Array,
    input_t: Array,
    dims: Sequence[int],
) -> tuple[Array, Array, Array]:
    """The tangents of the gradients of input, weight and bias; the latter two not summed yet."""
    normal = centered * rstd
    normal_t = normalization_tangent(xp, input_t, centered, rstd, dims)
    scaled, scaled_t = grad_out, grad_out_t
    if weight is not None:
        scaled, scaled_t = grad_out * weight, grad_out_t * weight + grad_out * weight_t
    along = xp.mean(scaled * normal, dims, True)
    along_t = xp.mean(scaled_t * normal + scaled * normal_t, dims, True)
    level = scaled - xp.mean(scaled, dims, True) - normal * along
    level_t = scaled_t - xp.mean(scaled_t, dims, True) - normal_t * along - normal * along_t
    rstd_t = -rstd * rstd * xp.mean(normal * input_t, dims, True)
    of_weight = grad_out_t * normal + grad_out * normal_t
    return level_t * rstd + level * rstd_t, of_weight, grad_out_t


def channelwise(xp: Any, value: Array | None, input: Array) -> Any:
    """Return a value per channel, shaped to go with the input."""
    if value is None:
        return None
    shape = [1] * len(input.shape)
    shape[1] = value.shape[0]
    return xp.view(value, shape)


# Group norm ---------------------------------------------------------------------------------------


def group_norm_backward(
    xp: Any,
    grad_result0: Array | None,
    grad_result1: Array | None,
    grad_result2: Array | None,
    input: Array,
    weight: Array | None,
    N: int,
    C: int,
    HxW: int,
    eps: float,
    group: int,
    result1: Array,
    result2: Array,
    needs: Sequence[bool],
) -> Gradients:
    """The gradients of input, weight and bias, composed as in torch where they are recorded.

    As in torch, those of mean and rstd count only where both are there.
    """
    share = 1.0 / (HxW * C // group) if HxW * C else float("inf")
    grouped = (N, group, C // group, HxW)
    value = xp.reshape(xp.as_dtype_of(input, result1), grouped)
    mean = xp.reshape(result1, (N, group, 1, 1))
    rstd = xp.reshape(result2, (N, group, 1, 1))
    composed = modes.grad_enabled or grad_result1 is not None or grad_result2 is not None
    of_input = of_weight = of_bias = grad = None
    if grad_result0 is not None:
        grad = xp.reshape(xp.as_dtype_of(grad_result0, result1), grouped)
        weighted = _summed(xp, grad * value, 3)
        total = _summed(xp, grad, 3)
    if needs[0]:
        scale = None if weight is None else xp.reshape(weight, (1, group, C // group, 1))
        if modes.grad_enabled:  # pack hooks see it
            ((rstd * rstd).reciprocal_() - eps).clamp_min(0)
        cube: Any = rstd * rstd * rstd if composed else None
        of_var = None
        if grad_result2 is not None:
            of_var = cube * -0.5 * xp.reshape(grad_result2, (N, group, 1, 1))
        if grad is not None:
            factor = rstd if scale is None else rstd * scale
            along = _summed(xp, weighted if scale is None else weighted * scale, 2)
            level = _summed(xp, total if scale is None else total * scale, 2)
            slope = level * mean - along
            slope = (slope * rstd * rstd * rstd if cube is None else slope * cube) * share
            shift = level * rstd * share  # right before left, as in torch
            shift = -slope * mean - shift
            sloped = slope * value
            of_input = factor * grad + sloped + shift
        if of_var is not None and grad_result1 is not None:
            of_mean = xp.reshape(grad_result1, (N, group, 1, 1))
            part = var_mean_backward(xp, of_var, of_mean, value, (2, 3), 0, True)
            if of_input is None:
                of_input = part
            else:
                of_input += part
        if of_input is not None:
            of_input = xp.reshape(of_input, input.shape)
    if grad is not None:
        if needs[1]:
            of_weight = xp.reshape(xp.sum((weighted - total * mean) * rstd, (0,)), (C,))
        if needs[2]:
            of_bias = xp.reshape(xp.sum(total, (0,)), (C,))
    made = of_input, of_weight, of_bias
    return made if composed else tuple([None if a is None else xp.clone(a) for a in made])


def _summed(xp: Any, value: Array, dim: int) -> Array:
    """The sum along a dim, which torch puts back in place."""
    if modes.grad_enabled:
        return xp.sum(value, (dim,)).unsqueeze_(dim)
    return xp.sum(value, (dim,), True)


def group_norm_tangent(
    xp: Any,
    input: Array,
    weight: Array | None,
    bias: Array | None,
    input_t: Array,
    weight_t: Array | None,
    bias_t: Array | None,
    N: int,
    C: int,
    HxW: int,
    group: int,
    result1: Array,
    result2: Array,
) -> Gradients:
    """The tangents of the result, of mean and of rstd."""
    grouped = (N, group, HxW * C // group)
    mean = xp.reshape(result1, (N, group, 1))
    rstd = xp.reshape(result2, (N, group, 1))
    centered = xp.reshape(input, grouped) - mean
    value_t = xp.reshape(input_t, grouped)
    mean_t = xp.mean(value_t, (2,), True)
    centered_t = value_t - mean_t
    rstd_t = reciprocal_deviation_tangent(xp, centered_t, centered, rstd, (2,))
    normal_t = xp.reshape(centered_t * rstd + centered * rstd_t, input.shape)
    normal = xp.reshape(centered * rstd, input.shape)
    weight, weight_t = channelwise(xp, weight, input), channelwise(xp, weight_t, input)
    bias_t = channelwise(xp, bias_t, input)
    made = affine_tangent(normal, normal_t, weight, bias, weight_t, bias_t)
    return made, xp.reshape(mean_t, (N, group)), xp.reshape(rstd_t, (N, group))


# Dropout ------------------------------------------------------------------------------------------


def dropout_backward(xp: Any, grad_output: Array, mask: Array, scale: float) -> Array:
    """What the mask lets through, scaled."""
    return xp.mul_scalar(grad_output * xp.to_dtype(mask, xp.dtype(grad_output)), scale)
