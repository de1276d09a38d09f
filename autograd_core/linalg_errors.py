"""What solvers and factorizations say of matrices that they cannot treat, as torch does."""

from __future__ import annotations

from collections.abc import Sequence


class _LinAlgError(RuntimeError):
    """A matrix has no inverse, factor or decomposition of the kind asked for."""


LinAlgError = _LinAlgError

NOT_FINITE = -4
"""The info of a singular value decomposition of what is not finite: its fourth argument."""


def check_infos(infos: Sequence[int], api_name: str, is_matrix: bool) -> None:
    """Raise what the first info that is not 0 says.

    Args:
        infos: LAPACK's, of each matrix of the batch in order.
        api_name: the function that torch's text names, and whose failure it tells.
        is_matrix: there is no batch, so that no place in it is named.

    Raises:
        LinAlgError: torch's text.
        RuntimeError: for a factor that a later solver would divide by zero with (torch's text).
    """
    for place, info in enumerate(infos):
        if info:
            where = "" if is_matrix else f"(Batch element {place}): "
            raise _error(info, f"{api_name}: {where}", api_name)


def _error(info: int, start: str, api_name: str) -> RuntimeError:
    if info < 0 and "svd" not in api_name:
        return RuntimeError(
            f"{start}Argument {-info} has illegal value. Most certainly there is a bug in the "
            "implementation calling the backend library."
        )
    if "lu_factor" in api_name:
        return RuntimeError(
            f"{start}U[{info},{info}] is zero and using it on lu_solve would result in a division "
            "by zero. If you still want to perform the factorization, consider calling "
            "linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)"
        )
    if info == NOT_FINITE:
        return _LinAlgError(
            f"{start}The algorithm failed to converge because the input matrix contained "
            "non-finite values."
        )
    for word, text in _TEXTS.items():
        if word in api_name:
            return _LinAlgError(start + text.format(info))
    return RuntimeError(f"{start}Unknown error code: {info}.")


_TEXTS = {
    "inv": "The diagonal element {0} is zero, the inversion could not be completed because the "
    "input matrix is singular.",
    "solve": "The solver failed because the input matrix is singular.",
    "cholesky": "The factorization could not be completed because the input is not "
    "positive-definite (the leading minor of order {0} is not positive-definite).",
    "eig": "The algorithm failed to converge because the input matrix is ill-conditioned or has "
    "too many repeated eigenvalues (error code: {0}).",
    "svd": "The algorithm failed to converge because the input matrix is ill-conditioned or has "
    "too many repeated singular values (error code: {0}).",
    "lstsq": "The least squares solution could not be computed because the input matrix does not "
    "have full rank (error code: {0}).",
}
"""What is wrong with a matrix, by a word in the name of the function."""
