"""What torch composes of other pointwise ops: the same calls in the same order."""

from __future__ import annotations

from typing import Any

from .. import dtypes, ops
from ..dtypes import DType
from ..sizes import strides_of_first
from ..tensor import Tensor, wrap


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


def isclose(input: Tensor, other: Tensor, rtol: float, atol: float, equal_nan: bool) -> Tensor:
    """Equal, or finite and no further apart than atol + rtol * |other|."""
    close = ops.eq(input, other)
    if equal_nan and input._dtype.is_inexact:
        both = ops.logical_and(ops.ne(input, input), ops.ne(other, other))
        close = ops.logical_or(close, both)
    if rtol == 0 and atol == 0:
        return close
    allowed = ops.add(ops.abs(ops.mul_scalar(other, rtol)), atol)
    if input._dtype is dtypes.bool_:
        input, other = ops.to_dtype(input, dtypes.int64), ops.to_dtype(other, dtypes.int64)
    distance = ops.abs(ops.sub(input, other))
    near = ops.logical_and(ops.isfinite(distance), ops.le(distance, allowed))
    return ops.logical_or(close, near)


def isreal(input: Tensor) -> Tensor:
    """Compare the imaginary part with zero; of real tensors everything is."""
    if input._dtype.is_complex:
        return ops.eq(ops.imag(input), 0)
    backend = input._backend
    array = backend.full(input._array.shape, True, dtypes.bool_)
    array = backend.following(array, input._array, layout=strides_of_first)
    return wrap(array, dtypes.bool_, backend)
