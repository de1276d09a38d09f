"""What torch says of operands that are no matrices, not square, of the wrong dtype."""

from __future__ import annotations

from ..dtypes import LEGACY_NAMES, DType, bfloat16, float16
from ..tensor import Tensor


class LinAlgError(RuntimeError):
    """A computation of linear algebra failed on the numbers it was given."""


def check_matrix(name: str, A: Tensor, argument: str = "A") -> None:
    """Refuse what has fewer than two dims (torch's text)."""
    if A.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor {argument} must have at least 2 dimensions.")


def check_square(name: str, A: Tensor, argument: str = "A") -> None:
    """Refuse what is no batch of square matrices (torch's texts)."""
    check_matrix(name, A, argument)
    m, n = A._array.shape[-2:]
    if m != n:
        raise RuntimeError(
            f"{name}: {argument} must be batches of square matrices, "
            f"but they are {m} by {n} matrices"
        )


def check_inexact(name: str, A: Tensor) -> None:
    """Refuse integers and bool (torch's text)."""
    if not A._dtype.is_inexact:
        raise RuntimeError(
            f"{name}: Expected a floating point or complex tensor as input. "
            f"Got {LEGACY_NAMES[A._dtype]}"
        )


def has_lapack(dtype: DType) -> bool:
    """Whether decompositions are computed in the dtype."""
    return dtype.is_inexact and dtype is not float16 and dtype is not bfloat16


def check_lapack(kernel: str, A: Tensor) -> None:
    """Refuse dtypes that decompositions are not computed in (torch's text)."""
    if not has_lapack(A._dtype):
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{LEGACY_NAMES[A._dtype]}'")
