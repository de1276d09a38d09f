"""The functions on dtypes that arrays and Python numbers may stand for."""

from __future__ import annotations

from typing import Any

from autograd_core.dtypes import DType

from .array import Array
from .data_types import (
    FloatingLimits,
    IntegerLimits,
    common_dtype,
    floating_limits,
    integer_limits,
    promote,
)
from .kernels import Scalar


def _dtype(x: Any) -> DType:
    if isinstance(x, Array):
        return x.dtype
    if isinstance(x, DType):
        return x
    raise TypeError(f"neither an array nor a dtype: {type(x).__name__}")


def can_cast(from_: DType | Array, to: DType, /) -> bool:
    """Return whether promotion leads from a dtype to another one."""
    start, end = _dtype(from_), _dtype(to)
    try:
        return promote(start, end) is end
    except TypeError:
        return False


def finfo(type: DType | Array, /) -> FloatingLimits:
    """Return the limits of a floating dtype."""
    return floating_limits(_dtype(type))


def iinfo(type: DType | Array, /) -> IntegerLimits:
    """Return the limits of an integer dtype."""
    return integer_limits(_dtype(type))


def result_type(*arrays_and_dtypes: DType | Array | Scalar) -> DType:
    """Return the dtype of an operation on arrays, dtypes (one of them at least) and numbers."""
    numbers = [one for one in arrays_and_dtypes if isinstance(one, bool | int | float | complex)]
    found = [_dtype(one) for one in arrays_and_dtypes if not any(one is n for n in numbers)]
    if not found:
        raise ValueError("result_type needs an array or a dtype")
    return common_dtype(found, numbers)
