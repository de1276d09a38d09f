"""torch's solvers of linear systems, inverses and determinants: overloads, checks, messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops
from ..composites import linalg as composites
from ..dtypes import LEGACY_NAMES
from ..return_types import return_type
from ..sizes import broadcast_shapes, is_vector_side
from ..tensor import Tensor, wrap_dim
from .deprecations import warn_deprecated
from .linalg import (
    check_inexact,
    check_kernel,
    check_matrices,
    check_sides,
    check_square,
    raise_of,
    refuse_narrow,
)
from .registration import accepts_out, function, method, require_tensor

_SOLVE_EX = return_type("linalg_solve_ex", "result info")
_INTERNAL_SOLVE_EX = return_type("_linalg_solve_ex", "result LU pivots info")
_INV_EX = return_type("linalg_inv_ex", "inverse info")
_TRIANGULAR_SOLVE = return_type("triangular_solve", "solution cloned_coefficient")
_SLOGDET = return_type("slogdet", "sign logabsdet")
_LINALG_SLOGDET = return_type("linalg_slogdet", "sign logabsdet")
_INTERNAL_DET = return_type("_linalg_det", "result LU pivots")
_INTERNAL_SLOGDET = return_type("_linalg_slogdet", "sign logabsdet LU pivots")


# Checks -------------------------------------------------------------------------------------------


def _check_system(name: str, A: Tensor, B: Tensor, left: bool, vector: bool = False) -> None:
    """Refuse a right side that does not fit, and batches that do not broadcast."""
    if not vector:
        check_matrices(name, B, "B")
    shape_A = tuple(A._array.shape)
    shape_B = (*B._array.shape, 1) if vector else tuple(B._array.shape)
    if shape_A[-2] != shape_B[-2 if left else -1]:
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation "
            f"{'AX = B' if left else 'XA = B'} ({shape_A[-2]}x{shape_A[-1]} and "
            f"{shape_B[-2]}x{shape_B[-1]})"
        )


def _check_old_system(b: Tensor, A: Tensor, name: str) -> None:
    """What the older solvers refuse."""
    if A._dtype is not b._dtype:
        raise RuntimeError(
            "Expected b and A to have the same dtype, but found b of type "
            f"{LEGACY_NAMES[b._dtype]} and A of type {LEGACY_NAMES[A._dtype]} instead."
        )
    check_sides("", A)
    rows, columns = b._array.shape[-2:]
    size = A._array.shape[-1]
    if size != rows:
        raise RuntimeError(
            f"Incompatible matrix sizes for {name}: each A matrix is {size} by {size} but each b "
            f"matrix is {rows} by {columns}"
        )
    broadcast_shapes(b._array.shape[:-2], A._array.shape[:-2])


def _check_same_dtype(name: str, A: Tensor, B: Tensor, argument: str) -> None:
    if A._dtype is not B._dtype:
        raise RuntimeError(
            f"{name}: Expected {argument} and B to have the same dtype, but found {argument} of "
            f"type {LEGACY_NAMES[A._dtype]} and B of type {LEGACY_NAMES[B._dtype]} instead"
        )


# Triangular systems -------------------------------------------------------------------------------


@function(under="linalg")
@accepts_out
def solve_triangular(
    input: Tensor,
    B: Tensor,
    *,
    upper: bool | None = None,
    left: bool = True,
    unitriangular: bool = False,
) -> Tensor:
    """X of input @ X = B, or of X @ input = B, of triangular matrices; ``upper`` must be given."""
    if upper is None:
        raise TypeError(
            'linalg_solve_triangular() missing 1 required positional arguments: "upper"'
        )
    require_tensor("linalg_solve_triangular", input)
    require_tensor("linalg_solve_triangular", B, "B", 2)
    name = "linalg.solve_triangular"
    check_square(name, input)
    _check_system(name, input, B, left)
    broadcast_shapes(B._array.shape[:-2], input._array.shape[:-2])
    check_kernel("triangular_solve_cpu", input)
    return ops.linalg_solve_triangular(input, B, bool(upper), bool(left), bool(unitriangular))


@function
@method
@accepts_out
def triangular_solve(
    input: Tensor,
    A: Tensor,
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
) -> Any:
    """X of A @ X = input (A^T with ``transpose``), and a copy of A: the older form."""
    require_tensor("triangular_solve", input)
    require_tensor("triangular_solve", A, "A", 2)
    warn_deprecated("triangular_solve")
    for argument, value in (("b", input), ("A", A)):
        if value.ndim < 2:
            raise RuntimeError(
                f"torch.triangular_solve: Expected {argument} to have at least 2 dimensions, but "
                f"it has {value.ndim} dimensions instead"
            )
    _check_old_system(input, A, "triangular_solve")
    check_kernel("triangular_solve_cpu", A)
    return _TRIANGULAR_SOLVE(
        ops.triangular_solve(input, A, bool(upper), bool(transpose), bool(unitriangular))
    )


@function
@method
@accepts_out
def cholesky_solve(input: Tensor, input2: Tensor, upper: bool = False) -> Tensor:
    """X of A @ X = input, where ``input2`` is the triangular factor of A."""
    require_tensor("cholesky_solve", input)
    require_tensor("cholesky_solve", input2, "input2", 2)
    for argument, value in (("b", input), ("u", input2)):
        if value.ndim < 2:
            raise RuntimeError(
                f"{argument} should have at least 2 dimensions, but has {value.ndim} dimensions "
                "instead"
            )
    _check_old_system(input, input2, "cholesky_solve")
    check_kernel("cholesky_solve_cpu", input)
    return ops.cholesky_solve(input, input2, bool(upper))


# General systems ----------------------------------------------------------------------------------


def _solve(A: Tensor, B: Tensor, left: bool) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    require_tensor("linalg_solve_ex", A, "A")
    require_tensor("linalg_solve_ex", B, "B", 2)
    name = "linalg.solve"
    check_inexact(name, A)
    _check_same_dtype(name, A, B, "A")
    check_square(name, A)
    vector = A.ndim >= 2 and is_vector_side(A._array.shape, B._array.shape)
    _check_system(name, A, B, left or vector, vector)
    if vector and not left:
        raise RuntimeError(
            f"{name}: Vector broadcasting of the left hand side is not supported for left=False. "
            "In this case linalg.solve is equivalent to B / A.squeeze(-1)"
        )
    batch = B._array.shape[: -1 if vector else -2]
    broadcast_shapes(batch, A._array.shape[:-2])
    check_kernel("lu_cpu", A)
    return ops.linalg_solve_ex(A, B, bool(left))


@function(name="_linalg_solve_ex")
def internal_solve_ex(
    A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False
) -> Any:
    """``linalg.solve_ex`` and what it factored A, or its transpose, to."""
    made = _solve(A, B, left)
    if check_errors:
        raise_of(made[3], "torch.linalg.solve_ex", A)
    return _INTERNAL_SOLVE_EX(made)


@function(under="linalg")
@accepts_out
def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> Any:
    """X of A @ X = B, or of X @ A = B, and LAPACK's info.

    Raises:
        LinAlgError: ``check_errors``, and a matrix is singular.
        RuntimeError: the arguments do not fit (torch's texts).
    """
    result, _, _, info = _solve(A, B, left)
    if check_errors:
        raise_of(info, "torch.linalg.solve_ex", A)
    return _SOLVE_EX((result, info))


@function(under="linalg")
@accepts_out
def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """X of A @ X = B, or of X @ A = B; B may be a vector, or one for each matrix.

    Raises:
        LinAlgError: a matrix is singular.
        RuntimeError: the arguments do not fit (torch's texts).
    """
    result, _, _, info = _solve(A, B, left)
    raise_of(info, "torch.linalg.solve", A)
    return result


def _lu_solve(LU: Tensor, pivots: Tensor, B: Tensor, left: bool, adjoint: bool) -> Tensor:
    name = "linalg.lu_solve"
    check_inexact(f"torch.{name}", LU)
    _check_same_dtype(name, LU, B, "LU")
    if pivots._dtype.name != "int32":
        raise RuntimeError(f"{name}: pivots should be a Tensor of scalar type torch.int32")
    check_square(f"torch.{name}", LU)
    _check_system(name, LU, B, left)
    if LU._array.shape[-1] != (pivots._array.shape[-1] if pivots.ndim else 1):
        raise RuntimeError(
            f"{name}: Number of pivots per batch should be same as the dimension of the matrix"
        )
    if tuple(LU._array.shape[:-1]) != tuple(pivots._array.shape):
        raise RuntimeError(
            f"{name}: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with "
            f"shape {list(pivots._array.shape)} instead"
        )
    broadcast_shapes(B._array.shape[:-2], LU._array.shape[:-2])
    check_kernel("linalg_lu_solve_cpu", LU)
    return ops.linalg_lu_solve(LU, pivots, B, bool(left), bool(adjoint))


@function(name="lu_solve", under="linalg")
@accepts_out
def linalg_lu_solve(
    LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False
) -> Tensor:
    """X of A @ X = B or X @ A = B, with A^H for A with ``adjoint``, of A's LU and pivots."""
    for position, (argument, value) in enumerate((("LU", LU), ("pivots", pivots), ("B", B)), 1):
        require_tensor("linalg_lu_solve", value, argument, position)
    return _lu_solve(LU, pivots, B, left, adjoint)


@function
@method
@accepts_out
def lu_solve(input: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
    """``linalg.lu_solve`` under its old name: X of A @ X = input."""
    for position, (argument, value) in enumerate(
        (("input", input), ("LU_data", LU_data), ("LU_pivots", LU_pivots)), 1
    ):
        require_tensor("lu_solve", value, argument, position)
    warn_deprecated("lu_solve")
    return _lu_solve(LU_data, LU_pivots, input, True, False)


@function(under="linalg")
@accepts_out
def ldl_solve(LD: Tensor, pivots: Tensor, B: Tensor, *, hermitian: bool = False) -> Tensor:
    """X of A @ X = B, of what ``linalg.ldl_factor`` makes of A."""
    for position, (argument, value) in enumerate((("LD", LD), ("pivots", pivots), ("B", B)), 1):
        require_tensor("linalg_ldl_solve", value, argument, position)
    name = "torch.linalg.ldl_solve"
    check_square(name, LD)
    check_inexact(name, LD)
    wrap_dim(-2, B.ndim)
    if tuple(LD._array.shape[:-1]) != tuple(pivots._array.shape):
        raise RuntimeError(
            f"{name}: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with "
            f"shape {list(pivots._array.shape)} instead"
        )
    if pivots._dtype.is_inexact or pivots._dtype.name == "bool":
        raise RuntimeError(
            f"{name}: Expected pivots to be integers. Got {LEGACY_NAMES[pivots._dtype]}"
        )
    _check_old_system(B, LD, name)
    check_kernel("ldl_solve_kernel_cpu", LD)
    return ops.ldl_solve(LD, pivots, B, bool(hermitian))


# Inverses -----------------------------------------------------------------------------------------


def _inverse(A: Tensor) -> tuple[Tensor, Tensor]:
    check_square("linalg.inv", A)
    check_inexact("linalg.inv", A)
    refuse_narrow("linalg.inv", A)
    return ops.linalg_inv_ex(A)


@function(under="linalg")
@accepts_out
def inv_ex(A: Tensor, *, check_errors: bool = False) -> Any:
    """Inverses of square matrices, and LAPACK's info.

    Raises:
        LinAlgError: ``check_errors``, and a matrix is singular.
        RuntimeError: no square matrices of floats or complex numbers (torch's texts).
    """
    require_tensor("linalg_inv_ex", A, "A")
    result, info = _inverse(A)
    if check_errors:
        raise_of(info, "linalg.inv_ex", A)
    return _INV_EX((result, info))


@function(under="linalg")
@accepts_out
def inv(A: Tensor) -> Tensor:
    """Inverses of square matrices.

    Raises:
        LinAlgError: a matrix is singular.
        RuntimeError: no square matrices of floats or complex numbers (torch's texts).
    """
    require_tensor("linalg_inv", A, "A")
    result, info = _inverse(A)
    raise_of(info, "linalg.inv", A)
    return result


@function
@method
@accepts_out
def inverse(input: Tensor) -> Tensor:
    """See ``linalg.inv``."""
    require_tensor("inverse", input)
    result, info = _inverse(input)
    raise_of(info, "linalg.inv", input)
    return result


@function(under="linalg")
@accepts_out
def tensorinv(input: Tensor, ind: int = 2) -> Tensor:
    """Inverse of the matrix whose rows are the first ``ind`` dims and columns the others.

    Raises:
        LinAlgError: it is singular.
        RuntimeError: it is not square (torch's text).
    """
    require_tensor("linalg_tensorinv", input)
    matrix, shape = composites.tensorinv(input, ind)
    result, info = _inverse(matrix)
    raise_of(info, "inv", matrix)
    return ops.reshape(result, shape)


@function(under="linalg")
@accepts_out
def tensorsolve(input: Tensor, other: Tensor, dims: Sequence[int] | None = None) -> Tensor:
    """X whose product with ``input`` over X's dims is ``other``.

    Args:
        input: its first dims are those of ``other``, the others those of X.
        other: the right side.
        dims: dims of ``input`` that are moved to its end first.

    Raises:
        LinAlgError: the matrix is singular.
        RuntimeError: it is not square (torch's text).
    """
    require_tensor("linalg_tensorsolve", input)
    require_tensor("linalg_tensorsolve", other, "other", 2)
    matrix, right, shape = composites.tensorsolve(input, other, dims)
    return ops.reshape(solve(matrix, right), shape)


# Determinants -------------------------------------------------------------------------------------


def _check_determined(name: str, A: Tensor) -> None:
    check_square(name, A)
    check_inexact(name, A)


@function(name="_linalg_det")
def internal_det(A: Tensor) -> Any:
    """Determinants, and what A, or its transpose, was factored to."""
    require_tensor("_linalg_det", A, "A")
    _check_determined("linalg.det", A)
    check_kernel("lu_cpu", A)
    return _INTERNAL_DET(ops.linalg_det(A))


@function(under="linalg")
@accepts_out
def det(A: Tensor) -> Tensor:
    """Determinants of square matrices."""
    require_tensor("linalg_det", A, "A")
    _check_determined("linalg.det", A)
    check_kernel("lu_cpu", A)
    return ops.linalg_det(A)[0]


@function(name="det")
def torch_det(input: Tensor) -> Tensor:
    """Determinants of square matrices."""
    require_tensor("det", input)
    _check_determined("linalg.det", input)
    check_kernel("lu_cpu", input)
    return ops.linalg_det(input)[0]


method(torch_det, name="det")


def _slogdet(A: Tensor, name: str = "linalg.slogdet") -> tuple[Tensor, Tensor]:
    _check_determined(name, A)
    refuse_narrow(name, A)
    return ops.linalg_slogdet(A)[:2]


@function(name="_linalg_slogdet")
def internal_slogdet(A: Tensor) -> Any:
    """``linalg.slogdet``, and what A, or its transpose, was factored to."""
    require_tensor("_linalg_slogdet", A, "A")
    _check_determined("linalg.slogdet", A)
    refuse_narrow("linalg.slogdet", A)
    return _INTERNAL_SLOGDET(ops.linalg_slogdet(A))


@function(under="linalg")
@accepts_out
def slogdet(A: Tensor) -> Any:
    """Signs (or phases) of determinants, and the logarithms of their absolute values."""
    require_tensor("linalg_slogdet", A, "A")
    return _LINALG_SLOGDET(_slogdet(A))


@function(name="slogdet")
@accepts_out
def torch_slogdet(input: Tensor) -> Any:
    """See ``linalg.slogdet``."""
    require_tensor("slogdet", input)
    return _SLOGDET(_slogdet(input))


method(torch_slogdet, name="slogdet")


@function
@method
def logdet(input: Tensor) -> Tensor:
    """Logarithms of determinants: NaN for negative real ones, -inf for 0."""
    require_tensor("logdet", input)
    return composites.logdet(*_slogdet(input, "logdet"))
