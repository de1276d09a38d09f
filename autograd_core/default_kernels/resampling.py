"""Resizing along one axis after another: what each mode reads, and derived kernels that apply it.

A mode is said once, as the ``Taps`` of an axis; a kernel multiplies by them, its gradient by their
transpose.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .. import dtypes
from ..narrow_floats import round_single

Array = Any
Number = Callable[[float], float]


class Taps(NamedTuple):
    """What the elements of a resized axis are made of: for each the places read, and weights.

    All read as many places; ``weight`` is None where that is one, taken as it is. With ``gaps``,
    those that need fewer read zeros, at the place behind the last.
    """

    places: tuple[tuple[int, ...], ...]
    weight: tuple[tuple[float, ...], ...] | None
    gaps: bool = False

    def transposed(self, size: int) -> Taps:
        """Return what each of the ``size`` elements of the given axis gets of the resized ones."""
        rows: list[tuple[list[int], list[float]]] = [([], []) for _ in range(size)]
        weights = self.weight or ((1.0,),) * len(self.places)
        for k, (places, shares) in enumerate(zip(self.places, weights)):
            for place, share in zip(places, shares):
                if share:
                    rows[place][0].append(k)
                    rows[place][1].append(share)
        return _filled(rows, len(self.places))


def _filled(rows: Sequence[tuple[Sequence[int], Sequence[float]]], size: int) -> Taps:
    """Return the places of an axis of ``size`` elements and weights, filled up to one length."""
    most = max(len(places) for places, _ in rows)
    index, weight = [], []
    for places, shares in rows:
        missing = most - len(places)
        index.append((*places, *[size] * missing))
        weight.append((*shares, *[0.0] * missing))
    return Taps(tuple(index), tuple(weight), any(size in places for places in index))


class Filter(NamedTuple):
    """A window that is stretched as wide as the step when an axis is made smaller."""

    reach: float
    weight: Number


def _triangle(x: float) -> float:
    return max(1 - abs(x), 0.0)


def _cubic(x: float, free: float) -> float:
    """Return the weight of cubic convolution (Keys 1981) with its free coefficient."""
    x = abs(x)
    if x < 1:
        return ((free + 2) * x - (free + 3)) * x * x + 1
    return ((x - 5) * x + 8) * x * free - 4 * free if x < 2 else 0.0


def _lanczos(x: float) -> float:
    if not -3 <= x < 3:
        return 0.0
    if x == 0:
        return 1.0
    x *= math.pi
    return math.sin(x) / x * (math.sin(x / 3) / (x / 3))


FILTERS = {
    "bilinear-antialias": Filter(1, _triangle),
    "bicubic-antialias": Filter(2, functools.partial(_cubic, free=-0.5)),
    "lanczos-antialias": Filter(3, _lanczos),
}
_FREE = -0.75  # the coefficient that torch chose for "bicubic"


def exactly(x: float) -> float:
    """Return the number: float64 needs no rounding."""
    return x


def rounded_to_single(x: float) -> float:
    """Return the nearest float32 number."""
    return round_single((x,))[0]


@functools.lru_cache(maxsize=256)
def axis_taps(
    mode: str,
    size: int,
    count: int,
    align: bool,
    scale: float | None,
    single: bool,
    shortened: bool,
) -> Taps:
    """Return what resizing an axis of ``size`` elements to ``count`` reads.

    Args:
        mode: "nearest", "nearest-exact", "linear", "bicubic" or a key of ``FILTERS``.
        size: the length of the axis.
        count: the length it gets.
        align: whether the outermost elements of both fall together, rather than their outer edges.
        scale: the factor it was asked for by, if it was.
        single: whether torch works the weights out in float32.
        shortened: whether torch looks for the nearest elements as in gradients and in two dims.
    """
    if mode.startswith("nearest"):
        return _nearest(mode, size, count, scale, single, shortened)
    rounded = rounded_to_single if single else exactly
    if align:
        step = rounded((size - 1) / (count - 1)) if count > 1 else 0.0
    else:
        step = rounded(1 / scale if scale is not None and scale > 0 else size / count)
    if mode in FILTERS:
        return _filtered(FILTERS[mode], size, count, step)
    if mode == "linear":
        rows = [_linear(k, size, count, align, step, rounded) for k in range(count)]
    else:
        rows = [_bicubic(k, size, align, step, rounded) for k in range(count)]
    return Taps(tuple(index for index, _ in rows), tuple(weight for _, weight in rows))


@functools.lru_cache(maxsize=256)
def gradient_taps(
    mode: str, size: int, count: int, align: bool, scale: float | None, single: bool
) -> Taps:
    """Return what each element of the axis gets of the gradient of the resized one."""
    return axis_taps(mode, size, count, align, scale, single, True).transposed(size)


def _nearest(
    mode: str, size: int, count: int, scale: float | None, single: bool, shortened: bool
) -> Taps:
    """Return the nearest place of each element; torch's two ways to find it differ at ties.

    The shortened one takes the step as a float32 number, and knows the places of "nearest" where
    the size stays or doubles.
    """
    exact = mode == "nearest-exact"
    rounded = rounded_to_single if single or shortened else exactly
    step = rounded(1 / scale if scale is not None and scale > 0 else size / count)
    if not shortened:
        places = [_source(k, not exact, step, rounded) for k in range(count)]
        found = [int(rounded_to_single(max(place, 0.0) + 0.5 * exact)) for place in places]
    elif exact:
        found = [int(rounded_to_single((k + 0.5) * step)) for k in range(count)]
    elif count == size:
        found = list(range(count))
    elif count == 2 * size:
        found = [k >> 1 for k in range(count)]
    else:
        found = [int(rounded_to_single(k * step)) for k in range(count)]
    return Taps(tuple((min(place, size - 1),) for place in found), None)


def _source(k: int, align: bool, step: float, rounded: Number) -> float:
    """Return the place that an element of the resized axis has on the given one."""
    return rounded(step * k) if align else rounded(rounded(step * (k + 0.5)) - 0.5)


def _linear(
    k: int, size: int, count: int, align: bool, step: float, rounded: Number
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    if size == count:
        return (k, k), (1.0, 0.0)
    place = max(_source(k, align, step, rounded), 0.0)
    low = min(int(place), size - 1)
    part = min(max(rounded(place - low), 0.0), 1.0)
    return (low, min(low + 1, size - 1)), (rounded(1 - part), part)


def _bicubic(
    k: int, size: int, align: bool, step: float, rounded: Number
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    place = _source(k, align, step, rounded)
    low = min(math.floor(place), size - 1)
    part = min(max(rounded(place - low), 0.0), 1.0)
    index = tuple(max(min(low + j, size - 1), 0) for j in range(-1, 3))
    return index, tuple(rounded(_cubic(part - j, _FREE)) for j in range(-1, 3))


def _filtered(window: Filter, size: int, count: int, step: float) -> Taps:
    """Return the weights of a window around each element."""
    stretch = max(step, 1.0)
    reach = window.reach * stretch
    found = []
    for k in range(count):
        center = step * (k + 0.5)
        start = max(int(center - reach + 0.5), 0)
        end = min(int(center + reach + 0.5), size)
        weights = [window.weight((j - center + 0.5) / stretch) for j in range(start, end)]
        total = sum(weights)
        shares = [weight / total if total else weight for weight in weights]
        found.append((range(start, end), shares))
    return _filled(found, size)


class ResamplingDefaults:
    """Derived resizing functions of the backend contract."""

    def weighted_taps(self: Any, input: Array, dim: int, taps: Taps) -> Array:
        """The input with a dim resized: sums of what each element reads, times its weights."""
        made = None
        shape = [1] * len(input.shape)
        shape[dim] = len(taps.places)
        dtype = self.dtype(input)
        if taps.gaps:
            nothing = self.full([*input.shape[:dim], 1, *input.shape[dim + 1 :]], 0, dtype)
            input = self.cat([input, nothing], dim)
        for t, places in enumerate(zip(*taps.places)):
            index = self.from_flat(places, (len(places),), dtypes.int64)
            part = self.index_select(input, dim, index)
            if taps.weight is not None:
                weights = [row[t] for row in taps.weight]
                part = self.mul(part, self.from_flat(weights, shape, dtype))
            made = part if made is None else self.add(made, part)
        return made

    def resampled(
        self: Any,
        input: Array,
        mode: str,
        output_size: Sequence[int],
        align_corners: bool,
        scales: Sequence[float | None],
    ) -> Array:
        """The input (N, C, ...) with the last dims resized, the last first.

        The modes are those of ``axis_taps``, "nearest" and "nearest-exact". Bytes are
        resized in whole numbers, as torch does.
        """
        byte = self.dtype(input) is dtypes.uint8 and not mode.startswith("nearest")
        made = self.cast(input, dtypes.int64) if byte else self.widened(input)
        single = not byte and self.dtype(made) is not dtypes.float64
        shortened = len(output_size) == 2
        for k in reversed(range(len(output_size))):
            size, count = input.shape[k + 2], output_size[k]
            if size == count and mode in FILTERS:  # whatever the factor, but not in the gradient
                continue
            taps = axis_taps(mode, size, count, align_corners, scales[k], single, shortened)
            if byte:
                taps, shift = whole_taps(taps)
                made = self._rounded_bytes(self.weighted_taps(made, k + 2, taps), shift)
            else:
                made = self.weighted_taps(made, k + 2, taps)
        made = self.cast(self.in_format_of(made, input), self.dtype(input))
        return self.clone(made) if made is input else made

    def resampled_backward(
        self: Any,
        grad_output: Array,
        mode: str,
        output_size: Sequence[int],
        input_size: Sequence[int],
        align_corners: bool,
        scales: Sequence[float | None],
    ) -> Array:
        """The gradient of ``resampled``, of shape ``input_size``."""
        made = self.widened(grad_output)
        single = self.dtype(made) is not dtypes.float64
        if mode == "bicubic" and tuple(output_size) == tuple(input_size[2:]):
            return self.clone(self.contiguous(grad_output))  # whatever the factor
        for k, (size, count) in enumerate(zip(input_size[2:], output_size)):
            taps = gradient_taps(mode, size, count, align_corners, scales[k], single)
            made = self.weighted_taps(made, k + 2, taps)
        # torch lays some of these gradients out row-major whatever it is given.
        plain = mode.startswith(("bicubic", "lanczos")) or (
            mode.startswith("nearest") and len(output_size) == 3
        )
        made = self.contiguous(made) if plain else self.in_format_of(made, grad_output)
        return self.cast(made, self.dtype(grad_output))

    def _rounded_bytes(self: Any, sums: Array, shift: int) -> Array:
        half = self.scalar(1 << (shift - 1), dtypes.int64)
        whole = self.bitwise_right_shift(self.add(sums, half), self.scalar(shift, dtypes.int64))
        low, high = self.scalar(0, dtypes.int64), self.scalar(255, dtypes.int64)
        return self.minimum(self.maximum(whole, low), high)


@functools.lru_cache(maxsize=64)
def whole_taps(taps: Taps) -> tuple[Taps, int]:
    """Return weights as whole numbers below 2 ** 15, and how many bits they are shifted by.

    What an element reads twice, at an end of the axis, has its weights added before.
    """
    rows = []
    for places, weights in zip(taps.places, taps.weight or ()):
        row = [0.0] * len(places)
        for place, weight in zip(places, weights):
            row[places.index(place)] += weight
        rows.append(row)
    largest = max(map(max, rows))
    shift = 0
    while shift < 22 and int(0.5 + largest * (1 << (shift + 1))) < 1 << 15:
        shift += 1
    scaled = [tuple(int(w * (1 << shift) + math.copysign(0.5, w)) for w in row) for row in rows]
    return taps._replace(weight=tuple(scaled)), shift
