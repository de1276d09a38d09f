"""torch's functions about dtypes, types and threads, the default dtype, and its constants."""

from __future__ import annotations

import math
from typing import Any

from .. import dtypes, threads, type_promotion
from ..dtypes import DType
from ..engine import modes
from ..engine.levels import mapped_over
from ..tensor import Tensor
from .registration import function, method, publish

publish(DType, "dtype")
for _name in ("inf", "nan", "pi", "e"):
    publish(getattr(math, _name), _name)
publish(None, "newaxis")
function(dtypes.get_default_dtype)
function(type_promotion.promote_types)
function(type_promotion.can_cast)
function(modes.is_inference)
function(threads.get_num_threads)
function(threads.set_num_threads)


@function
def set_default_dtype(d: Any, /) -> None:
    """Set the dtype that tensors of Python floats get; a floating-point one."""
    dtypes.set_default_dtype(d)


@function
def result_type(tensor1: Any, tensor2: Any) -> DType:
    """Return the dtype that an operation on the two (tensors or numbers) computes in."""
    dimensioned: list[DType] = []
    zero_dim: list[DType] = []
    numbers: list[Any] = []
    for value in (tensor1, tensor2):
        if isinstance(value, Tensor):
            (dimensioned if value.ndim else zero_dim).append(value._dtype)
        else:
            numbers.append(value)
    return type_promotion.result_dtype(dimensioned, zero_dim, numbers)


@function
@method
def is_nonzero(input: Tensor) -> bool:
    """Whether the only element is not zero."""
    if mapped_over(input):
        input._backend.is_nonzero(input._array)  # which refuses it, whatever its size
    return bool(input)


@function
def typename(obj: Any, /) -> str:
    """Return the name of a tensor's legacy type, or of any object's type."""
    if isinstance(obj, Tensor):
        return f"torch.{dtypes.LEGACY_NAMES[obj._dtype]}Tensor"
    kind = obj if isinstance(obj, type) else type(obj)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
