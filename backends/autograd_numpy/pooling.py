"""Sums and maxima over windows, one step of NumPy for each place in a window."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd_core.dtypes import least
from autograd_core.pooling_windows import Axes, Windows, transposed

from .blocks import MANY_ELEMENTS
from .indexing import accumulate

Array = Any


class Pooling:
    """What every pooling stands on; terms are added in torch's order."""

    def window_sums(self: Any, planes: Array, axes: Axes) -> Array:
        sums = np.zeros(_pooled(planes, axes), planes.dtype)
        for part in _parts(planes, axes, 0):
            sums += part
        return sums

    def window_sums_backward(self: Any, grad: Array, axes: Axes) -> Array:
        if any(windows.step is None for windows in axes):
            return self.window_sums(grad, tuple(map(transposed, axes)))
        space, inner = _padded_space(axes)
        sums = np.zeros((*grad.shape[: -len(axes)], *space), grad.dtype)
        for cut in reversed(_cuts(axes)):
            sums[cut] += grad
        return sums if space == tuple(windows.size for windows in axes) else sums[inner].copy()

    def window_maxima(self: Any, planes: Array, axes: Axes) -> tuple[Array, Array]:
        dtype = self.dtype(planes)
        nothing = planes.dtype.type(least(dtype))
        best = np.full(_pooled(planes, axes), nothing, planes.dtype)
        first, places = _lookup(axes)
        winner = np.empty(best.shape, np.intp)
        winner[...] = first
        unknown = dtype.is_floating_point and planes.size > 0 and bool(np.isnan(np.max(planes)))
        for number, part in enumerate(_parts(planes, axes, nothing)):
            better = part > best
            if unknown:
                better |= np.isnan(part)
            if best.size < MANY_ELEMENTS:
                np.copyto(best, part, where=better)
                np.copyto(winner, number, where=better)
            else:  # where nobody foresees which is better, a fifth of the time
                best = self.where(better, np.ascontiguousarray(part), best)
                winner = self.where(better, np.intp(number), winner)
        windows = _counts(axes)
        return best, places[np.arange(math.prod(windows)).reshape(windows), winner]

    def window_maxima_backward(
        self: Any, grad: Array, indices: Array, space: Sequence[int]
    ) -> Array:
        sums = np.zeros((*grad.shape[: -len(space)], *space), grad.dtype)
        volume = math.prod(space)
        planes = sums.size // volume if volume else 0
        rows = np.arange(planes).reshape(planes, 1) * volume
        places = rows + indices.reshape(planes, indices.size // max(planes, 1))
        accumulate(np.add, sums.reshape(-1), places.ravel(), grad.ravel())
        return sums


def _pooled(planes: Array, axes: Axes) -> tuple[int, ...]:
    """The shape of what is pooled of planes."""
    return (*planes.shape[: -len(axes)], *_counts(axes))


def _counts(axes: Axes) -> tuple[int, ...]:
    return tuple([len(windows.places) for windows in axes])


def _kernel(windows: Windows) -> int:
    """The number of steps through the windows of an axis."""
    return windows.longest if windows.step is None else windows.step.kernel


def _parts(planes: Array, axes: Axes, fill: Any) -> Iterator[Array]:
    """Yield, for each place in a window, that element of every window; ``fill`` outside."""
    if any(windows.step is None for windows in axes):
        shape = (*planes.shape[: -len(axes)], *[windows.size + 1 for windows in axes])
        padded = np.full(shape, fill, planes.dtype)
        inside: tuple[Any, ...] = (..., *[slice(0, windows.size) for windows in axes])
        padded[inside] = planes
        tables = [_table(windows) for windows in axes]
        for ks in itertools.product(*[range(table.shape[1]) for table in tables]):
            places = np.ix_(*[table[:, k] for table, k in zip(tables, ks, strict=True)])
            yield padded[(..., *places)]
        return
    space, inner = _padded_space(axes)
    padded = planes
    if space != planes.shape[-len(axes) :]:
        padded = np.full((*planes.shape[: -len(axes)], *space), fill, planes.dtype)
        padded[inner] = planes
    for cut in _cuts(axes):
        yield padded[cut]


@lru_cache(256)
def _padded_space(axes: Axes) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """The space that the windows reach over, and where the planes lie in it."""
    space: list[int] = []
    inner: list[Any] = [...]
    for windows in axes:
        step: Any = windows.step
        reach = (len(windows.places) - 1) * step.stride + (step.kernel - 1) * step.dilation + 1
        space.append(max(reach, step.padding + windows.size))
        inner.append(slice(step.padding, step.padding + windows.size))
    return tuple(space), tuple(inner)


@lru_cache(256)
def _cuts(axes: Axes) -> list[tuple[Any, ...]]:
    """Where each place of the windows is, for all of them."""
    along: list[list[slice]] = []
    for windows in axes:
        step: Any = windows.step
        reach = (len(windows.places) - 1) * step.stride + 1
        along.append(
            [
                slice(k * step.dilation, k * step.dilation + reach, step.stride)
                for k in range(step.kernel)
            ]
        )
    return [(..., *cut) for cut in itertools.product(*along)]


@lru_cache(256)
def _table(windows: Windows) -> Array:
    """The places of each window along an axis; the size of the axis where it covers fewer."""
    table = np.full((len(windows.places), windows.longest), windows.size)
    for row, places in zip(table, windows.places, strict=True):
        row[: len(places)] = places
    return table


@lru_cache(256)
def _lookup(axes: Axes) -> tuple[Array, Array]:
    """The number of the first place in each window, and the places in the plane by number."""
    first: Array = np.zeros((1,) * len(axes), np.intp)
    places: Array = np.zeros((1,) * (2 * len(axes)), np.int64)
    for dim, windows in enumerate(axes):
        count, kernel = len(windows.places), _kernel(windows)
        begin = np.array([places.start for places in windows.places], np.int64).reshape(count)
        skipped = np.zeros(count, np.int64)
        dilation = 1
        if windows.step is not None:
            dilation = windows.step.dilation
            outer = np.arange(count) * windows.step.stride - windows.step.padding
            skipped = (begin - outer) // dilation
        inside = begin[:, None] + (np.arange(kernel) - skipped[:, None]) * dilation
        first = first * kernel + skipped.reshape(_along(dim, len(axes), count))
        shape = [1] * (2 * len(axes))
        shape[dim], shape[len(axes) + dim] = count, kernel
        places = places * windows.size + inside.reshape(shape)
    rank = len(axes)
    return first, places.reshape(math.prod(places.shape[:rank]), math.prod(places.shape[rank:]))


def _along(dim: int, rank: int, count: int) -> Sequence[int]:
    shape = [1] * rank
    shape[dim] = count
    return shape
