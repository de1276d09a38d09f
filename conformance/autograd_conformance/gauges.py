"""Turns outputs that are determined up to a choice to the choice that torch made.

Which outputs have one, decompositions.toml says.

A turn multiplies vectors by signs, phases or, where values are equal, by a unitary matrix, the
nearest one that carries the subject's vectors to torch's. Whatever is wrong with the vectors beyond
that is still there when they are compared: turns keep lengths and angles.
"""

from __future__ import annotations

import functools
import math
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any

from autograd_conformance.arrays import Array, isfinite
from autograd_conformance.oracles import Answers, Oracle

#: A matrix as the list of its columns.
Columns = list[list[complex]]
#: Values as near as this, relative to the largest, count as equal.
_NEAR = 2.0**-11.5


@dataclass(frozen=True)
class Gauge:
    """What is free in the outputs of an entry."""

    entries: tuple[str, ...]
    values: int
    columns: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()
    unordered: bool = False

    @property
    def vectors(self) -> tuple[int, ...]:
        return (*self.columns, *self.rows)

    def turn(
        self, reference: list[Array], outputs: list[Array], quantity: list[Array | None]
    ) -> list[Array | None]:
        """`quantity`, given like `outputs` (themselves, or tangents), in the gauge of `reference`.

        Outputs of other shapes than the reference's are left alone.
        """
        if [a.shape for a in reference] != [a.shape for a in outputs]:
            return quantity
        given = [Array(a.dtype, a.shape, list(a.values)) for a in outputs]
        turned = [None if a is None else Array(a.dtype, a.shape, list(a.values)) for a in quantity]
        for place in range(math.prod(reference[self.values].shape[:-1])):
            self._turn_one(place, reference, given, turned)
        return turned

    def _turn_one(
        self,
        place: int,
        reference: list[Array],
        given: list[Array],
        turned: list[Array | None],
    ) -> None:
        """Turns the matrices at one place of the batch."""
        values = _vector(reference[self.values], place)
        if self.unordered:
            order = _matching(values, _vector(given[self.values], place))
            for index in (self.values, *self.columns):
                for member in (given[index], turned[index]):
                    if member is not None:
                        self._reorder(member, index, place, order)
        wanted = {i: self._seen(reference[i], i, place) for i in self.vectors}
        found = {i: self._seen(given[i], i, place) for i in self.vectors}
        moved = {
            i: self._seen(member, i, place)
            for i in self.vectors
            if (member := turned[i]) is not None
        }
        for group, members in self._groups(values, wanted):
            rotation = _nearest_unitary(
                [
                    [sum(_inner(found[i][p], wanted[i][q]) for i in members) for p in group]
                    for q in group
                ]
            )
            for columns in (moved[i] for i in members if i in moved):
                old = [columns[p] for p in group]
                for q, factors in zip(group, rotation, strict=True):
                    columns[q] = _combined(old, factors)
        for i, columns in moved.items():
            self._write(turned[i], i, place, columns)

    def _seen(self, output: Array, index: int, place: int) -> Columns:
        """The vectors of an output as columns."""
        height, width = output.shape[-2:]
        flat = output.values[place * height * width : (place + 1) * height * width]
        rows = [flat[i * width : (i + 1) * width] for i in range(height)]
        if index in self.rows:
            return [[value.conjugate() for value in row] for row in rows]
        return [[row[j] for row in rows] for j in range(width)]

    def _write(self, output: Array | None, index: int, place: int, columns: Columns) -> None:
        if output is None:
            return
        height, width = output.shape[-2:]
        if index in self.rows:
            flat = [value.conjugate() for column in columns for value in column]
        else:
            flat = [column[i] for i in range(height) for column in columns]
        if not output.is_complex:
            flat = [value.real for value in flat]
        output.values[place * height * width : (place + 1) * height * width] = flat

    def _reorder(self, output: Array, index: int, place: int, order: list[int]) -> None:
        if index == self.values:
            size = output.shape[-1]
            given = output.values[place * size : (place + 1) * size]
            output.values[place * size : (place + 1) * size] = [given[k] for k in order]
        else:
            columns = self._seen(output, index, place)
            self._write(output, index, place, [columns[k] for k in order])

    def _groups(
        self, values: list[Any], vectors: dict[int, Columns]
    ) -> list[tuple[list[int], list[int]]]:
        """The sets of columns that rotate among themselves, and the outputs that rotate together.

        Vectors of the value zero, and those beyond the values, are free in each output alone where
        there are several.
        """
        if not vectors:
            return []
        if self.unordered:
            return [([k], list(vectors)) for k in range(len(values))]
        near = max(map(abs, values), default=0.0) * _NEAR
        joint: list[list[int]] = []
        alone: list[int] = []
        for k, value in enumerate(values):
            if len(vectors) > 1 and abs(value) <= near:
                alone.append(k)
            elif joint and abs(value - values[joint[-1][-1]]) <= near:
                joint[-1].append(k)
            else:
                joint.append([k])
        groups = [(group, list(vectors)) for group in joint]
        for index, columns in vectors.items():
            free = [*alone, *range(len(values), len(columns))]
            if free:
                groups.append((free, [index]))
        return groups


