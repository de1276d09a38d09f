"""Sampling by a grid: what points read is worked out once for all channels, then read in lists.

Sums are taken in float64 and rounded once at the end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import repeat
from operator import add, mul
from typing import Any

from autograd_core.default_kernels.interpolation import Neighbour, joined_axes, sample_points

from .array import Array, new

Numbers = list[float]


class Interpolation:
    """The sampler of the points of a grid and its gradients; those of three axes are the same."""

    def grid_sampler_2d(
        self: Any,
        input: Array,
        grid: Array,
        interpolation_mode: int,
        padding_mode: int,
        align_corners: bool,
    ) -> Array:
        wide = self.widened(input)
        options = (interpolation_mode, padding_mode, align_corners)
        found = list(sample_points(self, wide, self.widened(grid), *options))
        count, channels = input.shape[:2]
        points = math.prod(grid.shape[1:-1])
        planes = _pieces(wide, count * channels)
        values: Numbers = []
        for taps in _by_sample(found, count, points):
            for _ in range(channels):
                read = next(planes).__getitem__
                total: Any = repeat(0.0, points)
                for index, weight in taps:
                    total = list(map(add, total, map(mul, map(read, index), weight)))
                values.extend(total)
        made = new(values, (count, channels, *grid.shape[1:-1]), wide.dtype)
        return self.cast(made, input.dtype)  # type: ignore[no-any-return]

    def grid_sampler_2d_backward(
        self: Any,
        grad_output: Array,
        input: Array,
        grid: Array,
        interpolation_mode: int,
        padding_mode: int,
        align_corners: bool,
        output_mask: Sequence[bool],
    ) -> tuple[Array | None, Array | None]:
        wide, places = self.widened(input), self.widened(grid)
        options = (interpolation_mode, padding_mode, align_corners)
        found = list(sample_points(self, wide, places, *options))
        grad = self.widened(grad_output)
        of_input = self._spread(grad, wide, found) if output_mask[0] else None
        of_grid = self._moved(grad, wide, places, found) if output_mask[1] else None
        return tuple(  # type: ignore[return-value]
            None if made is None else self.cast(made, input.dtype) for made in (of_input, of_grid)
        )

    def _spread(self, grad: Array, input: Array, found: Sequence[Neighbour]) -> Array:
        """The gradient of the input: elements get the shares of the points that read them."""
        count, channels = input.shape[:2]
        size, points = math.prod(input.shape[2:]), math.prod(grad.shape[2:])
        gradients = _pieces(grad, count * channels)
        values: Numbers = []
        for taps in _by_sample(found, count, points):
            for _ in range(channels):
                gradient = next(gradients)
                sums = [0.0] * size
                for index, weight in taps:
                    for place, share in zip(index, map(mul, gradient, weight)):
                        sums[place] += share
                values.extend(sums)
        return new(values, input.shape, input.dtype)

    def _moved(
        self: Any, grad: Array, input: Array, grid: Array, found: Sequence[Neighbour]
    ) -> Array:
        """The gradient of the grid: the slopes of weights times what channels read and get."""
        count, channels = input.shape[:2]
        points = math.prod(grid.shape[1:-1])
        of_axes: list[Any] = [None] * (len(input.shape) - 2)
        for neighbour in found:
            slopes = [neighbour.slope(k) for k in range(len(of_axes))]
            if all(slope is None for slope in slopes):
                continue
            index = _rows(neighbour.index, count, points)
            planes, gradients = _pieces(input, count * channels), _pieces(grad, count * channels)
            values: Numbers = []
            for sample in range(count):
                total: Any = repeat(0.0, points)
                for _ in range(channels):
                    read = map(next(planes).__getitem__, index[sample])
                    total = list(map(add, total, map(mul, read, next(gradients))))
                values.extend(total)
            along = new(values, (count, 1, points), grad.dtype)
            for k, slope in enumerate(slopes):
                if slope is not None:
                    part = along * slope
                    of_axes[k] = part if of_axes[k] is None else of_axes[k] + part
        return joined_axes(self, of_axes, grid)  # type: ignore[no-any-return]


def _rows(values: Array, count: int, length: int) -> list[list[Any]]:
    """Return the elements in ``count`` lists."""
    flat = values.elements()
    return [flat[k * length : (k + 1) * length] for k in range(count)]


def _pieces(values: Array, count: int) -> Iterator[list[Any]]:
    """Return the elements in ``count`` lists, one after the other."""
    return iter(_rows(values, count, math.prod(values.shape) // max(count, 1)))


def _by_sample(
    found: Sequence[Neighbour], count: int, points: int
) -> Iterator[list[tuple[list[int], Numbers]]]:
    """Return for each sample the places that its points read, and their weights, by neighbour."""
    read = [
        (_rows(neighbour.index, count, points), _rows(neighbour.weight(), count, points))
        for neighbour in found
    ]
    for k in range(count):
        yield [(index[k], weight[k]) for index, weight in read]
