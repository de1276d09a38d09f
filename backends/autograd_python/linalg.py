"""Factorizations and triangular solvers on lists, one matrix of a batch after the other.

All is computed in double precision and rounded once. Source: Golub and Van Loan, "Matrix
Computations", 3.1, 3.4, 4.2, 4.4 and 5.2; signs and pivots are LAPACK's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import mul
from typing import Any

from autograd_core.dtypes import int32
from autograd_core.sizes import broadcast_shapes

from .array import Array, exactly
from .hermitian import Matrix, Vector, complex_number, real_number, reflector
from .matmul import broadcast, in_columns, lines, matrices, vectors
from .scalars import BINARY

_QUOTIENT = BINARY["div"].careful


def _dot(one: Vector, two: Vector) -> Any:
    return sum(map(mul, one, two))


def _conjugation(input: Array) -> Callable[[Any], Any]:
    return complex_number if input.dtype.category == 3 else real_number


def _size(value: Any) -> float:
    """LAPACK's measure of a pivot."""
    return abs(value.real) + abs(value.imag)  # type: ignore[no-any-return]


def _columns(rows: Matrix, width: int) -> Matrix:
    return [list(column) for column in zip(*rows)] if rows else [[] for _ in range(width)]


def _adjoint(rows: Matrix, width: int, conjugate: Callable[[Any], Any]) -> Matrix:
    return [list(map(conjugate, column)) for column in _columns(rows, width)]


class Linalg:
    """The functions of factorizations and triangular systems that the contract requires."""

    def cholesky_ex(self, input: Array, upper: bool) -> tuple[Array, Array]:
        *batch, n, _ = input.shape
        conjugate = _conjugation(input)
        factors, infos = [], []
        for rows in matrices(input):
            if upper:
                rows = _adjoint(rows, n, conjugate)
            factor, info = _cholesky(rows, conjugate)
            # The columns of L^H are the conjugated rows of L.
            factors.append(
                [list(map(conjugate, row)) for row in factor] if upper else _columns(factor, n)
            )
            infos.append(info)
        made = in_columns(factors, input.shape, input.dtype)
        return made, exactly(infos, tuple(batch), int32)

    def lu_factor_ex(self, input: Array) -> tuple[Array, Array, Array]:
        *batch, m, n = input.shape
        zero = 0j if input.dtype.category == 3 else 0.0
        factors, places, infos = [], [], []
        for rows in matrices(input):
            pivots, info = _lu(rows, n, zero)
            factors.append(_columns(rows, n))
            places += pivots
            infos.append(info)
        packed = in_columns(factors, input.shape, input.dtype)
        pivots_shape = (*batch, min(m, n))
        return packed, exactly(places, pivots_shape, int32), exactly(infos, tuple(batch), int32)

    def geqrf(self, input: Array) -> tuple[Array, Array]:
        *batch, m, n = input.shape
        conjugate = _conjugation(input)
        found, factors = [], []
        for rows in matrices(input):
            columns = _columns(rows, n)
            factors.append(_qr(columns, min(m, n), conjugate))
            found.append(columns)
        packed = in_columns(found, input.shape, input.dtype)
        return packed, lines(factors, (*batch, min(m, n)), input.dtype)

    def linalg_solve_triangular(
        self, input: Array, B: Array, upper: bool, left: bool, unitriangular: bool
    ) -> Array:
        batch = tuple(broadcast_shapes(input.shape[:-2], B.shape[:-2]))
        category = input.dtype.category
        solved = []
        n, m = input.shape[-1], B.shape[-1]
        sides = matrices(broadcast(B, batch))
        for rows, side in zip(matrices(broadcast(input, batch)), sides, strict=True):
            # X A = B is A^T X^T = B^T, whose right sides are the rows of B.
            triangle = rows if left else _columns(rows, n)
            rights = _columns(side, m) if left else side
            lower = upper is not left
            found = [_substituted(triangle, b, lower, unitriangular, category) for b in rights]
            solved.append(found if left else _columns(found, m))
        return in_columns(solved, (*batch, *B.shape[-2:]), input.dtype)

    def ldl_factor_ex(self, input: Array, hermitian: bool) -> tuple[Array, Array, Array]:
        *batch, n, _ = input.shape
        conjugate = _conjugation(input) if hermitian else real_number
        real = hermitian and input.dtype.category == 3
        factors, places, infos = [], [], []
        for rows in matrices(input):
            pivots, info = _ldl(rows, conjugate, real)
            lower = [row[: k + 1] + [0.0] * (n - k - 1) for k, row in enumerate(rows)]
            factors.append(_columns(lower, n))
            places += pivots
            infos.append(info)
        packed = in_columns(factors, input.shape, input.dtype)
        return (
            packed,
            exactly(places, (*batch, n), int32),
            exactly(infos, tuple(batch), int32),
        )

    # Derived --------------------------------------------------------------------------------------

    def linalg_householder_product(self, input: Array, tau: Array) -> Array:
        *_, m, n = input.shape
        products = []
        for rows, factors in zip(matrices(input), vectors(tau), strict=True):
            columns = _columns(rows, n)
            product = [[float(i == j) for i in range(m)] for j in range(n)]
            for k in reversed(range(len(factors))):
                _reflect(columns[k], factors[k], k, product[k:], _conjugation(input))
            products.append(product)
        return in_columns(products, input.shape, input.dtype)

    def ormqr(
        self: Any, input: Array, tau: Array, other: Array, left: bool, transpose: bool
    ) -> Array:
        if not left:
            turned = self.ormqr(input, tau, self.mH(other), True, not transpose)
            return self.column_major(self.mH(turned))  # type: ignore[no-any-return]
        conjugate = _conjugation(input)
        products = []
        sides = matrices(other)
        for rows, factors, side in zip(matrices(input), vectors(tau), sides, strict=True):
            reflectors = _columns(rows, input.shape[-1])
            product = _columns(side, other.shape[-1])
            order = range(len(factors))
            for k in order if transpose else reversed(order):
                factor = conjugate(factors[k]) if transpose else factors[k]
                _reflect(reflectors[k], factor, k, product, conjugate)
            products.append(product)
        return in_columns(products, other.shape, input.dtype)


