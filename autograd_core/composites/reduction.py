"""What torch composes of reductions: nanmean, differences, gradients, integrals, covariances."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence
from typing import Any

from .. import ops
from ..dtypes import DType, int64
from ..tensor import Given, Tensor, range_bounds, wrap


def nanmean(input: Tensor, dim: Sequence[int], keepdim: bool, dtype: Any) -> Tensor:
    """Mean over dims of what is not NaN."""
    present = ops.to_dtype(ops.logical_not(ops.isnan(input.detach())), int64)
    count = ops.sum(present, dim, keepdim)
    return ops.div(ops.nansum(input, dim, keepdim, dtype), count)


# Differences and integrals ------------------------------------------------------------------------


def _part(input: Tensor, dim: int, start: int, end: int) -> Tensor:
    return ops.slice(input, dim, start, end, 1)


def _between(input: Tensor, dim: int, start: int, end: int | None) -> Tensor:
    """Return the part between two places, which may be counted from the end, as nodes show it."""
    return _part(input, dim, *range_bounds(input._array.shape[dim], start, end))


def diff(input: Tensor, n: int, dim: int, prepend: Tensor | None, append: Tensor | None) -> Tensor:
    """Differences of neighbours along dim, n times."""
    if n == 0:
        return ops.zeros_like(input).copy_(input)
    parts = [part for part in (prepend, input, append) if part is not None]
    if len(parts) > 1:
        input = ops.cat(parts, dim)
    length = input._array.shape[dim]
    for _ in range(min(n, length)):
        length = input._array.shape[dim]
        before = _part(input, dim, 0, max(length - 1, 0))
        after = _part(input, dim, min(1, length), length)
        input = ops.logical_xor(after, before) if not input._dtype.category else after - before
    return input


def _sum_dtype(input: Tensor) -> DType | None:
    """Return the dtype a tensor is summed in: None for its own."""
    return None if input._dtype.is_inexact else int64


def trapezoid(y: Tensor, spacing: Tensor | float, dim: int) -> Tensor:
    """The integral along dim by the trapezoidal rule; spacing is a number or the steps."""
    if isinstance(spacing, Tensor):
        both = (_between(y, dim, 0, -1) + _between(y, dim, 1, None)) * spacing
        return ops.div_scalar(ops.sum(both, (dim,), False, _sum_dtype(both)), 2.0)
    ends = ops.select(y, dim, 0) + ops.select(y, dim, Given(y._array.shape[dim] - 1, -1))
    half = ops.mul_scalar(ends, 0.5)
    return ops.mul_scalar(ops.sum(y, (dim,), False, _sum_dtype(y)) - half, spacing)


def cumulative_trapezoid(y: Tensor, spacing: Tensor | float, dim: int) -> Tensor:
    """The running integral along dim by the trapezoidal rule."""
    both = _between(y, dim, 0, -1) + _between(y, dim, 1, None)
    if isinstance(spacing, Tensor):
        both = both * spacing
        return ops.div_scalar(ops.cumsum(both, dim, _sum_dtype(both)), 2.0)
    return ops.cumsum(ops.mul_scalar(both, spacing / 2.0), dim)


def gradient_evenly(input: Tensor, dim: int, spacing: Any, edge_order: int) -> Tensor:
    """Central differences along dim at even distances, one-sided ones at the ends.

    With ``edge_order`` 2 those take three points.
    """
    scaled = ops.mul_scalar
    divided = ops.div if isinstance(spacing, Tensor) else ops.div_scalar

    part = functools.partial(_between, input, dim)
    center = divided(_difference(part, (2, None), (0, -2)), spacing)
    if edge_order == 1:
        first = divided(_difference(part, (1, 2), (0, 1)), spacing)
        last = _difference(part, (-1, None), (-2, -1))
    else:
        third, second = scaled(part(2, 3), 0.5), scaled(part(1, 2), 2)
        first = divided(scaled(part(0, 1), -1.5) + second - third, spacing)
        third, second = scaled(part(-1, None), 1.5), scaled(part(-2, -1), 2)
        last = scaled(part(-3, -2), 0.5) - second + third
    last = divided(last, spacing)
    return ops.cat([first, ops.div_scalar(center, 2), last], dim)


def _difference(part: Any, minuend: tuple[Any, Any], subtrahend: tuple[Any, Any]) -> Tensor:
    """Return the difference of two parts; the second is taken first, as nodes show it."""
    second = part(*subtrahend)
    return part(*minuend) - second


def gradient_at(input: Tensor, dim: int, coordinates: Tensor, edge_order: int) -> Tensor:
    """Differences along dim at the points whose coordinates are given.

    The weights are those of the parabola through three neighbouring points.
    """
    count = input._array.shape[dim]
    step = diff(coordinates, 1, 0, None, None)
    steps = count - 1
    before, after = _part(step, 0, 0, steps - 1), _part(step, 0, 1, steps)
    both = before + after
    weights = (
        ops.neg(after) / (before * both),
        (after - before) / (before * after),
        before / (after * both),
    )
    shape = [steps - 1 if d == dim else 1 for d in range(input.ndim)]
    part = functools.partial(_between, input, dim)
    weights = tuple([ops.view(w, shape) for w in weights])
    center = _weighted(part, weights, ((0, -2), (1, -1), (2, None)))
    if edge_order == 1:
        first = _difference(part, (1, 2), (0, 1)) / ops.select(step, 0, 0)
        last = _difference(part, (-1, None), (-2, -1)) / ops.select(step, 0, steps - 1)
    else:
        near, far = ops.select(step, 0, 0), ops.select(step, 0, 1)
        first = _weighted(
            part,
            (
                ops.neg(ops.mul_scalar(near, 2) + far) / (near * (near + far)),
                (near + far) / (near * far),
                ops.neg(near) / (far * (near + far)),
            ),
            ((0, 1), (1, 2), (2, 3)),
        )
        near, far = ops.select(step, 0, steps - 1), ops.select(step, 0, steps - 2)
        last = _weighted(
            part,
            (
                near / (far * (near + far)),
                ops.neg(near + far) / (near * far),
                (ops.mul_scalar(near, 2) + far) / (near * (near + far)),
            ),
            ((-3, -2), (-2, -1), (-1, None)),
        )
    return ops.cat([first, center, last], dim)


def _weighted(part: Any, weights: Sequence[Tensor], places: Sequence[Any]) -> Tensor:
    """Return the weighted sum of three parts; the last is taken first, as nodes show it."""
    third, second = (weights[k] * part(*places[k]) for k in (2, 1))
    return weights[0] * part(*places[0]) + second + third


# Covariances --------------------------------------------------------------------------------------


def cov(input: Tensor, correction: int, fweights: Tensor | None, aweights: Tensor | None) -> Tensor:
    """The covariance matrix of variables in rows, observations in columns."""
    if input.ndim < 2:
        input = input.view(1, -1)
    weights = fweights
    if aweights is not None:
        weights = aweights if weights is None else weights * aweights
    backend, count = input._backend, input._array.shape[1]
    total: Any = (
        weights.sum() if weights is not None else wrap(backend.scalar(count, int64), int64, backend)
    )
    weighted = input if weights is None else input * weights
    mean = ops.sum(weighted, (1,)) / total
    if correction == 0:
        factor = total
    elif aweights is not None:
        factor = total - ops.mul_scalar((weights * aweights).sum(), correction) / total
    else:
        factor = total - correction
    if bool(factor <= 0):
        warnings.warn(
            "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number "
            "of observations.",
            UserWarning,
            stacklevel=3,
        )
        factor = factor.zero_()
    centered = input - ops.unsqueeze(mean, 1)
    other = centered if weights is None else centered * weights
    product = ops.mm(centered, ops.conj(ops.t(other)))
    if product._dtype.is_complex and 1 in input._array.shape:
        real = ops.real(product)
        product = ops.complex(real, ops.zeros_like(real.detach()))
    return ops.squeeze(ops.div(product, factor))


def corrcoef(input: Tensor) -> Tensor:
    """The covariance matrix over the products of the standard deviations."""
    matrix = cov(input, 1, None, None)
    if matrix.ndim == 0:
        return matrix / matrix
    diagonal = ops.diagonal(matrix, 0, 0, 1)
    if diagonal._dtype.is_complex:
        diagonal = ops.real(diagonal)
    deviation = ops.sqrt(diagonal)
    matrix = matrix / deviation.view(-1, 1)
    matrix = matrix / deviation.view(1, -1)
    if matrix._dtype.is_complex:
        real, imag = ops.clamp(ops.real(matrix), -1, 1), ops.clamp(ops.imag(matrix), -1, 1)
        return ops.complex(real, imag)
    return ops.clamp(matrix, -1, 1)
