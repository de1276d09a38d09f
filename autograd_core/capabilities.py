"""What a backend must have beyond the functions that all have: a class for each capability.

A capability is declared in ``Backend.capabilities``; the registry then asks for its functions.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

Array = Any
_Function = TypeVar("_Function", bound=Callable[..., Any])


def required(function: _Function) -> _Function:
    """Mark a function of the contract that every backend writes itself."""
    return _to_be_written(function, "", "it is required by autograd_core.backend.Backend")


def required_by(capability: str) -> Callable[[_Function], _Function]:
    """Mark a function of the contract that every backend with this capability writes itself."""

    def mark(function: _Function) -> _Function:
        return _to_be_written(function, capability, f"it is of the capability {capability!r}")

    return mark


def _to_be_written(function: _Function, capability: str, reason: str) -> _Function:
    @functools.wraps(function)
    def missing(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(
            f"backend {self.name!r} has no kernel {function.__name__!r}; {reason}"
        )

    missing.__required_by__ = capability  # type: ignore[attr-defined]
    return missing  # type: ignore[return-value]


class FourierTransforms:
    """The capability "fft"."""

    @required_by("fft")
    def dft(self, input: Array, rank: int, normalization: int, forward: bool) -> Array:
        """Fourier transform of a complex array over its last ``rank`` dims (one at least).

        The exponent is negative if ``forward``. The result is contiguous, and multiplied by 1, by
        1 / sqrt(n) or by 1 / n (``normalization`` 0, 1, 2) for n points in the transformed dims.
        """


class Decompositions:
    """The capability "linalg": decompositions of matrices.

    Operands are floating or complex, (..., m, n). Matrices that come out are column-major in
    the last two dims (the strides of LAPACK's), the batch dims before them row-major. `info` is
    int32 with the batch dims alone, LAPACK's: 0, or the 1-based place of what went wrong.
    """

    @required_by("linalg")
    def cholesky_ex(self, input: Array, upper: bool) -> tuple[Array, Array]:
        """The triangular factor of Hermitian positive definite matrices, and info.

        Only the lower triangle is read (the upper one with ``upper``); the other one of the factor
        is 0. Where info is not 0 the factor is of any content.
        """

    @required_by("linalg")
    def lu_factor_ex(self, input: Array) -> tuple[Array, Array, Array]:
        """L below and U on and above the diagonal of one (..., m, n), pivots, and info.

        Pivots are int32 (..., min(m, n)), 1-based, of partial pivoting: the row that has the first
        largest |real| + |imag| at or below the diagonal. info is the first zero on U's diagonal.
        """

    @required_by("linalg")
    def geqrf(self, input: Array) -> tuple[Array, Array]:
        """R on and above the diagonal, Householder vectors below, and their factors tau.

        Q is the product of I - tau v v^H with v 1 on the diagonal, 0 above it; R's diagonal is real
        with the sign opposite to what it eliminates (LAPACK's larfg). tau is (..., min(m, n)).
        """

    @required_by("linalg")
    def linalg_solve_triangular(
        self, input: Array, B: Array, upper: bool, left: bool, unitriangular: bool
    ) -> Array:
        """X of input @ X = B, or of X @ input = B without ``left``; batch dims are the same.

        The other triangle of ``input`` is not read, nor is its diagonal with ``unitriangular``.
        """

    @required_by("linalg")
    def ldl_factor_ex(self, input: Array, hermitian: bool) -> tuple[Array, Array, Array]:
        """L D L^T (L D L^H with ``hermitian``) of the lower triangle, LAPACK's pivots, and info.

        Bunch and Kaufman's pivoting, as LAPACK's sytrf and hetrf: pivots are int32, 1-based, and
        negative in the two places of a 2x2 block of D.
        """

    @required_by("linalg")
    def linalg_svd(
        self, input: Array, full_matrices: bool, compute_uv: bool
    ) -> tuple[Array, Array, Array, Array]:
        """U (..., m, k), real singular values (..., l), Vh (..., k, n) and info; l is min(m, n).

        The values descend and are not negative; k is l, or m and n with ``full_matrices``.
        Without ``compute_uv`` U and Vh are of shape (0,), and NaN in the input gives NaN; else info
        is -4 for matrices that are not finite.
        """

    @required_by("linalg")
    def linalg_eigh(self, input: Array, upper: bool, compute_v: bool) -> tuple[Array, Array, Array]:
        """The real eigenvalues of Hermitian matrices, ascending, their eigenvectors, and info.

        One triangle is read. Eigenvectors are orthonormal columns, of shape (0,) without
        ``compute_v``; info is not 0 where they were not found, of matrices that are not finite.
        """

    @required_by("linalg")
    def linalg_eig(self, input: Array, compute_v: bool) -> tuple[Array, Array, Array]:
        """The complex eigenvalues (..., n) of any matrices, their eigenvectors, and info.

        Eigenvectors are columns of norm 1 whose largest component is real, of shape (0,) without
        ``compute_v``. Eigenvalues of a real matrix that are not real stand in pairs, the one with
        the positive imaginary part first. NaN and infinite input gives NaN, with ``compute_v``
        an info that is not 0.
        """
