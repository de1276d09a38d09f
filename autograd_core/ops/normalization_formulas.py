"""Longer derivatives of normalizations; each runs on raw arrays and on Tensors alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .reduction_formulas import cast_like, logsumexp_tangent

Array = Any
Gradients = tuple[Any, ...]


def softmax_tangent(xp: Any, self: Array, self_t: Array, result: Array, dim: int) -> Array:
    """softmax times the tangent's distance from its mean weighted by softmax."""
    return result * log_softmax_tangent(xp, self, self_t, dim)


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
    mean: Array,
    rstd: Array,
    needs: Sequence[bool],
) -> Gradients:
    """The gradients of input, weight and bias by one kernel."""
    return xp.native_layer_norm_backward(
        grad, input, normalized_shape, mean, rstd, weight, bias, needs
    )


def layer_norm_tangent(
    xp: Any,
    input: Array,
    weight: Array | None,
    bias: Array | None,
    input_t: Array,
    weight_t: Array | None,
    bias_t: Array | None,
    mean: Array,
    rstd: Array,
    normalized_shape: Sequence[int],
) -> Array:
    """The tangent of the normalised input, scaled, plus those of weight and bias."""
    normal = (input - mean) * rstd
    result = _through_normalization(xp, input_t, normal, rstd, normalized_shape)
    if weight is not None:
        result = result * weight + normal * weight_t
    return result if bias is None else result + bias_t


def _through_normalization(
    xp: Any, value: Array, normal: Array, rstd: Array, normalized_shape: Sequence[int]
) -> Array:
    """Apply the (symmetric) derivative of (input - mean) * rstd to a gradient or tangent."""
    count = len(normal.shape)
    dims = tuple(range(count - len(normalized_shape), count))
    aligned = xp.mean(value * normal, dims, True)
    return (value - xp.mean(value, dims, True) - normal * aligned) * rstd


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
    count = len(input.shape)
    first = count - len(normalized_shape)
    dims, outer = tuple(range(first, count)), tuple(range(first))
    normal = (input - mean) * rstd
    of_grad: Any = None
    of_input: Any = None
    of_weight: Any = None
    if grad_grad_input is not None:
        scaled = grad_out if weight is None else grad_out * weight
        passed = _through_normalization(xp, grad_grad_input, normal, rstd, normalized_shape)
        of_grad = passed if weight is None else passed * weight
        if weight is not None:
            of_weight = xp.sum(grad_out * passed, outer)
        along = xp.mean(scaled * normal, dims, True)
        across = xp.mean(grad_grad_input * normal, dims, True)
        crossed = (
            xp.mean(grad_grad_input * scaled, dims, True)
            - xp.mean(grad_grad_input, dims, True) * xp.mean(scaled, dims, True)
            - along * across
        )
        mixed = grad_grad_input * along + scaled * across
        bent = _through_normalization(xp, mixed, normal, rstd, normalized_shape)
        of_input = -(normal * crossed * rstd * rstd) - bent * rstd
    if grad_grad_weight is not None:
        part = _through_normalization(
            xp, grad_out * grad_grad_weight, normal, rstd, normalized_shape
        )
        of_input = part if of_input is None else of_input + part
        part = grad_grad_weight * normal
        of_grad = part if of_grad is None else of_grad + part
    if grad_grad_bias is not None:
        part = xp.expand(grad_grad_bias, grad_out.shape)
        of_grad = part if of_grad is None else of_grad + part
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
    count = len(input.shape)
    first = count - len(normalized_shape)
    dims, outer = tuple(range(first, count)), tuple(range(first))
    normal = (input - mean) * rstd
    normal_t = _through_normalization(xp, input_t, normal, rstd, normalized_shape)
    of_input = of_weight = of_bias = None
    if output_mask[0]:
        scaled, scaled_t = grad_out, grad_out_t
        if weight is not None:
            scaled, scaled_t = grad_out * weight, grad_out_t * weight + grad_out * weight_t
        along = xp.mean(scaled * normal, dims, True)
        along_t = xp.mean(scaled_t * normal + scaled * normal_t, dims, True)
        centred = scaled - xp.mean(scaled, dims, True) - normal * along
        centred_t = scaled_t - xp.mean(scaled_t, dims, True) - normal_t * along - normal * along_t
        rstd_t = -rstd * rstd * xp.mean(normal * input_t, dims, True)
        of_input = centred_t * rstd + centred * rstd_t
    if output_mask[1]:
        of_weight = xp.sum(grad_out_t * normal + grad_out * normal_t, outer)
    if output_mask[2]:
        of_bias = xp.sum(grad_out_t, outer)
    return of_input, of_weight, of_bias
