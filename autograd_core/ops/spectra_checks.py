"""What torch says of matrices whose spectra it does not compute, in the order it looks."""

from __future__ import annotations

from typing import Any

from ..dtypes import LEGACY_NAMES
from ..sizes import broadcast_shapes
from ..tensor import Tensor
from .matrix_checks import (
    LinAlgError,
    check_inexact,
    check_lapack,
    check_matrix,
    check_square,
    has_lapack,
)
from .spectra_formulas import is_vector_rhs

_NOT_FINITE = -4


def converged(xp: Any, name: str, kind: str, found: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what a kernel found without its info.

    Raises:
        LinAlgError: info is not 0 (torch's text).
    """
    *parts, info = found
    codes = xp.to_flat(info)
    if not any(codes):
        return tuple(parts)
    place, code = next((k, code) for k, code in enumerate(codes) if code)
    batch = f": (Batch element {place})" if info.shape else ""
    why = (
        "contained non-finite values."
        if code == _NOT_FINITE
        else f"is ill-conditioned or has too many repeated {kind}values (error code: {code})."
    )
    raise LinAlgError(
        f"{name}{batch}: The algorithm failed to converge because the input matrix {why}"
    )


def check_svd(A: Tensor, full_matrices: bool = False, compute_uv: bool = True) -> None:
    """Refuse operands of the singular value decomposition."""
    check_matrix("linalg.svd", A)
    check_inexact("linalg.svd", A)
    check_lapack("linalg_svd_cpu", A)


def check_eigh(A: Tensor, UPLO: str = "L", compute_v: bool = True) -> None:
    """Refuse operands of the eigenvalues of Hermitian matrices."""
    check_square("linalg.eigh", A)
    if UPLO not in ("L", "U", "l", "u"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    check_lapack("linalg_eigh_cpu", A)


def check_eig(self: Tensor, name: str = "linalg.eig") -> None:
    """Refuse operands of the eigenvalues of any matrices."""
    check_square(name, self)
    if not self._dtype.is_inexact:
        raise RuntimeError(f"Unknown Complex ScalarType for {LEGACY_NAMES[self._dtype]}")
    check_lapack("linalg_eig_out_cpu", self)
    if name == "linalg.eig" and not _is_finite(self):
        raise RuntimeError("torch.linalg.eig: input tensor should not contain infs or NaNs.")


def _is_finite(tensor: Tensor) -> bool:
    backend = tensor._backend
    array = tensor._array
    return not (backend.anywhere(backend.isnan(array)) or backend.anywhere(backend.isinf(array)))


def check_matrix_exp(self: Tensor) -> None:
    """Refuse operands of the exponential."""
    check_square("linalg.matrix_exp", self)
    check_inexact("linalg.matrix_exp", self)


def check_lstsq(self: Tensor, b: Tensor, rcond: float | None, driver: str | None) -> None:
    """Refuse operands of least squares."""
    name = "torch.linalg.lstsq"
    shape, rhs = self._array.shape, b._array.shape
    if len(shape) < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    if not rhs:
        raise RuntimeError(f"{name}: other must have at least 1 dimension.")
    if self._dtype is not b._dtype:
        raise RuntimeError(
            f"{name}: Expected input and other to have the same dtype, but got input's dtype "
            f"{LEGACY_NAMES[self._dtype]} and other's dtype {LEGACY_NAMES[b._dtype]}"
        )
    if not 0 <= len(shape) - len(rhs) <= 1:
        raise RuntimeError(
            f"{name}: input.dim() must be greater or equal to other.dim() and "
            "(input.dim() - other.dim()) <= 1"
        )
    vector = is_vector_rhs(shape, rhs)
    place = -1 if vector else -2
    if rhs[place] != shape[-2]:
        raise RuntimeError(f"{name}: input.size(-2) should match other.size({place})")
    if not vector:
        broadcast_shapes(shape[:-2], rhs[:-2])
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(
            f"{name}: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)"
        )
    if not has_lapack(self._dtype):
        raise RuntimeError("This function doesn't handle types other than float and double")
