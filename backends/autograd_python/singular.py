"""Singular values of a matrix in lists: one-sided Jacobi rotations of its columns.

Hestenes' method (Golub and Van Loan, "Matrix Computations", 8.6.3): pairs of columns are rotated
until all are orthogonal; their lengths are the singular values, each to its own relative accuracy.
"""

from __future__ import annotations

import math
from operator import mul
from typing import Any

from .hermitian import EPSILON, Matrix, Vector, size_squared

_MOST_SWEEPS = 60


def _overlap(one: Vector, two: Vector, is_complex: bool) -> Any:
    if is_complex:
        return sum([x.conjugate() * y for x, y in zip(one, two)])
    return sum(map(mul, one, two))


def singular(
    columns: Matrix, is_complex: bool, vectors: bool
) -> tuple[Matrix, list[float], Matrix]:
    """Return left vectors, descending singular values and right vectors (as columns).

    There are no more columns than rows. A left vector of the singular value 0 is all zeros;
    without ``vectors`` right ones are empty.
    """
    n = len(columns)
    largest = max((abs(v) for column in columns for v in column), default=0.0)
    if largest == 0.0:
        return columns, [0.0] * n, [_unit(n, k) for k in range(n)]
    exponent = math.frexp(largest)[1]
    scale = math.ldexp(1.0, -exponent)
    left = [[v * scale for v in column] for column in columns]
    right = [_unit(n, k) if vectors else [] for k in range(n)]
    squares = list(map(size_squared, left))
    tolerance = EPSILON * math.sqrt(max(len(columns[0]), 1))
    for _ in range(_MOST_SWEEPS):
        order = sorted(range(n), key=lambda k: -squares[k])
        left, right = [left[k] for k in order], [right[k] for k in order]
        squares = list(map(size_squared, left))
        turned = False
        for p in range(n - 1):
            for q in range(p + 1, n):
                turned |= _turn(left, right, squares, p, q, tolerance, is_complex)
        if not turned:
            break
    lengths = [math.sqrt(size_squared(column)) for column in left]
    order = sorted(range(n), key=lambda k: -lengths[k])
    scaled = [
        [v / lengths[k] for v in left[k]] if lengths[k] else [0.0] * len(left[k]) for k in order
    ]
    values = [math.ldexp(lengths[k], exponent) for k in order]
    return scaled, values, [right[k] for k in order]


def _turn(
    left: Matrix,
    right: Matrix,
    squares: list[float],
    p: int,
    q: int,
    tolerance: float,
    is_complex: bool,
) -> bool:
    """Rotate two columns to be orthogonal; return whether they were not."""
    one, two = left[p], left[q]
    overlap = _overlap(one, two, is_complex)
    size = abs(overlap)
    if size <= tolerance * math.sqrt(squares[p] * squares[q]) or size < 1e-300:
        return False
    zeta = (squares[q] - squares[p]) / (2.0 * size)
    t = math.copysign(1.0, zeta) / (abs(zeta) + math.hypot(1.0, zeta))
    c = 1.0 / math.hypot(1.0, t)
    s = c * t
    phase = overlap.conjugate() / size  # makes the overlap real
    cp, sp = c * phase, s * phase
    left[p] = [c * x - sp * y for x, y in zip(one, two)]
    left[q] = [s * x + cp * y for x, y in zip(one, two)]
    one, two = right[p], right[q]
    right[p] = [c * x - sp * y for x, y in zip(one, two)]
    right[q] = [s * x + cp * y for x, y in zip(one, two)]
    squares[p], squares[q] = size_squared(left[p]), size_squared(left[q])
    return True


def _unit(length: int, place: int) -> Vector:
    return [1.0 if k == place else 0.0 for k in range(length)]


def completed(columns: Matrix, count: int, length: int, is_complex: bool) -> Matrix:
    """Return ``count`` orthonormal columns: those given, zero ones replaced, and more.

    What is missing are unit vectors, each the one that the basis holds least of, made orthogonal
    to the basis twice.
    """
    basis = [column for column in columns if any(column)]
    held = [sum(abs(column[k]) ** 2 for column in basis) for k in range(length)]
    result = []
    for k in range(count):
        if k < len(columns) and any(columns[k]):
            result.append(columns[k])
            continue
        place = min(range(length), key=held.__getitem__)
        made = _unit(length, place)
        for _ in range(2):
            for column in basis:
                factor = _overlap(column, made, is_complex)
                made = [x - factor * y for x, y in zip(made, column)]
        size = math.sqrt(size_squared(made))
        made = [x / size for x in made]
        basis.append(made)
        held = [h + abs(x) ** 2 for h, x in zip(held, made)]
        result.append(made)
    return result
