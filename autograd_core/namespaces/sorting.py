"""torch's sorting and selection by rank."""

from __future__ import annotations

import math
import operator
from typing import Any

from .. import ops
from ..batching import member_by_member
from ..dtypes import bool_, float64, int64, not_implemented_for
from ..engine.modes import forward_level
from ..engine.tangents import is_dual, refuse_in_fallback
from ..random_parameters import INT64_MAX
from ..return_types import return_type
from ..tensor import Tensor, wrap_dim
from ..type_promotion import warn_of_lost_parts
from . import indexing_checks as checks
from .creation import number_for
from .matmul import number
from .reduction import aminmax, check_not_empty, out_apart
from .registration import accepts_out, function, method, require_tensor, write_out

_SORT = return_type("sort", "values indices")
_TOPK = return_type("topk", "values indices")
_KTHVALUE = return_type("kthvalue", "values indices")
_MODE = return_type("mode", "values indices")
_MEDIAN = return_type("median", "values indices")
_NANMEDIAN = return_type("nanmedian", "values indices")


_NOT_GIVEN: Any = object()


@function
@accepts_out
@method
def sort(
    input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool | None = _NOT_GIVEN
) -> Any:
    """Elements in order along dim, and their indices; equal elements keep their order."""
    dim = wrap_dim(dim, input.ndim)
    if input._dtype.is_complex:
        raise RuntimeError(" Sort does not support complex dtypes on CPU")
    if stable is _NOT_GIVEN:
        return _SORT(ops.sort(input, dim, descending))
    entry = ops.sort_stable if stable else ops.sort_with_stable
    return _SORT(entry(input, dim, descending))


@function
@accepts_out
@method
def argsort(
    input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False
) -> Tensor:
    """The indices of ``sort``."""
    return sort(input, dim, descending, stable=stable).indices


@function
@accepts_out
@method
def msort(input: Tensor) -> Tensor:
    """The values of ``sort`` along the first dim."""
    return sort(input, 0).values


@function
@out_apart
@accepts_out
@method
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The k largest (or smallest) elements along dim, in order, and their indices."""
    dim = wrap_dim(dim, input.ndim)
    if not 0 <= k <= (input._array.shape[dim] if input.ndim else 1):
        raise RuntimeError("selected index k out of range")
    if input._dtype.is_complex:
        raise RuntimeError(" topk does not support complex dtypes on CPU")
    if input._dtype is bool_:
        raise RuntimeError("topk does not support bool dtypes on CPU")
    return _TOPK(ops.topk(input, int(k), dim, largest, sorted))


@function
@out_apart
@accepts_out
@method
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The k-th smallest element along dim and its index."""
    dim = wrap_dim(dim, input.ndim)
    check_not_empty("kthvalue", input, dim)
    if not 1 <= k <= (input._array.shape[dim] if input.ndim else 1):
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {dim}")
    if input.ndim and (input._dtype.is_complex or input._dtype is bool_):
        raise not_implemented_for("kthvalue_cpu", input._dtype)
    return _KTHVALUE(ops.kthvalue(input, int(k), dim, keepdim))


@function
@out_apart
@accepts_out
@method
def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Any:
    """The most frequent element along dim (of several the smallest) and its index."""
    dim = wrap_dim(dim, input.ndim)
    check_not_empty("mode", input, dim)
    if input._dtype.is_complex and input.ndim:
        raise not_implemented_for("mode_cpu", input._dtype)
    return _MODE(ops.mode(input, dim, keepdim))


def _median(name: str, kind: Any, input: Tensor, dim: int | None, keepdim: bool) -> Any:
    if dim is not None:
        dim = wrap_dim(dim, input.ndim)
        check_not_empty("median", input, dim)
    if input.numel() and (input._dtype.is_complex or input._dtype is bool_):
        raise not_implemented_for("median_cpu" if dim is None else "median_out", input._dtype)
    if dim is None:
        return getattr(ops, name)(input)
    return kind(getattr(ops, f"{name}_dim")(input, dim, keepdim))


@function
@accepts_out
@method
def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower median of all elements, or along dim with indices; NaN if one is NaN."""
    return _median("median", _MEDIAN, input, dim, keepdim)


@function
@accepts_out
@method
def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower median of what is not NaN, of all elements or along dim with indices."""
    return _median("nanmedian", _NANMEDIAN, input, dim, keepdim)


# Distinct elements --------------------------------------------------------------------------------


