"""What torch composes of other pointwise ops: the same calls in the same order."""

from __future__ import annotations

from typing import Any

from .. import dtypes, ops
from ..dtypes import DType
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


def isreal(input: Tensor) -> Tensor:
    """Compare the imaginary part with zero; of real tensors everything is."""
    if input._dtype.is_complex:
        return ops.eq(ops.imag(input), 0)
    backend = input._backend
    return wrap(backend.full(input._array.shape, True, dtypes.bool_), dtypes.bool_, backend)
