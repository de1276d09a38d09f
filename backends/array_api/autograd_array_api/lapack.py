"""What array libraries lack of LAPACK, on the host by SciPy, one matrix after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Native = Any


def ldl(value: Native, hermitian: bool) -> tuple[Native, Native, Native]:
    """Factors, pivots and infos (int32) of NumPy's matrices, by Bunch and Kaufman's pivoting."""
    import numpy as np
    from scipy.linalg import get_lapack_funcs

    name = "hetrf" if hermitian and value.dtype.kind == "c" else "sytrf"
    factors = np.tril(value)
    pivots = np.zeros(value.shape[:-1], np.int32)
    infos = np.zeros(value.shape[:-2], np.int32)
    if factors.size:
        (routine,) = get_lapack_funcs((name,), (factors,))
        for place in np.ndindex(*infos.shape):
            factors[place], pivots[place], infos[place] = routine(factors[place], lower=True)
    return factors, pivots, infos


def orders_of_failure(value: Native, is_definite: Callable[[Native], bool]) -> Native:
    """For matrices, the order of the first leading minor that is not positive definite, or 0.

    ``is_definite`` answers for one native matrix. The result is NumPy's, int32.
    """
    import numpy as np

    infos = np.zeros(tuple(value.shape[:-2]), np.int32)
    for place in np.ndindex(*infos.shape):
        matrix = value[place]
        if not is_definite(matrix):
            orders = range(1, value.shape[-1] + 1)
            infos[place] = next(k for k in orders if not is_definite(matrix[:k, :k]))
    return infos
