"""JAX's own decompositions; LDL, which it has not, is SciPy's on the host."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import lapack

Native = Any


def _adjoint(value: Native) -> Native:
    return jnp.conj(jnp.matrix_transpose(value))


def _lower(value: Native) -> Native:
    return jax.lax.linalg.cholesky(value, symmetrize_input=False)


def cholesky(value: Native, upper: bool) -> tuple[Native, Native]:
    if upper:
        value = _adjoint(value)
    factor = _lower(value)
    if bool(jnp.isnan(factor).any()):  # what a matrix that is not definite is answered with
        info = lapack.orders_of_failure(value, lambda part: not jnp.isnan(_lower(part)).any())
    else:
        info = np.zeros(value.shape[:-2], np.int32)
    return _adjoint(factor) if upper else factor, jnp.asarray(info)


def lu(value: Native) -> tuple[Native, Native, Native]:
    factors, pivots, _ = jax.lax.linalg.lu(value)
    zeros = jnp.diagonal(factors, axis1=-2, axis2=-1) == 0
    if zeros.shape[-1]:
        info = jnp.where(zeros.any(-1), jnp.argmax(zeros, -1) + 1, 0)
    else:
        info = jnp.zeros(value.shape[:-2])
    return factors, pivots + 1, info.astype(jnp.int32)


def qr(value: Native) -> tuple[Native, Native]:
    factors, tau = jnp.linalg.qr(value, mode="raw")
    return jnp.matrix_transpose(factors), tau


def solve_triangular(matrices: Native, right: Native, upper: bool, unit: bool) -> Native:
    solve = jax.lax.linalg.triangular_solve
    return solve(matrices, right, left_side=True, lower=not upper, unit_diagonal=unit)


def ldl(value: Native, hermitian: bool) -> tuple[Native, ...]:
    return tuple([jnp.asarray(made) for made in lapack.ldl(np.asarray(value), hermitian)])


def svd(value: Native, full: bool) -> tuple[Native, Native, Native]:
    return jnp.linalg.svd(value, full_matrices=full)  # type: ignore[no-any-return]


def singular_values(value: Native) -> Native:
    return jnp.linalg.svd(value, compute_uv=False)


def eigh(value: Native, upper: bool) -> tuple[Native, Native]:
    return jnp.linalg.eigh(value, UPLO="LU"[upper], symmetrize_input=False)  # type: ignore[no-any-return]


def eigvalsh(value: Native, upper: bool) -> Native:
    return eigh(value, upper)[0]


def eig(value: Native) -> tuple[Native, Native]:
    return jnp.linalg.eig(value)  # type: ignore[no-any-return]


def eigvals(value: Native) -> Native:
    return jnp.linalg.eigvals(value)
