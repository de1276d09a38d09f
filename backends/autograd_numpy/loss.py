"""Losses of classes and of sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .element_types import REAL
from .indexing import open_grid

Array = Any
_MEAN = 1


def _places(input: Array, target: Array, weight: Any, ignored: int) -> tuple[Array, ...] | None:
    """The index of target classes that are all there and count; None where that is not plain."""
    plain = weight is None and 1 < input.ndim == target.ndim + 1 and input.dtype in REAL
    if plain and target.dtype == np.int64:
        classes = input.shape[1]
        largest = np.maximum.reduce(target.view(np.uint64), None, initial=0)  # -1 is the largest
        if largest < classes and not 0 <= ignored < classes:
            first, *others = open_grid(target.shape)
            return (first, target, *others)
    return None


class Loss:
    """Losses; those of classes that are not plain go the derived way."""

    def nll_loss_forward(
        self: Any,
        input: Array,
        target: Array,
        weight: Array | None,
        reduction: int,
        ignore_index: int,
    ) -> tuple[Array, Array]:
        places = _places(input, target, weight, ignore_index)
        if places is None:
            return super().nll_loss_forward(  # type: ignore[misc,no-any-return]
                input, target, weight, reduction, ignore_index
            )
        loss, number = np.negative(input[places], order="C"), input.dtype.type
        if not reduction:
            return loss, number(0)
        total, loss = number(target.size), self.sum(loss, tuple(range(loss.ndim)))
        return loss / total if reduction == _MEAN else loss, total

    def nll_loss_backward(
        self: Any,
        grad_output: Array,
        input: Array,
        target: Array,
        weight: Array | None,
        reduction: int,
        ignore_index: int,
        total_weight: Array,
    ) -> Array:
        places = _places(input, target, weight, ignore_index)
        if places is None:
            return super().nll_loss_backward(  # type: ignore[misc]
                grad_output, input, target, weight, reduction, ignore_index, total_weight
            )
        result = np.zeros(input.shape, input.dtype)
        result[places] = -(grad_output / total_weight if reduction == _MEAN else grad_output)
        return result

    nll_loss2d_forward = nll_loss_forward
    nll_loss2d_backward = nll_loss_backward

    def ctc_paths(
        self, scores: Array, skips: Array, begins: Array, entries: Sequence[int]
    ) -> Array:
        """The sums over all paths to a label at a step, all members and labels at once."""
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
