"""Products of matrices and vectors: kernel, gradients, tangent."""

from __future__ import annotations

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
from .matmul_formulas import (
    addbmm_batch1_backward,
    addbmm_batch2_backward,
    cdist_backward_undifferentiable,
    euclidean_dist_backward,
    mm_mat1_backward,
    mm_mat2_backward,
    pdist_backward_undifferentiable,
    scaled,
    trilinear_backward,
)

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
    self=lambda xp, grad, mat2, self_shape, self_stride: mm_mat1_backward(
        xp, grad, mat2, self_shape, self_stride, 1
    ),
    mat2=lambda xp, grad, self, mat2_shape, mat2_stride: mm_mat2_backward(
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
    self=lambda xp, grad, beta: scaled(xp, grad, beta.conjugate()),
    mat1=mm_mat1_backward,
    mat2=mm_mat2_backward,
    tangent=lambda xp, mat1, mat2, self_t, mat1_t, mat2_t, beta, alpha: (
        scaled(xp, self_t, beta)
        + scaled(xp, xp.mm(mat1_t, mat2), alpha)
        + scaled(xp, xp.mm(mat1, mat2_t), alpha)
    ),
)
addmv = op(
    "AddmvBackward0",
    "addmv(self, mat, vec, beta=1, alpha=1)",
    check=check_addmv,
    promote=AS_GIVEN,
    self=lambda xp, grad, beta: scaled(xp, grad, beta.conjugate()),
    mat=lambda xp, grad, vec, alpha: scaled(xp, xp.outer(grad, xp.conj(vec)), alpha.conjugate()),
    vec=lambda xp, grad, mat, alpha: scaled(xp, xp.mv(xp.conj(xp.t(mat)), grad), alpha.conjugate()),
    tangent=lambda xp, mat, vec, self_t, mat_t, vec_t, beta, alpha: (
        scaled(xp, self_t, beta)
        + scaled(xp, xp.mv(mat_t, vec), alpha)
        + scaled(xp, xp.mv(mat, vec_t), alpha)
    ),
)
addr = op(
    "AddrBackward0",
    "addr(self, vec1, vec2, beta=1, alpha=1)",
    elementwise=False,
    check=check_addr,
    promote=PROMOTE,
    self=lambda xp, grad, beta: scaled(xp, grad, beta.conjugate()),
    vec1=lambda xp, grad, vec2, alpha: scaled(xp, xp.mv(grad, xp.conj(vec2)), alpha.conjugate()),
    vec2=lambda xp, grad, vec1, alpha: scaled(
        xp, xp.mv(xp.t(grad), xp.conj(vec1)), alpha.conjugate()
    ),
    tangent=lambda xp, vec1, vec2, self_t, vec1_t, vec2_t, beta, alpha: (
        scaled(xp, self_t, beta)
        + scaled(xp, xp.outer(vec1_t, vec2), alpha)
        + scaled(xp, xp.outer(vec1, vec2_t), alpha)
    ),
)
addbmm = op(
    "AddbmmBackward0",
    "addbmm(self, batch1, batch2, beta=1, alpha=1)",
    check=check_addbmm,
    promote=AS_GIVEN,
    self=lambda xp, grad, beta: scaled(xp, grad, beta.conjugate()),
    batch1=addbmm_batch1_backward,
    batch2=addbmm_batch2_backward,
    tangent=lambda xp, batch1, batch2, self_t, batch1_t, batch2_t, beta, alpha: (
        scaled(xp, self_t, beta)
        + scaled(xp, xp.sum(xp.bmm(batch1_t, batch2), (0,)), alpha)
        + scaled(xp, xp.sum(xp.bmm(batch1, batch2_t), (0,)), alpha)
    ),
)
baddbmm = op(
    "BaddbmmBackward0",
    "baddbmm(self, batch1, batch2, beta=1, alpha=1)",
    check=check_baddbmm,
    promote=AS_GIVEN,
    self=lambda xp, grad, beta: scaled(xp, grad, beta.conjugate()),
    batch1=lambda xp, grad, batch2, alpha: scaled(
        xp, xp.bmm(grad, xp.conj(xp.transpose(batch2, 1, 2))), alpha.conjugate()
    ),
    batch2=lambda xp, grad, batch1, alpha: scaled(
        xp, xp.bmm(xp.conj(xp.transpose(batch1, 1, 2)), grad), alpha.conjugate()
    ),
    tangent=lambda xp, batch1, batch2, self_t, batch1_t, batch2_t, beta, alpha: (
        scaled(xp, self_t, beta)
        + scaled(xp, xp.bmm(batch1_t, batch2), alpha)
        + scaled(xp, xp.bmm(batch1, batch2_t), alpha)
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
    joint=trilinear_backward,
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
    joint=cdist_backward_undifferentiable,
)
euclidean_dist = op(
    "EuclideanDistBackward0",
    "euclidean_dist(x1, x2)",
    aten="_euclidean_dist",
    promote=AS_GIVEN,
    x1=JOINT,
    x2=JOINT,
    joint=euclidean_dist_backward,
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
    joint=pdist_backward_undifferentiable,
)
