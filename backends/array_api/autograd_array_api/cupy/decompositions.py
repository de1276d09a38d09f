"""CuPy's own decompositions; LDL, which it has not, is SciPy's on the host."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import cupy
import cupyx
import numpy as np
from cupyx.scipy import linalg

from .. import lapack

Native = Any


def _adjoint(value: Native) -> Native:
    return cupy.conj(cupy.swapaxes(value, -1, -2))


def _lower(value: Native) -> Native | None:
    """The factors of matrices that are all positive definite, else None."""
    with cupyx.errstate(linalg="raise"):
        try:
            return cupy.linalg.cholesky(value)
        except np.linalg.LinAlgError:
            return None


def cholesky(value: Native, upper: bool) -> tuple[Native, Native]:
    if upper:
        value = _adjoint(value)
    factor = _lower(value)
    info = np.zeros(value.shape[:-2], np.int32)
    if factor is None:
        info = lapack.orders_of_failure(value, lambda part: _lower(part) is not None)
        factor = cupy.linalg.cholesky(value)
    return _adjoint(factor) if upper else factor, cupy.asarray(info)


def _each(function: Callable[[Native], tuple[Native, ...]], value: Native, *made: Native) -> None:
    """Write what a function makes of each matrix into arrays.

    For a batch cuSOLVER has other methods, whose vectors have other signs.
    """
    for place in np.ndindex(*value.shape[:-2]):
        for whole, part in zip(made, function(value[place]), strict=True):
            whole[place] = part


def lu(value: Native) -> tuple[Native, Native, Native]:
    *batch, m, n = value.shape
    factors = cupy.empty_like(value)
    pivots = cupy.empty((*batch, min(m, n)), np.int32)
    info = cupy.zeros(tuple(batch), np.int32)
    if value.size:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a singular matrix: info tells
            _each(lambda part: linalg.lu_factor(part, check_finite=False), value, factors, pivots)
        zeros = cupy.diagonal(factors, axis1=-2, axis2=-1) == 0
        info = cupy.where(zeros.any(-1), cupy.argmax(zeros, -1) + 1, 0).astype(np.int32)
    return factors, pivots + 1, info


def qr(value: Native) -> tuple[Native, Native]:
    factors, tau = cupy.linalg.qr(value, mode="raw")
    return cupy.swapaxes(factors, -1, -2), tau


def solve_triangular(matrices: Native, right: Native, upper: bool, unit: bool) -> Native:
    if not right.size:
        return cupy.empty_like(right)
    return linalg.solve_triangular(matrices, right, lower=not upper, unit_diagonal=unit)


def ldl(value: Native, hermitian: bool) -> tuple[Native, ...]:
    return tuple([cupy.asarray(made) for made in lapack.ldl(value.get(), hermitian)])


def svd(value: Native, full: bool) -> tuple[Native, Native, Native]:
    *batch, m, n = value.shape
    k = min(m, n)
    u = cupy.empty((*batch, m, m if full else k), value.dtype)
    s = cupy.empty((*batch, k), value.real.dtype)
    vh = cupy.empty((*batch, n if full else k, n), value.dtype)
    _each(lambda matrix: cupy.linalg.svd(matrix, full_matrices=full), value, u, s, vh)
    return u, s, vh


def singular_values(value: Native) -> Native:
    return cupy.linalg.svd(value, compute_uv=False)


def eigh(value: Native, upper: bool) -> tuple[Native, Native]:
    values, vectors = cupy.empty(value.shape[:-1], value.real.dtype), cupy.empty_like(value)
    _each(lambda matrix: cupy.linalg.eigh(matrix, UPLO="LU"[upper]), value, values, vectors)
    return values, vectors


def eigvalsh(value: Native, upper: bool) -> Native:
    return cupy.linalg.eigvalsh(value, UPLO="LU"[upper])


def eig(value: Native) -> tuple[Native, Native]:
    values, vectors = cupy.linalg.eig(value)
    if value.dtype.kind == "f":  # real where all of them are
        kind = np.result_type(value.dtype, np.complex64)
        values, vectors = values.astype(kind), vectors.astype(kind)
    return values, vectors


def eigvals(value: Native) -> Native:
    values = cupy.linalg.eigvals(value)
    return values.astype(np.result_type(value.dtype, np.complex64))
