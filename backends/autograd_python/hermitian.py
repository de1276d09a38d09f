"""Eigenvalues of a Hermitian matrix in lists: to tridiagonal form by reflections, then implicit QL.

Golub and Van Loan, "Matrix Computations", 8.3. Matrices are lists of rows of Python floats or
complex numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import mul
from typing import Any

Vector = list[Any]
Matrix = list[Vector]

EPSILON = 2.0**-53
_MOST_STEPS = 60


def real_number(value: float) -> float:
    """Return the conjugate of a real number."""
    return value


def complex_number(value: complex) -> complex:
    """Return the conjugate of a complex number."""
    return value.conjugate()


def size_squared(vector: Vector) -> float:
    """Return the sum of the squared absolute values."""
    if vector and type(vector[0]) is complex:
        return sum([v.real * v.real + v.imag * v.imag for v in vector], 0.0)
    total: float = sum(map(mul, vector, vector), 0.0)
    return total


def scaled(rows: Matrix) -> tuple[Matrix, float]:
    """Return a copy whose largest element is near 1, and the power of 2 that it lacks."""
    largest = max((abs(value) for row in rows for value in row), default=0.0)
    factor = math.ldexp(1.0, min(max(-math.frexp(largest)[1], -1000), 1000))
    return [[value * factor for value in row] for row in rows], 1.0 / factor


def reflector(vector: Vector, conjugate: Callable[[Any], Any]) -> tuple[Vector, Any, float]:
    """Return v, tau and beta so that (1 - conj(tau) v v^H) takes the vector to beta e_1, as larfg.

    v[0] is 1 and beta is real; tau is 0 where nothing is to be done.
    """
    head, tail = vector[0], vector[1:]
    rest = size_squared(tail)
    if rest == 0.0 and head.imag == 0.0:
        return [1.0, *([0.0] * len(tail))], 0.0, head.real
    beta = -math.copysign(math.sqrt(rest + abs(head) ** 2), head.real)
    scale = 1.0 / (head - beta)
    return [1.0, *[value * scale for value in tail]], (beta - head) / beta, beta


def tridiagonal(
    rows: Matrix, conjugate: Callable[[Any], Any], vectors: bool
) -> tuple[list[float], list[float], Matrix | None]:
    """Return diagonal, subdiagonal, and the columns of Q, of a Hermitian matrix Q T Q^H.

    Both triangles are read; the rows are overwritten.
    """
    n = len(rows)
    reflectors: list[tuple[Vector, Any]] = []
    off: list[float] = []
    for k in range(n - 1):
        v, tau, beta = reflector([rows[i][k] for i in range(k + 1, n)], conjugate)
        off.append(beta)
        reflectors.append((v, tau))
        if tau == 0:
            continue
        adjoint = [conjugate(value) for value in v]
        block = [rows[i][k + 1 :] for i in range(k + 1, n)]
        # H^H A H with H = 1 - tau v v^H: the rank-2 update A - w v^H - v w^H.
        p = [tau * sum(map(mul, row, v)) for row in block]
        half = sum(map(mul, adjoint, p)) * conjugate(tau) * 0.5
        w = [a - half * b for a, b in zip(p, v)]
        w_adjoint = [conjugate(value) for value in w]
        for i, (row, vi, wi) in enumerate(zip(block, v, w), k + 1):
            rows[i][k + 1 :] = [a - wi * b - vi * c for a, b, c in zip(row, adjoint, w_adjoint)]
    diagonal = [rows[i][i].real for i in range(n)]
    if not vectors:
        return diagonal, off, None
    columns: Matrix = [[1.0 if i == j else 0.0 for i in range(n)] for j in range(n)]
    for k in reversed(range(n - 1)):  # apply H_k from the left to the columns behind
        v, tau = reflectors[k]
        if tau == 0:
            continue
        adjoint = [conjugate(value) for value in v]
        for column in columns[k + 1 :]:
            tail = column[k + 1 :]
            factor = tau * sum(map(mul, adjoint, tail))
            column[k + 1 :] = [a - factor * b for a, b in zip(tail, v)]
    return diagonal, off, columns


def eigen_of_tridiagonal(d: list[float], e: list[float], columns: Matrix | None) -> bool:
    """Turn a tridiagonal matrix diagonal, rotating columns along; return whether that worked.

    ``d`` is overwritten with the eigenvalues, ``e`` destroyed (EISPACK's tql2).
    """
    n = len(d)
    e.append(0.0)
    for start in range(n):
        for step in range(_MOST_STEPS + 1):
            end = start
            while end < n - 1 and abs(e[end]) > EPSILON * (abs(d[end]) + abs(d[end + 1])):
                end += 1
            if end == start:
                break
            if step == _MOST_STEPS:
                return False
            g = (d[start + 1] - d[start]) / (2.0 * e[start])
            r = math.hypot(g, 1.0)
            g = d[end] - d[start] + e[start] / (g + math.copysign(r, g))
            s = c = 1.0
            p = 0.0
            for i in range(end - 1, start - 1, -1):
                f, b = s * e[i], c * e[i]
                r = math.hypot(f, g)
                e[i + 1] = r
                if r == 0.0:
                    d[i + 1] -= p
                    e[end] = 0.0
                    break
                s, c = f / r, g / r
                g = d[i + 1] - p
                r = (d[i] - g) * s + 2.0 * c * b
                p = s * r
                d[i + 1] = g + p
                g = c * r - b
                if columns is not None:
                    one, two = columns[i], columns[i + 1]
                    columns[i + 1] = [s * x + c * y for x, y in zip(one, two)]
                    columns[i] = [c * x - s * y for x, y in zip(one, two)]
            else:
                d[start] -= p
                e[start] = g
                e[end] = 0.0
    return True


def eigen(
    rows: Matrix, upper: bool, is_complex: bool, vectors: bool
) -> tuple[list[float], Matrix | None] | None:
    """Return ascending eigenvalues and the columns of eigenvectors; None where QL fails."""
    conjugate: Callable[[Any], Any] = complex_number if is_complex else real_number
    n = len(rows)
    rows, lacking = scaled(rows)
    whole = [list(row) for row in rows]
    for i in range(n):
        whole[i][i] = complex(rows[i][i].real) if is_complex else rows[i][i]
        for j in range(i):
            if upper:
                whole[i][j] = conjugate(rows[j][i])
            else:
                whole[j][i] = conjugate(rows[i][j])
    d, e, columns = tridiagonal(whole, conjugate, vectors)
    if not all(map(math.isfinite, d)) or not all(map(math.isfinite, e)):
        return None
    if not eigen_of_tridiagonal(d, e, columns):
        return None
    order = sorted(range(n), key=d.__getitem__)
    return [d[k] * lacking for k in order], None if columns is None else [columns[k] for k in order]
