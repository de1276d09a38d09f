"""Eigenvalues of a general matrix in lists: balancing, Hessenberg form, shifted QR, substitution.

Real matrices take Francis' double shifts, so that eigenvalues come in exact conjugate pairs,
complex ones single shifts (Golub and Van Loan, "Matrix Computations", 7.4-7.6).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from operator import mul
from typing import Any

from .hermitian import (
    EPSILON,
    Matrix,
    Vector,
    complex_number,
    real_number,
    reflector,
    scaled,
    size_squared,
)

_MOST_STEPS = 60
_ULP = 2.0 * EPSILON


def eigen(
    rows: Matrix, is_complex: bool, vectors: bool
) -> tuple[list[complex], Matrix | None] | None:
    """Return eigenvalues and columns of eigenvectors of norm 1; None where QR does not converge."""
    n = len(rows)
    conjugate: Callable[[Any], Any] = complex_number if is_complex else real_number
    h, lacking = scaled(rows)
    exchanges, low, high = _isolate(h)
    scales = _balance(h, low, high)
    z = _hessenberg(h, conjugate, vectors)
    if not (_complex_schur(h, z) if is_complex else _real_schur(h, z)):
        return None
    values = [complex(h[k][k]) for k in range(n)] if is_complex else _values_of_blocks(h)
    if z is None:
        return [value * lacking for value in values], None
    if not is_complex:
        h = [[complex(v) for v in row] for row in h]
        _split_blocks(h, z, values)
    found = _substituted(h, z)
    for k, vector in enumerate(found):
        vector = [a * b for a, b in zip(vector, scales)]
        for one, two in reversed(exchanges):
            vector[one], vector[two] = vector[two], vector[one]
        found[k] = _normal(vector)
    if not is_complex:
        for k, value in enumerate(values):
            if value.imag == 0.0:
                found[k] = [complex(v.real) for v in found[k]]
            elif value.imag < 0.0:
                found[k] = [v.conjugate() for v in found[k - 1]]
    return [value * lacking for value in values], found


def _isolate(h: Matrix) -> tuple[list[tuple[int, int]], int, int]:
    """Exchange rows and columns so that eigenvalues that stand alone come first or last.

    Return the exchanges, and the first and the last row between those.
    """
    exchanges = []
    low, high = 0, len(h) - 1

    def exchange(one: int, two: int) -> None:
        exchanges.append((one, two))
        h[one], h[two] = h[two], h[one]
        for row in h:
            row[one], row[two] = row[two], row[one]

    def lone_row() -> int | None:
        for i in range(high, -1, -1):
            if not any(value for j, value in enumerate(h[i][: high + 1]) if j != i):
                return i
        return None

    def lone_column() -> int | None:
        for j in range(low, high + 1):
            if not any(h[i][j] for i in range(low, high + 1) if i != j):
                return j
        return None

    while high > 0 and (row := lone_row()) is not None:
        exchange(row, high)
        high -= 1
    while low < high and (column := lone_column()) is not None:
        exchange(column, low)
        low += 1
    return exchanges, low, high


def _balance(h: Matrix, low: int, high: int) -> list[float]:
    """Scale rows and columns by powers of 2 to similar norms; return the scales."""
    n = len(h)
    scales = [1.0] * n
    done = False
    while not done:
        done = True
        for i in range(low, high + 1):
            column = math.hypot(*(abs(line[i]) for line in h[low : high + 1]))
            row = math.hypot(*map(abs, h[i][low : high + 1]))
            if column == 0.0 or row == 0.0:
                continue
            factor, total = 1.0, column + row
            while column < row / 2.0:
                factor, column, row = factor * 2.0, column * 2.0, row / 2.0
            while column >= row * 2.0:
                factor, column, row = factor / 2.0, column / 2.0, row * 2.0
            if column + row < 0.95 * total and factor != 1.0:
                done = False
                scales[i] *= factor
                h[i] = [v / factor for v in h[i]]
                for line in h:
                    line[i] *= factor
    return scales


def _hessenberg(h: Matrix, conjugate: Callable[[Any], Any], vectors: bool) -> Matrix | None:
    """Make zeros below the subdiagonal by reflections; return the columns of their product."""
    n = len(h)
    reflectors: list[tuple[Vector, Any]] = []
    for k in range(n - 2):
        v, tau, beta = reflector([h[i][k] for i in range(k + 1, n)], conjugate)
        reflectors.append((v, tau))
        if tau == 0:
            continue
        adjoint = [conjugate(value) for value in v]
        turned = conjugate(tau)
        lines = [line[k:] for line in h[k + 1 :]]
        across = [sum(map(mul, adjoint, column)) * turned for column in zip(*lines)]
        for i, (line, vi) in enumerate(zip(lines, v), k + 1):
            h[i][k:] = [a - vi * b for a, b in zip(line, across)]
        for line in h:
            tail = line[k + 1 :]
            factor = tau * sum(map(mul, tail, v))
            line[k + 1 :] = [a - factor * b for a, b in zip(tail, adjoint)]
        h[k + 1][k] = beta
        for i in range(k + 2, n):
            h[i][k] = 0.0
    if not vectors:
        return None
    z: Matrix = [[1.0 if i == j else 0.0 for i in range(n)] for j in range(n)]
    for k in reversed(range(n - 2)):
        v, tau = reflectors[k]
        if tau == 0:
            continue
        adjoint = [conjugate(value) for value in v]
        for column in z[k + 1 :]:
            tail = column[k + 1 :]
            factor = tau * sum(map(mul, adjoint, tail))
            column[k + 1 :] = [a - factor * b for a, b in zip(tail, v)]
    return z


def _split_at(h: Matrix, high: int, norm: float) -> int:
    """Return where the last block that has not split off begins; set what is negligible to 0."""
    low = high
    while low > 0:
        above, here = h[low - 1][low - 1], h[low][low]
        size = abs(h[low][low - 1])
        if size <= _ULP * (abs(above) + abs(here) or norm):  # then Ahues and Tisseur's criterion
            one, two = abs(h[low - 1][low]), abs(above - here)
            larger = max(abs(here), two) + max(size, one)
            if not larger or min(size, one) * (max(size, one) / larger) <= _ULP * min(
                abs(here), two
            ) * (max(abs(here), two) / larger):
                h[low][low - 1] = 0.0
                break
        low -= 1
    return low


# Real matrices ------------------------------------------------------------------------------------


def _real_schur(h: Matrix, z: Matrix | None) -> bool:
    """Turn a real Hessenberg matrix into blocks of one or two rows; return whether that worked."""
    norm = sum(abs(v) for row in h for v in row)
    high, steps = len(h) - 1, 0
    while high >= 0:
        low = _split_at(h, high, norm)
        if low >= high - 1:
            if low == high - 1:
                _standardize(h, z, low)
            high, steps = low - 1, 0
            continue
        if steps == _MOST_STEPS:
            return False
        x, y = h[high][high], h[high - 1][high - 1]
        w = h[high][high - 1] * h[high - 1][high]
        if steps % 10 == 9:  # an exceptional shift
            s = abs(h[high][high - 1]) + abs(h[high - 1][high - 2])
            x = y = h[high][high] + 0.75 * s
            w = -0.4375 * s * s
        steps += 1
        trace, det = x + y, x * y - w
        half = 0.5 * (y - x)
        if half * half + w >= 0.0:  # of two real shifts the one nearer to the corner, twice
            root = math.sqrt(half * half + w)
            shift = x + half - math.copysign(root, half)
            trace, det = 2.0 * shift, shift * shift
        _double_step(h, z, _start(h, low, high, trace, det), low, high, trace, det)
    return True


def _heading(h: Matrix, m: int, trace: float, det: float) -> list[float]:
    """The first column of the product of two shifted matrices that begin in row m, scaled."""
    a, b = h[m][m], h[m + 1][m]
    return [
        (a * (a - trace) + det) + h[m][m + 1] * b,
        b * (a + h[m + 1][m + 1] - trace),
        b * h[m + 2][m + 1],
    ]


def _start(h: Matrix, low: int, high: int, trace: float, det: float) -> int:
    """Where a step may begin: two small subdiagonals in succession split it off."""
    for m in range(high - 2, low, -1):
        x, y, z = _heading(h, m, trace, det)
        near = abs(h[m - 1][m - 1]) + abs(h[m][m]) + abs(h[m + 1][m + 1])
        if abs(h[m][m - 1]) * (abs(y) + abs(z)) <= _ULP * abs(x) * near:
            return m
    return low


def _double_step(
    h: Matrix, z: Matrix | None, start: int, low: int, high: int, trace: float, det: float
) -> None:
    """One implicit QR step with two shifts, given by their sum and product."""
    n = len(h)
    head = _heading(h, start, trace, det)
    for k in range(start, high):
        count = min(3, high - k + 1)
        if k > start:
            head = [h[k + i][k - 1] for i in range(count)]
        v, tau, beta = reflector(head, real_number)
        if k > start:
            h[k][k - 1] = beta
            for i in range(1, count):
                h[k + i][k - 1] = 0.0
        elif start > low:
            h[k][k - 1] *= 1.0 - tau
        if tau == 0.0:
            continue
        bottom = min(k + 4, high + 1)
        if count == 3:
            v1, v2 = v[1], v[2]
            t0, t1, t2 = tau, tau * v1, tau * v2
            r0, r1, r2 = h[k][k:], h[k + 1][k:], h[k + 2][k:]
            across = [p + v1 * q + v2 * r for p, q, r in zip(r0, r1, r2)]
            h[k][k:] = [p - t0 * s for p, s in zip(r0, across)]
            h[k + 1][k:] = [p - t1 * s for p, s in zip(r1, across)]
            h[k + 2][k:] = [p - t2 * s for p, s in zip(r2, across)]
            for row in h[:bottom]:
                s = row[k] + v1 * row[k + 1] + v2 * row[k + 2]
                row[k] -= t0 * s
                row[k + 1] -= t1 * s
                row[k + 2] -= t2 * s
            if z is not None:
                r0, r1, r2 = z[k], z[k + 1], z[k + 2]
                across = [p + v1 * q + v2 * r for p, q, r in zip(r0, r1, r2)]
                z[k] = [p - t0 * s for p, s in zip(r0, across)]
                z[k + 1] = [p - t1 * s for p, s in zip(r1, across)]
                z[k + 2] = [p - t2 * s for p, s in zip(r2, across)]
            continue
        v1 = v[1]
        t0, t1 = tau, tau * v1
        r0, r1 = h[k][k:], h[k + 1][k:]
        across = [p + v1 * q for p, q in zip(r0, r1)]
        h[k][k:] = [p - t0 * s for p, s in zip(r0, across)]
        h[k + 1][k:] = [p - t1 * s for p, s in zip(r1, across)]
        for row in h[: min(bottom, n)]:
            s = row[k] + v1 * row[k + 1]
            row[k] -= t0 * s
            row[k + 1] -= t1 * s
        if z is not None:
            r0, r1 = z[k], z[k + 1]
            across = [p + v1 * q for p, q in zip(r0, r1)]
            z[k] = [p - t0 * s for p, s in zip(r0, across)]
            z[k + 1] = [p - t1 * s for p, s in zip(r1, across)]


def _standardize(h: Matrix, z: Matrix | None, k: int) -> None:
    """Make a block of two rows triangular if its eigenvalues are real."""
    a, b, c, d = h[k][k], h[k][k + 1], h[k + 1][k], h[k + 1][k + 1]
    p = 0.5 * (a - d)
    q = p * p + b * c
    if q < 0.0 or c == 0.0:
        return
    root = p + math.copysign(math.sqrt(q), p)
    size = math.hypot(c, root)
    sine, cosine = c / size, root / size
    _rotate(h, z, k, cosine, sine, 0)
    h[k + 1][k] = 0.0
    h[k][k] = d + root
    if root != 0.0:
        h[k + 1][k + 1] = d - b * c / root


def _rotate(h: Matrix, z: Matrix | None, k: int, c: Any, s: Any, start: int) -> None:
    """Apply [[c, s], [-conj(s), c]] to rows k, k + 1 and its adjoint to the columns; c is real."""
    s_ = s.conjugate()
    one, two = h[k][start:], h[k + 1][start:]
    h[k][start:] = [c * x + s * y for x, y in zip(one, two)]
    h[k + 1][start:] = [c * y - s_ * x for x, y in zip(one, two)]
    for row in h[: k + 3]:
        x, y = row[k], row[k + 1]
        row[k] = c * x + s_ * y
        row[k + 1] = c * y - s * x
    if z is not None:
        one, two = z[k], z[k + 1]
        z[k] = [c * x + s_ * y for x, y in zip(one, two)]
        z[k + 1] = [c * y - s * x for x, y in zip(one, two)]


def _values_of_blocks(h: Matrix) -> list[complex]:
    """The eigenvalues of real blocks of one or two rows, in order; conjugates are exact."""
    values: list[complex] = []
    n = len(h)
    while len(values) < n:
        k = len(values)
        if k + 1 == n or h[k + 1][k] == 0.0:
            values.append(complex(h[k][k]))
            continue
        p = 0.5 * (h[k][k] - h[k + 1][k + 1])
        q = p * p + h[k][k + 1] * h[k + 1][k]
        real, imaginary = h[k + 1][k + 1] + p, math.sqrt(-q)
        values += [complex(real, imaginary), complex(real, -imaginary)]
    return values


def _split_blocks(h: Matrix, z: Matrix, values: list[complex]) -> None:
    """Make the blocks of two rows triangular by complex rotations, in the order of ``values``."""
    for k, value in enumerate(values):
        if value.imag > 0.0:
            shifted, below = h[k][k] - values[k + 1], h[k + 1][k]
            size = math.hypot(abs(shifted), abs(below))
            phase = shifted / abs(shifted) if shifted else 1.0
            _rotate(h, z, k, abs(shifted) / size, phase * below.conjugate() / size, 0)
            h[k + 1][k] = 0.0
            h[k][k], h[k + 1][k + 1] = value, values[k + 1]


# Complex matrices ---------------------------------------------------------------------------------


def _complex_schur(h: Matrix, z: Matrix | None) -> bool:
    """Turn a complex Hessenberg matrix upper triangular; return whether that worked."""
    norm = sum(abs(v) for row in h for v in row)
    high, steps = len(h) - 1, 0
    while high > 0:
        low = _split_at(h, high, norm)
        if low == high:
            high, steps = high - 1, 0
            continue
        if steps == _MOST_STEPS:
            return False
        a, b = h[high - 1][high - 1], h[high - 1][high]
        c, d = h[high][high - 1], h[high][high]
        half = 0.5 * (a - d)
        root = cmath.sqrt(half * half + b * c)
        if (half * root.conjugate()).real < 0.0:
            root = -root
        shift = d - b * c / (half + root) if half + root else d
        if steps % 10 == 9:  # an exceptional shift
            shift = d + 0.75 * abs(c)
        steps += 1
        x, y = h[low][low] - shift, h[low + 1][low]
        for k in range(low, high):
            if k > low:
                x, y = h[k][k - 1], h[k + 1][k - 1]
            size = math.hypot(abs(x), abs(y))
            if size:
                phase = x / abs(x) if x else 1.0
                sine = phase * complex(y).conjugate() / size
                _rotate(h, z, k, abs(x) / size, sine, max(k - 1, 0))
            if k > low:
                h[k + 1][k - 1] = 0.0
    return True


# Vectors ------------------------------------------------------------------------------------------


def _substituted(t: Matrix, z: Matrix) -> Matrix:
    """The eigenvectors of a triangular matrix by back substitution, carried to the basis z."""
    n = len(t)
    norm = max((sum(abs(v) for v in row) for row in t), default=0.0)
    smallest = max(EPSILON * norm, 1e-290)
    lines = list(zip(*z))
    found = []
    for k in range(n):
        value = t[k][k]
        x: Vector = [0.0] * k + [1.0]
        for i in range(k - 1, -1, -1):
            gap = t[i][i] - value
            if abs(gap) < smallest:
                gap = smallest
            x[i] = -sum(map(mul, t[i][i + 1 : k + 1], x[i + 1 :])) / gap
            if abs(x[i]) > 1e100:
                x = [v * 1e-100 for v in x]
        found.append([sum(map(mul, line[: k + 1], x)) for line in lines])
    return found


def _normal(vector: Vector) -> Vector:
    """The vector at norm 1, its largest component real."""
    largest = max(vector, key=abs)
    if not largest:
        return vector
    turned = [complex(value / largest) for value in vector]
    turned[vector.index(largest)] = 1.0 + 0j
    size = math.sqrt(size_squared(turned))
    return [value / size for value in turned]
