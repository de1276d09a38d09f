"""Singular values, eigenvalues and what stands on them: kernel, gradients, tangent."""

from __future__ import annotations

from typing import Any

from ..derivatives import AS_GIVEN, JOINT, NON_DIFFERENTIABLE, op
from ..linalg_errors import check_infos
from .spectra_formulas import (
    eig_backward,
    eig_tangent,
    eigh_backward,
    eigh_tangent,
    lstsq_backward,
    lstsq_tangent,
    matrix_exp_differential,
    pinv_backward,
    pinv_tangent,
    svd_backward,
    svd_tangent,
)

__all__ = [
    "linalg_eig",
    "linalg_eigh",
    "linalg_eigvals",
    "linalg_lstsq",
    "linalg_matrix_exp",
    "linalg_matrix_rank",
    "linalg_pinv",
    "linalg_svd",
]


def _converged(xp: Any, name: str, matrices: Any, found: Any) -> Any:
    """Return what a kernel found without its info, of which the first that is not 0 is raised."""
    *parts, info = found
    check_infos(xp.to_flat(info), name, len(matrices.shape) == 2)
    return tuple(parts)


def _svd(xp: Any, A: Any, full_matrices: bool, compute_uv: bool) -> Any:
    return _converged(xp, "linalg.svd", A, xp.linalg_svd(A, full_matrices, compute_uv))


def _eigh(xp: Any, A: Any, UPLO: str, compute_v: bool) -> Any:
    return _converged(xp, "linalg.eigh", A, xp.linalg_eigh(A, UPLO in "uU", compute_v))


def _eig(xp: Any, self: Any) -> Any:
    return _converged(xp, "linalg.eig", self, xp.linalg_eig(self, True))


def _eigvals(xp: Any, self: Any) -> Any:
    return _converged(xp, "linalg.eigvals", self, xp.linalg_eig(self, False))[0]


linalg_svd = op(
    "LinalgSvdBackward0",
    "linalg_svd(A, full_matrices=False, compute_uv=True)",
    aten="_linalg_svd",
    kernel=_svd,
    promote=AS_GIVEN,
    outputs="U S Vh",
    shown={"S_sym_argsize_minus_1": lambda node: node._outputs[1][0][-1]},
    A=svd_backward,
    tangent=svd_tangent,
)
linalg_eigh = op(
    "LinalgEighBackward0",
    "linalg_eigh(A, UPLO='L', compute_v=True)",
    aten="_linalg_eigh",
    kernel=_eigh,
    promote=AS_GIVEN,
    outputs="eigenvalues eigenvectors",
    A=eigh_backward,
    tangent=eigh_tangent,
)
linalg_eig = op(
    "LinalgEigBackward0",
    "linalg_eig(self)",
    kernel=_eig,
    promote=AS_GIVEN,
    outputs="eigenvalues eigenvectors",
    self=eig_backward,
    tangent=eig_tangent,
)
linalg_eigvals = op(
    "",
    "linalg_eigvals(self)",
    aten="_linalg_eigvals",
    kernel=_eigvals,
    promote=AS_GIVEN,
    self=NON_DIFFERENTIABLE,
)
linalg_pinv = op(
    "LinalgPinvBackward0",
    "linalg_pinv(self, atol, rtol, hermitian=False)",
    promote=AS_GIVEN,
    self=pinv_backward,
    atol=NON_DIFFERENTIABLE,
    rtol=NON_DIFFERENTIABLE,
    tangent=pinv_tangent,
)
linalg_matrix_rank = op(
    "",
    "linalg_matrix_rank(self, atol, rtol, hermitian=False)",
    promote=AS_GIVEN,
    self=NON_DIFFERENTIABLE,
    atol=NON_DIFFERENTIABLE,
    rtol=NON_DIFFERENTIABLE,
)
linalg_lstsq = op(
    "LinalgLstsqBackward0",
    "linalg_lstsq(self, b, rcond, driver)",
    promote=AS_GIVEN,
    outputs="solution residuals rank singular_values",
    fixed_outputs="rank singular_values",
    joint=lstsq_backward,
    self=JOINT,
    b=JOINT,
    tangent=lstsq_tangent,
)
linalg_matrix_exp = op(
    "LinalgMatrixExpBackward0",
    "linalg_matrix_exp(self)",
    promote=AS_GIVEN,
    self=lambda xp, grad, self: matrix_exp_differential(xp, xp.mH(self), grad),
    tangent=lambda xp, self, self_t: matrix_exp_differential(xp, self, self_t),
)
