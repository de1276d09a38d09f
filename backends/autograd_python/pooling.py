"""Sums and maxima over windows: each plane a list, each window the places it reads of that."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from typing import Any

from autograd_core import dtypes
from autograd_core.dtypes import least
from autograd_core.pooling_windows import Axes, covered, starts

from .array import Array, exactly, new

Reader = Callable[[Sequence[Any]], tuple[Any, ...]]


class Pooling:
    """What every pooling stands on; terms are added in torch's order."""

    def window_sums(self, planes: Array, axes: Axes) -> Array:
        readers = _readers(axes)
        zero: Any = 0.0 if planes.dtype.category == 2 else 0
        values = [
            reduce(operator.add, read(plane), zero)
            for plane in _each(planes, len(axes))
            for read in readers
        ]
        return new(values, _shape(planes, axes), planes.dtype)

    def window_sums_backward(self, grad: Array, axes: Axes) -> Array:
        windows = covered(axes)
        space = [axis.size for axis in axes]
        volume = math.prod(space)
        zero: Any = 0.0 if grad.dtype.category == 2 else 0
        values: list[Any] = []
        for shares in _each(grad, len(axes)):
            plane = [zero] * volume
            for places, share in zip(windows, shares, strict=True):
                for place in places:
                    plane[place] += share
            values += plane
        return new(values, (*grad.shape[: -len(axes)], *space), grad.dtype)

    def window_maxima(self, planes: Array, axes: Axes) -> tuple[Array, Array]:
        windows = list(zip(_readers(axes), covered(axes), starts(axes), strict=True))
        nothing = least(planes.dtype)
        values: list[Any] = []
        indices: list[int] = []
        for plane in _each(planes, len(axes)):
            known = all(map(operator.eq, plane, plane))
            for read, places, start in windows:
                elements = read(plane)
                if not elements:
                    values.append(nothing)
                    indices.append(start)
                    continue
                best = max(elements) if known else _maximum(elements)
                values.append(best)
                chosen = elements.index(best) if best == best else _last_nan(elements)
                indices.append(places[chosen])
        shape = _shape(planes, axes)
        return exactly(values, shape, planes.dtype), exactly(indices, shape, dtypes.int64)


def _shape(planes: Array, axes: Axes) -> tuple[int, ...]:
    return (*planes.shape[: -len(axes)], *[len(windows.places) for windows in axes])


def _each(planes: Array, rank: int) -> list[list[Any]]:
    """The elements of each plane of the last ``rank`` dims."""
    size = math.prod(planes.shape[-rank:])
    elements = planes.elements()
    count = math.prod(planes.shape[:-rank])
    return [elements[k * size : (k + 1) * size] for k in range(count)]


@lru_cache(64)
def _readers(axes: Axes) -> list[Reader]:
    """Functions that read what each window covers of a plane."""
    return [_reader(places) for places in covered(axes)]


def _reader(places: tuple[int, ...]) -> Reader:
    if len(places) > 1:
        return operator.itemgetter(*places)
    return lambda plane: tuple([plane[place] for place in places])


def _maximum(elements: Sequence[Any]) -> Any:
    """The largest element; NaN if there is one."""
    return next((e for e in elements if e != e), None) or max(elements)


def _last_nan(elements: Sequence[Any]) -> int:
    return max(k for k, element in enumerate(elements) if element != element)
