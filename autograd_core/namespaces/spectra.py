"""torch's functions of singular values and eigenvalues, and those that stand on them."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..composites import spectra as composites
from ..dtypes import LEGACY_NAMES, DType, bool_
from ..engine.views import count_inner_write
from ..return_types import return_type
from ..sizes import broadcast_shapes, is_vector_side
from ..tensor import Tensor
from .linalg import check_inexact, check_kernel, check_matrices, check_square
from .registration import accepts_out, function, method, require_tensor
from .shape import diagonal_dims

_SVD = return_type("svd", "U S V")
_LINALG_SVD = return_type("linalg_svd", "U S Vh")
_LINALG_EIGH = return_type("linalg_eigh", "eigenvalues eigenvectors")
_LINALG_EIG = return_type("linalg_eig", "eigenvalues eigenvectors")
_LINALG_LSTSQ = return_type("linalg_lstsq", "solution residuals rank singular_values")


def _refuse_driver(driver: str | None) -> None:
    if driver is not None:
        raise RuntimeError(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with "
            "cuSOLVER backend."
        )


def _has_lapack(dtype: DType) -> bool:
    return dtype.is_inexact and dtype.to_real().itemsize >= 4


def _check_svd(A: Tensor) -> None:
    check_matrices("linalg.svd", A)
    check_inexact("linalg.svd", A)
    check_kernel("linalg_svd_cpu", A)


def _check_eigh(A: Tensor, UPLO: str) -> None:
    check_square("linalg.eigh", A)
    if UPLO not in ("L", "U", "l", "u"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    check_kernel("linalg_eigh_cpu", A)


def _check_eig(name: str, A: Tensor) -> None:
    check_square(name, A)
    if not A._dtype.is_inexact:
        raise RuntimeError(f"Unknown Complex ScalarType for {LEGACY_NAMES[A._dtype]}")
    check_kernel("linalg_eig_out_cpu", A)


def _is_finite(tensor: Tensor) -> bool:
    backend, array = tensor._backend, tensor._array
    return not (backend.anywhere(backend.isnan(array)) or backend.anywhere(backend.isinf(array)))


# Decompositions -----------------------------------------------------------------------------------


@function
@accepts_out
@method
def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
    """U, S and V of input = U diag(S) V^H; full bases without ``some``."""
    require_tensor("svd", input)
    if input.ndim < 2:
        raise RuntimeError(
            "linalg.svd: input should have at least 2 dimensions, but has "
            f"{input.ndim} dimensions instead"
        )
    _check_svd(input)
    return _SVD(composites.svd(input, some, compute_uv))


@function(under="linalg", name="svd")
@accepts_out
def linalg_svd(A: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> Any:
    """U, S and Vh of A = U diag(S) Vh."""
    require_tensor("linalg_svd", A, "A")
    _check_svd(A)
    _refuse_driver(driver)
    return _LINALG_SVD(ops.linalg_svd(A, full_matrices, True))


@function(under="linalg", name="svdvals")
@accepts_out
def linalg_svdvals(A: Tensor, *, driver: str | None = None) -> Tensor:
    """The singular values, descending."""
    require_tensor("linalg_svdvals", A, "A")
    _check_svd(A)
    _refuse_driver(driver)
    return composites.svdvals(A)


@function(under="linalg", name="eigh")
@accepts_out
def linalg_eigh(A: Tensor, UPLO: str = "L") -> Any:
    """Eigenvalues, ascending, and eigenvectors of Hermitian matrices; one triangle is read."""
    require_tensor("linalg_eigh", A, "A")
    _check_eigh(A, UPLO)
    return _LINALG_EIGH(ops.linalg_eigh(A, UPLO, True))


@function(under="linalg", name="eigvalsh")
@accepts_out
def linalg_eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """The eigenvalues of Hermitian matrices, ascending."""
    require_tensor("linalg_eigvalsh", A, "A")
    _check_eigh(A, UPLO)
    return composites.eigvalsh(A, UPLO)


@function(under="linalg", name="eig")
@accepts_out
def linalg_eig(A: Tensor) -> Any:
    """Eigenvalues and eigenvectors of any matrices; complex."""
    require_tensor("linalg_eig", A, "A")
    _check_eig("linalg.eig", A)
    if not _is_finite(A):
        raise RuntimeError("torch.linalg.eig: input tensor should not contain infs or NaNs.")
    return _LINALG_EIG(ops.linalg_eig(A))


@function(under="linalg", name="eigvals")
@accepts_out
def linalg_eigvals(A: Tensor) -> Tensor:
    """The eigenvalues of any matrices; complex."""
    require_tensor("linalg_eigvals", A, "A")
    _check_eig("linalg.eigvals", A)
    return composites.eigvals(A)


# Pseudoinverses, ranks, least squares -------------------------------------------------------------


def _refuse_complex(name: str, **tolerances: Any) -> None:
    for argument, value in tolerances.items():
        if isinstance(value, Tensor) and value._dtype.is_complex:
            raise RuntimeError(
                f"torch.linalg.{name}: {argument} tensor of complex type is not supported. "
                f"Got {LEGACY_NAMES[value._dtype]}"
            )


@function(under="linalg", name="pinv")
@accepts_out
def linalg_pinv(
    A: Tensor,
    rcond: Any = None,
    hermitian: bool = False,
    *,
    atol: Any = None,
    rtol: Any = None,
) -> Tensor:
    """The pseudoinverse; singular values up to max(atol, rtol * the largest) count as zero."""
    require_tensor("linalg_pinv", A, "A")
    if rcond is not None:
        _refuse_complex("pinv", rcond=rcond)
        atol, rtol = 0.0, rcond
    if A.ndim < 2 or not _has_lapack(A._dtype):
        raise RuntimeError(
            f"linalg.pinv({LEGACY_NAMES[A._dtype]}{{{list(A._array.shape)}}}): expected a tensor "
            "with 2 or more dimensions of float, double, cfloat or cdouble types"
        )
    _refuse_complex("pinv", atol=atol, rtol=rtol)
    if hermitian:
        check_square("linalg.eigh", A)
    return ops.linalg_pinv(
        A, composites.tolerance(A, atol), composites.tolerance(A, rtol), hermitian
    )


@function
@method
def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    """The pseudoinverse; singular values up to ``rcond`` times the largest count as zero."""
    require_tensor("pinverse", input)
    return linalg_pinv(input, rcond)


@function(under="linalg", name="matrix_rank")
@accepts_out
def linalg_matrix_rank(
    A: Tensor,
    tol: Any = None,
    hermitian: bool = False,
    *,
    atol: Any = None,
    rtol: Any = None,
) -> Tensor:
    """How many singular values are above max(atol, rtol * the largest)."""
    require_tensor("linalg_matrix_rank", A)
    if tol is not None:
        _refuse_complex("matrix_rank", tol=tol)
        atol, rtol = tol, 0.0
    check_matrices("torch.linalg.matrix_rank", A, "input")
    _refuse_complex("matrix_rank", atol=atol, rtol=rtol)
    if not _has_lapack(A._dtype):
        raise RuntimeError("This function doesn't handle types other than float and double")
    if hermitian:
        check_square("linalg.eigh", A)
    ranks: Tensor = ops.linalg_matrix_rank(
        A, composites.tolerance(A, atol), composites.tolerance(A, rtol), hermitian
    )
    count_inner_write(ranks)  # it is filled, or summed into
    return ranks


def _check_lstsq(A: Tensor, B: Tensor, driver: str | None) -> None:
    """Refuse operands of least squares, in the order in which torch looks (torch's texts)."""
    name = "torch.linalg.lstsq"
    shape, side = A._array.shape, B._array.shape
    if len(shape) < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    if not side:
        raise RuntimeError(f"{name}: other must have at least 1 dimension.")
    if A._dtype is not B._dtype:
        raise RuntimeError(
            f"{name}: Expected input and other to have the same dtype, but got input's dtype "
            f"{LEGACY_NAMES[A._dtype]} and other's dtype {LEGACY_NAMES[B._dtype]}"
        )
    if not 0 <= len(shape) - len(side) <= 1:
        raise RuntimeError(
            f"{name}: input.dim() must be greater or equal to other.dim() and "
            "(input.dim() - other.dim()) <= 1"
        )
    vector = is_vector_side(shape, side)
    place = -1 if vector else -2
    if side[place] != shape[-2]:
        raise RuntimeError(f"{name}: input.size(-2) should match other.size({place})")
    if not vector:
        broadcast_shapes(shape[:-2], side[:-2])
        broadcast_shapes(shape[:-2], side[: len(shape) - 2])
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(
            f"{name}: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)"
        )
    if not _has_lapack(A._dtype):
        raise RuntimeError("This function doesn't handle types other than float and double")


@function(under="linalg", name="lstsq")
@accepts_out
def linalg_lstsq(
    A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None
) -> Any:
    """The X of least |A X - B|, and of those the one of least norm; residuals, ranks."""
    require_tensor("linalg_lstsq", A)
    require_tensor("linalg_lstsq", B, "b", 2)
    if rcond is not None and not isinstance(rcond, (int, float)):
        raise TypeError(
            f"linalg_lstsq(): argument 'rcond' must be float, not {type(rcond).__name__}"
        )
    _check_lstsq(A, B, driver)
    return _LINALG_LSTSQ(ops.linalg_lstsq(A, B, rcond, driver))


# Functions of matrices ----------------------------------------------------------------------------


def matrix_exp(input: Tensor) -> Tensor:
    """The exponential of square matrices."""
    require_tensor("linalg_matrix_exp", input)
    check_square("linalg.matrix_exp", input)
    check_inexact("linalg.matrix_exp", input)
    return ops.linalg_matrix_exp(input)


function(method(matrix_exp))
function(accepts_out(matrix_exp), under="linalg")


@function(under="linalg")
def vander(x: Tensor, *, N: int | None = None) -> Tensor:
    """The powers 0, 1 ... N - 1 of every element as a new last dim."""
    require_tensor("linalg_vander", x, "x")
    if x._dtype is bool_ or (x._dtype.is_inexact and not _has_lapack(x._dtype)):
        raise RuntimeError(
            "linalg.vander supports floating point, complex, and integer tensors, but got "
            f"{LEGACY_NAMES[x._dtype]}"
        )
    return composites.vander(x, N)


@function(under="linalg", name="diagonal")
def linalg_diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """View the diagonal of two dims, by default the last ones, as the last dim."""
    require_tensor("linalg_diagonal", A, "A")
    return ops.diagonal(A, offset, *diagonal_dims(A, dim1, dim2))