def _cholesky(rows: Matrix, conjugate: Callable[[Any], Any]) -> tuple[Matrix, int]:
    """Return L row by row, and the 1-based place of the first pivot that is not positive, or 0."""
    n = len(rows)
    factor: Matrix = []
    conjugated: Matrix = []
    info = 0
    for i, row in enumerate(rows):
        line: Vector = []
        for j in range(i):
            line.append((row[j] - _dot(line, conjugated[j])) / factor[j][j].real)
        conjugated.append(list(map(conjugate, line)))
        rest = (row[i] - _dot(line, conjugated[i])).real
        if not rest > 0:
            info = i + 1
            break
        line.append(math.sqrt(rest))
        factor.append(line)
    factor = [line + [0.0] * (n - len(line)) for line in factor]
    factor += [row[: k + 1] + [0.0] * (n - k - 1) for k, row in enumerate(rows) if k >= len(factor)]
    return factor, info


def _lu(rows: Matrix, n: int, zero: Any) -> tuple[list[int], int]:
    """Factor rows in place; return the 1-based pivots and the first place of a zero one, or 0."""
    m = len(rows)
    pivots = []
    info = 0
    for k in range(min(m, n)):
        at = k
        largest = _size(rows[k][k])
        for i in range(k + 1, m):
            size = _size(rows[i][k])
            if size > largest:
                at, largest = i, size
        pivots.append(at + 1)
        if at != k:
            rows[k], rows[at] = rows[at], rows[k]
        pivot = rows[k][k]
        if pivot == zero:
            info = info or k + 1
            continue
        tail = rows[k][k + 1 :]
        for i in range(k + 1, m):
            row = rows[i]
            if row[k] != zero:
                factor = row[k] / pivot
                row[k:] = [factor, *[a - factor * b for a, b in zip(row[k + 1 :], tail)]]
    return pivots, info


def _qr(columns: Matrix, count: int, conjugate: Callable[[Any], Any]) -> Vector:
    """Reduce columns in place, the vectors below the diagonal; return the reflections' factors."""
    factors = []
    for k in range(count):
        vector, tau, beta = reflector(columns[k][k:], conjugate)
        columns[k][k:] = [beta, *vector[1:]]
        factors.append(tau)
        _reflect(columns[k], conjugate(tau), k, columns[k + 1 :], conjugate)
    return factors


def _reflect(
    column: Vector, factor: Any, k: int, targets: Matrix, conjugate: Callable[[Any], Any]
) -> None:
    """Multiply 1 - factor v v^H into columns, with v 1 at ``k`` and the column below it."""
    if not factor:
        return
    vector = [1.0, *column[k + 1 :]]
    adjoint = list(map(conjugate, vector))
    for target in targets:
        tail = target[k:]
        along = factor * _dot(adjoint, tail)
        target[k:] = [t - v * along for t, v in zip(tail, vector)]


