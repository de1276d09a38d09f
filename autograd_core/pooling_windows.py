"""Where the windows of a pooling lie, on one axis and on several: arithmetic on integers only."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

Axes = tuple["Windows", ...]
"""The windows along each axis of the space that is pooled."""


class Step(NamedTuple):
    """Windows that all look alike: the first begins at ``-padding``, the next ``stride`` on."""

    kernel: int
    stride: int
    padding: int
    dilation: int


class Windows(NamedTuple):
    """The windows along one axis.

    Attributes:
        size: the length of the axis.
        places: for each window the places in the axis that it covers, in order.
        extents: the length of each window as averages count it, with its padding.
        step: how the windows follow one another, None where they differ in length.
    """

    size: int
    places: tuple[range, ...]
    extents: tuple[int, ...]
    step: Step | None

    @property
    def longest(self) -> int:
        """The most places that a window covers."""
        return max(map(len, self.places), default=0)

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many places each window covers."""
        return tuple(map(len, self.places))


def pooled_size(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool
) -> int:
    """Return how many windows fit along an axis; with ``ceil_mode`` the last may reach out.

    A window begins inside of the axis or of the padding before it.
    """
    reach = size + 2 * padding - dilation * (kernel - 1) - 1
    count = (reach + (stride - 1 if ceil_mode else 0)) // stride + 1
    if ceil_mode and (count - 1) * stride >= size + padding:
        count -= 1
    return count


@lru_cache(1024)
def stepping(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool
) -> Windows:
    """Return windows of one length, one every ``stride``."""
    places, extents = [], []
    for k in range(pooled_size(size, kernel, stride, padding, dilation, ceil_mode)):
        start = k * stride - padding
        end = min(start + kernel, size + padding)
        extents.append(end - start)
        first = start if start >= 0 else start + -(start // dilation) * dilation
        places.append(range(first, min(start + (kernel - 1) * dilation + 1, size), dilation))
    return Windows(size, tuple(places), tuple(extents), Step(kernel, stride, padding, dilation))


@lru_cache(1024)
def adaptive(size: int, count: int) -> Windows:
    """Return ``count`` windows that share an axis, overlapping where they do not part it evenly."""
    if count and size and size % count == 0:
        each = size // count
        return stepping(size, each, each, 0, 1, False)
    places = tuple([range(k * size // count, -(-(k + 1) * size // count)) for k in range(count)])
    return Windows(size, places, tuple(map(len, places)), None)


@lru_cache(1024)
def transposed(windows: Windows) -> Windows:
    """Return, for each place of the axis, the windows that cover it, as windows over those.

    They follow one another in both respects, as windows without dilation do.
    """
    covering: list[list[int]] = [[] for _ in range(windows.size)]
    for k, places in enumerate(windows.places):
        for place in places:
            covering[place].append(k)
    each = tuple([range(ks[0], ks[-1] + 1) if ks else range(0) for ks in covering])
    return Windows(len(windows.places), each, tuple(map(len, each)), None)


@lru_cache(64)
def covered(axes: Axes) -> tuple[tuple[int, ...], ...]:
    """Return the row-major places in the space that each window covers, windows in row-major order.

    A window that covers nothing of an axis covers nothing.
    """
    result: list[tuple[int, ...]] = [(0,)]
    for windows in axes:
        size = windows.size
        result = [
            tuple([start * size + place for start in before for place in places])
            for before in result
            for places in windows.places
        ]
    return tuple(result)


@lru_cache(64)
def starts(axes: Axes) -> tuple[int, ...]:
    """Return the place that each window begins at, as an index into the space."""
    result = [0]
    for windows in axes:
        result = [
            before * windows.size + places.start for before in result for places in windows.places
        ]
    return tuple(result)


@lru_cache(64)
def extents(axes: Axes, with_padding: bool) -> tuple[int, ...]:
    """Return the number of places of each window, in row-major order; 1 where there is none."""
    each = [windows.extents if with_padding else windows.lengths for windows in axes]
    return tuple([_product(lengths) or 1 for lengths in itertools.product(*each)])


def _product(lengths: Sequence[int]) -> int:
    product = 1
    for length in lengths:
        product *= length
    return product
