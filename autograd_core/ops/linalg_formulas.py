"""Derivatives of factorizations of matrices.

Sources: Iain Murray, "Differentiation of the Cholesky decomposition" (2016); Matthias Seeger and
others, "Auto-differentiating linear algebra" (2017).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

Array = Any


def adjoint_solved(
    xp: Any, A: Array, B: Array, upper: bool, left: bool = True, unitriangular: bool = False
) -> Array:
    """Return X of A^H @ X = B (X @ A^H = B without ``left``) of triangular A."""
    return xp.linalg_solve_triangular(xp.mH(A), B, not upper, left, unitriangular)


def halved_lower(xp: Any, X: Array) -> Array:
    """Return the lower triangle with half its diagonal."""
    return xp.mul_scalar(xp.tril(X, 0) + xp.tril(X, -1), 0.5)


def halved_upper(xp: Any, X: Array) -> Array:
    """Return the upper triangle with half its diagonal."""
    return xp.mul_scalar(xp.triu(X, 0) + xp.triu(X, 1), 0.5)


def columns(xp: Any, X: Array, start: int, end: int) -> Array:
    """Return these columns of matrices."""
    return xp.slice(X, len(X.shape) - 1, start, end, 1)


def rows(xp: Any, X: Array, start: int, end: int) -> Array:
    """Return these rows of matrices."""
    return xp.slice(X, len(X.shape) - 2, start, end, 1)


def total(*parts: Array | None) -> Array | None:
    """Return the sum of those that are there."""
    found = [part for part in parts if part is not None]
    if not found:
        return None
    result = found[0]
    for part in found[1:]:
        result = result + part
    return result


# Cholesky -----------------------------------------------------------------------------------------


def cholesky_backward(xp: Any, grad: Array, upper: bool, L: Array) -> Array:
    """L^-H P(L^H gL) L^-1 with P the Hermitian part of the lower triangle."""
    if upper:
        L, grad = xp.mH(L), xp.mH(grad)
    phi = xp.tril(xp.matmul(xp.mH(L), grad), 0)
    middle = xp.mul_scalar(phi + xp.mH(xp.tril(phi, -1)), 0.5)
    half = adjoint_solved(xp, L, middle, False)
    return xp.linalg_solve_triangular(L, half, False, False, False)


def cholesky_tangent(xp: Any, A_t: Array, L: Array, upper: bool) -> Array:
    """L P(L^-1 dA L^-H) with P the lower triangle, its diagonal halved."""
    if upper:
        L = xp.mH(L)
    half = xp.linalg_solve_triangular(L, A_t, False, True, False)
    middle = adjoint_solved(xp, L, half, False, left=False)
    tangent = xp.matmul(L, halved_lower(xp, middle))
    return xp.mH(tangent) if upper else tangent


def cholesky_inverse_backward(
    xp: Any, grad: Array, self: Array, upper: bool, result: Array
) -> Array:
    """-X (gX + gX^H) X L, of all of L: torch does not ask which triangle was read."""
    middle = xp.matmul(result, xp.matmul(grad + xp.mH(grad), result))
    return -(xp.matmul(self, middle) if upper else xp.matmul(middle, self))


def cholesky_inverse_tangent(
    xp: Any, self: Array, self_t: Array, upper: bool, result: Array
) -> Array:
    """-X (dL X L^H + L X dL^H): torch's formula, right where X and L commute.

    The derivative is -X (dL L^H + L dL^H) X.
    """
    factor, moved = (self, xp.mH(self_t)) if upper else (xp.mH(self), self_t)
    part = -xp.matmul(xp.matmul(xp.matmul(result, moved), result), factor)
    return part + xp.mH(part)


def cholesky_solve_backward(
    xp: Any,
    grad: Array,
    self: Array,
    input2: Array,
    result: Array,
    upper: bool,
    needs: Sequence[bool],
) -> tuple[Array | None, Array | None]:
    """The gradient of the right side is A^-1 gX; of the factor, -(gB X^H + X gB^H) L, all of it."""
    grad_self = xp.cholesky_solve(grad, input2, upper)
    grad_factor = None
    if needs[1]:
        product = xp.matmul(grad_self, xp.mH(result))
        both = product + xp.mH(product)
        grad_factor = -(xp.matmul(input2, both) if upper else xp.matmul(both, input2))
    return grad_self if needs[0] else None, grad_factor


def cholesky_solve_tangent(
    xp: Any, self_t: Array, input2: Array, input2_t: Array, result: Array, upper: bool
) -> Array:
    """A^-1 (dB - dA X) with dA = dL L^H + L dL^H."""
    if upper:
        part = xp.matmul(xp.mH(input2_t), input2)
    else:
        part = xp.matmul(input2_t, xp.mH(input2))
    moved = xp.matmul(part + xp.mH(part), result)
    return xp.cholesky_solve(self_t - moved, input2, upper)


# QR -----------------------------------------------------------------------------------------------

_NEEDS_Q = (
    "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use "
    "linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr."
)
_NEEDS_WIDTH = "The QR decomposition is not differentiable when mode='complete' and nrows > ncols."


def check_qr_mode(m: int, n: int, mode: str) -> None:
    """Refuse to differentiate QR where Q is missing or not determined, with torch's texts."""
    if mode == "r":
        raise RuntimeError(_NEEDS_Q)
    if mode == "complete" and m > n:
        raise RuntimeError(_NEEDS_WIDTH)