def _substituted(
    rows: Matrix, right: Vector, lower: bool, unitriangular: bool, category: int
) -> Vector:
    """Return the solution of one right side, IEEE where the diagonal is 0."""
    divide = _QUOTIENT[category]
    solution: Vector = []
    order = range(len(right))
    for i in order if lower else reversed(order):
        row = rows[i]
        value = right[i] - _dot(row[:i] if lower else row[:i:-1], solution)
        if not unitriangular:
            value = value / row[i] if row[i] else divide(value, row[i])
        solution.append(value)
    return solution if lower else solution[::-1]


_ALPHA = (1 + math.sqrt(17)) / 8


def _ldl(rows: Matrix, conjugate: Callable[[Any], Any], real: bool) -> tuple[list[int], int]:
    """Factor the lower triangle in place, by Bunch and Kaufman's diagonal pivoting.

    Args:
        rows: square; only the lower triangle is read and written.
        conjugate: of complex Hermitian matrices; nothing for symmetric ones.
        real: the diagonal of D is real.

    Returns:
        LAPACK's pivots, and the 1-based place of the first zero column, or 0.
    """
    n = len(rows)
    pivots: list[int] = [0] * n
    info = 0
    k = 0

    if real:
        for i in range(n):
            rows[i][i] = complex(rows[i][i].real)
    while k < n:
        width, at = 1, k
        own = _size(rows[k][k])
        below = [_size(rows[i][k]) for i in range(k + 1, n)]
        largest = max(below, default=0.0)
        place = k + 1 + below.index(largest) if below else k
        if max(own, largest) == 0 or own != own:
            info = info or k + 1
        elif own < _ALPHA * largest:
            across = [*rows[place][k:place], *[rows[i][place] for i in range(place + 1, n)]]
            biggest = max(map(_size, across))
            if own >= _ALPHA * largest * (largest / biggest):
                pass
            elif _size(rows[place][place]) >= _ALPHA * biggest:
                at = place
            else:
                width, at = 2, place
        last = k + width - 1
        if at != last:
            _exchange(rows, k, last, at, conjugate)
        if max(own, largest) > 0:
            _eliminate(rows, k, width, conjugate, real)
        for j in range(k, k + width):
            pivots[j] = at + 1 if width == 1 else -(at + 1)
        k += width
    return pivots, info


def _exchange(rows: Matrix, k: int, one: int, two: int, conjugate: Callable[[Any], Any]) -> None:
    """Exchange two rows and columns, one < two, of the lower triangle that starts at ``k``."""
    for i in range(two + 1, len(rows)):
        rows[i][one], rows[i][two] = rows[i][two], rows[i][one]
    for j in range(one + 1, two):
        rows[j][one], rows[two][j] = conjugate(rows[two][j]), conjugate(rows[j][one])
    rows[two][one] = conjugate(rows[two][one])
    rows[one][one], rows[two][two] = rows[two][two], rows[one][one]
    for j in range(k, one):
        rows[one][j], rows[two][j] = rows[two][j], rows[one][j]


def _eliminate(
    rows: Matrix, k: int, width: int, conjugate: Callable[[Any], Any], real: bool
) -> None:
    """Take a block of D off what is below and to the right of it, and leave L in its columns."""
    n = len(rows)
    if width == 1:
        pivot = rows[k][k].real if real else rows[k][k]
        column = [rows[i][k] for i in range(k + 1, n)]
        factors = [[value / pivot] for value in column]
        products = [[conjugate(value)] for value in column]
    else:
        a, b, d = rows[k][k], rows[k + 1][k], rows[k + 1][k + 1]
        c = conjugate(b)
        determinant = a * d - b * c
        pairs = [(rows[i][k], rows[i][k + 1]) for i in range(k + 2, n)]
        factors = [[(x * d - y * b) / determinant, (y * a - x * c) / determinant] for x, y in pairs]
        products = [[conjugate(x), conjugate(y)] for x, y in pairs]
    start = k + width
    for i in range(start, n):
        factor = factors[i - start]
        row = rows[i]
        row[start : i + 1] = [
            row[j] - _dot(factor, products[j - start]) for j in range(start, i + 1)
        ]
        row[k:start] = factor
        if real:
            row[i] = complex(row[i].real)
