"""What torch composes of other pointwise ops: the same calls in the same order."""

from __future__ import annotations

import math
from typing import Any

from .. import dtypes, ops
from ..dtypes import LEGACY_NAMES, DType
from ..engine.views import seen_whole
from ..tensor import Tensor


def float_power_dtype(input: Any, exponent: Any) -> DType:
    """Return the double dtype that ``float_power`` computes in."""
    for value in (input, exponent):
        if isinstance(value, complex) or (isinstance(value, Tensor) and value._dtype.is_complex):
            return dtypes.complex128
    return dtypes.float64


def float_power(input: Any, exponent: Any) -> Tensor:
    """Cast both operands to double and raise."""
    dtype = float_power_dtype(input, exponent)

    def double(value: Any) -> Any:
        if not isinstance(value, Tensor):
            return complex(value) if dtype.is_complex else float(value)
        return value if value._dtype is dtype else ops.to_dtype(value, dtype)

    if not isinstance(exponent, Tensor):
        return ops.pow_scalar(double(input), double(exponent))
    if not isinstance(input, Tensor):
        return ops.pow_base(double(input), double(exponent))
    return ops.pow(double(input), double(exponent))


@seen_whole
def isclose(input: Tensor, other: Tensor, rtol: float, atol: float, equal_nan: bool) -> Tensor:
    """Equal, or finite and no further apart than atol + rtol * |other|."""
    close = ops.eq(input, other)
    if equal_nan and input._dtype.is_inexact:
        both = ops.bitwise_and.inplace(ops.isnan(input), ops.isnan(other))
        ops.bitwise_or.inplace(close, both)
    if rtol == 0 and atol == 0:
        return close
    allowed = ops.add(ops.abs(ops.mul_scalar(other, rtol)), atol)
    if input._dtype is dtypes.bool_:
        input, other = ops.to_dtype(input, dtypes.int64), ops.to_dtype(other, dtypes.int64)
    distance = ops.abs(ops.sub(input, other))
    near = ops.bitwise_and.inplace(isfinite(distance), ops.le(distance, allowed))
    return ops.bitwise_or.inplace(close, near)


@seen_whole
def isfinite(input: Tensor) -> Tensor:
    """Equal to itself and of no infinite size; complex numbers are if both parts are."""
    dtype = input._dtype
    if dtype.is_complex:
        return ops.bitwise_and.inplace(isfinite(ops.real(input)), isfinite(ops.imag(input)))
    if not dtype.is_floating_point:
        return ops.full_like(input, True, dtypes.bool_)
    return ops.mul(ops.eq(input, input), ops.ne(ops.abs(input), math.inf))


def isinf(input: Tensor) -> Tensor:
    """Of infinite size, which integers never are."""
    if input._dtype.is_inexact:
        return ops.isinf(input)
    return ops.full_like(input, False, dtypes.bool_)


def isreal(input: Tensor) -> Tensor:
    """Compare the imaginary part with zero; of real tensors everything is."""
    if input._dtype.is_complex:
        return ops.eq(ops.imag(input), 0)
    return ops.full_like(input, True, dtypes.bool_)


def ndtr(input: Tensor) -> Tensor:
    """(1 + erf(x / sqrt 2)) / 2."""
    scaled = ops.mul_scalar(input, math.sqrt(0.5))
    return ops.mul_scalar(ops.add_scalar(ops.erf(scaled), 1), 0.5)


SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x)."""
    return ops.sub(input, ops.tanh(input))


def softsign(input: Tensor) -> Tensor:
    """x / (|x| + 1)."""
    return ops.div(input, ops.add(ops.abs(input), 1))


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """The weight laid along dim 1 of the input, then the kernel.

    Raises:
        RuntimeError: the weight's shape does not go with the input (torch's texts).
    """
    if weight._dtype is not input._dtype:
        raise RuntimeError(
            f"prelu: Type promoting not supported. Got {LEGACY_NAMES[input._dtype]} "
            f"and {LEGACY_NAMES[weight._dtype]}"
        )
    shape = input._array.shape
    if weight.numel() != 1:
        if not shape:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = shape[1] if len(shape) > 1 else 1
        if channels != weight.numel():
            raise RuntimeError(
                f"Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{weight.numel()} and channel size = {channels}."
            )
    if weight.ndim > 1:
        raise RuntimeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}"
        )
    if weight.ndim != len(shape):
        weight = ops.reshape(weight, [weight.numel() if d == 1 else 1 for d in range(len(shape))])
    return ops.prelu_kernel(input, weight)
