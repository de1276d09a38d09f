"""Solvers of linear systems and determinants: kernel, gradients, tangent."""

from __future__ import annotations

from typing import Any

from ..derivatives import AS_GIVEN, JOINT, NON_DIFFERENTIABLE, op
from ..engine.views import differentiable_xp
from ..number_limits import finfo
from ..tensor import Tensor
from .linalg_formulas import cholesky_solve_backward, cholesky_solve_tangent
from .pointwise import NOT_IMPLEMENTED
from .pointwise_formulas import not_implemented
from .products import mH
from .reduction_formulas import products_without_each
from .solver_formulas import (
    det_backward,
    inverse_backward,
    lu_solve_factors_backward,
    lu_solve_tangent,
    scaled_identity,
    slogdet_backward,
    slogdet_tangent,
    solve_backward,
    solve_tangent,
    solve_triangular_backward,
    solve_triangular_tangent,
    trace_of_solved,
    triangular_solve_backward,
    triangular_solve_tangent,
)
from .tensors import conj

__all__ = [
    "cholesky_solve",
    "cofactors",
    "ldl_solve",
    "linalg_det",
    "linalg_inv_ex",
    "linalg_lu_solve",
    "linalg_slogdet",
    "linalg_solve_ex",
    "linalg_solve_triangular",
    "solve_either_factored",
    "solve_factored",
    "triangular_solve",
]

# Triangular systems -------------------------------------------------------------------------------

linalg_solve_triangular = op(
    "LinalgSolveTriangularBackward0",
    "linalg_solve_triangular(self, B, upper, left, unitriangular)",
    kernel=lambda xp, self, B, upper, left, unitriangular: xp.linalg_solve_triangular(
        self, xp.cast(B, xp.dtype(self)), upper, left, unitriangular
    ),
    promote=AS_GIVEN,
    joint=solve_triangular_backward,
    self=JOINT,
    B=JOINT,
    tangent=solve_triangular_tangent,
)
triangular_solve = op(
    "TriangularSolveBackward0",
    "triangular_solve(self, A, upper, transpose, unitriangular)",
    promote=AS_GIVEN,
    outputs="solution cloned_coefficient",
    joint=triangular_solve_backward,
    self=JOINT,
    A=JOINT,
    tangent=triangular_solve_tangent,
)
cholesky_solve = op(
    "CholeskySolveBackward0",
    "cholesky_solve(self, input2, upper)",
    promote=AS_GIVEN,
    joint=cholesky_solve_backward,
    self=JOINT,
    input2=JOINT,
    tangent=cholesky_solve_tangent,
)


def _lu_solve(xp: Any, LU: Any, pivots: Any, B: Any, left: bool, adjoint: bool) -> Any:
    places = xp.to_flat(pivots)
    for wrong, bounds in (
        (any(place < 1 for place in places), "greater or equal to 1"),
        (any(place > LU.shape[-1] for place in places), "smaller or equal to LU.size(-2)"),
    ):
        if wrong:
            raise RuntimeError(
                f"Pivots given to lu_solve must all be {bounds}. Did you properly pass the result "
                "of lu_factor?"
            )
    return xp.linalg_lu_solve(LU, pivots, B, left, adjoint)


linalg_lu_solve = op(
    "LinalgLuSolveBackward0",
    "linalg_lu_solve(LU, pivots, B, left, adjoint)",
    kernel=_lu_solve,
    promote=AS_GIVEN,
    LU=lambda xp, grad, LU, pivots, result, left, adjoint: lu_solve_factors_backward(
        xp, grad, LU, pivots, result, left, adjoint
    ),
    pivots=NON_DIFFERENTIABLE,
    B=lambda xp, grad, LU, pivots, left, adjoint: xp.linalg_lu_solve(
        LU, pivots, grad, left, not adjoint
    ),
    tangent=lu_solve_tangent,
)
ldl_solve = op(
    NOT_IMPLEMENTED,
    "ldl_solve(LD, pivots, B, hermitian)",
    aten="linalg_ldl_solve",
    promote=AS_GIVEN,
    LD=not_implemented("linalg_ldl_solve"),
    pivots=NON_DIFFERENTIABLE,
    B=not_implemented("linalg_ldl_solve"),
)

