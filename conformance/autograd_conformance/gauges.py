"""Turns outputs that are determined up to a choice to the choice that torch made.

Which outputs have one, decompositions.toml says.

A turn multiplies vectors by signs, phases or, where values are equal, by a unitary matrix, the
nearest one that carries the subject's vectors to torch's. Whatever is wrong with the vectors beyond
that is still there when they are compared: turns keep lengths and angles.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import torch

from autograd_conformance.budgets import Oracle, Quantity, decompositions
from autograd_conformance.observation import Observation, upcast

Tensors = list[torch.Tensor]


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

    def turn(self, reference: Tensors, outputs: Tensors, quantity: list[Any]) -> list[Any]:
        """`quantity`, given like `outputs` (themselves, or tangents), in the gauge of `reference`.

        Outputs of other shapes than the reference's are left alone.
        """
        if [t.shape for t in reference] != [t.shape for t in outputs]:
            return quantity
        high = [upcast(t) for t in reference]
        given = [upcast(t).clone() for t in outputs]
        turned = [None if t is None else upcast(t).clone() for t in quantity]
        batch = high[self.values].shape[:-1]
        for place in _places(batch):
            self._turn_one(place, high, given, turned)
        return [
            None if t is None else t.to(old.dtype) for t, old in zip(turned, quantity, strict=True)
        ]

    def _turn_one(
        self, place: tuple[int, ...], high: Tensors, given: Tensors, turned: list[Any]
    ) -> None:
        values = high[self.values][place]
        if self.unordered:
            order = _matching(values, given[self.values][place])
            for index in (self.values, *self.columns):
                for member in (given[index], turned[index]):
                    if member is not None:
                        member[place] = member[place][..., order].clone()
        for group, members in self._groups(
            values, [self._seen(high[i], i, place) for i in self.vectors]
        ):
            overlap = sum(
                self._seen(given[i], i, place)[:, group].mH
                @ self._seen(high[i], i, place)[:, group]
                for i in members
            )
            rotation = _nearest_unitary(overlap)
            for i in members:
                if turned[i] is not None:
                    seen = self._seen(turned[i], i, place)
                    seen[:, group] = seen[:, group] @ rotation.to(seen.dtype)
                    turned[i][place] = seen.mH if i in self.rows else seen

    def _seen(self, output: torch.Tensor, index: int, place: tuple[int, ...]) -> torch.Tensor:
        """The vectors of an output as columns."""
        matrix = output[place]
        return (matrix.mH if index in self.rows else matrix).clone()

    def _groups(self, values: torch.Tensor, vectors: Tensors) -> list[tuple[list[int], list[int]]]:
        """The sets of columns that rotate among themselves, and the outputs that rotate together.

        Vectors of the value zero, and those beyond the values, are free in each output alone where
        there are several.
        """
        if not self.vectors:
            return []
        if self.unordered:
            return [([k], list(self.vectors)) for k in range(len(values))]
        scale = float(values.abs().max()) if len(values) else 0.0
        near = scale * torch.finfo(torch.float32).eps ** 0.5
        joint: list[list[int]] = []
        alone: list[int] = []
        for k, value in enumerate(values.tolist()):
            if len(self.vectors) > 1 and abs(value) <= near:
                alone.append(k)
            elif joint and abs(value - float(values[joint[-1][-1]])) <= near:
                joint[-1].append(k)
            else:
                joint.append([k])
        groups = [(group, list(self.vectors)) for group in joint]
        for index, columns in zip(self.vectors, vectors, strict=True):
            free = [*alone, *range(len(values), columns.shape[1])]
            if free:
                groups.append((free, [index]))
        return groups


def _places(batch: Any) -> list[tuple[int, ...]]:
    return (
        [
            tuple(p)
            for p in torch.cartesian_prod(*(torch.arange(n) for n in batch))
            .reshape(-1, len(batch))
            .tolist()
        ]
        if len(batch)
        else [()]
    )


def _matching(wanted: torch.Tensor, found: torch.Tensor) -> list[int]:
    """For each wanted value the place of the nearest found one that is left."""
    left = list(range(len(found)))
    order = []
    for value in wanted:
        nearest = min(left, key=lambda k: float((found[k] - value).abs()))
        left.remove(nearest)
        order.append(nearest)
    return order


def _nearest_unitary(matrix: torch.Tensor) -> torch.Tensor:
    """The unitary factor of the polar decomposition; of a number its sign or phase."""
    if matrix.shape == (1, 1):
        one = torch.ones_like(matrix)
        return torch.where(matrix == 0, one, torch.sgn(matrix))
    if not bool(torch.isfinite(matrix).all()):
        return torch.eye(len(matrix), dtype=matrix.dtype)
    left, _, right = torch.linalg.svd(matrix)
    return left @ right


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


def aligned(quantity: Quantity, oracle: Oracle) -> Quantity:
    """The quantity (values or tangents of the outputs) of any run, in the gauge of torch's run."""
    gauge = gauge_of(oracle.expected.entry.name)
    if gauge is None:
        return quantity

    def turned(observation: Observation) -> list[Any]:
        if observation is oracle.expected:
            return quantity(observation)
        return gauge.turn(oracle.expected.values(), observation.values(), quantity(observation))

    return turned
