"""Sampling by a grid: what points read is worked out once for all channels, then read in lists.

Sums are taken in float64 and rounded once at the end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import repeat
from operator import add, mul
from typing import Any

from autograd_core.default_kernels.interpolation import (
    Neighbour,
    joined_axes,
    plus,
    product,
    sample_points,
    split_axes,
)

from .array import Array, new
from .layout import Shape

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
        weights = [neighbour.weight() for neighbour in found]
        made = self._sampled(wide, found, weights, (*input.shape[:2], *grid.shape[1:-1]))
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
        of_input = of_grid = None
        if output_mask[0]:
            weights = [neighbour.weight() for neighbour in found]
            of_input = self._spread(grad, wide, found, weights)
        if output_mask[1]:
            axes = range(len(input.shape) - 2)
            slopes = [[neighbour.slope(k) for k in axes] for neighbour in found]
            of_grid = self._moved(grad, wide, places, found, slopes)
        return tuple(  # type: ignore[return-value]
            None if made is None else self.cast(made, input.dtype) for made in (of_input, of_grid)
        )

    def grid_sampler_slope_backward(
        self: Any,
        direction: Array,
        grad_output: Array,
        input: Array,
        grid: Array,
        interpolation_mode: int,
        padding_mode: int,
        align_corners: bool,
        output_mask: Sequence[bool],
    ) -> tuple[Array | None, Array | None, Array | None]:
        grad, wide, places = (self.widened(a) for a in (grad_output, input, grid))
        options = (interpolation_mode, padding_mode, align_corners)
        along = split_axes(self, self.widened(direction))
        read, slopes, bends = [], [], []
        for neighbour in sample_points(self, wide, places, *options):
            slope, bend = neighbour.turned(along)
            if slope is not None:
                read.append(neighbour)
                slopes.append(slope)
                bends.append(bend)
        if not read:
            return None, None, None
        made = (
            self._sampled(wide, read, slopes, grad.shape) if output_mask[0] else None,
            self._spread(grad, wide, read, slopes) if output_mask[1] else None,
            self._moved(grad, wide, places, read, bends) if output_mask[2] else None,
        )
        return tuple(None if a is None else self.cast(a, input.dtype) for a in made)  # type: ignore[return-value]

    def _sampled(
        self, input: Array, found: Sequence[Neighbour], weights: Sequence[Array], shape: Shape
    ) -> Array:
        """What points read, times weights, added up."""
        count, channels = input.shape[:2]
        points = math.prod(shape[2:])
        planes = _planes(input)
        values: Numbers = []
        for taps in _by_sample(found, weights, count):
            for _ in range(channels):
                read = next(planes).__getitem__
                total: Any = repeat(0.0, points)
                for index, weight in taps:
                    total = list(map(add, total, map(mul, map(read, index), weight)))
                values.extend(total)
        return new(values, shape, input.dtype)

    def _spread(
        self, grad: Array, input: Array, found: Sequence[Neighbour], weights: Sequence[Array]
    ) -> Array:
        """The gradient of the input: elements get the shares of the points that read them."""
        count, channels = input.shape[:2]
        size = math.prod(input.shape[2:])
        gradients = iter(_rows(grad, count * channels))
        values: Numbers = []
        for taps in _by_sample(found, weights, count):
            for _ in range(channels):
                gradient = next(gradients)
                sums = [0.0] * (size + 1)
                for index, weight in taps:
                    for place, share in zip(index, map(mul, gradient, weight)):
                        sums[place] += share
                sums.pop()
                values.extend(sums)
        return new(values, input.shape, input.dtype)

    def _moved(
        self: Any,
        grad: Array,
        input: Array,
        grid: Array,
        found: Sequence[Neighbour],
        slopes: Sequence[Sequence[Array | None]],
    ) -> Array:
        """The gradient of the grid: slopes of weights times what channels read and get."""
        count, channels = input.shape[:2]
        points = math.prod(grid.shape[1:-1])
        of_axes: list[Any] = [None] * (len(input.shape) - 2)
        for neighbour, parts in zip(found, slopes):
            if all(part is None for part in parts):
                continue
            index = _rows(neighbour.index, count)
            planes, gradients = _planes(input), iter(_rows(grad, count * channels))
            values: Numbers = []
            for sample in range(count):
                total: Any = repeat(0.0, points)
                for _ in range(channels):
                    read = map(next(planes).__getitem__, index[sample])
                    total = list(map(add, total, map(mul, read, next(gradients))))
                values.extend(total)
            along = new(values, (count, 1, points), grad.dtype)
            of_axes = [plus(a, product([along, part])) for a, part in zip(of_axes, parts)]
        return joined_axes(self, of_axes, grid)  # type: ignore[no-any-return]


def _rows(values: Array, count: int) -> list[list[Any]]:
    """Return the elements in ``count`` lists."""
    flat = values.elements()
    length = math.prod(values.shape) // max(count, 1)
    return [flat[k * length : (k + 1) * length] for k in range(count)]


def _planes(input: Array) -> Iterator[list[Any]]:
    """Return the elements of each channel of each sample, and a zero for all that is outside."""
    for plane in _rows(input, math.prod(input.shape[:2])):
        plane.append(0.0)
        yield plane


def _by_sample(
    found: Sequence[Neighbour], weights: Sequence[Array], count: int
) -> Iterator[list[tuple[list[int], Numbers]]]:
    """Return for each sample the places that its points read, and their weights, by neighbour."""
    read = [
        (_rows(neighbour.index, count), _rows(weight, count))
        for neighbour, weight in zip(found, weights)
    ]
    for k in range(count):
        yield [(index[k], weight[k]) for index, weight in read]
