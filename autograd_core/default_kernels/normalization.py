"""Derived normalization kernels, written in the required ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import dtypes, sizes

Array = Any

_FEW = 3  # elements that no vector register is filled with


class NormalizationDefaults:
    """Derived normalization functions of the backend contract."""

    def softmax(self: Any, input: Array, dim: int) -> Array:
        """exp(input) over its sum along dim, shifted by the maximum."""
        if not input.shape:
            return self.exp(self.sub(input, input))  # 1, or NaN of what is not finite
        wide = self.contiguous(self.widened(input))
        if 0 in input.shape:
            return self.empty(input.shape, self.dtype(input))
        power = self.exp(self.sub(wide, self.amax(wide, (dim,), True)))
        return self.cast(self.div(power, self.sum(power, (dim,), True)), self.dtype(input))

    def log_softmax(self: Any, input: Array, dim: int) -> Array:
        """The logarithm of softmax, computed without it."""
        wide = self.contiguous(self.widened(input))
        if 0 in input.shape:
            return self.empty(input.shape, self.dtype(input))
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

    def row_moments(self: Any, input: Array, dim: Sequence[int]) -> tuple[Array, Array]:
        """Variance (by the count) and mean over the trailing dims, which are kept with size 1.

        Two or three elements go by Welford's updates, one by one, as in torch: the last
        bits show when the variance is small. Of more torch takes a register at a time; the
        mean of nothing is 0.
        """
        count = sizes.numel(input.shape[d] for d in dim)
        if not 2 <= count <= _FEW:
            var, mean = self.var_mean(input, dim, 0, True)
            return var, mean if count else self.zeros_like(mean)
        rows = self.reshape(input, (*input.shape[: dim[0]], count))
        last = len(rows.shape) - 1
        mean = self.select(rows, last, 0)
        squares = self.zeros_like(mean)
        for k in range(1, count):
            value = self.select(rows, last, k)
            deviation = self.sub(value, mean)
            mean = self.add(mean, self.div_scalar(deviation, k + 1))
            squares = self.add(squares, self.mul(deviation, self.sub(value, mean)))
        shape = [1 if d in dim else n for d, n in enumerate(input.shape)]
        var = self.div_scalar(squares, count)
        return self.reshape(var, shape), self.reshape(mean, shape)

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
        var, mean = self.row_moments(wide, dims)
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
            # rstd * scaled + slope * input + level; factor by factor in torch's order.
            scale = None if weight is None else self.widened(weight)
            scaled = grad if scale is None else self.mul(grad, scale)
            total = self.sum(scaled, dims, True)
            products = self.mul(grad, wide)
            products = products if scale is None else self.mul(products, scale)
            share = self.scalar(1.0 / max(sizes.numel(normalized_shape), 1), self.dtype(wide))
            slope = self.sub(self.mul(total, mean), self.sum(products, dims, True))
            slope = self.mul(self.mul(self.mul(slope, rstd), rstd), rstd)
            slope = self.mul(slope, share)
            level = self.sub(
                self.neg(self.mul(slope, mean)), self.mul(self.mul(total, rstd), share)
            )
            passed = self.mul(rstd, grad)
            passed = passed if scale is None else self.mul(passed, scale)
            sloped = self.add(passed, self.mul(slope, wide))
            of_input = self.cast(self.contiguous(self.add(sloped, level)), self.dtype(input))
        if output_mask[1] and weight is not None:
            normal = self.sub(self.mul(rstd, wide), self.mul(rstd, mean))
            of_weight = self.cast(self.sum(self.mul(grad, normal), outer), self.dtype(weight))
        if output_mask[2] and bias is not None:
            of_bias = self.cast(self.sum(grad, outer), self.dtype(bias))
        return of_input, of_weight, of_bias

    def native_batch_norm(
        self: Any,
        input: Array,
        weight: Array | None,
        bias: Array | None,
        running_mean: Array | None,
        running_var: Array | None,
        training: bool,
        momentum: float,
        eps: float,
    ) -> tuple[Array, Array, Array]:
        """Normalise each channel (dim 1) by its mean and deviation, then scale and shift it.

        Training takes them of the batch, moves the running ones by ``momentum`` toward them (in
        place), and returns mean and reciprocal deviation; evaluation takes the running ones and
        returns two empty arrays.
        """
        wide = self.widened(input)
        dtype = self.dtype(wide)
        parameter = next((p for p in (weight, bias, running_mean) if p is not None), input)
        statistics = self.dtype(parameter)
        if training:
            if 0 in input.shape:
                raise RuntimeError(
                    "input tensor must have at least one element, but got input_sizes = "
                    f"{list(input.shape)}"
                )
            dims = channelless(input.shape)
            count = sizes.numel(input.shape[d] for d in dims)
            mean = self.div_scalar(self._channel_sum(wide, dims), count)
            narrow = self.view(self.cast(mean, dtype), channel_shape(wide.shape))
            deviation = self.sub(wide, narrow)
            squares = self._channel_sum(self.mul(deviation, deviation), dims)
            var = self.div_scalar(squares, count)
            invstd = self._reciprocal_deviation(var, eps, dtype)
            if running_mean is not None:
                self._move(running_mean, mean, momentum)
            if running_var is not None:
                self._move(running_var, self.div_scalar(squares, count - 1), momentum)
            mean = self.cast(mean, dtype)
            saved = self.cast(mean, statistics), self.cast(invstd, statistics)
        else:
            mean = self.cast(running_mean, dtype)
            invstd = self._reciprocal_deviation(self.cast(running_var, dtype), eps, dtype)
            saved = self.full((0,), 0, statistics), self.full((0,), 0, statistics)
        # torch multiplies by invstd * weight and adds bias - mean * invstd * weight.
        scale = invstd if weight is None else self.mul(invstd, self.cast(weight, dtype))
        shift = self.mul(mean, scale)
        shift = self.neg(shift) if bias is None else self.sub(self.cast(bias, dtype), shift)
        shape = channel_shape(input.shape)
        result = self.add(self.mul(wide, self.view(scale, shape)), self.view(shift, shape))
        return self.cast(self.in_format_of(result, input), self.dtype(input)), *saved

    def _channel_sum(self: Any, input: Array, dim: Sequence[int]) -> Array:
        """Sum in double precision, which torch takes the sums of a channel in."""
        return self.sum(self.cast(input, dtypes.float64), dim)

    def _channel_dot(self: Any, input: Array, other: Array, dim: Sequence[int]) -> Array:
        """Likewise the sum of products."""
        exact, other = self.cast(input, dtypes.float64), self.cast(other, dtypes.float64)
        return self._channel_sum(self.mul(exact, other), dim)

    def _reciprocal_deviation(self: Any, var: Array, eps: float, dtype: Any) -> Array:
        root = self.sqrt(self.add(var, self.scalar(eps, self.dtype(var))))
        return self.cast(self.reciprocal(root), dtype)

    def _move(self: Any, running: Array, value: Array, momentum: float) -> None:
        """Move a running statistic toward the batch's, in place."""
        kept = self.mul_scalar(self.cast(running, dtypes.float64), 1 - momentum)
        moved = self.add(self.mul_scalar(value, momentum), kept)
        self.copy_(running, self.cast(moved, self.dtype(running)))

    def native_batch_norm_backward(
        self: Any,
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
    ) -> tuple[Array | None, Array | None, Array | None]:
        """The gradients of input, weight and bias; None where ``output_mask`` is False."""
        grad, wide = self.widened(grad_out), self.widened(input)
        dtype, dims = self.dtype(wide), channelless(input.shape)
        shape = channel_shape(input.shape)
        if train:
            mean, invstd = self.cast(save_mean, dtype), self.cast(save_invstd, dtype)
        else:
            mean = self.cast(running_mean, dtype)
            invstd = self._reciprocal_deviation(self.cast(running_var, dtype), eps, dtype)
        centered = self.sub(wide, self.view(mean, shape))
        total = self._channel_sum(grad, dims)
        along = self._channel_dot(centered, grad, dims)
        of_input = of_weight = of_bias = None
        if output_mask[0]:
            if train:
                count = sizes.numel(input.shape[d] for d in dims)
                exact = self.cast(invstd, dtypes.float64)
                slope = self.div_scalar(self.mul(self.mul(along, exact), exact), count)
                slope = self.view(self.cast(slope, dtype), shape)
                level = self.view(self.cast(self.div_scalar(total, count), dtype), shape)
                grad = self.sub(self.sub(grad, level), self.mul(centered, slope))
            of_input = self.mul(grad, self.view(invstd, shape))
            if weight is not None:
                of_input = self.mul(of_input, self.view(self.cast(weight, dtype), shape))
            of_input = self.cast(self.in_format_of(of_input, input), self.dtype(input))
        if output_mask[1] and weight is not None:
            exact = self.cast(invstd, dtypes.float64)
            of_weight = self.cast(self.mul(along, exact), self.dtype(weight))
        if output_mask[2]:
            of_bias = self.cast(total, self.dtype(input if weight is None else weight))
        return of_input, of_weight, of_bias

    def batch_norm_update_backward(
        self: Any,
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
        reserve: Array,
    ) -> tuple[Array | None, Array | None, Array | None]:
        """``native_batch_norm_backward`` with what torch's other libraries reserve, empty here."""
        return self.native_batch_norm_backward(  # type: ignore[no-any-return]
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
        )

    def native_group_norm(
        self: Any,
        input: Array,
        weight: Array | None,
        bias: Array | None,
        N: int,
        C: int,
        HxW: int,
        group: int,
        eps: float,
    ) -> tuple[Array, Array, Array]:
        """Normalise each group of channels of each of N samples, then scale and shift channels.

        Also the mean and the reciprocal deviation, of shape (N, group).
        """
        wide = self.widened(self.contiguous(input))
        dtype = self.dtype(wide)
        grouped = self.view(wide, (N, group, C // group, HxW))
        var, mean = self.row_moments(grouped, (2, 3))
        rstd = self.reciprocal(self.sqrt(self.add(var, self.scalar(eps, dtype))))
        shape = (1, group, C // group, 1)
        scale = (
            rstd if weight is None else self.mul(rstd, self.view(self.cast(weight, dtype), shape))
        )
        shift = self.mul(self.neg(scale), mean)
        if bias is not None:
            shift = self.add(shift, self.view(self.cast(bias, dtype), shape))
        result = self.view(self.contiguous(self.add(self.mul(scale, grouped), shift)), input.shape)
        statistics = self.dtype(input if weight is None else weight)
        return (
            self.cast(self.in_format_of(result, input), self.dtype(input)),
            self.cast(self.reshape(mean, (N, group)), statistics),
            self.cast(self.reshape(rstd, (N, group)), statistics),
        )

    def safe_softmax(self: Any, input: Array, dim: int) -> Array:
        """softmax; 0 where every element along dim is -inf."""
        nothing = self.full((), float("-inf"), self.dtype(input))
        masked = self.all(self.eq(input, nothing), (dim,) if input.shape else (), True)
        result = self.softmax(input, dim)
        return self.where(masked, self.zeros_like(result), result)


def trailing(shape: Sequence[int], normalized_shape: Sequence[int]) -> tuple[int, ...]:
    """Return the dims of ``shape`` that ``normalized_shape`` covers."""
    return tuple(range(len(shape) - len(normalized_shape), len(shape)))


def channelless(shape: Sequence[int]) -> tuple[int, ...]:
    """Return every dim but that of the channels, 1."""
    return tuple(d for d in range(len(shape)) if d != 1)


def channel_shape(shape: Sequence[int]) -> list[int]:
    """Return ``shape`` with every size but that of the channels 1."""
    return [n if d == 1 else 1 for d, n in enumerate(shape)]
