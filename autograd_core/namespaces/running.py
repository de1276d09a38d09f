"""torch's running reductions: cumsum, cumprod, cummax, cummin, logcumsumexp."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..dtypes import DType, bool_, not_implemented_for
from ..return_types import return_type
from ..tensor import Tensor, wrap_dim
from .reduction import _sum_dtype
from .registration import accepts_out, function, method

_CUMMAX = return_type("cummax", "values indices")
_CUMMIN = return_type("cummin", "values indices")


@function
@accepts_out
@method
def cumsum(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """Running sums along dim; integers and bool give int64."""
    _refuse_bool("cumsum_out_cpu", input, dtype)
    return ops.cumsum(input, wrap_dim(dim, input.ndim), _sum_dtype(input, dtype))


@function
@accepts_out
@method
def cumprod(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """Running products along dim; integers and bool give int64."""
    _refuse_bool("cumprod_out_cpu", input, dtype)
    return ops.cumprod(input, wrap_dim(dim, input.ndim), _sum_dtype(input, dtype))


@method
def cumsum_(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """``cumsum`` in place, in the tensor's own dtype."""
    _check_own_dtype("cumsum", input, dtype)
    _refuse_bool("cumsum_out_cpu", input, input._dtype)
    return ops.cumsum.inplace(input, wrap_dim(dim, input.ndim))


@method
def cumprod_(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """``cumprod`` in place, in the tensor's own dtype."""
    _check_own_dtype("cumprod", input, dtype)
    _refuse_bool("cumprod_out_cpu", input, input._dtype)
    return ops.cumprod.inplace(input, wrap_dim(dim, input.ndim))


def _check_own_dtype(name: str, input: Tensor, dtype: Any) -> None:
    if dtype is not None and dtype is not input._dtype:
        raise RuntimeError(
            "Bad in-place call: input tensor dtype "
            f"{input._dtype.name} and output tensor dtype {dtype.name} should match"
        )


def _refuse_bool(kernel: str, input: Tensor, dtype: DType | None) -> None:
    """Refuse to accumulate in bools, unless there is nothing to do."""
    if dtype is bool_ and input.ndim and input.numel():
        raise not_implemented_for(kernel, bool_)


@function
@accepts_out
@method
def cummax(input: Tensor, dim: int) -> Any:
    """Running maximum along dim and the index of its last occurrence."""
    dim = wrap_dim(dim, input.ndim)
    if input._dtype.is_complex and input.ndim and input.numel():
        raise not_implemented_for("cummax_cpu", input._dtype)
    return _CUMMAX(ops.cummax(input, dim))


@function
@accepts_out
@method
def cummin(input: Tensor, dim: int) -> Any:
    """Running minimum along dim and the index of its last occurrence."""
    dim = wrap_dim(dim, input.ndim)
    if input._dtype.is_complex and input.ndim and input.numel():
        raise not_implemented_for("cummin_cpu", input._dtype)
    return _CUMMIN(ops.cummin(input, dim))


@function
@accepts_out
@method
def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """log of the running sums of exp along dim."""
    dim = wrap_dim(dim, input.ndim)
    if not input._dtype.is_inexact:
        raise not_implemented_for("logcumsumexp_out_cpu", input._dtype)
    return ops.logcumsumexp(input, dim)
