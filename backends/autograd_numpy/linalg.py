"""Decompositions of matrices and solvers by LAPACK and BLAS, one call per matrix of a batch.

What LAPACK writes is column-major, and so are the results: each is made in that layout, and LAPACK
is let work in place on the matrices of it. SciPy copies those that do not lie as it wants (odd ones
of float32 in a batch), so that each is written back unless it is the very array.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_core.sizes import broadcast_shapes, column_major

from .arrays import empty

Array = Any

_BLOCK = 64
"""Columns that LAPACK is given the memory to reduce at once."""

_LETTERS = {"f": "s", "d": "d", "F": "c", "D": "z"}


@functools.cache
def _routine(name: str, native: np.dtype[Any]) -> Callable[..., Any]:
    """Return LAPACK's or BLAS's function for a dtype; SciPy is imported on first use."""
    from scipy.linalg import blas, lapack

    full = _LETTERS[native.char] + name
    return getattr(lapack, full, None) or getattr(blas, full)  # type: ignore[no-any-return]


@functools.cache
def _hermitian_routine(name: str, native: np.dtype[Any]) -> Callable[..., Any]:
    """Return the function of Hermitian matrices, which has another name for complex ones."""
    return _routine(name.replace("or", "un", 1) if native.kind == "c" else name, native)


def _column_major(shape: Sequence[int], native: np.dtype[Any]) -> Array:
    """A new array of any content with the last two dims column-major."""
    strides = column_major(shape)
    if 0 in shape:  # NumPy keeps the strides of nothing only in memory that it is given
        return empty(shape, strides, native)
    size = native.itemsize
    return np.ndarray(tuple(shape), native, strides=tuple([step * size for step in strides]))


def column_major_copy(input: Array, batch: Sequence[int] | None = None) -> Array:
    """A column-major copy, broadcast to batch dims."""
    shape = input.shape if batch is None else (*batch, *input.shape[-2:])
    result = _column_major(shape, input.dtype)
    result[...] = input
    return result


def _matrices(input: Array) -> Iterator[Array]:
    """The matrices of a batch, as views."""
    if input.ndim == 2:
        return iter((input,))
    return (input[place] for place in np.ndindex(*input.shape[:-2]))


def _rows(input: Array) -> Iterator[Array]:
    """The vectors of a batch, as views."""
    if input.ndim == 1:
        return iter((input,))
    return (input[place] for place in np.ndindex(*input.shape[:-1]))


def _write(matrix: Array, made: Array) -> None:
    if made is not matrix:
        matrix[...] = made


def _infos(batch: Sequence[int], found: list[int]) -> Array:
    return np.array(found or [0] * math.prod(batch), np.int32).reshape(batch)


class Linalg:
    """The functions of the capability "linalg", and what is derived of them."""

    def cholesky_ex(self, input: Array, upper: bool) -> tuple[Array, Array]:
        factor = column_major_copy(input)
        found: list[int] = []
        if factor.size:
            potrf = _routine("potrf", input.dtype)
            for matrix in _matrices(factor):
                made, info = potrf(matrix, lower=not upper, clean=True, overwrite_a=True)
                _write(matrix, made)
                missing = np.isnan(matrix.diagonal())  # not every LAPACK takes that for a failure
                found.append(info or (int(missing.argmax()) + 1 if missing.any() else 0))
        return factor, _infos(input.shape[:-2], found)

    def lu_factor_ex(self, input: Array) -> tuple[Array, Array, Array]:
        factors = column_major_copy(input)
        batch, (m, n) = input.shape[:-2], input.shape[-2:]
        pivots = np.empty((*batch, min(m, n)), np.int32)
        found = []
        if factors.size:
            getrf = _routine("getrf", input.dtype)
            for matrix, places in zip(_matrices(factors), _rows(pivots)):
                made, places[...], info = getrf(matrix, overwrite_a=True)
                _write(matrix, made)
                found.append(info)
            pivots += 1
        return factors, pivots, _infos(batch, found)

    def geqrf(self, input: Array) -> tuple[Array, Array]:
        factors = column_major_copy(input)
        batch, (m, n) = input.shape[:-2], input.shape[-2:]
        tau = np.empty((*batch, min(m, n)), input.dtype)
        if factors.size:
            geqrf, room = _routine("geqrf", input.dtype), _BLOCK * n
            for matrix, row in zip(_matrices(factors), _rows(tau)):
                made, row[...], _, _ = geqrf(matrix, lwork=room, overwrite_a=True)
                _write(matrix, made)
        return factors, tau

    def linalg_solve_triangular(
        self, input: Array, B: Array, upper: bool, left: bool, unitriangular: bool
    ) -> Array:
        batch = broadcast_shapes(input.shape[:-2], B.shape[:-2])
        result = column_major_copy(B, batch)
        if result.size and input.size:
            trsm = _routine("trsm", input.dtype)
            rows = input.strides[-1] == input.itemsize  # row-major: what BLAS sees is transposed
            if rows:
                input = np.swapaxes(input, -1, -2)
            input = np.broadcast_to(input, (*batch, *input.shape[-2:]))
            for matrix, right in zip(_matrices(input), _matrices(result)):
                made = trsm(
                    1,
                    matrix,
                    right,
                    side=not left,
                    lower=upper is rows,
                    trans_a=rows,
                    diag=unitriangular,
                    overwrite_b=True,
                )
                _write(right, made)
        return result

    def ldl_factor_ex(self, input: Array, hermitian: bool) -> tuple[Array, Array, Array]:
        factors = column_major_copy(np.tril(input))
        batch = input.shape[:-2]
        pivots = np.empty(input.shape[:-1], np.int32)
        found = []
        if factors.size:
            name = "hetrf" if hermitian and input.dtype.kind == "c" else "sytrf"
            routine = _routine(name, input.dtype)
            for matrix, places in zip(_matrices(factors), _rows(pivots)):
                made, places[...], info = routine(matrix, lower=True, overwrite_a=True)
                _write(matrix, made)
                found.append(info)
        return factors, pivots, _infos(batch, found)

    # Derived --------------------------------------------------------------------------------------

    def linalg_lu_solve(
        self, LU: Array, pivots: Array, B: Array, left: bool, adjoint: bool
    ) -> Array:
        if not left:
            turned = self.linalg_lu_solve(LU, pivots, _adjoint(B), True, not adjoint)
            return _adjoint(turned)
        batch = broadcast_shapes(LU.shape[:-2], B.shape[:-2])
        result = column_major_copy(B, batch)
        if result.size:
            getrs = _routine("getrs", LU.dtype)
            LU = np.broadcast_to(LU, (*batch, *LU.shape[-2:]))
            places = np.broadcast_to(pivots - 1, (*batch, pivots.shape[-1]))
            for matrix, row, right in zip(_matrices(LU), _rows(places), _matrices(result)):
                made, _ = getrs(matrix, row, right, trans=2 * adjoint, overwrite_b=True)
                _write(right, made)
        return result

    def cholesky_solve(self, input: Array, input2: Array, upper: bool) -> Array:
        batch = broadcast_shapes(input.shape[:-2], input2.shape[:-2])
        result = column_major_copy(input, batch)
        if result.size:
            potrs = _routine("potrs", input.dtype)
            factor = np.broadcast_to(input2, (*batch, *input2.shape[-2:]))
            for matrix, right in zip(_matrices(factor), _matrices(result)):
                made, _ = potrs(matrix, right, lower=not upper, overwrite_b=True)
                _write(right, made)
        return result

    def linalg_householder_product(self, input: Array, tau: Array) -> Array:
        result = column_major_copy(input)
        if result.size:
            orgqr = _hermitian_routine("orgqr", input.dtype)
            room = _BLOCK * input.shape[-1]
            for matrix, row in zip(_matrices(result), _rows(tau)):
                if row.size:
                    made, _, _ = orgqr(matrix, row, lwork=room, overwrite_a=True)
                    _write(matrix, made)
                else:
                    matrix[...] = np.eye(*matrix.shape)
        return result

    def ormqr(self, input: Array, tau: Array, other: Array, left: bool, transpose: bool) -> Array:
        result = column_major_copy(other)
        k = tau.shape[-1]
        if result.size and k:
            ormqr = _hermitian_routine("ormqr", input.dtype)
            side, trans = "RL"[left], ("N" if not transpose else "CT"[input.dtype.kind != "c"])
            room = _BLOCK * max(result.shape[-2:])
            reflectors = input[..., :k]
            for matrix, row, right in zip(_matrices(reflectors), _rows(tau), _matrices(result)):
                made, _, _ = ormqr(side, trans, matrix, row, right, room, overwrite_c=True)
                _write(right, made)
        return result


def _adjoint(input: Array) -> Array:
    return (
        np.swapaxes(input, -1, -2).conj() if input.dtype.kind == "c" else np.swapaxes(input, -1, -2)
    )
