"""Derived normalization kernels, written in the required ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import sizes

Array = Any


class NormalizationDefaults:
    """Derived normalization functions of the backend contract."""

    def softmax(self: Any, input: Array, dim: int) -> Array:
        """exp(input) over its sum along dim, shifted by the maximum."""
        if not input.shape:
            return self.div(input, input) if self.isnan(input) else self.ones_like(input)
        wide = self.contiguous(self.widened(input))
        if 0 in input.shape:
            return self.zeros_like(input)
        power = self.exp(self.sub(wide, self.amax(wide, (dim,), True)))
        return self.cast(self.div(power, self.sum(power, (dim,), True)), self.dtype(input))

    def log_softmax(self: Any, input: Array, dim: int) -> Array:
        """The logarithm of softmax, computed without it."""
        wide = self.contiguous(self.widened(input))
        if 0 in input.shape:
            return self.zeros_like(input)
        dims = (dim,) if input.shape else ()
        shifted = self.sub(wide, self.amax(wide, dims, True))
        total = self.log(self.sum(self.exp(shifted), dims, True))
        return self.cast(self.sub(shifted, total), self.dtype(input))

    def softmax_backward_data(self: Any, grad_output: Array, output: Array, dim: int) -> Array:
        """(grad_output - sum(grad_output * output)) * output along dim."""
        dims = (dim,) if output.shape else ()
        grad, wide = self.widened(grad_output), self.widened(output)
        weighted = self.contiguous(self.mul(grad, wide))
        inner = self.sum(weighted, dims, True)
        return self.cast(self.mul(self.sub(grad, inner), wide), self.dtype(output))

    def log_softmax_backward_data(self: Any, grad_output: Array, output: Array, dim: int) -> Array:
        """grad_output - exp(output) * sum(grad_output) along dim."""
        dims = (dim,) if output.shape else ()
        grad, wide = self.widened(grad_output), self.widened(output)
        total = self.sum(grad, dims, True)
        spread = self.sub(grad, self.mul(self.exp(wide), total))
        return self.cast(self.contiguous(spread), self.dtype(output))

    def native_layer_norm(
        self: Any,
        input: Array,
        normalized_shape: Sequence[int],
        weight: Array | None,
        bias: Array | None,
        eps: float,
    ) -> tuple[Array, Array, Array]:
        """(input - mean) * rstd * weight + bias over the trailing dims; also mean and rstd.

        mean and rstd keep the reduced dims with size 1.
        """
        wide = self.contiguous(self.widened(input))
        dims = trailing(input.shape, normalized_shape)
        var, mean = self.var_mean(wide, dims, 0, True)
        dtype = self.dtype(wide)
        rstd = self.rsqrt(self.add(var, self.scalar(eps, dtype)))
        # input * rstd - mean * rstd rounds as torch does, unlike (input - mean) * rstd.
        result = self.sub(self.mul(wide, rstd), self.mul(rstd, mean))
        if weight is not None:
            result = self.mul(result, self.widened(weight))
        if bias is not None:
            result = self.add(result, self.widened(bias))
        statistics = self.dtype(input if weight is None else weight)
        return (
            self.cast(self.contiguous(result), self.dtype(input)),
            self.cast(self.contiguous(mean), statistics),
            self.cast(self.contiguous(rstd), statistics),
        )

    def native_layer_norm_backward(
        self: Any,
        grad_out: Array,
        input: Array,
        normalized_shape: Sequence[int],
        mean: Array,
        rstd: Array,
        weight: Array | None,
        bias: Array | None,
        output_mask: Sequence[bool],
    ) -> tuple[Array | None, Array | None, Array | None]:
        """The gradients of input, weight and bias; None where ``output_mask`` is False."""
        dims = trailing(input.shape, normalized_shape)
        outer = tuple(range(dims[0]))
        grad, wide = self.widened(grad_out), self.widened(input)
        mean, rstd = self.widened(mean), self.widened(rstd)
        of_input = of_weight = of_bias = None
        if output_mask[0]:
            # With g the scaled gradient: rstd * g + slope * input + level, as torch sums it up.
            scaled = grad if weight is None else self.mul(grad, self.widened(weight))
            share = self.scalar(1.0 / max(inner_count(normalized_shape), 1), self.dtype(wide))
            total = self.sum(scaled, dims, True)
            weighted = self.sum(self.mul(scaled, wide), dims, True)
            cube = self.mul(self.mul(rstd, rstd), rstd)
            slope = self.mul(self.sub(self.mul(total, mean), weighted), self.mul(cube, share))
            level = self.sub(
                self.neg(self.mul(slope, mean)), self.mul(self.mul(total, rstd), share)
            )
            sloped = self.add(self.mul(rstd, scaled), self.mul(slope, wide))
            of_input = self.cast(self.contiguous(self.add(sloped, level)), self.dtype(input))
        if output_mask[1] and weight is not None:
            normal = self.sub(self.mul(rstd, wide), self.mul(rstd, mean))
            of_weight = self.cast(self.sum(self.mul(grad, normal), outer), self.dtype(weight))
        if output_mask[2] and bias is not None:
            of_bias = self.cast(self.sum(grad, outer), self.dtype(bias))
        return of_input, of_weight, of_bias


def trailing(shape: Sequence[int], normalized_shape: Sequence[int]) -> tuple[int, ...]:
    """Return the dims of ``shape`` that ``normalized_shape`` covers."""
    return tuple(range(len(shape) - len(normalized_shape), len(shape)))


def inner_count(normalized_shape: Sequence[int]) -> int:
    """Return how many elements are normalised together."""
    return sizes.numel(normalized_shape)
