"""Longer derivatives of matrix products and distances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Array = Any


def scaled(xp: Any, value: Array, factor: Any) -> Array:
    """Return ``value * factor``, and the value itself for the factor 1."""
    return value if factor == 1 else xp.mul_scalar(value, factor)


def _column_major(shape: Sequence[int], stride: Sequence[int]) -> bool:
    """Whether a matrix lies column by column; its gradient is then computed so, too."""
    return stride[0] == 1 and stride[1] == shape[0]


def mm_mat1_backward(
    xp: Any,
    grad: Array,
    mat2: Array,
    mat1_shape: Sequence[int],
    mat1_stride: Sequence[int],
    alpha: Any,
) -> Array:
    """Return the gradient of the left factor, in the layout of that factor."""
    if _column_major(mat1_shape, mat1_stride):
        product = xp.t(xp.mm(xp.conj(mat2), xp.t(grad)))
    else:
        product = xp.mm(grad, xp.conj(xp.t(mat2)))
    return scaled(xp, product, alpha.conjugate())


def mm_mat2_backward(
    xp: Any,
    grad: Array,
    mat1: Array,
    mat2_shape: Sequence[int],
    mat2_stride: Sequence[int],
    alpha: Any,
) -> Array:
    """Return the gradient of the right factor, in the layout of that factor."""
    if _column_major(mat2_shape, mat2_stride):
        product = xp.t(xp.mm(xp.t(grad), xp.conj(mat1)))
    else:
        product = xp.mm(xp.conj(xp.t(mat1)), grad)
    return scaled(xp, product, alpha.conjugate())


def addbmm_batch1_backward(
    xp: Any,
    grad: Array,
    batch2: Array,
    batch1_argsize_0: int,
    batch1_argsize_1: int,
    batch2_argsize_2: int,
    alpha: Any,
) -> Array:
    """Return the gradient of the left factors of a sum of products."""
    shape = (batch1_argsize_0, batch1_argsize_1, batch2_argsize_2)
    spread = xp.expand(xp.unsqueeze(grad, 0), shape)
    return scaled(xp, xp.bmm(spread, xp.conj(xp.transpose(batch2, 1, 2))), alpha.conjugate())


def addbmm_batch2_backward(
    xp: Any,
    grad: Array,
    batch1: Array,
    batch1_argsize_0: int,
    batch1_argsize_1: int,
    batch2_argsize_2: int,
    alpha: Any,
) -> Array:
    """Return the gradient of the right factors of a sum of products."""
    shape = (batch1_argsize_0, batch1_argsize_1, batch2_argsize_2)
    spread = xp.expand(xp.unsqueeze(grad, 0), shape)
    return scaled(xp, xp.bmm(xp.conj(xp.transpose(batch1, 1, 2)), spread), alpha.conjugate())


def trilinear_backward(
    xp: Any,
    grad: Array,
    needs: tuple[bool, ...],
    i1: Array,
    i2: Array,
    i3: Array,
    expand1: Sequence[int],
    expand2: Sequence[int],
    expand3: Sequence[int],
    sumdim: Sequence[int],
) -> list[Array | None]:
    """Return the gradients: the same sum, with the gradient in the place of one factor.

    The gradient lacks the dims summed over; what a factor lacked is summed over in its gradient.
    """
    return [
        xp.trilinear(grad, i2, i3, sumdim, expand2, expand3, expand1) if needs[0] else None,
        xp.trilinear(i1, grad, i3, expand1, sumdim, expand3, expand2) if needs[1] else None,
        xp.trilinear(i1, i2, grad, expand1, expand2, sumdim, expand3) if needs[2] else None,
    ]


def euclidean_dist_backward(
    xp: Any, grad: Array, x1: Array, x2: Array, needs: tuple[bool, ...], result: Array
) -> list[Array | None]:
    """Return the gradients of distances that were computed as a matrix product."""
    ratio = xp.masked_fill(grad / result, result == 0, 0)
    last = len(ratio.shape) - 1
    return [
        x1 * xp.sum(ratio, (last,), True) - xp.matmul(ratio, x2) if needs[0] else None,
        x2 * xp.unsqueeze(xp.sum(ratio, (last - 1,)), last) - xp.matmul(xp.mT(ratio), x1)
        if needs[1]
        else None,
    ]


def cdist_backward_undifferentiable(grad: Array) -> list[Array | None]:
    """Raise: torch has no second derivative of cdist (torch's text)."""
    raise NotImplementedError("the derivative for '_cdist_backward' is not implemented.")


def pdist_backward_undifferentiable(grad: Array) -> list[Array | None]:
    """Raise: torch has no second derivative of pdist (torch's text)."""
    raise NotImplementedError("the derivative for '_pdist_backward' is not implemented.")