def qr_backward(
    xp: Any, grad_Q: Array | None, grad_R: Array | None, Q: Array, R: Array, mode: str
) -> Array | None:
    """The gradient of A, by the triangle of gR R^H - Q^H gQ that Q or R is free in."""
    m, n = Q.shape[-2] if len(Q.shape) > 1 else 0, R.shape[-1]
    check_qr_mode(m, n, mode)
    if grad_Q is None and grad_R is None:
        return None
    middle = total(
        None if grad_R is None else xp.matmul(grad_R, xp.mH(R)),
        None if grad_Q is None else -xp.matmul(xp.mH(Q), grad_Q),
    )
    if m >= n:
        half = halved_upper(xp, middle)
        inner = total(xp.matmul(Q, half + xp.mH(half)), grad_Q)
        return adjoint_solved(xp, R, inner, True, left=False)
    inner = halved_lower(xp, xp.mH(middle) - middle)
    left = adjoint_solved(xp, columns(xp, R, 0, m), inner, True, left=False)
    return xp.matmul(Q, total(_widened(xp, left, n), grad_R))


def _widened(xp: Any, grad: Array, width: int) -> Array:
    """Return matrices with columns of zeros added up to ``width``."""
    shape = (*grad.shape[:-1], width)
    return xp.slice_backward(grad, shape, len(shape) - 1, 0, grad.shape[-1], 1)


def _heightened(xp: Any, grad: Array, height: int) -> Array:
    """Return matrices with rows of zeros added up to ``height``."""
    shape = (*grad.shape[:-2], height, grad.shape[-1])
    return xp.slice_backward(grad, shape, len(shape) - 2, 0, grad.shape[-2], 1)


def qr_tangent(xp: Any, A_t: Array, Q: Array, R: Array, mode: str) -> tuple[Array, Array]:
    """dR R^-1 is the upper triangle of Q^H dA R^-1 and its adjoint; what is left of dA is dQ R."""
    m, n = Q.shape[-2] if len(Q.shape) > 1 else 0, R.shape[-1]
    check_qr_mode(m, n, mode)
    k = min(m, n)
    square = columns(xp, R, 0, k)
    moved = xp.linalg_solve_triangular(square, columns(xp, A_t, 0, k), True, False, False)
    middle = xp.matmul(xp.mH(Q), moved)
    part = halved_upper(xp, middle + xp.mH(middle))
    Q_t = moved - xp.matmul(Q, part)
    if m >= n:
        return Q_t, xp.matmul(part, R)
    return Q_t, xp.triu(xp.matmul(xp.mH(Q), A_t - xp.matmul(Q_t, R)), 0)


# Householder vectors ------------------------------------------------------------------------------


Reflection = tuple[Array, Array]
"""v, a column, and tau of 1 - tau v v^H."""


def reflections_of(xp: Any, input: Array, tau: Array) -> list[Reflection]:
    """Return the reflections that geqrf describes."""
    k, column = tau.shape[-1], len(input.shape) - 1
    lower = xp.tril(columns(xp, input, 0, k), -1)
    vectors = lower + identity_like(xp, lower)
    factors = xp.unsqueeze(tau, column - 1)
    return [(columns(xp, vectors, i, i + 1), columns(xp, factors, i, i + 1)) for i in range(k)]


def identity_like(xp: Any, input: Array) -> Array:
    """Return the first columns of identity matrices, in the shape of tall matrices."""
    row, column = len(input.shape) - 2, len(input.shape) - 1
    ones = xp.ones_like(xp.diagonal(input, 0, row, column))
    return _heightened(xp, xp.diag_embed(ones, 0, row, column), input.shape[-2])


def reflected(xp: Any, reflection: Reflection, target: Array) -> Array:
    """Return what a reflection makes of a matrix."""
    v, factor = reflection
    return target - xp.matmul(v, factor * xp.matmul(xp.mH(v), target))


