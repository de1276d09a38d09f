"""Products of matrices and vectors: kernel, gradients, tangent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..derivatives import AS_GIVEN, JOINT, PROMOTE, op
from .matmul_checks import (
    check_addbmm,
    check_addmm,
    check_addmv,
    check_addr,
    check_baddbmm,
    check_bmm,
    check_cross,
    check_dot,
    check_mm,
    check_mv,
)

Array = Any


def _scaled(xp: Any, value: Array, factor: Any) -> Array:
    """Return ``value * factor``, and the value itself for the factor 1."""
    return value if factor == 1 else xp.mul_scalar(value, factor)


def _column_major(shape: Sequence[int], stride: Sequence[int]) -> bool:
    """Whether a matrix lies column by column; its gradient is then computed so, too."""
    return stride[0] == 1 and stride[1] == shape[0]


def _mm_mat1_backward(
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
    return _scaled(xp, product, alpha.conjugate())


def _mm_mat2_backward(
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
    return _scaled(xp, product, alpha.conjugate())


def _addbmm_batch1_backward(
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
    return _scaled(xp, xp.bmm(spread, xp.conj(xp.transpose(batch2, 1, 2))), alpha.conjugate())


def _addbmm_batch2_backward(
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
    return _scaled(xp, xp.bmm(xp.conj(xp.transpose(batch1, 1, 2)), spread), alpha.conjugate())


def _trilinear_backward(
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


def _euclidean_dist_backward(
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


def _cdist_backward_undifferentiable(grad: Array) -> list[Array | None]:
    """Raise: torch has no second derivative of cdist (torch's text)."""
    raise NotImplementedError("the derivative for '_cdist_backward' is not implemented.")


def _pdist_backward_undifferentiable(grad: Array) -> list[Array | None]:
    """Raise: torch has no second derivative of pdist (torch's text)."""
    raise NotImplementedError("the derivative for '_pdist_backward' is not implemented.")


__all__ = [
    "addbmm",
    "addmm",
    "addmv",
    "addr",
    "baddbmm",
    "bmm",
    "cdist",
    "cdist_backward",
    "dot",
    "euclidean_dist",
    "linalg_cross",
    "mm",
    "mv",
    "pdist",
    "pdist_backward",
    "trilinear",
    "vdot",
]

# Products -----------------------------------------------------------------------------------------

mm: Any = op(
    "MmBackward0",
    "mm(self, mat2)",
    elementwise=False,
    check=check_mm,
    self=lambda xp, grad, mat2, self_shape, self_stride: _mm_mat1_backward(
        xp, grad, mat2, self_shape, self_stride, 1
    ),
    mat2=lambda xp, grad, self, mat2_shape, mat2_stride: _mm_mat2_backward(
        xp, grad, self, mat2_shape, mat2_stride, 1
    ),
    tangent=lambda xp, self, mat2, self_t, mat2_t: xp.mm(self_t, mat2) + xp.mm(self, mat2_t),
)
bmm: Any = op(
    "BmmBackward0",
    "bmm(self, mat2)",
    elementwise=False,
    check=check_bmm,
    self=lambda xp, grad, mat2: xp.bmm(grad, xp.conj(xp.transpose(mat2, 1, 2))),
    mat2=lambda xp, grad, self: xp.bmm(xp.conj(xp.transpose(self, 1, 2)), grad),
    tangent=lambda xp, self, mat2, self_t, mat2_t: xp.bmm(self_t, mat2) + xp.bmm(self, mat2_t),
)
mv: Any = op(
    "MvBackward0",
    "mv(self, vec)",
    elementwise=False,
    check=check_mv,
    self=lambda xp, grad, vec: xp.outer(grad, xp.conj(vec)),
    vec=lambda xp, grad, self: xp.mv(xp.t(xp.conj(self)), grad),
    tangent=lambda xp, self, vec, self_t, vec_t: xp.mv(self_t, vec) + xp.mv(self, vec_t),
)
dot: Any = op(
    "DotBackward0",
    "dot(self, tensor)",
    elementwise=False,
    check=check_dot,
    self=lambda xp, grad, tensor: grad * xp.conj(tensor),
    tensor=lambda xp, grad, self: grad * xp.conj(self),
    tangent=lambda xp, self, tensor, self_t, tensor_t: (
        xp.dot(self_t, tensor) + xp.dot(self, tensor_t)
    ),
)
vdot = op(
    "VdotBackward0",
    "vdot(self, other)",
    elementwise=False,
    check=check_dot,
    self=lambda xp, grad, other: xp.conj(grad) * other,
    other=lambda grad, self: grad * self,
    tangent=lambda xp, self, other, self_t, other_t: (
        xp.vdot(self_t, other) + xp.vdot(self, other_t)
    ),
)

# Products added to a tensor -----------------------------------------------------------------------

addmm = op(
    "AddmmBackward0",
    "addmm(self, mat1, mat2, beta=1, alpha=1)",
    check=check_addmm,
    promote=AS_GIVEN,
    self=lambda xp, grad, beta: _scaled(xp, grad, beta.conjugate()),
    mat1=_mm_mat1_backward,
    mat2=_mm_mat2_backward,
    tangent=lambda xp, mat1, mat2, self_t, mat1_t, mat2_t, beta, alpha: (
        _scaled(xp, self_t, beta)
        + _scaled(xp, xp.mm(mat1_t, mat2), alpha)
        + _scaled(xp, xp.mm(mat1, mat2_t), alpha)
    ),
)
addmv = op(
    "AddmvBackward0",
    "addmv(self, mat, vec, beta=1, alpha=1)",
    check=check_addmv,
    promote=AS_GIVEN,
    self=lambda xp, grad, beta: _scaled(xp, grad, beta.conjugate()),
    mat=lambda xp, grad, vec, alpha: _scaled(xp, xp.outer(grad, xp.conj(vec)), alpha.conjugate()),
    vec=lambda xp, grad, mat, alpha: _scaled(
        xp, xp.mv(xp.conj(xp.t(mat)), grad), alpha.conjugate()
    ),
    tangent=lambda xp, mat, vec, self_t, mat_t, vec_t, beta, alpha: (
        _scaled(xp, self_t, beta)
        + _scaled(xp, xp.mv(mat_t, vec), alpha)
        + _scaled(xp, xp.mv(mat, vec_t), alpha)
    ),
)
addr = op(
    "AddrBackward0",
    "addr(self, vec1, vec2, beta=1, alpha=1)",
    elementwise=False,
    check=check_addr,
    promote=PROMOTE,
    self=lambda xp, grad, beta: _scaled(xp, grad, beta.conjugate()),
    vec1=lambda xp, grad, vec2, alpha: _scaled(xp, xp.mv(grad, xp.conj(vec2)), alpha.conjugate()),
    vec2=lambda xp, grad, vec1, alpha: _scaled(
        xp, xp.mv(xp.t(grad), xp.conj(vec1)), alpha.conjugate()
    ),
    tangent=lambda xp, vec1, vec2, self_t, vec1_t, vec2_t, beta, alpha: (
        _scaled(xp, self_t, beta)
        + _scaled(xp, xp.outer(vec1_t, vec2), alpha)
        + _scaled(xp, xp.outer(vec1, vec2_t), alpha)
    ),
)
addbmm = op(
    "AddbmmBackward0",
    "addbmm(self, batch1, batch2, beta=1, alpha=1)",
    check=check_addbmm,
    promote=AS_GIVEN,
    self=lambda xp, grad, beta: _scaled(xp, grad, beta.conjugate()),
    batch1=_addbmm_batch1_backward,
    batch2=_addbmm_batch2_backward,
    tangent=lambda xp, batch1, batch2, self_t, batch1_t, batch2_t, beta, alpha: (
        _scaled(xp, self_t, beta)
        + _scaled(xp, xp.sum(xp.bmm(batch1_t, batch2), (0,)), alpha)
        + _scaled(xp, xp.sum(xp.bmm(batch1, batch2_t), (0,)), alpha)
    ),
)
baddbmm = op(
    "BaddbmmBackward0",
    "baddbmm(self, batch1, batch2, beta=1, alpha=1)",
    check=check_baddbmm,
    promote=AS_GIVEN,
    self=lambda xp, grad, beta: _scaled(xp, grad, beta.conjugate()),
    batch1=lambda xp, grad, batch2, alpha: _scaled(
        xp, xp.bmm(grad, xp.conj(xp.transpose(batch2, 1, 2))), alpha.conjugate()
    ),
    batch2=lambda xp, grad, batch1, alpha: _scaled(
        xp, xp.bmm(xp.conj(xp.transpose(batch1, 1, 2)), grad), alpha.conjugate()
    ),
    tangent=lambda xp, batch1, batch2, self_t, batch1_t, batch2_t, beta, alpha: (
        _scaled(xp, self_t, beta)
        + _scaled(xp, xp.bmm(batch1_t, batch2), alpha)
        + _scaled(xp, xp.bmm(batch1, batch2_t), alpha)
    ),
)
trilinear = op(
    "TrilinearBackward0",
    "trilinear(i1, i2, i3, expand1, expand2, expand3, sumdim)",
    aten="_trilinear",
    complex_gradient=False,
    promote=AS_GIVEN,
    i1=JOINT,
    i2=JOINT,
    i3=JOINT,
    joint=_trilinear_backward,
    tangent=lambda xp, i1, i2, i3, i1_t, i2_t, i3_t, expand1, expand2, expand3, sumdim: (
        xp.trilinear(i1_t, i2, i3, expand1, expand2, expand3, sumdim)
        + xp.trilinear(i1, i2_t, i3, expand1, expand2, expand3, sumdim)
        + xp.trilinear(i1, i2, i3_t, expand1, expand2, expand3, sumdim)
    ),
)
linalg_cross = op(
    "LinalgCrossBackward0",
    "linalg_cross(self, other, dim)",
    elementwise=False,
    check=check_cross,
    self=lambda xp, grad, other, dim: xp.linalg_cross(xp.conj(other), grad, dim),
    other=lambda xp, grad, self, dim: xp.linalg_cross(grad, xp.conj(self), dim),
    tangent=lambda xp, self, other, self_t, other_t, dim: (
        xp.linalg_cross(self_t, other, dim) + xp.linalg_cross(self, other_t, dim)
    ),
)
# Distances ----------------------------------------------------------------------------------------

cdist = op(
    "CdistBackward0",
    "cdist(x1, x2, p)",
    aten="_cdist_forward",
    promote=AS_GIVEN,
    x1=lambda xp, grad, x1, x2, p, result: xp.cdist_backward(
        xp.contiguous(grad), x1, x2, p, result
    ),
    x2=lambda xp, grad, x1, x2, p, result: xp.cdist_backward(
        xp.contiguous(xp.mT(grad)), x2, x1, p, xp.contiguous(xp.mT(result))
    ),
)
cdist_backward = op(
    "CdistBackwardBackward0",
    "cdist_backward(grad_output, x1, x2, p, cdist)",
    aten="_cdist_backward",
    promote=AS_GIVEN,
    grad_output=JOINT,
    x1=JOINT,
    x2=JOINT,
    cdist=JOINT,
    joint=_cdist_backward_undifferentiable,
)
euclidean_dist = op(
    "EuclideanDistBackward0",
    "euclidean_dist(x1, x2)",
    aten="_euclidean_dist",
    promote=AS_GIVEN,
    x1=JOINT,
    x2=JOINT,
    joint=_euclidean_dist_backward,
)
pdist = op(
    "PdistBackward0",
    "pdist(self, p)",
    aten="_pdist_forward",
    self=lambda xp, grad, self, p, result: xp.pdist_backward(grad, self, p, result),
)
pdist_backward = op(
    "PdistBackwardBackward0",
    "pdist_backward(grad_output, self, p, pdist)",
    aten="_pdist_backward",
    promote=AS_GIVEN,
    grad_output=JOINT,
    self=JOINT,
    pdist=JOINT,
    joint=_pdist_backward_undifferentiable,
)