def _vector(output: Array, place: int) -> list[Any]:
    size = output.shape[-1]
    return output.values[place * size : (place + 1) * size]


def _matching(wanted: list[Any], found: list[Any]) -> list[int]:
    """For each wanted value the place of the nearest found one that is left."""
    left = list(range(len(found)))
    order = []
    for value in wanted:
        nearest = min(left, key=lambda k: abs(found[k] - value))
        left.remove(nearest)
        order.append(nearest)
    return order


def _inner(first: list[complex], second: list[complex]) -> complex:
    return sum(a.conjugate() * b for a, b in zip(first, second, strict=True))


def _combined(columns: Columns, factors: list[complex]) -> list[complex]:
    """The sum of the columns, each times its factor."""
    return [
        sum(factor * value for factor, value in zip(factors, row, strict=True))
        for row in zip(*columns, strict=True)
    ]


def _nearest_unitary(matrix: Columns) -> Columns:
    """The unitary factor of the polar decomposition; of a number its sign or phase.

    Newton's iteration (Higham 1986): X becomes the mean of X and its inverse's adjoint, scaled at
    first so that both are as large. A singular matrix has no such factor: it is left alone.
    """
    size = len(matrix)
    identity: Columns = [[complex(i == j) for i in range(size)] for j in range(size)]
    if not all(isfinite(value) for column in matrix for value in column):
        return identity
    if size == 1:
        value = matrix[0][0]
        return [[value / abs(value)]] if value else identity
    for _ in range(60):
        inverse = _inverse_adjoint(matrix)
        if inverse is None:
            return identity
        scale = math.sqrt(_norm(inverse) / _norm(matrix))
        scale = scale if abs(scale - 1) > 0.01 else 1.0
        following = [
            [(scale * x + y / scale) / 2 for x, y in zip(first, second, strict=True)]
            for first, second in zip(matrix, inverse, strict=True)
        ]
        change = _norm([[a - b for a, b in zip(x, y)] for x, y in zip(following, matrix)])
        matrix = following
        if change <= 1e-15 * size:
            break
    return matrix


def _norm(matrix: Columns) -> float:
    return math.sqrt(sum(abs(value) ** 2 for column in matrix for value in column))


def _inverse_adjoint(matrix: Columns) -> Columns | None:
    """The inverse of the adjoint by Gauss and Jordan; None where the matrix is singular."""
    size = len(matrix)
    # A column's conjugate is a row of the adjoint.
    rows = [
        [*(value.conjugate() for value in column), *(complex(i == k) for k in range(size))]
        for i, column in enumerate(matrix)
    ]
    tiny = 1e-13 * _norm(matrix)
    for k in range(size):
        pivot = max(range(k, size), key=lambda i: abs(rows[i][k]))
        if abs(rows[pivot][k]) <= tiny:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        head = rows[k][k]
        rows[k] = [value / head for value in rows[k]]
        for i in range(size):
            if i != k and (factor := rows[i][k]):
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [[rows[i][size + j] for i in range(size)] for j in range(size)]


@functools.cache
def decompositions() -> dict[str, Any]:
    """The tables of decompositions.toml."""
    text = (resources.files("autograd_conformance") / "decompositions.toml").read_text("utf-8")
    return tomllib.loads(text)


@functools.cache
def gauges() -> list[Gauge]:
    """The gauges of decompositions.toml."""
    return [
        Gauge(
            tuple(row["entries"]),
            row["values"],
            tuple(row.get("columns", ())),
            tuple(row.get("rows", ())),
            row.get("unordered", False),
        )
        for row in decompositions()["gauge"]
    ]


def gauge_of(entry: str) -> Gauge | None:
    """The gauge of an entry's outputs; None where they are determined."""
    found = (g for g in gauges() if any(fnmatchcase(entry, p) for p in g.entries))
    return next(found, None)


def aligned(quantity: str, answers: Answers, oracle: Oracle) -> list[Array | None]:
    """The arrays of a quantity of any run; those of the outputs in the gauge of torch's run."""
    given: list[Array | None] = getattr(answers, quantity)()
    gauge = gauge_of(oracle.entry_name) if quantity in ("values", "tangents") else None
    if gauge is None or answers is oracle.expected:
        return given
    return gauge.turn(oracle.expected.values(), answers.values(), given)