def reflected_after(xp: Any, reflections: Sequence[Reflection], target: Array) -> Iterator[Array]:
    """Yield what each reflection is applied to, from the first on, when all are to a matrix.

    Taking them off the product one by one, as torch does, divides by tau |v|^2 - 1, which may be
    near 0. Here they are applied from the last on; one in sqrt(k) products is kept, and those
    between are computed once more.
    """
    k = len(reflections)
    step = math.isqrt(k) + 1
    kept = {}
    for i in reversed(range(k)):
        if i == k - 1 or i % step == step - 1:
            kept[i] = target
        target = reflected(xp, reflections[i], target)
    for start in range(0, k, step):
        last = min(start + step, k) - 1
        run = [kept[last]]
        for i in range(last, start, -1):
            run.append(reflected(xp, reflections[i], run[-1]))
        yield from reversed(run)


def householder_product_backward(
    xp: Any, grad: Array, target: Array, input: Array, tau: Array
) -> tuple[Array | None, Array | None]:
    """The gradients of the vectors and their factors of the reflections of ``target``.

    With H R of one reflection and G its gradient: -(v^H G) (R^H v) of tau,
    -(tau^* G R^H v + tau R G^H v) of v, and H^H G of R.
    """
    k = tau.shape[-1]
    if 0 in input.shape or not k:
        return None, None
    column = len(input.shape) - 1
    reflections = reflections_of(xp, input, tau)
    grads, factors = [], []
    for (v, factor), inner in zip(reflections, reflected_after(xp, reflections, target)):
        seen = xp.matmul(xp.mH(v), grad)
        along = xp.mH(xp.matmul(xp.mH(v), inner))
        factors.append(-xp.matmul(seen, along))
        moved = xp.conj(factor) * xp.matmul(grad, along)
        grads.append(-(moved + factor * xp.matmul(inner, xp.mH(seen))))
        grad = grad - xp.matmul(v, xp.conj(factor) * seen)
    grad_input = xp.tril(xp.cat(grads, column), -1)
    grad_tau = xp.squeeze_dim(xp.cat(factors, column), column - 1)
    return _widened(xp, grad_input, input.shape[-1]), grad_tau


def householder_product_tangent(
    xp: Any, input: Array, tau: Array, input_t: Array, tau_t: Array
) -> Array:
    """The product rule, from the last reflection to the first."""
    k, column = tau.shape[-1], len(input.shape) - 1
    product = identity_like(xp, input)
    tangent = xp.zeros_like(product)
    moved, factors_t = xp.tril(columns(xp, input_t, 0, k), -1), xp.unsqueeze(tau_t, column - 1)
    reflections = reflections_of(xp, input, tau)
    for i in reversed(range(k)):
        v, factor = reflections[i]
        v_t, factor_t = columns(xp, moved, i, i + 1), columns(xp, factors_t, i, i + 1)
        along = xp.matmul(xp.mH(v), product)
        along_t = xp.matmul(xp.mH(v_t), product) + xp.matmul(xp.mH(v), tangent)
        part = xp.matmul(factor_t * v + factor * v_t, along) + xp.matmul(v, factor * along_t)
        tangent = tangent - part
        product = product - xp.matmul(v, factor * along)
    return tangent


def ormqr_backward(
    xp: Any,
    grad: Array,
    self: Array,
    input2: Array,
    input3: Array,
    left: bool,
    transpose: bool,
    needs: Sequence[bool],
) -> tuple[Array | None, Array | None, Array | None]:
    """As products of reflections with what they are applied to, all of it turned to the left."""
    grad_other = xp.ormqr(self, input2, grad, left, not transpose)
    grad_self = grad_tau = None
    if needs[0] or needs[1]:
        # Q @ C has the gradient G when Q^H @ G has C: one of them is what Q is applied to.
        of_product, target = (grad, input3) if left is not transpose else (input3, grad)
        if not left:
            of_product, target = xp.mH(of_product), xp.mH(target)
        grad_self, grad_tau = householder_product_backward(xp, of_product, target, self, input2)
    return (
        grad_self if needs[0] else None,
        grad_tau if needs[1] else None,
        grad_other if needs[2] else None,
    )


# LU -----------------------------------------------------------------------------------------------


