"""torch.masked: reductions and normalizations that see only the elements where a mask holds."""

from __future__ import annotations

import builtins
import math
from typing import Any

from .. import ops
from ..dtypes import DType, bool_, float32, int64, uint8
from ..number_limits import iinfo
from ..tensor import Tensor
from . import normalization, reduction, running, sorting
from .registration import function
from .shape import broadcast_to

Dims = int | tuple[int, ...] | list[int] | None

# Masks --------------------------------------------------------------------------------------------


def dims_of(dim: Any, ndim: int) -> tuple[int, ...]:
    """Return dims counted from the front, in order; None or () means all.

    Raises:
        IndexError: one is out of range (torch's text).
        RuntimeError: one is named twice (torch's text).
    """
    if dim is None or dim == ():
        return tuple(range(ndim))
    ndim = max(ndim, 1)
    dims: list[int] = []
    for d in (dim,) if isinstance(dim, int) else dim:
        if d in dims:
            raise RuntimeError(f"dim={d} appears multiple times in the list of dims")
        if not -ndim <= d < ndim:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-ndim}, {ndim - 1}], but "
                f"got {d})"
            )
        dims.append(d % ndim)
    return tuple(sorted(dims))


def mask_of(input: Tensor, mask: Tensor) -> Tensor:
    """Return a mask as bools in the shape of the input.

    Raises:
        IndexError: it has more dims than the input (torch's text).
    """
    if mask.shape != input.shape:
        if mask.ndim > input.ndim:
            raise IndexError(
                "_input_mask expected broadcastable mask (got mask dimensionality higher than of "
                "the input)"
            )
        mask = broadcast_to(ops.clone(mask), input.shape)
    return mask if mask._dtype is bool_ else ops.to_dtype(mask, bool_)


def _smallest(input: Tensor, name: str) -> Any:
    """Return what no maximum is smaller than."""
    dtype = input._dtype
    if dtype.is_floating_point:
        return -math.inf
    if dtype.is_signed or dtype is uint8:
        return iinfo(dtype).min
    raise NotImplementedError(f"identity of {name} on {dtype!r} input")


def _largest(input: Tensor, name: str) -> Any:
    dtype = input._dtype
    if dtype.is_floating_point:
        return math.inf
    if dtype.is_signed or dtype is uint8:
        return iinfo(dtype).max
    raise NotImplementedError(f"identity of {name} on {dtype!r} input")


def _kept(input: Tensor, mask: Tensor | None, identity: Any) -> Tensor:
    """Return the input with what the operation does not see where the mask does not hold."""
    if mask is None:
        return input
    return ops.where(mask_of(input, mask), input, ops.scalar_like(input, identity))


def _cast(input: Tensor, dtype: DType | None, wanted: DType) -> Tensor:
    dtype = dtype or wanted
    return input if input._dtype is dtype else ops.to_dtype(input, dtype)


def _sum_dtype(input: Tensor, dtype: DType | None) -> DType:
    return dtype or (input._dtype if input._dtype.is_inexact else int64)


# Reductions ---------------------------------------------------------------------------------------


