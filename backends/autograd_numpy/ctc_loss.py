"""The paths of the loss of sequences, all members and labels of a step at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = Any


class CtcLoss:
    """The sums over all paths to a label at a step."""

    def ctc_paths(
        self, scores: Array, skips: Array, begins: Array, entries: Sequence[int]
    ) -> Array:
        steps, members, width = scores.shape
        dtype = scores.dtype
        least = np.finfo(dtype).min
        # Two columns of -inf before the labels stand for those that there are not.
        padded = np.full((steps, members, width + 2), -np.inf, dtype)
        hops = np.where(skips, dtype.type(0), dtype.type(-np.inf))
        first = np.where(begins, dtype.type(0), dtype.type(-np.inf))
        entering: dict[int, list[int]] = {}
        for member, step in enumerate(entries):
            entering.setdefault(step, []).append(member)
        ways = np.empty((3, members, width), dtype)
        largest = np.empty((members, width), dtype)
        for step in range(steps):
            reached = padded[step, :, 2:]
            if step:
                last = padded[step - 1]
                ways[0], ways[1] = last[:, 2:], last[:, 1:-1]
                np.add(last[:, :-2], hops, out=ways[2])
                # A finite bound keeps -inf less -inf, which is no number, away.
                np.max(ways, axis=0, out=largest, initial=least)
                ways -= largest
                np.exp(ways, out=ways)
                np.sum(ways, axis=0, out=reached)
                np.log(reached, out=reached)
                reached += largest
            rows = entering.get(step)
            if rows is not None:
                reached[rows] = first[rows]
            reached += scores[step]
        return np.ascontiguousarray(padded[:, :, 2:])