def lu_backward(
    xp: Any,
    grad_L: Array | None,
    grad_U: Array | None,
    P: Array,
    L: Array,
    U: Array,
) -> Array | None:
    """The gradient of A = P L U.

    P L^-H [gU + tril(L^H gL - gU U^H) U1^-H] where U is wide or square, with U1 its square part;
    P [gL + L1^-H triu(gU U^H - L^H gL)] U^-H where L is tall.
    """
    if grad_L is None and grad_U is None:
        return None
    m, k, n = L.shape[-2], L.shape[-1], U.shape[-1]
    grad_L = None if grad_L is None else xp.tril(grad_L, -1)
    grad_U = None if grad_U is None else xp.triu(grad_U, 0)
    of_L = None if grad_L is None else xp.matmul(xp.mH(L), grad_L)
    of_U = None if grad_U is None else xp.matmul(grad_U, xp.mH(U))
    L1, U1 = rows(xp, L, 0, k), columns(xp, U, 0, k)
    if m > n:
        middle = xp.triu(total(of_U, None if of_L is None else -of_L), 0)
        inner = _heightened(xp, adjoint_solved(xp, L1, middle, False, unitriangular=True), m)
        grad = adjoint_solved(xp, U1, total(inner, grad_L), True, left=False)
    else:
        middle = xp.tril(total(of_L, None if of_U is None else -of_U), -1)
        inner = adjoint_solved(xp, U1, middle, True, left=False)
        inner = _widened(xp, inner, n) if m < n else inner
        grad = adjoint_solved(xp, L1, total(inner, grad_U), False, unitriangular=True)
    return xp.matmul(P, grad)


def lu_tangent(xp: Any, A_t: Array, P: Array, L: Array, U: Array) -> tuple[Array, Array]:
    """dL = L tril(L^-1 P^T dA U^-1, -1) and dU = triu(...) U, and the rest of them by these."""
    m, k, n = L.shape[-2], L.shape[-1], U.shape[-1]
    moved = xp.matmul(xp.mT(P), A_t)
    L1, U1 = rows(xp, L, 0, k), columns(xp, U, 0, k)
    square = columns(xp, rows(xp, moved, 0, k), 0, k)
    half = xp.linalg_solve_triangular(L1, square, False, True, True)
    phi = xp.linalg_solve_triangular(U1, half, True, False, False)
    L_t, U_t = xp.matmul(L1, xp.tril(phi, -1)), xp.matmul(xp.triu(phi, 0), U1)
    if m < n:
        last = columns(xp, moved, k, n) - xp.matmul(L_t, columns(xp, U, k, n))
        rest = xp.linalg_solve_triangular(L1, last, False, True, True)
        U_t = xp.cat([U_t, rest], len(U.shape) - 1)
    if m > n:
        last = rows(xp, moved, k, m) - xp.matmul(rows(xp, L, k, m), U_t)
        rest = xp.linalg_solve_triangular(U1, last, True, False, False)
        L_t = xp.cat([L_t, rest], len(L.shape) - 2)
    return L_t, U_t


def lu_factor_backward(xp: Any, grad: Array, LU: Array, pivots: Array) -> Array | None:
    """That of the factors, of which the packed gradient holds both."""
    k = min(LU.shape[-2:])
    P, L, U = xp.lu_unpack(LU, pivots, True, True)
    grad_L = xp.tril(columns(xp, grad, 0, k), -1)
    return lu_backward(xp, grad_L, xp.triu(rows(xp, grad, 0, k), 0), P, L, U)


def lu_factor_tangent(xp: Any, A_t: Array, LU: Array, pivots: Array) -> Array:
    """The tangents of both factors, packed."""
    m, n = LU.shape[-2:]
    P, L, U = xp.lu_unpack(LU, pivots, True, True)
    L_t, U_t = lu_tangent(xp, A_t, P, L, U)
    if m < n:
        return U_t + _widened(xp, L_t, n)
    return L_t + (_heightened(xp, U_t, m) if m > n else U_t)


def lu_unpack_backward(
    xp: Any,
    grad_L: Array | None,
    grad_U: Array | None,
    LU_data_argsize_minus_2: int,
    LU_data_argsize_minus_1: int,
) -> Array | None:
    """Each factor's gradient where the factor was read."""
    lower = upper = None
    if grad_L is not None:
        lower = xp.tril(grad_L, -1)
        if LU_data_argsize_minus_2 < LU_data_argsize_minus_1:
            lower = _widened(xp, lower, LU_data_argsize_minus_1)
    if grad_U is not None:
        upper = xp.triu(grad_U, 0)
        if LU_data_argsize_minus_2 > LU_data_argsize_minus_1:
            upper = _heightened(xp, upper, LU_data_argsize_minus_2)
    return total(lower, upper)


def lu_unpack_tangent(xp: Any, LU_data_t: Array) -> tuple[Array, Array]:
    """The factors' parts of the tangent."""
    k = min(LU_data_t.shape[-2:])
    lower = xp.tril(columns(xp, LU_data_t, 0, k), -1)
    return lower, xp.triu(rows(xp, LU_data_t, 0, k), 0)
