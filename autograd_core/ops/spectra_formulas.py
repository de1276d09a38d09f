"""Derivatives of spectra: singular values, eigenvalues, what stands on them; and matrix_exp.

Where vectors are only given up to a phase, or a rotation of an eigenspace, the formulas hold for
losses that do not depend on the choice; a dependence on phases is found and refused as torch does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..sizes import is_vector_side
from .pointwise_formulas import cast_like
from .reduction_formulas import all_dims

Array = Any


def diagonal_of(xp: Any, matrix: Array) -> Array:
    """Return the main diagonals as the last dim."""
    rank = len(matrix.shape)
    return xp.diagonal(matrix, 0, rank - 2, rank - 1)


def diagonal_matrix(xp: Any, values: Array) -> Array:
    """Return matrices with the last dim on their diagonals."""
    rank = len(values.shape)
    return xp.diag_embed(values, 0, rank - 1, rank)


def real_part(xp: Any, value: Array) -> Array:
    """Return the real parts; of a real array itself."""
    return xp.real(value) if xp.dtype(value).is_complex else value


def columns(xp: Any, values: Array, matrix: Array) -> Array:
    """Return values, one per column of ``matrix``, in its dtype and ready to scale them."""
    return cast_like(xp, xp.unsqueeze(values, len(values.shape) - 1), matrix)


def rows(xp: Any, values: Array, matrix: Array) -> Array:
    """Return values, one per row of ``matrix``, in its dtype and ready to scale them."""
    return cast_like(xp, xp.unsqueeze(values, len(values.shape)), matrix)


def without_diagonal(xp: Any, matrix: Array) -> Array:
    """Return the matrices with zeros on their diagonals."""
    return xp.masked_fill(matrix, on_diagonal(xp, matrix), 0)


def on_diagonal(xp: Any, matrix: Array) -> Array:
    """Return the bool matrix that is true on the diagonal."""
    place = xp.new_positions(matrix, matrix.shape[-1])
    return xp.eq(xp.unsqueeze(place, 0), xp.unsqueeze(place, 1))


def gaps(xp: Any, values: Array) -> Array:
    """Return values[j] - values[i] at (i, j), and 1 on the diagonal."""
    rank = len(values.shape)
    difference = xp.unsqueeze(values, rank - 1) - xp.unsqueeze(values, rank)
    return xp.masked_fill(difference, on_diagonal(xp, difference), 1)


def solved(xp: Any, matrix: Array, right: Array) -> Array:
    """Return X of matrix @ X = right."""
    return xp.linalg_solve_ex(matrix, right, True)[0]


def added(total: Array | None, part: Array) -> Array:
    """Return a sum whose first term may be missing."""
    return part if total is None else total + part


def refuse_phases(
    xp: Any, slope: Array | None, text: str, batches: bool, other: Array | None = None
) -> None:
    """Refuse a loss that moves with the phases of vectors: the diagonal of ``slope`` says how much.

    ``other``, of vectors that turn along, must make up for it to a hundredth of itself.
    Of a batch of losses that is not known; without ``batches`` they are refused, as in torch.

    Raises:
        RuntimeError: ``text``, or torch's of a batch.
    """
    turn = slope if other is None else added(slope, other)
    size = xp.abs(xp.imag(diagonal_of(xp, turn)))
    bound = xp.scalar_like(size, 1e-2)
    if other is not None:
        bound = bound + xp.abs(xp.imag(diagonal_of(xp, other))) * 1e-2
    small = xp.all(xp.le(size, bound), all_dims(size))
    if not xp.truth(small, True):
        raise RuntimeError(text)
    if not batches and not xp.truth(small, False):
        raise RuntimeError(
            "Batching rule not implemented for aten::allclose. We could not generate a fallback."
        )


# Singular values ----------------------------------------------------------------------------------


def _leading(
    xp: Any, vectors: Array | None, dim: int, count: int, full_matrices: bool
) -> Array | None:
    """Return the vectors that belong to singular values, without the completion of the basis."""
    if vectors is None or not full_matrices:
        return vectors
    return xp.slice(vectors, len(vectors.shape) + dim, 0, count, 1)


def svd_backward(
    xp: Any,
    grad_U: Array | None,
    grad_S: Array | None,
    grad_Vh: Array | None,
    U: Array,
    S: Array,
    Vh: Array,
    full_matrices: bool,
) -> Array | None:
    """U (((skew(U^H gU) S + S skew(V^H gV)) / E) + gS) V^H, and the parts outside of U and V.

    E holds the differences of squared singular values. The completion of a basis is taken to be
    constant, as torch does.
    """
    k = S.shape[-1]
    grad_U = _leading(xp, grad_U, -1, k, full_matrices)
    grad_Vh = _leading(xp, grad_Vh, -2, k, full_matrices)
    U = _leading(xp, U, -1, k, full_matrices)
    Vh = _leading(xp, Vh, -2, k, full_matrices)
    m, n = U.shape[-2], Vh.shape[-1]
    if grad_U is None and grad_Vh is None:
        if grad_S is None:
            return None
        if m >= n:
            return xp.matmul(U, rows(xp, grad_S, Vh) * Vh)
        return xp.matmul(U * columns(xp, grad_S, U), Vh)
    of_U = None if grad_U is None else _skew(xp, xp.matmul(xp.mH(U), grad_U))
    of_V = None if grad_Vh is None else _skew(xp, xp.matmul(Vh, xp.mH(grad_Vh)))
    if xp.dtype(U).is_complex:
        refuse_phases(
            xp,
            of_U,
            "svd_backward: The singular vectors in the complex case are specified up to "
            "multiplication by e^{i phi}. The specified loss function depends on this phase term, "
            "making it ill-defined.",
            False,
            of_V,
        )
    gap = cast_like(xp, gaps(xp, S * S), U)
    core: Any = None
    if of_U is not None and of_V is not None:
        core = (of_U * columns(xp, S, U) + rows(xp, S, U) * of_V) / gap
    elif of_U is not None:
        core = (of_U / gap) * columns(xp, S, U)
    else:
        core = rows(xp, S, U) * (of_V / gap)
    if grad_S is not None:
        core = core + diagonal_matrix(xp, cast_like(xp, grad_S, U))
    if xp.dtype(U).is_complex and of_U is not None and of_V is not None:
        along = diagonal_of(xp, of_U) / cast_like(xp, S * 2, U)
        core = core + diagonal_matrix(xp, along)
    if m > k and grad_U is not None:
        scaled = grad_U / columns(xp, S, U)
        outside = scaled - xp.matmul(U, xp.matmul(xp.mH(U), scaled))
        return xp.matmul(xp.matmul(U, core) + outside, Vh)
    if n > k and grad_Vh is not None:
        scaled = grad_Vh / rows(xp, S, U)
        outside = scaled - xp.matmul(xp.matmul(scaled, xp.mH(Vh)), Vh)
        return xp.matmul(U, xp.matmul(core, Vh) + outside)
    if m >= n:
        return xp.matmul(U, xp.matmul(core, Vh))
    return xp.matmul(xp.matmul(U, core), Vh)


def _skew(xp: Any, matrix: Array) -> Array:
    return matrix - xp.mH(matrix)


def svd_tangent(
    xp: Any, A_t: Array, U: Array, S: Array, Vh: Array, full_matrices: bool
) -> tuple[Array, Array, Array]:
    """The tangents of U, S and Vh; those of the completion of a basis are zero."""
    k = S.shape[-1]
    left: Any = _leading(xp, U, -1, k, full_matrices)
    right: Any = _leading(xp, Vh, -2, k, full_matrices)
    m, n = left.shape[-2], right.shape[-1]
    from_right = xp.matmul(A_t, xp.mH(right))
    core = xp.matmul(xp.mH(left), from_right)
    diagonal = diagonal_of(xp, core)
    S_t = real_part(xp, diagonal)
    gap = cast_like(xp, gaps(xp, S * S), left)
    to_right = core * columns(xp, S, left)
    to_left = rows(xp, S, left) * core
    of_U = without_diagonal(xp, (to_right + xp.mH(to_right)) / gap)
    of_V = without_diagonal(xp, (to_left + xp.mH(to_left)) / gap)
    if xp.dtype(left).is_complex:
        turn = diagonal - cast_like(xp, S_t, diagonal)
        turn = diagonal_matrix(xp, turn / cast_like(xp, S * 2, diagonal))
        of_U, of_V = of_U + turn, of_V - turn
    U_t = xp.matmul(left, of_U)
    Vh_t = -xp.matmul(of_V, right)
    if m > k:
        scaled = from_right / columns(xp, S, left)
        U_t = U_t + scaled - xp.matmul(left, xp.matmul(xp.mH(left), scaled))
    if n > k:
        scaled = xp.matmul(xp.mH(left), A_t) / rows(xp, S, left)
        Vh_t = Vh_t + scaled - xp.matmul(xp.matmul(scaled, xp.mH(right)), right)
    if full_matrices:
        U_t, Vh_t = _completed(xp, U_t, -1, m), _completed(xp, Vh_t, -2, n)
    return U_t, S_t, Vh_t


def _completed(xp: Any, tangent: Array, dim: int, count: int) -> Array:
    """Return the tangent with zeros for the completion of the basis."""
    dim += len(tangent.shape)
    missing = count - tangent.shape[dim]
    if not missing:
        return tangent
    shape = list(tangent.shape)
    shape[dim] = missing
    return xp.cat([tangent, xp.new_zeros(tangent, tuple(shape))], dim)


# Eigenvalues --------------------------------------------------------------------------------------

_PHASES = (
    "{}: The eigenvectors in the complex case are specified up to multiplication by e^{{i phi}}. "
    "The specified loss function depends on this quantity, so it is ill-defined."
)


def eigh_backward(
    xp: Any,
    grad_eigenvalues: Array | None,
    grad_eigenvectors: Array | None,
    eigenvalues: Array,
    eigenvectors: Array,
) -> Array | None:
    """V (skew(V^H gV) / (2 E) + gL) V^H with E the differences of eigenvalues."""
    V, L = eigenvectors, eigenvalues
    if grad_eigenvectors is None:
        if grad_eigenvalues is None:
            return None
        return xp.matmul(V * columns(xp, grad_eigenvalues, V), xp.mH(V))
    along = xp.matmul(xp.mH(V), grad_eigenvectors)
    if xp.dtype(V).is_complex:
        refuse_phases(xp, along, _PHASES.format("linalg_eigh_backward"), True)
    core = xp.mul_scalar(_skew(xp, along), 0.5) / cast_like(xp, gaps(xp, L), V)
    if grad_eigenvalues is not None:
        core = core + diagonal_matrix(xp, cast_like(xp, grad_eigenvalues, V))
    return xp.matmul(V, xp.matmul(core, xp.mH(V)))


def eigh_tangent(
    xp: Any, A_t: Array, eigenvalues: Array, eigenvectors: Array
) -> tuple[Array, Array]:
    """The diagonal of V^H A_t V, and V times the rest of it over the differences."""
    V, L = eigenvectors, eigenvalues
    core = xp.matmul(xp.mH(V), xp.matmul(A_t, V))
    turn = without_diagonal(xp, core / cast_like(xp, gaps(xp, L), V))
    return real_part(xp, diagonal_of(xp, core)), xp.matmul(V, turn)


def eig_backward(
    xp: Any,
    grad_eigenvalues: Array | None,
    grad_eigenvectors: Array | None,
    eigenvalues: Array,
    eigenvectors: Array,
) -> Array | None:
    """V^-H ((V^H gV projected to columns of norm 1) / conj(E) + gL) V^H."""
    V, L = eigenvectors, eigenvalues
    if grad_eigenvectors is None:
        if grad_eigenvalues is None:
            return None
        return solved(xp, xp.mH(V), rows(xp, grad_eigenvalues, V) * xp.mH(V))
    along = xp.matmul(xp.mH(V), grad_eigenvectors)
    diagonal = diagonal_of(xp, along)
    refuse_phases(xp, along, _PHASES.format("linalg_eig_backward"), True)
    radial = V * columns(xp, xp.real(diagonal), V)
    core = (along - xp.matmul(xp.mH(V), radial)) / xp.conj(gaps(xp, L))
    core = without_diagonal(xp, core)
    if grad_eigenvalues is not None:
        core = core + diagonal_matrix(xp, grad_eigenvalues)
    return solved(xp, xp.mH(V), xp.matmul(core, xp.mH(V)))


def eig_tangent(
    xp: Any, self_t: Array, eigenvalues: Array, eigenvectors: Array
) -> tuple[Array, Array]:
    """The diagonal of V^-1 A_t V, and V times the rest, projected to columns of norm 1."""
    V, L = eigenvectors, eigenvalues
    core = solved(xp, V, xp.matmul(cast_like(xp, self_t, V), V))
    V_t = xp.matmul(V, without_diagonal(xp, core / gaps(xp, L)))
    radial = xp.real(xp.sum(xp.conj(V) * V_t, (len(V.shape) - 2,), True))
    return diagonal_of(xp, core), V_t - V * cast_like(xp, radial, V)


# Pseudoinverses and least squares -----------------------------------------------------------------


def pinv_backward(xp: Any, grad: Array, result: Array, self: Array) -> Array:
    """-(P g^H P)^H + (I - A P) g^H P P^H + P^H P g^H (I - P A), with the smallest products."""
    m, n = self.shape[-2:]
    inverse_h, grad_h = xp.mH(result), xp.mH(grad)
    if m <= n:
        inner = xp.matmul(grad_h, result)
        outer = xp.matmul(inner, inverse_h)
        first = -xp.mH(xp.matmul(result, inner))
        return xp.laid_out_as(
            first,
            first
            + outer
            - xp.matmul(xp.matmul(self, result), outer)
            + xp.matmul(xp.matmul(inverse_h, result), grad_h - xp.matmul(inner, self)),
        )
    inner = xp.matmul(result, grad_h)
    outer = xp.matmul(inverse_h, inner)
    first = -xp.mH(xp.matmul(inner, result))
    return xp.laid_out_as(
        first,
        first
        + xp.matmul(xp.matmul(grad_h - xp.matmul(self, inner), result), inverse_h)
        + outer
        - xp.matmul(xp.matmul(outer, result), self),
    )


def pinv_tangent(xp: Any, self: Array, self_t: Array, result: Array) -> Array:
    """-P T P + P P^H T^H (I - A P) + (I - P A) T^H P^H P with T the tangent."""
    inverse_h, tangent_h = xp.mH(result), xp.mH(self_t)
    first = xp.matmul(xp.matmul(result, inverse_h), tangent_h)
    second = xp.matmul(tangent_h, xp.matmul(inverse_h, result))
    return (
        first
        - xp.matmul(xp.matmul(first, self), result)
        + second
        - xp.matmul(result, xp.matmul(self, second))
        - xp.matmul(result, xp.matmul(self_t, result))
    )


def _as_columns(xp: Any, *values: Array | None) -> tuple[Any, ...]:
    """Return right-hand sides and solutions as matrices."""
    return tuple(None if v is None else xp.unsqueeze(v, len(v.shape)) for v in values)


def lstsq_backward(
    xp: Any,
    grad_solution: Array | None,
    grad_residuals: Array | None,
    self: Array,
    b: Array,
    solution: Array,
    needs: Sequence[bool],
) -> list[Array | None]:
    """The gradients of the least squares solution pinv(A) b and of |A x - b|^2."""
    if is_vector_side(self.shape, b.shape):
        b, solution, grad_solution = _as_columns(xp, b, solution, grad_solution)
        vector = True
    else:
        vector = False
    self, b = _batched_alike(xp, self, b, solution)
    of_self: Any = None
    of_b: Any = None
    if grad_solution is not None:
        inverse = xp.linalg_pinv(self, None, None, False)
        if needs[0]:
            of_inverse = xp.matmul(grad_solution, xp.mH(b))
            of_self = pinv_backward(xp, of_inverse, inverse, self)
        if needs[1]:
            of_b = xp.matmul(xp.mH(inverse), grad_solution)
    if grad_residuals is not None and grad_residuals.shape != (0,):
        slope = (xp.matmul(self, solution) - b) * columns(xp, grad_residuals * 2, b)
        if needs[0]:
            of_self = added(of_self, xp.matmul(slope, xp.mH(solution)))
        if needs[1]:
            of_b = added(of_b, -slope)
    if vector and of_b is not None:
        of_b = xp.squeeze_dim(of_b, len(of_b.shape) - 1)
    return [of_self, of_b]


def _batched_alike(xp: Any, self: Array, b: Array, solution: Array) -> tuple[Array, Array]:
    """Return matrices and right-hand sides with the batch dims of the solution."""
    batch = tuple(solution.shape[:-2])
    if tuple(self.shape[:-2]) != batch:
        self = xp.expand(self, (*batch, *self.shape[-2:]))
    if tuple(b.shape[:-2]) != batch:
        b = xp.expand(b, (*batch, *b.shape[-2:]))
    return self, b


def lstsq_tangent(
    xp: Any,
    self: Array,
    b: Array,
    self_t: Array,
    b_t: Array,
    solution: Array,
    residuals: Array,
) -> tuple[Array, Array]:
    """The tangents of pinv(A) b and of |A x - b|^2."""
    vector = is_vector_side(self.shape, b.shape)
    if vector:
        b, b_t, solution = _as_columns(xp, b, b_t, solution)
    self, b = _batched_alike(xp, self, b, solution)
    self_t, b_t = _batched_alike(xp, self_t, b_t, solution)
    inverse = xp.linalg_pinv(self, None, None, False)
    moved = xp.matmul(pinv_tangent(xp, self, self_t, inverse), b) + xp.matmul(inverse, b_t)
    residuals_t = xp.zeros_like(residuals)
    if residuals.shape != (0,):
        off = xp.matmul(self, solution) - b
        along = xp.conj(off) * (xp.matmul(self_t, solution) - b_t)
        residuals_t = xp.sum(real_part(xp, along), (len(b.shape) - 2,)) * 2
    if vector:
        moved = xp.squeeze_dim(moved, len(moved.shape) - 1)
    return moved, residuals_t


# Exponentials -------------------------------------------------------------------------------------


def matrix_exp_differential(xp: Any, matrix: Array, direction: Array) -> Array:
    """The derivative of the exponential along a direction.

    It is the upper right block of the exponential of [[A, D], [0, A]].
    """
    n, last = matrix.shape[-1], len(matrix.shape) - 1
    upper = xp.cat([matrix, direction], last)
    lower = xp.cat([xp.zeros_like(matrix), matrix], last)
    power = xp.linalg_matrix_exp(xp.cat([upper, lower], last - 1))
    return xp.slice(xp.slice(power, last - 1, 0, n, 1), last, n, 2 * n, 1)
