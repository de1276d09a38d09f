"""New tensors from Python data, arrays and shapes."""

from __future__ import annotations

from typing import Any

from .. import dtypes
from ..backend_registry import chosen_backend
from ..dtypes import DType
from ..tensor import Tensor, wrap
from .registration import function
from .shape import size_of


def _new(array: Any, dtype: DType, backend: Any, requires_grad: bool) -> Tensor:
    """Wrap a new array as a leaf.

    Raises:
        RuntimeError: an integer or bool tensor is asked to require a gradient (torch's text).
    """
    if requires_grad and not dtype.is_inexact:
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    tensor = wrap(array, dtype, backend)
    tensor._requires_grad = requires_grad
    return tensor


def flattened(data: Any) -> tuple[list[Any], tuple[int, ...]]:
    """Return the numbers of nested sequences in row-major order, and their shape."""
    if not isinstance(data, (list, tuple)):
        return [data.item() if isinstance(data, Tensor) else data], ()
    if not data:
        return [], (0,)
    parts = [flattened(item) for item in data]
    shape = parts[0][1]
    flat: list[Any] = []
    for part, part_shape in parts:
        if part_shape != shape:
            raise ValueError(
                f"expected sequence of length {shape[0] if shape else 0} at dim 1 "
                f"(got {part_shape[0] if part_shape else 0})"
            )
        flat.extend(part)
    return flat, (len(data), *shape)


@function
def tensor(
    data: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    backend: Any = None,
) -> Tensor:
    """Return a new leaf tensor holding a copy of (nested sequences of) numbers."""
    chosen = chosen_backend(backend)
    flat, shape = flattened(data)
    if dtype is None:
        dtype = dtypes.bool_
        for value in flat:
            candidate = dtypes.dtype_of_number(value)
            if candidate.category > dtype.category:
                dtype = candidate
        if not flat:
            dtype = dtypes.get_default_dtype()
    return _new(chosen.from_flat(flat, shape, dtype), dtype, chosen, requires_grad)


@function
def ones(
    *size: Any, dtype: DType | None = None, requires_grad: bool = False, backend: Any = None
) -> Tensor:
    """Return a tensor of ones."""
    chosen = chosen_backend(backend)
    dtype = dtype or dtypes.get_default_dtype()
    return _new(chosen.full(size_of(size), 1, dtype), dtype, chosen, requires_grad)
