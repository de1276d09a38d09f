"""Batching of pointwise ops: operands are lined up behind the batch dim."""

from __future__ import annotations

from typing import Any

from .. import ops
from .arrays import Batch, front, padded, rank
from .rules import give, pointwise, rule, stretched

give(
    pointwise,
    # Arithmetic and comparisons.
    "abs add add_scaled addcdiv addcmul angle atan2 clamp_max_tensor clamp_min_tensor",
    "clamp_tensor complex conj_complex conj_physical conj_written copysign div div_floor",
    "div_scalar div_true div_trunc floor_divide fmax fmin fmod frexp heaviside hypot",
    "ldexp ldexp_of_kind ldexp_whole lerp",
    "lerp_scalar logaddexp logaddexp2 maximum minimum mul mul_scalar neg nextafter polar",
    "remainder remainder_of_number rsub sgn sub sub_scaled where xlog1py xlogy zeta",
    "zeta_of_number zeta_scalar igamma igammac airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1",
    "modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1",
    "scaled_modified_bessel_k0 scaled_modified_bessel_k1 spherical_bessel_j0",
    "eq ne lt le gt ge logical_and logical_or logical_xor logical_not",
    "bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_left_shift",
    "bitwise_right_shift gcd lcm isfinite isinf isnan isneginf isposinf neg_view signbit",
    "acosh_written asinh_written atanh_written floor_divide_ heaviside_",
    "eq_written ge_written gt_written le_written lt_written ne_written eq_number_written",
    "ge_number_written gt_number_written le_number_written lt_number_written ne_number_written",
    # Activations and their gradients.
    "elu_backward gelu_backward hardsigmoid_backward hardswish_backward",
    "hardtanh_backward leaky_relu_backward log_sigmoid_backward log_sigmoid_forward",
    "prelu_kernel shrink_backward",
    "sigmoid_backward softplus_backward softshrink_backward tanh_backward",
    "threshold_backward native_dropout_backward",
    # Copies and masks.
    "fill fill_inplace zero_inplace masked_fill delayed_error alias view_dtype",
)
give(stretched, "prelu_kernel_backward rrelu_with_noise_backward rrelu_with_noise")


@rule("clone", "to_copy", "to_dtype")
def _copied(batch: Batch, values: list[Any]) -> Any:
    stride = batch.argument(values, "stride")
    if stride is None:
        return pointwise(batch, values)
    value = front(values[0])
    outermost = max((n * s for n, s in zip(value.shape[1:], stride)), default=1)
    return batch.run([value, *values[1:-1], (max(outermost, 1), *stride)])


@rule("fill_tensor", "fill_tensor_inplace", "masked_fill_tensor")
def _filled(batch: Batch, values: list[Any]) -> Any:
    """Fill with a 0-d Tensor, which has a number for each member of the batch."""
    target, value = values[0], values[-1]
    wanted = max(rank(tensor) for tensor in batch.tensors(values))
    filling = padded(value, wanted)
    if batch.entry.kernel_name == "masked_fill_tensor":
        lined_up = padded(target, wanted)
        made = ops.where(padded(values[1], wanted), ops.to_dtype(filling, target.dtype), lined_up)
        return ops.copy.inplace(lined_up, made) if batch.inplace else made
    if batch.inplace:
        return ops.copy.inplace(front(target), filling)
    return ops.copy(batch.stretched(target), filling)


@rule("copy")
def _copy(batch: Batch, values: list[Any]) -> Any:
    target, source = values
    if batch.inplace:
        return batch.run([front(target), padded(source, rank(target))])
    return batch.run([batch.stretched(target), padded(source, rank(target))])
