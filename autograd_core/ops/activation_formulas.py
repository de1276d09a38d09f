"""Longer derivatives of activations; each runs on raw arrays and on Tensors alike."""

from __future__ import annotations

import math
import struct
from typing import Any

Array = Any


def sigmoid_output_backward(xp: Any, grad: Array, grad_output: Array, output: Array) -> Array:
    """The derivative of grad_output * (1 - output) * output by output."""
    return xp.conj(grad) * grad_output * (-2 * xp.conj(output) + 1)


def tanh_output_backward(xp: Any, grad: Array, grad_output: Array, output: Array) -> Array:
    """The derivative of grad_output * (1 - output ** 2) by output."""
    return xp.conj(grad) * (-2 * xp.conj(output) * grad_output)


def hardswish_slope_tangent(xp: Any, grad: Array, grad_output: Array, self: Array) -> Array:
    """1/3 between the knees."""
    between = xp.logical_and(self > -3, self < 3)
    return xp.where(between, grad * grad_output / 3, 0)


def inverse_in_single(alpha: float) -> float:
    """1 / alpha with alpha rounded to single precision, as torch has it in celu's gradient."""
    rounded: float = struct.unpack("f", struct.pack("f", alpha))[0]
    return 1 / rounded


def elu_double_backward(
    xp: Any,
    grad: Array,
    grad_output: Array,
    alpha: float,
    scale: float,
    input_scale: float,
    is_result: bool,
    self_or_result: Array,
) -> Array:
    """The second derivative of elu, of which the right half has none."""
    if is_result:
        curved = grad * grad_output * input_scale
    else:
        curved = xp.elu_backward(
            grad * grad_output * input_scale, alpha, scale, input_scale, False, self_or_result
        )
    return xp.where(self_or_result < 0, curved, 0)


def elu_backward_tangent(
    xp: Any,
    grad_output: Array,
    alpha: float,
    scale: float,
    input_scale: float,
    is_result: bool,
    self_or_result: Array,
    grad_output_t: Array,
    self_or_result_t: Array,
) -> Array:
    """The tangent of the gradient of elu."""
    options = (alpha, scale, input_scale, is_result, self_or_result)
    return xp.elu_backward(grad_output_t, *options) + elu_double_backward(
        xp, self_or_result_t, grad_output, *options
    )


def gelu_double_backward(
    xp: Any, grad: Array, grad_output: Array, self: Array, approximate: str
) -> Array:
    """The second derivative of x * cdf(x), or of its approximation by tanh.

    1 - tanh(x) ** 2 is written 1 / cosh(x) ** 2, which loses no digits.
    """
    if approximate == "none":
        density = xp.exp(-0.5 * self * self) / math.sqrt(2 * math.pi)
        return grad * grad_output * density * (2 - self * self)
    beta, kappa = math.sqrt(2 / math.pi), 0.044715
    inner = beta * (self + kappa * self * self * self)
    t, cosh = xp.tanh(inner), xp.cosh(inner)
    slope = beta * (1 + 3 * kappa * self * self)
    bend = 6 * beta * kappa * self
    second = 1 / cosh / cosh * (slope + 0.5 * self * (bend - 2 * t * slope * slope))
    return grad * grad_output * second


def silu_derivative(xp: Any, grad: Array, self: Array) -> Array:
    """s (1 + x (1 - s)) with s the sigmoid of x."""
    s = xp.sigmoid(self)
    rest = xp.conj(self * (1 - s) + 1)  # which torch's compiler computes first
    return grad * xp.conj(s) * rest


def mish_derivative(xp: Any, grad: Array, self: Array) -> Array:
    """t + x s (1 - t ** 2) with t = tanh(softplus(x)) and s the sigmoid of x."""
    t = xp.tanh(xp.log1p(xp.exp(self)))
    return grad * (t + self * xp.sigmoid(self) * (1 - t * t))


def softplus_double_backward(
    xp: Any, grad: Array, self: Array, beta: float, threshold: float
) -> Array:
    """beta s (1 - s) with s the sigmoid of beta x, zero where softplus is the identity."""
    scaled = self * beta
    return xp.where(scaled < threshold, xp.sigmoid_backward(grad, xp.sigmoid(scaled)) * beta, 0)


def log_sigmoid_double_backward(xp: Any, grad: Array, self: Array) -> Array:
    """s (s - 1) with s the sigmoid of x."""
    s = xp.sigmoid(self)
    return grad * (s - 1) * s


