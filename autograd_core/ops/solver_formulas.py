"""Derivatives of solvers and determinants.

Source: Mike Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation" (2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..sizes import is_vector_side
from ..warn_once import warn_once
from .linalg_formulas import adjoint_solved, total

Array = Any


def solve_triangular_backward(
    xp: Any,
    grad: Array,
    self: Array,
    result: Array,
    upper: bool,
    left: bool,
    unitriangular: bool,
    needs: Sequence[bool],
) -> tuple[Array | None, Array | None]:
    """A^-H gX, and minus its product with X^H in the triangle that was read."""
    grad_B = adjoint_solved(xp, self, grad, upper, left, unitriangular)
    grad_A = None
    if needs[0]:
        X = xp.mH(result)
        grad_A = triangle_of(
            xp, -(xp.matmul(grad_B, X) if left else xp.matmul(X, grad_B)), upper, unitriangular
        )
    return grad_A, grad_B if needs[1] else None


def triangle_of(xp: Any, X: Array, upper: bool, unitriangular: bool) -> Array:
    """Return the part of matrices that a triangular solver reads."""
    return xp.triu(X, int(unitriangular)) if upper else xp.tril(X, -int(unitriangular))


def solve_triangular_tangent(
    xp: Any,
    self: Array,
    self_t: Array,
    B_t: Array,
    result: Array,
    upper: bool,
    left: bool,
    unitriangular: bool,
) -> Array:
    """A^-1 (dB - dA X)."""
    A_t = triangle_of(xp, self_t, upper, unitriangular)
    moved = xp.matmul(A_t, result) if left else xp.matmul(result, A_t)
    return xp.linalg_solve_triangular(self, B_t - moved, upper, left, unitriangular)


TRIANGULAR_SOLVE = (
    "torch.triangular_solve is deprecated in favor of torch.linalg.solve_triangularand will be "
    "removed in a future PyTorch release.\n"
    "torch.linalg.solve_triangular has its arguments reversed and does not return a copy of "
    "one of the inputs.\n"
    "X = torch.triangular_solve(B, A).solution\nshould be replaced with\n"
    "X = torch.linalg.solve_triangular(A, B)."
)


def triangular_solve_backward(
    xp: Any,
    grad_solution: Array | None,
    grad_cloned_coefficient: Array | None,
    self: Array,
    A: Array,
    solution: Array,
    upper: bool,
    transpose: bool,
    unitriangular: bool,
    needs: Sequence[bool],
) -> tuple[Array | None, Array | None]:
    """A^-H gX, and minus its product with X^H; the copy of A adds its own gradient."""
    grad_B = grad_A = None
    if grad_solution is not None:
        warn_once(TRIANGULAR_SOLVE, kind="triangular_solve is deprecated")  # torch calls it, too
        grad_B = xp.triangular_solve(
            grad_solution, xp.conj(A), upper, not transpose, unitriangular
        )[0]
        if needs[1]:
            if transpose:
                product = xp.matmul(xp.conj(solution), xp.mT(grad_B))
            else:
                product = xp.matmul(grad_B, xp.mH(solution))
            grad_A = triangle_of(xp, -product, upper, unitriangular)
    if needs[1]:
        grad_A = total(grad_A, grad_cloned_coefficient)
    return grad_B if needs[0] else None, grad_A


def triangular_solve_tangent(
    xp: Any,
    A: Array,
    self_t: Array,
    A_t: Array,
    solution: Array,
    upper: bool,
    transpose: bool,
    unitriangular: bool,
) -> tuple[Array, Array]:
    """A^-1 (dB - dA X), and dA: torch does not transpose dA where it transposes A."""
    warn_once(TRIANGULAR_SOLVE, kind="triangular_solve is deprecated")
    right = self_t - xp.matmul(A_t, solution)
    return xp.triangular_solve(right, A, upper, transpose, unitriangular)[0], A_t


def solve_backward(
    xp: Any,
    grad: Array,
    result: Array,
    A: Array,
    LU: Array,
    pivots: Array,
    left: bool,
    needs: Sequence[bool],
) -> tuple[Array | None, Array | None]:
    """A^-H gX, and minus its product with X^H."""
    grad_B = xp.solve_factored(A, LU, pivots, grad, left, True)
    grad_A = None
    if needs[0]:
        one, other = grad_B, result
        if is_vector_side(A.shape, result.shape):
            one, other = (xp.unsqueeze(t, len(t.shape)) for t in (one, other))
        product = xp.matmul(one, xp.mH(other)) if left else xp.matmul(xp.mH(other), one)
        grad_A = -product
    return grad_A, grad_B if needs[1] else None


def solve_tangent(
    xp: Any,
    A: Array,
    A_t: Array,
    B_t: Array,
    result: Array,
    LU: Array,
    pivots: Array,
    left: bool,
) -> Array:
    """A^-1 (dB - dA X)."""
    if is_vector_side(A.shape, result.shape):
        column = xp.unsqueeze(result, len(result.shape))
        moved = xp.squeeze_dim(xp.matmul(A_t, column), len(result.shape))
    else:
        moved = xp.matmul(A_t, result) if left else xp.matmul(result, A_t)
    return xp.solve_factored(A, LU, pivots, B_t - moved, left, False)


def inverse_backward(xp: Any, grad: Array, inverse: Array) -> Array:
    """-X^H gX X^H."""
    adjoint = xp.mH(inverse)
    return -xp.matmul(adjoint, xp.matmul(grad, adjoint))


def lu_solve_factors_backward(
    xp: Any, grad: Array, LU: Array, pivots: Array, result: Array, left: bool, adjoint: bool
) -> Array:
    """-A^-H gX X^H in the factors, or its adjoint.

    With A = P L U that is gL = L^-H tril(...) and gU = triu(...) U^-H, each in its triangle.
    """
    P, L, U = xp.lu_unpack(LU, pivots, True, True)
    grad_B = xp.linalg_lu_solve(LU, pivots, grad, left, not adjoint)
    one, other = (grad_B, result) if left else (result, grad_B)
    # The gradient of op(A); A itself is turned when op is the adjoint.
    grad_A = -(xp.matmul(one, xp.mH(other)) if left else xp.matmul(xp.mH(one), other))
    if adjoint:
        grad_A = xp.mH(grad_A)
    permuted = xp.matmul(xp.mT(P), grad_A)
    grad_L = xp.tril(xp.matmul(permuted, xp.mH(U)), -1)
    return grad_L + xp.triu(xp.matmul(xp.mH(L), permuted), 0)


def lu_solve_tangent(
    xp: Any,
    LU: Array,
    pivots: Array,
    LU_t: Array,
    B_t: Array,
    result: Array,
    left: bool,
    adjoint: bool,
) -> Array:
    """A^-1 (dB - dA X) with dA = P (dL U + L dU), turned as A is."""
    P, L, U = xp.lu_unpack(LU, pivots, True, True)
    inner = xp.matmul(xp.tril(LU_t, -1), U) + xp.matmul(L, xp.triu(LU_t, 0))
    A_t = xp.matmul(P, inner)
    if adjoint:
        A_t = xp.mH(A_t)
    moved = xp.matmul(A_t, result) if left else xp.matmul(result, A_t)
    return xp.linalg_lu_solve(LU, pivots, B_t - moved, left, adjoint)


# Determinants -------------------------------------------------------------------------------------


def scaled_identity(xp: Any, values: Array, size: int) -> Array:
    """Return for each value the identity of ``size`` times it."""
    rank = len(values.shape)
    spread = xp.expand(xp.unsqueeze(values, rank), (*values.shape, size))
    return xp.diag_embed(spread, 0, rank, rank + 1)


def det_backward(xp: Any, grad: Array, result: Array, A: Array, LU: Array, pivots: Array) -> Array:
    """det^* g A^-H, which is the matrix of cofactors where A is singular."""
    if 0 in A.shape:
        return xp.zeros_like(A)
    if A.shape[-1] == 1:
        rank = len(grad.shape)
        return xp.unsqueeze(xp.unsqueeze(grad, rank), rank)
    return xp.cofactors(A, LU, pivots, result, grad)


def trace_of_solved(xp: Any, A: Array, LU: Array, pivots: Array, A_t: Array) -> Array:
    """Return the trace of A^-1 dA."""
    solved = xp.solve_either_factored(A, LU, pivots, A_t, True, False)
    rank = len(A.shape)
    return xp.sum(xp.diagonal(solved, 0, rank - 2, rank - 1), (rank - 2,))


def slogdet_backward(
    xp: Any,
    grad_sign: Array | None,
    grad_logabsdet: Array | None,
    A: Array,
    sign: Array,
    LU: Array,
    pivots: Array,
) -> Array | None:
    """c A^-H: the real part of c is the gradient of the logarithm, the imaginary of the angle."""
    is_complex = xp.dtype(A).is_complex
    if grad_logabsdet is None and (grad_sign is None or not is_complex):
        return None
    factor = grad_logabsdet
    if is_complex:
        turned = None
        if grad_sign is not None:
            angle = xp.imag(grad_sign * xp.conj(sign))
            turned = xp.complex(xp.zeros_like(angle), angle)
        if factor is not None:
            factor = xp.complex(factor, xp.zeros_like(factor))
        factor = total(factor, turned)
    identity = scaled_identity(xp, factor, A.shape[-1])
    return xp.solve_either_factored(A, LU, pivots, identity, True, True)


def slogdet_tangent(
    xp: Any, A: Array, A_t: Array, sign: Array, LU: Array, pivots: Array
) -> tuple[Array, Array]:
    """Of the trace of A^-1 dA, the real part moves the logarithm, the imaginary part the angle."""
    trace = trace_of_solved(xp, A, LU, pivots, A_t)
    if not xp.dtype(A).is_complex:
        return xp.zeros_like(sign), trace
    angle = xp.imag(trace)
    return xp.complex(xp.zeros_like(angle), angle) * sign, xp.real(trace)