def _chosen(parts: Any, return_inverse: bool, return_counts: bool) -> Any:
    values, inverse, counts = parts
    result = (values, *((inverse,) if return_inverse else ()))
    result = (*result, *((counts,) if return_counts else ()))
    return result[0] if len(result) == 1 else result


@function
@method
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The distinct elements in order, with their places and counts when asked."""
    if dim is not None:
        raise NotImplementedError("unique() of slices along a dim")
    return _chosen(ops.unique(input), return_inverse, return_counts)


@function
@method
def unique_consecutive(
    input: Tensor,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """One element of each run of equal ones, with the runs' places and lengths when asked."""
    if dim is not None:
        raise NotImplementedError("unique_consecutive() of slices along a dim")
    return _chosen(ops.unique_consecutive(input), return_inverse, return_counts)


@function
@method
@member_by_member("bincount")
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each number from 0 on is in a 1-d integer tensor, or the sums of its weights."""
    if forward_level.current is not None and is_dual([input, weights]):
        refuse_in_fallback("bincount")
    if input._dtype.category != 1:
        raise not_implemented_for("bincount_cpu", input._dtype)
    if weights is not None and weights.numel():  # are summed in double precision
        warn_of_lost_parts(weights._dtype, float64, 2)
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if input.ndim != 1 or (input.numel() and min(input.tolist()) < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if not input.numel():
        return ops.new_zeros(ops.to_dtype(input, int64), (minlength,))
    if weights is not None and weights._array.shape != input._array.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    largest = max(input.tolist())
    if largest == INT64_MAX:
        raise RuntimeError(
            f"maximum value of input overflowed, it should be < {INT64_MAX} but got {largest}"
        )
    count = max(minlength, largest + 1)
    if count * int64.itemsize > INT64_MAX:
        raise RuntimeError(f"Storage size calculation overflowed with sizes=[{count}]")
    return ops.bincount(input, weights, count)


def _histc_bounds(input: Tensor, low: Any, high: Any) -> tuple[float, float]:
    """Return the ends of a histogram: the extremes where none are given, a number's surroundings.

    Raises:
        RuntimeError: they are not finite, or in the wrong order (torch's texts).
    """
    for name, bound in (("min", low), ("max", high)):
        if not isinstance(bound, (int, float, complex)) and getattr(bound, "shape", 0) != ():
            given = type(bound).__name__
            raise TypeError(f"histc(): argument '{name}' must be Number, not {given}")
    low, high = (float(number(bound, input)) for bound in (low, high))
    shown = f"{low:g}, {high:g}"
    if low == high and input.numel():
        low, high = (float(extreme.item()) for extreme in aminmax(input.detach()))
        shown = f"{low:g}, {high:g}".replace("nan", "-nan")
    if low == high:
        low, high = low - 1, high + 1
    if not (math.isfinite(low) and math.isfinite(high)):
        raise RuntimeError(f"torch.histc: range of [{shown}] is not finite")
    if low > high:
        raise RuntimeError("torch.histc: max must be larger than min")
    return low, high


@member_by_member("histc")
def _histc(input: Tensor, bins: int, min: Any, max: Any) -> Tensor:
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    low, high = _histc_bounds(input, min, max)
    if input._dtype is bool_:
        raise not_implemented_for("linspace_cpu", bool_)
    low, high = (number_for(bound, input._dtype) for bound in (low, high))
    if not input._dtype.is_floating_point:
        raise not_implemented_for("histogram_cpu", input._dtype)
    return ops.histc(input, bins, low, high)


@function
@method
def histc(
    input: Tensor, bins: int = 100, min: Any = 0, max: Any = 0, *, out: Tensor | None = None
) -> Tensor:
    """How many elements fall into each of equal bins from min to max, by default the extremes.

    Elements outside, and NaN, count nowhere; the last bin holds its upper end, too. Counts have the
    dtype of the elements.
    """
    require_tensor("histc", input)
    if isinstance(bins, bool):
        raise TypeError("histc(): argument 'bins' (position 2) must be int, not bool")
    bins = operator.index(bins)
    if out is None:
        return _histc(input, bins, min, max)
    if out._dtype is not input._dtype:
        raise RuntimeError(
            "torch.histogram: input tensor and hist tensor should have the same dtype, but got "
            f"input {checks.c_name(input._dtype)} and hist {checks.c_name(out._dtype)}"
        )
    return write_out(out, _histc(input, bins, min, max))
