"""Reductions and running ones: sums, products, extremes, means, spreads, tests, differences."""

from __future__ import annotations

from autograd_core import dtypes
from autograd_core.dtypes import DType
from autograd_core.sizes import numel

from ..unsigned import uint64
from .array import Array, own
from .data_types import COMPLEX, INTEGER, KINDS, REAL_FLOATING, SIGNED, UNSIGNED, require
from .kernels import AxisError, Raw, axes_of, axis_of, kernels
from .pointwise import together

Axis = int | tuple[int, ...] | None
_REAL = SIGNED + UNSIGNED + REAL_FLOATING


def _accumulated_in(x: Raw, dtype: DType | None) -> Raw:
    """Return what is added up or multiplied: integers as the widest of their kind."""
    if dtype is None and x.dtype.category == 1:
        dtype = INTEGER if x.dtype.is_signed else uint64
    return kernels.cast(x, dtype or x.dtype)  # type: ignore[no-any-return]


def sum(
    x: Array, /, *, axis: Axis = None, dtype: DType | None = None, keepdims: bool = False
) -> Array:
    """Return sums over axes, all of them for None."""
    require("sum", own("sum", x).dtype, KINDS["numeric"])
    return Array(kernels.sum(_accumulated_in(x.raw, dtype), axes_of(axis, x.ndim), keepdims))


def prod(
    x: Array, /, *, axis: Axis = None, dtype: DType | None = None, keepdims: bool = False
) -> Array:
    """Return products over axes."""
    require("prod", own("prod", x).dtype, KINDS["numeric"])
    return Array(kernels.prod(_accumulated_in(x.raw, dtype), axes_of(axis, x.ndim), keepdims))


def _extreme(function: str, x: Array, axis: Axis, keepdims: bool) -> Array:
    require(function, own(function, x).dtype, _REAL)
    axes = axes_of(axis, x.ndim)
    if 0 in [x.shape[d] for d in axes]:
        raise ValueError(f"{function} of no elements")
    return Array(getattr(kernels, f"a{function}")(x.raw, axes, keepdims))


def max(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the largest elements over axes, NaN where one is among them."""
    return _extreme("max", x, axis, keepdims)


def min(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the smallest elements over axes, NaN where one is among them."""
    return _extreme("min", x, axis, keepdims)


def mean(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return means over axes of floating or complex numbers, NaN of none."""
    require("mean", own("mean", x).dtype, REAL_FLOATING + COMPLEX)
    return Array(kernels.mean(x.raw, axes_of(axis, x.ndim), keepdims))


def var(
    x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False
) -> Array:
    """Return mean squared deviations over axes: sums over the count less ``correction``."""
    require("var", own("var", x).dtype, REAL_FLOATING)
    axes = axes_of(axis, x.ndim)
    spread = kernels.var(x.raw, axes, correction, keepdims)
    if numel([x.shape[d] for d in axes]) <= correction:  # torch has infinity where a sum is left
        spread = kernels.full(spread.shape, float("nan"), x.dtype)
    return Array(spread)


def std(
    x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False
) -> Array:
    """Return the roots of `var`."""
    return Array(kernels.sqrt(var(x, axis=axis, correction=correction, keepdims=keepdims).raw))


def all(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return whether no element over axes is zero."""
    return Array(kernels.all(own("all", x), axes_of(axis, x.ndim), keepdims))


def any(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return whether an element over axes is not zero."""
    return Array(kernels.any(own("any", x), axes_of(axis, x.ndim), keepdims))


def count_nonzero(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return how many elements over axes are not zero."""
    held = kernels.cast(kernels.cast(own("count_nonzero", x), dtypes.bool_), INTEGER)
    return Array(kernels.sum(held, axes_of(axis, x.ndim), keepdims))


def _running(
    function: str, x: Array, axis: int | None, dtype: DType | None, initial: int | None
) -> Array:
    """Return running sums or products, behind what they start from if that is given."""
    raw = own(function, x)
    require(function, x.dtype, KINDS["numeric"])
    if axis is None:
        if x.ndim != 1:
            raise AxisError(f"{function} needs an axis unless the array has one dimension")
        axis = 0
    dim = axis_of(axis, x.ndim)
    kernel = kernels.cumsum if function == "cumulative_sum" else kernels.cumprod
    result = kernel(_accumulated_in(raw, dtype), dim)
    if initial is not None:
        shape = (*x.shape[:dim], 1, *x.shape[dim + 1 :])
        result = kernels.cat([kernels.full(shape, initial, result.dtype), result], dim)
    return Array(result)


def cumulative_sum(
    x: Array,
    /,
    *,
    axis: int | None = None,
    dtype: DType | None = None,
    include_initial: bool = False,
) -> Array:
    """Return running sums along an axis, behind a zero with ``include_initial``."""
    return _running("cumulative_sum", x, axis, dtype, 0 if include_initial else None)


def cumulative_prod(
    x: Array,
    /,
    *,
    axis: int | None = None,
    dtype: DType | None = None,
    include_initial: bool = False,
) -> Array:
    """Return running products along an axis, behind a one with ``include_initial``."""
    return _running("cumulative_prod", x, axis, dtype, 1 if include_initial else None)


def diff(
    x: Array,
    /,
    *,
    axis: int = -1,
    n: int = 1,
    prepend: Array | None = None,
    append: Array | None = None,
) -> Array:
    """Return the differences of neighbours along an axis, ``n`` times over."""
    raw = own("diff", x)
    require("diff", x.dtype, KINDS["numeric"])
    dim = axis_of(axis, x.ndim)
    if n < 0:
        raise ValueError(f"differences are taken no {n} times")
    ends = [own("diff", end) if end is not None else None for end in (prepend, append)]
    parts = together(*[part for part in (ends[0], raw, ends[1]) if part is not None])
    result = kernels.cat(parts, dim)
    for _ in range(n):
        size = result.shape[dim]
        later = kernels.slice(result, dim, 1 if size else 0, size, 1)
        result = kernels.sub(later, kernels.slice(result, dim, 0, size - 1 if size else 0, 1))
    return Array(result)
