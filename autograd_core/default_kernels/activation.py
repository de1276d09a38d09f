"""Derived activation kernels and those of their gradients, written in the required ones."""

from __future__ import annotations

import math
from typing import Any

Array = Any


class ActivationDefaults:
    """Derived activation functions of the backend contract."""

    # Sigmoid and tanh -----------------------------------------------------------------------------

    def sigmoid(self: Any, input: Array) -> Array:
        """1 / (1 + exp(-x)); of half precision rounded once, as derivatives subtract it from 1."""
        wide = self.widened(input)
        return self.cast(self.reciprocal(self.exp(self.neg(wide)) + 1), self.dtype(input))

    def sigmoid_backward(self: Any, grad_output: Array, output: Array) -> Array:
        """grad_output * conj((1 - output) * output)."""
        return self.mul(grad_output, self.conj(self.mul(1 - output, output)))

    def tanh_backward(self: Any, grad_output: Array, output: Array) -> Array:
        """grad_output * conj(1 - output ** 2)."""
        return self.mul(grad_output, self.conj(1 - self.mul(output, output)))

    # Piecewise linear -----------------------------------------------------------------------------

    def relu(self: Any, input: Array) -> Array:
        """The larger of x and 0; NaN stays."""
        return self.maximum(input, self.scalar_like(input, 0))

    def threshold(self: Any, input: Array, threshold: Any, value: Any) -> Array:
        """x above the threshold, which is not rounded to half precision, else value; NaN stays."""
        wide = self.widened(input)
        return self.where(
            self.le(wide, self.scalar_like(wide, threshold)),
            self.scalar_like(input, value),
            input,
        )

    def threshold_backward(self: Any, grad_output: Array, input: Array, threshold: Any) -> Array:
        """The gradient where x is not at or below the threshold."""
        wide = self.widened(input)
        return self.where(
            self.le(wide, self.scalar_like(wide, threshold)),
            self.scalar_like(grad_output, 0),
            grad_output,
        )

    def leaky_relu(self: Any, input: Array, negative_slope: float) -> Array:
        """x above 0, else x * negative_slope."""
        return self.where(self.gt(input, 0), input, input * negative_slope)

    def leaky_relu_backward(
        self: Any, grad_output: Array, input: Array, negative_slope: float
    ) -> Array:
        """The gradient, times negative_slope where x is not above 0."""
        return self.where(self.gt(input, 0), grad_output, grad_output * negative_slope)

    def rrelu_with_noise_backward(
        self: Any,
        grad_output: Array,
        input: Array,
        noise: Array,
        lower: float,
        upper: float,
        training: bool,
    ) -> Array:
        """The gradient times the slopes that were drawn, or the mean slope where none were."""
        if training:
            return self.mul(grad_output, noise)
        return self.leaky_relu_backward(grad_output, input, (lower + upper) / 2)

    def prelu_kernel(self: Any, input: Array, weight: Array) -> Array:
        """x above 0, else x * weight."""
        return self.where(self.gt(input, 0), input, self.mul(weight, input))

    def prelu_kernel_backward(
        self: Any, grad_output: Array, input: Array, weight: Array
    ) -> tuple[Array, Array]:
        """Gradients by x and by the weight, the latter not summed."""
        positive = self.gt(input, 0)
        by_input = self.where(positive, grad_output, self.mul(weight, grad_output))
        by_weight = self.where(positive, 0, self.mul(input, grad_output))
        operands = (input, weight, grad_output)
        return self.following(by_input, *operands), self.following(by_weight, *operands)

    def hardtanh(self: Any, input: Array, min_val: Any, max_val: Any) -> Array:
        """x between two bounds."""
        return self.clamp(input, min_val, max_val)

    def hardtanh_backward(
        self: Any, grad_output: Array, input: Array, min_val: Any, max_val: Any
    ) -> Array:
        """The gradient strictly between the bounds."""
        outside = self.logical_or(
            self.le(input, self.scalar_like(input, min_val)),
            self.ge(input, self.scalar_like(input, max_val)),
        )
        return self.where(outside, self.scalar_like(grad_output, 0), grad_output)

    def hardsigmoid(self: Any, input: Array) -> Array:
        """(x + 3) / 6 between 0 and 1."""
        return self.clamp(input + 3, 0, 6) / 6

    def hardsigmoid_backward(self: Any, grad_output: Array, input: Array) -> Array:
        """A sixth of the gradient between -3 and 3."""
        between = self.logical_and(self.gt(input, -3), self.lt(input, 3))
        return self.where(between, grad_output * _SIXTH, self.scalar_like(grad_output, 0))

    def hardswish(self: Any, input: Array) -> Array:
        """x * hardsigmoid(x)."""
        return self.mul(input, self.clamp(input + 3, 0, 6)) / 6

    def hardswish_backward(self: Any, grad_output: Array, input: Array) -> Array:
        """x / 3 + 1 / 2 between -3 and 3, 0 below, 1 above."""
        sloped = self.mul(grad_output, input / 3 + 0.5)
        upper = self.where(self.lt(input, 3), sloped, grad_output)
        return self.where(self.le(input, -3), self.scalar_like(grad_output, 0), upper)

    def hardshrink(self: Any, input: Array, lambd: float) -> Array:
        """x outside [-lambd, lambd], else 0; NaN stays."""
        inside = self.logical_and(self.ge(input, -lambd), self.le(input, lambd))
        return self.where(inside, self.scalar_like(input, 0), input)

    def softshrink(self: Any, input: Array, lambd: float) -> Array:
        """x moved toward 0 by lambd, 0 within; NaN stays."""
        lower = self.where(self.lt(input, -lambd), input + lambd, input * 0)
        return self.where(self.gt(input, lambd), input - lambd, lower)

    def shrink_backward(self: Any, grad_output: Array, input: Array, lambd: float) -> Array:
        """The gradient outside [-lambd, lambd]."""
        inside = self.logical_and(self.ge(input, -lambd), self.le(input, lambd))
        return self.where(inside, self.scalar_like(grad_output, 0), grad_output)

    def softshrink_backward(self: Any, grad_output: Array, input: Array, lambd: float) -> Array:
        """As ``shrink_backward``; torch has a node for each."""
        return self.shrink_backward(grad_output, input, lambd)

    # Exponential ----------------------------------------------------------------------------------

    def elu(self: Any, input: Array, alpha: float, scale: float, input_scale: float) -> Array:
        """scale * x above 0, else scale * alpha * expm1(input_scale * x)."""
        curved = self.expm1(input * input_scale) * (alpha * scale)
        return self.where(self.gt(input, 0), input * scale, curved)

    def elu_backward(
        self: Any,
        grad_output: Array,
        alpha: float,
        scale: float,
        input_scale: float,
        is_result: bool,
        self_or_result: Array,
    ) -> Array:
        """The gradient of elu from its input, or from its result where that was written over it."""
        coefficient = alpha * scale
        if is_result:
            curved = self.mul(grad_output * input_scale, self_or_result + coefficient)
        else:
            exponential = self.exp(self_or_result * input_scale)
            curved = self.mul(grad_output * (input_scale * coefficient), exponential)
        return self.where(self.le(self_or_result, 0), curved, grad_output * scale)

    def gelu(self: Any, input: Array, approximate: str) -> Array:
        """x times the normal distribution function of x, or its approximation by tanh."""
        if approximate == "none":
            return self.mul(input * 0.5, self.erf(input * math.sqrt(0.5)) + 1)
        cube = self.mul(self.mul(input, input), input)
        inner = self.add(input, cube * 0.044715) * math.sqrt(2 / math.pi)
        return self.mul(input * 0.5, self.tanh(inner) + 1)

    def gelu_backward(self: Any, grad_output: Array, input: Array, approximate: str) -> Array:
        """cdf(x) + x * density(x), or the derivative of the approximation."""
        square = self.mul(input, input)
        if approximate == "none":
            cdf = (self.erf(input * math.sqrt(0.5)) + 1) * 0.5
            density = self.exp(square * -0.5) * (1 / math.sqrt(2 * math.pi))
            return self.mul(grad_output, self.add(cdf, self.mul(input, density)))
        beta = math.sqrt(2 / math.pi)
        t = self.tanh(self.mul(input, square * 0.044715 + 1) * beta)
        slope = (square * (3 * 0.044715) + 1) * beta
        steep = self.mul(self.mul(input * 0.5, 1 - self.mul(t, t)), slope)
        return self.mul(grad_output, self.add((t + 1) * 0.5, steep))

    def silu(self: Any, input: Array) -> Array:
        """x * sigmoid(x)."""
        return self.div(input, self.exp(self.neg(input)) + 1)

    def mish(self: Any, input: Array) -> Array:
        """x * tanh(log1p(exp(x)))."""
        return self.mul(input, self.tanh(self.softplus(input)))

    def softplus(self: Any, input: Array, beta: float = 1, threshold: float = 20) -> Array:
        """log1p(exp(beta * x)) / beta, x itself where beta * x is above the threshold."""
        scaled = input * beta
        linear = self.gt(scaled, threshold)
        bounded = self.where(linear, self.scalar_like(scaled, 0), scaled)
        return self.where(linear, input, self.log1p(self.exp(bounded)) / beta)

    def softplus_backward(
        self: Any, grad_output: Array, input: Array, beta: float, threshold: float
    ) -> Array:
        """e / (e + 1) with e = exp(beta * x), 1 above the threshold."""
        scaled = input * beta
        linear = self.gt(scaled, threshold)
        e = self.exp(self.where(linear, self.scalar_like(scaled, 0), scaled))
        return self.where(linear, grad_output, self.div(self.mul(grad_output, e), e + 1))

    def log_sigmoid_forward(self: Any, input: Array) -> tuple[Array, Array]:
        """log(sigmoid(x)), and exp(-|x|) for the gradient."""
        dtype, wide = self.dtype(input), self.widened(self.contiguous(input))
        buffer = self.exp(self.neg(self.abs(wide)))
        lower = self.minimum(wide, self.scalar_like(wide, 0))
        logarithm = self.sub(lower, self.log1p(buffer))
        return self.cast(logarithm, dtype), self.cast(buffer, dtype)

    def log_sigmoid_backward(self: Any, grad_output: Array, input: Array, buffer: Array) -> Array:
        """1 - sigmoid(x) from the buffer of the forward function."""
        share = self.div(buffer, buffer + 1)
        return self.mul(grad_output, self.where(self.lt(input, 0), 1 - share, share))

    # Gated ----------------------------------------------------------------------------------------

    def glu(self: Any, input: Array, dim: int) -> Array:
        """The first half of dim times the sigmoid of the second."""
        first, gate = _halves(self, input, dim)
        return self.mul(first, self.sigmoid(gate))

    def glu_backward(self: Any, grad_output: Array, input: Array, dim: int) -> Array:
        """The gradient of both halves."""
        first, gate = _halves(self, input, dim)
        s = self.sigmoid(gate)
        by_first = self.mul(s, grad_output)
        by_gate = self.mul(self.mul(self.mul(1 - s, s), grad_output), first)
        return self.cat([by_first, by_gate], dim)


_SIXTH = 0.16666667163372040
"""1/6 in single precision, with which torch computes in every dtype."""


def _halves(xp: Any, input: Array, dim: int) -> tuple[Array, Array]:
    half = input.shape[dim] // 2
    return xp.slice(input, dim, 0, half, 1), xp.slice(input, dim, half, 2 * half, 1)
