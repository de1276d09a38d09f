"""torch's reductions."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..dtypes import int64
from ..tensor import Tensor, wrap_dim
from .registration import accepts_out, function, method


def reduced_dims(dim: Any, ndim: int) -> tuple[int, ...]:
    """Return the dims to reduce, counted from the front; None or () means all.

    Raises:
        RuntimeError: one is named twice (torch's text).
    """
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(ndim))
    dims = [wrap_dim(d, ndim) for d in (dim if isinstance(dim, (tuple, list)) else (dim,))]
    for d in dims:
        if dims.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return tuple(dims) if ndim else ()


@function
@method
@accepts_out
def sum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Sum over dims (all by default); integers and bool give int64."""
    if dtype is not None:
        input = input.to(dtype)
    elif not input._dtype.is_inexact:
        input = ops.to_dtype(input, int64)
    if dim is None and not keepdim:
        return ops.sum_all(input)
    return ops.sum(input, reduced_dims(dim, input.ndim), keepdim)
