"""Singular values and eigenvalues by LAPACK: gesdd and syevd for whole batches, geev one by one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core.sizes import column_major

from .arrays import empty
from .linalg import column_major_copy

Array = Any

_NOT_FINITE = -4


def _one_by_one(
    input: Array, decomposed: Callable[[Array], Any], failed: Callable[[Array], int]
) -> tuple[list[Any], Array]:
    """What a decomposition gives for each matrix (None where it raises), and info."""
    batch = input.shape[:-2]
    matrices = input.reshape(-1, *input.shape[-2:])
    found: list[Any] = []
    info = np.zeros(len(matrices), np.int32)
    for place, matrix in enumerate(matrices):
        try:
            found.append(decomposed(matrix))
        except np.linalg.LinAlgError:
            found.append(None)
            info[place] = failed(matrix)
    return found, info.reshape(batch)


def _none_failed(input: Array) -> Array:
    return np.zeros(input.shape[:-2], np.int32)


class Spectra:
    """The functions of singular values and eigenvalues that the contract requires."""

    def linalg_svd(
        self, input: Array, full_matrices: bool, compute_uv: bool
    ) -> tuple[Array, Array, Array, Array]:
        *batch, m, n = input.shape
        least = min(m, n)
        real = input.real.dtype
        info = _none_failed(input)
        finite = np.isfinite(input).all((-2, -1))
        if not finite.all():
            info += np.int32(_NOT_FINITE) * np.isnan(input).any((-2, -1))
            given = np.where(finite[..., None, None], input, 0)
            U, S, Vh, failed = self.linalg_svd(given, full_matrices, compute_uv)
            return U, np.where(finite[..., None], S, real.type(np.nan)), Vh, info + failed
        if not compute_uv:
            nothing = np.empty((0,), input.dtype)
            return nothing, self._singular_values(input), nothing, info
        shape_U = (*batch, m, m if full_matrices else least)
        shape_Vh = (*batch, n if full_matrices else least, n)
        if not input.size:
            U, Vh = np.zeros(shape_U, input.dtype), np.zeros(shape_Vh, input.dtype)
            for basis in (U, Vh):
                basis[...] = np.eye(*basis.shape[-2:])
            return (
                column_major_copy(U),
                np.zeros((*batch, least), real),
                column_major_copy(Vh),
                info,
            )
        try:
            U, S, Vh = np.linalg.svd(input, full_matrices)
        except np.linalg.LinAlgError:
            _, info = _one_by_one(input, np.linalg.svd, lambda matrix: least + 1)
            U, S, Vh = (np.empty(s, input.dtype) for s in (shape_U, (*batch, least), shape_Vh))
        return column_major_copy(U), S, column_major_copy(Vh), info

    def _singular_values(self, input: Array) -> Array:
        *batch, m, n = input.shape
        least = min(m, n)
        if not input.size:
            return np.zeros((*batch, least), input.real.dtype)
        try:
            return np.linalg.svd(input, compute_uv=False)
        except np.linalg.LinAlgError:
            found, _ = _one_by_one(
                input, lambda matrix: np.linalg.svd(matrix, compute_uv=False), lambda matrix: 1
            )
            missing = np.full(least, np.nan, input.real.dtype)
            rows = [missing if row is None else row for row in found]
            return np.stack(rows).reshape(*batch, least)

    def linalg_eigh(self, input: Array, upper: bool, compute_v: bool) -> tuple[Array, Array, Array]:
        nothing = np.empty((0,), input.dtype)
        info = _none_failed(input)
        if not input.size:
            vectors = column_major_copy(input) if compute_v else nothing
            return np.zeros(input.shape[:-1], input.real.dtype), vectors, info
        triangle: Any = "U" if upper else "L"
        vectors = nothing
        try:
            if compute_v:
                values, vectors = np.linalg.eigh(input, triangle)
            else:
                values = np.linalg.eigvalsh(input, triangle)
        except np.linalg.LinAlgError:  # does not say which of the matrices it was
            values = np.full(input.shape[:-1], np.nan, input.real.dtype)
            vectors = np.full_like(input, np.nan) if compute_v else nothing
            for place in np.ndindex(*input.shape[:-2]):
                with contextlib.suppress(np.linalg.LinAlgError):
                    values[place], found = np.linalg.eigh(input[place], triangle)
                    if compute_v:
                        vectors[place] = found
        if input.shape[-1] > 2 and not np.isfinite(values).all():  # two are a formula in LAPACK
            code = input.shape[-1] - 1 if compute_v else 1
            info = np.where(np.isfinite(values).all(-1), 0, code).astype(np.int32)
        return values, column_major_copy(vectors) if compute_v else nothing, info

    def linalg_eig(self, input: Array, compute_v: bool) -> tuple[Array, Array, Array]:
        from scipy.linalg.lapack import get_lapack_funcs  # a tenth of a second

        *batch, n, _ = input.shape
        kind = np.result_type(input.dtype, np.complex64)
        values = np.empty((*batch, n), kind)
        nothing = np.empty((0,), kind)
        shape = input.shape
        vectors = empty(shape, column_major(shape), kind) if compute_v else nothing
        info = _none_failed(input)
        if not input.size:
            return values, vectors, info
        (geev,) = get_lapack_funcs(("geev",), (input,))
        for place in np.ndindex(*batch):
            matrix = input[place]
            if not np.isfinite(matrix).all():
                values[place], info[place] = np.nan, _NOT_FINITE if compute_v else 0
                continue
            *found, _, right, code = geev(matrix, compute_vl=0, compute_vr=int(compute_v))
            values[place] = found[0] if len(found) == 1 else found[0] + 1j * found[1]
            info[place] = code
            if compute_v:
                vectors[place] = right if len(found) == 1 else _paired(right, found[1])
        return values, vectors, info


def _paired(columns: Array, imaginary: Array) -> Array:
    """Complex eigenvectors from LAPACK's: real and imaginary parts in two columns of a pair."""
    vectors = columns.astype(np.result_type(columns.dtype, np.complex64))
    (first,) = np.nonzero(imaginary > 0)
    vectors[:, first] += 1j * columns[:, first + 1]
    vectors[:, first + 1] = vectors[:, first].conj()
    return vectors