def rrelu_backward(
    xp: Any, grad: Array, self: Array, noise: Array, lower: float, upper: float, training: bool
) -> Array:
    """The gradient times each element's slope."""
    return xp.rrelu_with_noise_backward(grad, self, noise, lower, upper, training)


def rrelu_written_backward(
    xp: Any, grad: Array, result: Array, noise: Array, lower: float, upper: float, training: bool
) -> Array:
    """Likewise; what was written tells by its sign which slope that is."""
    return xp.rrelu_with_noise_backward(grad, result, noise, lower, upper, training)


def prelu_backward_gradients(
    xp: Any,
    grad_of_self: Array,
    grad_of_weight: Array,
    grad_output: Array,
    self: Array,
    weight: Array,
) -> list[Array]:
    """Gradients of the two gradients of prelu by grad_output, self and weight."""
    positive = self >= 0
    zero = xp.zeros_like(self)
    through = zero if grad_of_self is None else grad_of_self
    negative = zero if grad_of_self is None else grad_of_self * weight
    if grad_of_weight is not None:
        negative = negative + grad_of_weight * self
    by_self = zero
    if grad_of_weight is not None:
        by_self = xp.where(positive, 0, grad_output * grad_of_weight)
    by_weight = zero
    if grad_of_self is not None:
        by_weight = xp.where(positive, 0, grad_output * grad_of_self)
    return [xp.where(positive, through, negative), by_self, by_weight]


def prelu_backward_tangents(
    xp: Any,
    grad_output: Array,
    self: Array,
    weight: Array,
    grad_output_t: Array,
    self_t: Array,
    weight_t: Array,
) -> tuple[Array, Array]:
    """Tangents of the two gradients of prelu."""
    positive = self >= 0
    of_self = xp.where(positive, grad_output_t, grad_output_t * weight + grad_output * weight_t)
    of_weight = xp.where(positive, 0, grad_output * self_t + grad_output_t * self)
    return of_self, of_weight


def _halves(xp: Any, input: Array, dim: int) -> tuple[Array, Array]:
    half = input.shape[dim] // 2
    return xp.slice(input, dim, 0, half, 1), xp.slice(input, dim, half, 2 * half, 1)


def glu_tangent(xp: Any, self: Array, self_t: Array, dim: int, result: Array) -> Array:
    """a_t s + result (1 - s) b_t with s the sigmoid of the gate b."""
    _, gate = _halves(xp, self, dim)
    first_t, gate_t = _halves(xp, self_t, dim)
    s = xp.sigmoid(gate)
    return first_t * s + result * (gate_t - s * gate_t)


def glu_backward_grad_output(xp: Any, grad: Array, self: Array, dim: int) -> Array:
    """The part of the first half times s, plus that of the second times a s (1 - s)."""
    first, gate = _halves(xp, self, dim)
    of_first, of_gate = _halves(xp, grad, dim)
    s = xp.sigmoid(gate)
    return of_first * s + of_gate * first * (s * (1 - s))


def glu_backward_self(xp: Any, grad: Array, grad_output: Array, self: Array, dim: int) -> Array:
    """The derivative of (g s, g a s (1 - s)) by a and b."""
    first, gate = _halves(xp, self, dim)
    of_first, of_gate = _halves(xp, grad, dim)
    s = xp.sigmoid(gate)
    slope = s * (1 - s)
    by_first = of_gate * grad_output * slope
    by_gate = of_first * grad_output * slope + of_gate * grad_output * first * slope * (1 - 2 * s)
    return xp.cat([by_first, by_gate], dim)


def glu_backward_tangent(
    xp: Any,
    grad_output: Array,
    self: Array,
    grad_output_t: Array,
    self_t: Array,
    dim: int,
) -> Array:
    """The tangent of (g s, g a s (1 - s))."""
    first, gate = _halves(xp, self, dim)
    first_t, gate_t = _halves(xp, self_t, dim)
    s = xp.sigmoid(gate)
    slope = s * (1 - s)
    slope_t = slope * (1 - 2 * s) * gate_t
    of_first = grad_output_t * s + grad_output * slope * gate_t
    of_gate = (
        grad_output_t * first * slope
        + grad_output * first_t * slope
        + grad_output * first * slope_t
    )
    return xp.cat([of_first, of_gate], dim)
