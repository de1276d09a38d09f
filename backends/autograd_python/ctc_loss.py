"""The paths of the loss of sequences, in Python's numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .array import Array

_LOW = -math.inf


def _reached(last: list[float], skips: list[Any]) -> list[float]:
    """Return the logarithms of the sums over the labels that a path may come from."""
    exp, log = math.exp, math.log
    reached = []
    second = third = _LOW
    for first, skip in zip(last, skips, strict=True):
        way = third if skip else _LOW
        largest = max(first, second, way)
        if largest == _LOW:
            reached.append(_LOW)
        else:
            total = exp(first - largest) + exp(second - largest) + exp(way - largest)
            reached.append(log(total) + largest)
        second, third = first, second
    return reached


class CtcLoss:
    """The sums over all paths to a label at a step."""

    def ctc_paths(
        self: Any, scores: Array, skips: Array, begins: Array, entries: Sequence[int]
    ) -> Array:
        steps, members, width = scores.shape
        flat, hops, first = (self.to_flat(array) for array in (scores, skips, begins))
        paths = [_LOW] * len(flat)
        for member, entry in enumerate(entries):
            own = slice(member * width, (member + 1) * width)
            reached = [0.0 if begin else _LOW for begin in first[own]]
            for step in range(entry, steps):
                at = (step * members + member) * width
                last = [r + s for r, s in zip(reached, flat[at : at + width], strict=True)]
                paths[at : at + width] = last
                reached = _reached(last, hops[own])
        return self.from_flat(paths, scores.shape, scores.dtype)  # type: ignore[no-any-return]