# General systems ----------------------------------------------------------------------------------

linalg_solve_ex = op(
    "LinalgSolveExBackward0",
    "linalg_solve_ex(A, B, left)",
    aten="_linalg_solve_ex",
    promote=AS_GIVEN,
    outputs="result LU pivots info",
    fixed_outputs="LU pivots info",
    joint=solve_backward,
    A=JOINT,
    B=JOINT,
    tangent=solve_tangent,
)
linalg_inv_ex = op(
    "LinalgInvExBackward0",
    "linalg_inv_ex(A)",
    promote=AS_GIVEN,
    outputs="inverse info",
    fixed_outputs="info",
    A=inverse_backward,
    tangent=lambda xp, A_t, inverse: -xp.matmul(xp.matmul(inverse, A_t), inverse),
)


def solve_factored(
    A: Tensor, LU: Tensor, pivots: Tensor, B: Tensor, left: bool, adjoint: bool
) -> Tensor:
    """Return X of A @ X = B or X @ A = B, or of A^H, by a solver whose derivative reaches A."""
    solved: Tensor = linalg_solve_ex(mH(A) if adjoint else A, B, left)[0]
    return solved


solve_either_factored = solve_factored


# Determinants -------------------------------------------------------------------------------------

linalg_det = op(
    "LinalgDetBackward0",
    "linalg_det(A)",
    aten="_linalg_det",
    promote=AS_GIVEN,
    outputs="result LU pivots",
    fixed_outputs="LU pivots",
    A=det_backward,
    tangent=lambda xp, A, A_t, result, LU, pivots: result * trace_of_solved(xp, A, LU, pivots, A_t),
)
linalg_slogdet = op(
    "LinalgSlogdetBackward0",
    "linalg_slogdet(A)",
    aten="_linalg_slogdet",
    promote=AS_GIVEN,
    outputs="sign logabsdet LU pivots",
    fixed_outputs="LU pivots",
    A=slogdet_backward,
    tangent=slogdet_tangent,
)


def cofactors(A: Tensor, LU: Tensor, pivots: Tensor, det: Tensor, grad: Tensor) -> Tensor:
    """Return grad times the conjugated matrix of cofactors, det A^-H.

    Where A is singular, or nearly, its singular vectors and values say what that is.
    """
    xp = differentiable_xp()
    rank, size = len(A.shape), A.shape[-1]
    singular = xp.lt(xp.abs(det), 100 * finfo(A.dtype).eps)
    factor = grad * conj(det)
    if not xp.truth(xp.any(singular, tuple(range(rank - 2)), False), False):
        return solve_factored(A, LU, pivots, scaled_identity(xp, factor, size), True, True)
    # Each of the two ways gets harmless matrices in place of those that take the other one.
    marked = xp.unsqueeze(xp.unsqueeze(singular, rank - 2), rank - 2)
    identity = xp.identity_like(A)
    regular = xp.where(marked, identity, A)
    right = scaled_identity(xp, xp.where(singular, 0, factor), size)
    solved = linalg_solve_ex(mH(regular), right, True)[0]
    distinct = identity * xp.as_dtype_of(xp.new_positions(A, size) + 1, A)
    U, S, Vh = xp.linalg_svd(xp.where(marked, A, distinct), False, True)
    phase = conj(linalg_det(U)[0] * linalg_det(Vh)[0]) * grad
    others = products_without_each(xp, xp.unsqueeze(phase, rank - 2), S, rank - 2)
    return xp.where(marked, xp.matmul(U * xp.unsqueeze(others, rank - 2), Vh), solved)
