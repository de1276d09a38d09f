"""Singular values and eigenvalues: one matrix of a batch after the other, in double precision."""

from __future__ import annotations

import cmath
import math
from typing import Any

from autograd_core.dtypes import int32

from . import hermitian, schur, singular
from .array import Array, exactly, new
from .hermitian import Matrix
from .matmul import in_columns, lines, matrices

_NOT_FINITE = -4


def _is_finite(rows: Matrix) -> bool:
    return all(map(cmath.isfinite, (v for row in rows for v in row)))


def _has_nan(rows: Matrix) -> bool:
    return any(map(cmath.isnan, (v for row in rows for v in row)))


class Spectra:
    """The functions of singular values and eigenvalues that the contract requires."""

    def linalg_svd(
        self, input: Array, full_matrices: bool, compute_uv: bool
    ) -> tuple[Array, Array, Array, Array]:
        dtype = input.dtype
        *batch, m, n = input.shape
        least = min(m, n)
        is_complex = dtype.category == 3
        lefts, values, rights, info = [], [], [], []
        tall = m >= n
        for rows in matrices(input):
            finite = _is_finite(rows)
            # LAPACK looks for NaN; of infinities it makes singular values that are NaN.
            info.append(_NOT_FINITE if not finite and _has_nan(rows) else 0)
            if not finite:
                rows = [[math.nan] * n for _ in range(m)]
            columns = [list(column) for column in zip(*rows)] if tall else _conjugated(rows)
            if m and n and finite:
                left, sizes, right = singular.singular(columns, is_complex, compute_uv)
            else:
                left, sizes, right = [], [math.nan] * least, []
            values.append(sizes)
            if not compute_uv:
                continue
            if not tall:
                left, right = right, left
            count = m if full_matrices else least
            lefts.append(singular.completed(left, count, m, is_complex))
            count = n if full_matrices else least
            rights.append(singular.completed(right, count, n, is_complex))
        S = lines(values, (*batch, least), dtype.to_real())
        codes = exactly(info, tuple(batch), int32)
        if not compute_uv:
            nothing = new([], (0,), dtype)
            return nothing, S, new([], (0,), dtype), codes
        U = in_columns(lefts, (*batch, m, m if full_matrices else least), dtype)
        rights = [_conjugated(zip(*columns)) for columns in rights] if n else rights
        Vh = in_columns(rights, (*batch, n if full_matrices else least, n), dtype)
        return U, S, Vh, codes

    def linalg_eigh(self, input: Array, upper: bool, compute_v: bool) -> tuple[Array, Array, Array]:
        dtype = input.dtype
        *batch, n, _ = input.shape
        values, vectors, info = [], [], []
        for rows in matrices(input):
            found: tuple[list[Any], list[list[Any]] | None] | None = None
            if n == 1:
                found = [rows[0][0].real], [[1.0]]
            elif _is_finite(rows):
                found = hermitian.eigen(rows, upper, dtype.category == 3, compute_v)
            if found is not None or n == 2:  # two are a formula in LAPACK
                info.append(0)
            else:
                info.append(n - 1 if compute_v else 1)
            if found is None:
                found = [math.nan] * n, [[math.nan] * n] * n
            values.append(found[0])
            vectors.append(found[1] or [])
        codes = exactly(info, tuple(batch), int32)
        L = lines(values, (*batch, n), dtype.to_real())
        if not compute_v:
            return L, new([], (0,), dtype), codes
        return L, in_columns(vectors, input.shape, dtype), codes

    def linalg_eig(self, input: Array, compute_v: bool) -> tuple[Array, Array, Array]:
        dtype = input.dtype
        *batch, n, _ = input.shape
        values, vectors, info = [], [], []
        for rows in matrices(input):
            found = None
            if _is_finite(rows):
                found = schur.eigen(rows, dtype.category == 3, compute_v)
            info.append(0 if found is not None or not compute_v else 1)
            if found is None:
                found = [complex(math.nan)] * n, [[complex(math.nan)] * n] * n
            values.append(found[0])
            vectors.append(found[1] or [])
        codes = exactly(info, tuple(batch), int32)
        paired = dtype.to_complex()
        L = lines(values, (*batch, n), paired)
        if not compute_v:
            return L, new([], (0,), paired), codes
        return L, in_columns(vectors, input.shape, paired), codes


def _conjugated(lines: Any) -> Matrix:
    return [[v.conjugate() for v in line] for line in lines]