@function(under="masked")
def sum(
    input: Tensor,
    dim: Dims = None,
    *,
    keepdim: bool | None = False,
    dtype: DType | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Sum over dims where the mask holds; 0 of nothing."""
    dtype = _sum_dtype(input, dtype)
    dims = dims_of(dim, input.ndim)
    return reduction.sum(_kept(input, mask, 0), dims, bool(keepdim), dtype=dtype)


@function(under="masked")
def prod(
    input: Tensor,
    dim: Dims = None,
    *,
    keepdim: bool | None = False,
    dtype: DType | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Product over dims where the mask holds; 1 of nothing."""
    dtype = _sum_dtype(input, dtype)
    dims = dims_of(dim, input.ndim)
    result = _cast(_kept(input, mask, 1), dtype, dtype)
    for d in reversed(dims):
        result = reduction.prod(result, d, bool(keepdim))
    return result


@function(under="masked")
def amax(
    input: Tensor,
    dim: Dims = None,
    *,
    keepdim: bool | None = False,
    dtype: DType | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Maximum over dims where the mask holds; the smallest number there is of nothing."""
    kept = input if mask is None else _kept(input, mask, _smallest(input, "amax"))
    made = reduction.amax(kept, dims_of(dim, kept.ndim), bool(keepdim))
    return _cast(made, dtype, input._dtype)


@function(under="masked")
def amin(
    input: Tensor,
    dim: Dims = None,
    *,
    keepdim: bool | None = False,
    dtype: DType | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Minimum over dims where the mask holds; the largest number there is of nothing."""
    kept = input if mask is None else _kept(input, mask, _largest(input, "amin"))
    made = reduction.amin(kept, dims_of(dim, kept.ndim), bool(keepdim))
    return _cast(made, dtype, input._dtype)


@function(under="masked")
def argmax(
    input: Tensor,
    dim: int | None = None,
    *,
    keepdim: bool | None = False,
    dtype: DType | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Index of the maximum where the mask holds, as a number of the input's dtype."""
    kept = input if mask is None else _kept(input, mask, _smallest(input, "argmax"))
    return _cast(reduction.argmax(kept, dim, bool(keepdim)), dtype, input._dtype)


@function(under="masked")
def argmin(
    input: Tensor,
    dim: int | None = None,
    *,
    keepdim: bool | None = False,
    dtype: DType | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Index of the minimum where the mask holds, as a number of the input's dtype."""
    kept = input if mask is None else _kept(input, mask, _largest(input, "argmin"))
    return _cast(reduction.argmin(kept, dim, bool(keepdim)), dtype, input._dtype)


def _count(input: Tensor, mask: Tensor | None, dim: Dims, keepdim: bool) -> Tensor:
    """Return how many elements are summed over the dims, int64."""
    if mask is None:
        ones = ops.full_like(ops.to_dtype(input.detach(), int64), 1)
        return sum(ones, dim, keepdim=keepdim)
    return reduction.sum(mask, dim, keepdim)


@function(under="masked")
def mean(
    input: Tensor,
    dim: Dims = None,
    *,
    keepdim: bool | None = False,
    dtype: DType | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Mean over dims of what is there where the mask holds; NaN of nothing.

    Raises:
        ValueError: the dtype is neither floating nor complex (torch's text).
    """
    wanted = input._dtype if dtype is None else dtype
    if not wanted.is_inexact:
        raise ValueError(
            f"mean(): Could not infer output dtype. {'Input' if dtype is None else 'Optional'} "
            f"dtype must be either a floating point or complex dtype. Got: {wanted!r}"
        )
    seen = None if mask is None else mask_of(input, mask)
    count = _count(input, seen, dim, bool(keepdim))
    total = sum(input, dim, keepdim=keepdim, dtype=wanted, mask=seen)
    return ops.div(total, count)


@function(under="masked")
def median(
    input: Tensor,
    dim: int = -1,
    *,
    keepdim: bool = False,
    dtype: DType | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Lower median along a dim where the mask holds; NaN of nothing.

    Raises:
        ValueError: of nothing, where the dtype has no NaN (torch's text).
    """
    place = dims_of(dim, input.ndim)[0]
    wanted = dtype or input._dtype
    has_nan = input._dtype.is_floating_point
    if not has_nan:
        input = ops.to_dtype(input, float32)
    output: Tensor = sorting.nanmedian(_kept(input, mask, math.nan), place, keepdim).values
    if has_nan:
        return output
    if builtins.bool(reduction.any(ops.isnan(output))):
        raise ValueError(
            "masked median expects no fully masked out rows if dtype is not floating point"
        )
    return _cast(output, wanted, wanted)


@function(under="masked")
def logsumexp(
    input: Tensor,
    dim: Dims = None,
    *,
    keepdim: bool = False,
    dtype: DType | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Logarithm of the sum of exponentials over dims where the mask holds."""
    dims = dims_of(dim, input.ndim)
    if mask is not None:
        identity = -math.inf if input._dtype.is_inexact else _smallest(input, "logsumexp")
        input = _kept(input, mask, identity)
    return _cast(reduction.logsumexp(input, dims, keepdim), dtype, input._dtype)


@function(under="masked")
def logaddexp(
    input: Tensor,
    other: Tensor,
    *,
    dtype: DType | None = None,
    input_mask: Tensor | None = None,
    other_mask: Tensor | None = None,
) -> Tensor:
    """Logarithm of the sum of two exponentials, each where its mask holds."""
    wanted = dtype or input._dtype
    if input_mask is not None:
        input = _kept(input, input_mask, _smallest(input, "logaddexp"))
    if other_mask is not None:
        other = _kept(other, other_mask, _smallest(other, "logaddexp"))
    return _cast(ops.logaddexp(input, other), wanted, wanted)


@function(under="masked")
def norm(
    input: Tensor,
    ord: float | None = 2.0,
    dim: Dims = None,
    *,
    keepdim: bool | None = False,
    dtype: DType | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Vector norm over dims of what is there where the mask holds."""
    kept = _kept(input, mask, math.inf if ord == -math.inf else 0)
    dims = dims_of(dim, input.ndim)
    return reduction.vector_norm(kept, ord, dims, bool(keepdim), dtype=dtype or input._dtype)


def _spread(
    input: Tensor,
    dim: Dims,
    unbiased: bool | None,
    correction: float | None,
    keepdim: bool | None,
    dtype: DType | None,
    mask: Tensor | None,
) -> Tensor:
    """Return the variance; squared deviations over the count less the correction."""
    less = 1.0 if unbiased is None or unbiased else 0.0
    if correction is not None:
        less = float(correction)
    wanted = dtype or (input._dtype if input._dtype.is_inexact else float32)
    computed = wanted if wanted.is_inexact else float32
    seen = None if mask is None else mask_of(input, mask)
    count = _count(input, seen, dim, True)
    total = sum(input, dim, keepdim=True, dtype=wanted, mask=seen)
    x = ops.sub(input, ops.div(total, count))
    squares = sum(ops.mul(x, ops.conj(x)), dim, keepdim=keepdim, dtype=computed, mask=seen)
    if not keepdim:
        count = ops.reshape(count, tuple(squares.shape))
    if less:
        count = ops.sub(_cast(count, computed.to_real(), computed.to_real()), less)
        count = ops.maximum(count, ops.new_zeros(count, ()))
    return _cast(ops.div(squares, count), wanted, wanted)


@function(under="masked")
def var(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool | None = None,
    *,
    correction: float | None = None,
    keepdim: bool | None = False,
    dtype: DType | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Variance over dims of what is there where the mask holds; NaN of nothing."""
    return _spread(input, dim, unbiased, correction, keepdim, dtype, mask)


@function(under="masked")
def std(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool | None = None,
    *,
    correction: float | None = None,
    keepdim: bool | None = False,
    dtype: DType | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Standard deviation over dims of what is there where the mask holds; NaN of nothing."""
    return ops.sqrt(_spread(input, dim, unbiased, correction, keepdim, dtype, mask))


# Along one dim ------------------------------------------------------------------------------------


@function(under="masked")
def cumsum(
    input: Tensor, dim: int, *, dtype: DType | None = None, mask: Tensor | None = None
) -> Tensor:
    """Running sum of what is there where the mask holds."""
    dtype = dtype or input._dtype
    place = dims_of(dim, input.ndim)[0]
    return running.cumsum(_kept(input, mask, 0), place, dtype=dtype)


@function(under="masked")
def cumprod(
    input: Tensor, dim: int, *, dtype: DType | None = None, mask: Tensor | None = None
) -> Tensor:
    """Running product of what is there where the mask holds."""
    dtype = dtype or input._dtype
    place = dims_of(dim, input.ndim)[0]
    return running.cumprod(_kept(input, mask, 1), place, dtype=dtype)


@function(under="masked")
def softmax(
    input: Tensor, dim: int, *, dtype: DType | None = None, mask: Tensor | None = None
) -> Tensor:
    """``softmax`` of what is there where the mask holds, 0 elsewhere."""
    place = dims_of(dim, input.ndim)[0]
    kept = input if mask is None else _kept(input, mask, _smallest(input, "amax"))
    return normalization.functional_softmax(kept, place, dtype=dtype or input._dtype)


@function(under="masked")
def log_softmax(
    input: Tensor, dim: int, *, dtype: DType | None = None, mask: Tensor | None = None
) -> Tensor:
    """``log_softmax`` of what is there where the mask holds, -inf elsewhere."""
    place = dims_of(dim, input.ndim)[0]
    kept = input if mask is None else _kept(input, mask, _smallest(input, "amax"))
    return normalization.functional_log_softmax(kept, place, dtype=dtype or input._dtype)


@function(under="masked")
def softmin(
    input: Tensor, dim: int, *, dtype: DType | None = None, mask: Tensor | None = None
) -> Tensor:
    """``softmin`` of what is there where the mask holds, 0 elsewhere."""
    place = dims_of(dim, input.ndim)[0]
    kept = input if mask is None else _kept(input, mask, _largest(input, "amin"))
    return normalization.softmin(kept, place, dtype=dtype or input._dtype)


@function(under="masked")
def normalize(
    input: Tensor,
    ord: float,
    dim: int,
    *,
    eps: float = 1e-12,
    dtype: DType | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """What is there where the mask holds over its norm along the dim, 0 elsewhere."""
    dtype = dtype or input._dtype
    kept = _kept(input, mask, 0)
    length = norm(input, ord, dim, keepdim=True, dtype=dtype, mask=mask)
    return ops.div(kept, ops.maximum(length, ops.scalar_like(length, eps)))
