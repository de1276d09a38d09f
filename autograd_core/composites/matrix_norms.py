"""Norms and condition numbers of matrices, composed as torch composes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops
from ..dtypes import DType
from ..engine.views import seen_whole
from ..tensor import Given, GivenDims, Tensor
from .spectra import svdvals


def matrix_norm(
    A: Tensor, ord: Any, dim: Sequence[int], keepdim: bool, dtype: DType | None
) -> Tensor:
    """Return the norm over two dims: "fro", "nuc", or 1, -1, 2, -2, inf, -inf; all are checked."""
    first, second = map(int, dim)  # which torch counts from the front
    if ord == "fro":
        return ops.vector_norm(A, 2, (first, second), keepdim, dtype)
    if ord == "nuc" or abs(ord) == 2:
        return _of_singular_values(A, ord, first, second, keepdim, dtype)
    if abs(ord) == float("inf"):
        first, second = second, first
    sums = ops.vector_norm(A, 1.0, (first,), keepdim, dtype)
    if second > first and not keepdim:
        second -= 1
    return _extreme(sums, ord, second, second, keepdim)


def _extreme(values: Tensor, ord: Any, dim: int, named: int, keepdim: bool) -> Tensor:
    """Return the largest or, for a negative order, the smallest along dim: 0 of nothing.

    Raises:
        IndexError: nothing is the smallest (torch's text, which calls the dim ``named``).
    """
    shape = list(values._array.shape)
    if shape[dim]:
        return (ops.amax if ord > 0 else ops.amin)(values, (dim,), keepdim)
    if ord < 0:
        raise IndexError(f"amin(): Expected reduction dim {named} to have non-zero size.")
    shape[dim : dim + 1] = [1] if keepdim else []
    return ops.new_zeros(values, tuple(shape))


def _of_singular_values(
    A: Tensor, ord: Any, first: int, second: int, keepdim: bool, dtype: DType | None
) -> Tensor:
    order = [d for d in range(A.ndim) if d not in (first, second)] + [first, second]
    moved = ops.permute(A, tuple(order))
    if dtype is not None and dtype is not A._dtype:
        moved = ops.to_dtype(moved, dtype)
    values = svdvals(moved)
    last = values.ndim - 1
    result: Tensor
    if ord == "nuc":
        result = ops.sum(values, GivenDims((last,), (-1,)), keepdim)
    else:
        result = _extreme(values, ord, Given(last, -1), -1, keepdim)
    if keepdim:
        back = tuple(order.index(d) for d in range(A.ndim))
        result = ops.permute(ops.unsqueeze(result, Given(result.ndim, -1)), back)
    return result


@seen_whole
def cond(A: Tensor, ord: Any) -> Tensor:
    """Return the condition number of matrices in a checked norm: |A| * |A^-1|."""
    if A.numel() == 0:
        empty = ops.new_zeros(A, tuple(A._array.shape[:-2]))
        return ops.to_dtype(empty, A._dtype.to_real())
    if not isinstance(ord, str) and abs(ord) == 2:
        values = svdvals(A)
        last, count = Given(values.ndim - 1, -1), values._array.shape[-1]
        largest = ops.slice(values, last, 0, 1, 1)
        smallest = ops.slice(values, last, count - 1, count, 1)
        ratio = ops.div(smallest, largest) if ord < 0 else ops.div(largest, smallest)
        return ops.squeeze_dim(ratio, last)
    if ord == "nuc":
        values = svdvals(A)
        dims = (values.ndim - 1,)
        total = ops.sum(values, dims)
        return ops.mul(total, ops.sum(ops.reciprocal(values), dims))
    inverse, info = ops.linalg_inv_ex(A)
    singular = ops.unsqueeze(ops.unsqueeze(ops.gt(info, 0), info.ndim), info.ndim + 1)
    ops.masked_fill.inplace(inverse, singular, float("inf"))
    both = (A.ndim - 2, A.ndim - 1)
    size, size_of_inverse = (matrix_norm(X, ord, both, False, None) for X in (A, inverse))
    infinite = float("inf")
    return ops.nan_to_num.inplace(ops.mul(size, size_of_inverse), infinite, infinite, -infinite)
