"""Aligns two tapes, node by node in creation order, and names the earliest that differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograd_conformance.cases import Mismatch
from autograd_conformance.checks.scenario import compare
from autograd_conformance.divergence.tape import TapeNode
from autograd_conformance.scenarios.recording import Observation, TensorFacts


@dataclass(frozen=True)
class Divergence:
    """Where two tapes part, and the tapes.

    ``kind`` is ``graph`` (another node, or other edges), ``forward value``, ``saved value``,
    ``outgoing gradient`` (the node was given torch's gradient and made another of it) or
    ``incoming gradient``; ``position`` counts the nodes of the same name.
    """

    kind: str
    number: int
    name: str
    position: int
    what: str
    expected: str
    got: str
    torch: list[TapeNode]
    subject: list[TapeNode]

    def __str__(self) -> str:
        return (
            f"first divergence: {self.kind} of {self.name} (number {self.position} of its name, "
            f"node #{self.number}), {self.what}\n  expected {self.expected}\n  got      {self.got}"
        )


#: Differences of this many units in the last place are looked for, large ones first: a rounding
#: that is no bug may stand before the bug.
_ULPS = (2.0**24, 2.0**8, 4.0)


def first_divergence(torch: list[TapeNode], subject: list[TapeNode]) -> Divergence | None:
    """The earliest difference: in the forward pass by creation, then in the order of backward."""
    divergences = (_first(torch, subject, ulps) for ulps in _ULPS)
    return next((found for found in divergences if found is not None), None)


def _first(torch: list[TapeNode], subject: list[TapeNode], ulps: float) -> Divergence | None:
    def found(kind: str, number: int, what: str, expected: Any, got: Any) -> Divergence:
        nodes = torch if number < len(torch) else subject
        name = nodes[number].name
        position = Counter(node.name for node in nodes[: number + 1])[name]
        texts = str(expected), str(got)
        return Divergence(kind, number, name, position, what, *texts, torch, subject)

    for number, (ours, theirs) in enumerate(zip(torch, subject, strict=False)):
        if (ours.name, ours.edges) != (theirs.name, theirs.edges):
            sides = (f"{node.name} {node.edges}" for node in (ours, theirs))
            return found("graph", number, "another node or other edges", *sides)
        for what, expected, got in _differing(ours.own(), theirs.own(), ulps):
            return found("forward value", number, what, expected, got)
        for what, expected, got in _differing(ours.operands(), theirs.operands(), ulps):
            makers = [n for n, _ in ours.edges if n is not None and not torch[n].is_leaf]
            if len(makers) == 1 and not torch[makers[0]].own():  # nothing else shows its result
                shown = f"seen as {what} of {ours.name}"
                return found("forward value", makers[0], shown, expected, got)
            return found("saved value", number, what, expected, got)
    if len(torch) != len(subject):
        number = min(len(torch), len(subject))
        sides = (", ".join(n.name for n in side[number:]) for side in (torch, subject))
        return found("graph", number, "nodes of one side only", *sides)
    for kind, part in (("outgoing gradient", 1), ("incoming gradient", 0)):
        for number in reversed(range(len(torch))):
            ours, theirs = torch[number], subject[number]
            for run, (one, other) in enumerate(zip(ours.runs, theirs.runs, strict=False), 1):
                difference = _difference(one[part], other[part], ulps)
                same_given = part == 0 or _difference(one[0], other[0], ulps) is None
                if difference and same_given:
                    return found(kind, number, f"run {run}", *difference)
    for number in reversed(range(len(torch))):
        counts = len(torch[number].runs), len(subject[number].runs)
        if counts[0] != counts[1]:
            return found("incoming gradient", number, "how often it ran", *counts)
    return None


def _differing(
    ours: dict[str, Any], theirs: dict[str, Any], ulps: float
) -> Iterator[tuple[str, Any, Any]]:
    for what in sorted(ours.keys() & theirs.keys()):
        difference = _difference(ours[what], theirs[what], ulps)
        if difference:
            yield what, *difference


def _difference(ours: Any, theirs: Any, ulps: float) -> tuple[str, str] | None:
    """Both sides as text where numbers, shapes or dtypes differ; None where they do not."""
    try:
        compare([Observation("", _numbers(ours), ulps)], [Observation("", _numbers(theirs))])
    except Mismatch:
        return str(_numbers(ours)), str(_numbers(theirs))
    return None


def _numbers(value: Any) -> Any:
    """What counts of a value here: a tensor's numbers, shape and dtype."""
    if isinstance(value, TensorFacts):
        bare = {"strides": (), "version": None, "is_view": None, "grad_fn": None}
        return TensorFacts(**{**vars(value), **bare, "requires_grad": False, "is_leaf": True})
    if isinstance(value, tuple | list):
        return tuple(_numbers(member) for member in value)
    return value
