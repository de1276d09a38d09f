"""Derived kernels that sample between elements at the points of a grid.

``sample_points`` and the functions beside it are written for any interpreter, and the derivatives
in ``ops`` use them, too.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from .. import dtypes
from .resampling import exactly, rounded_to_single

Array = Any

BILINEAR, NEAREST, BICUBIC = 0, 1, 2
ZEROS, BORDER, REFLECTION = 0, 1, 2
_CUBIC = -0.75  # the free coefficient of cubic convolution (Keys 1981) that torch chose


class Tap(NamedTuple):
    """An element that a point reads along one axis: what the axis adds to its place, and how much.

    ``weight`` is a polynomial of the point's coordinate; ``slope`` and ``bend`` are its derivatives
    by the normalised coordinate, None where they are zero.
    """

    steps: Array
    weight: Array
    slope: Array | None
    bend: Array | None


class Neighbour(NamedTuple):
    """An element that a point reads: its place in the flattened space, a tap for each axis.

    The place of all that is outside of the space is the one behind its last element.
    """

    index: Array
    taps: tuple[Tap, ...]

    def weight(self) -> Array:
        """Return the product of the axes' weights."""
        return product([tap.weight for tap in self.taps])

    def slope(self, axis: int) -> Array | None:
        """Return the derivative of the weight by the coordinate of an axis."""
        return product([tap.slope if k == axis else tap.weight for k, tap in enumerate(self.taps)])

    def bend(self, axis: int, other: int) -> Array | None:
        """Return the second derivative of the weight by the coordinates of two axes."""
        if axis == other:
            factors = [tap.bend if k == axis else tap.weight for k, tap in enumerate(self.taps)]
        else:
            factors = [
                tap.slope if k in (axis, other) else tap.weight for k, tap in enumerate(self.taps)
            ]
        return product(factors)

    def turned(self, along: Sequence[Array]) -> tuple[Array | None, list[Array | None]]:
        """Return the weight's slope along a direction, and that slope's derivatives by the axes."""
        axes = range(len(along))
        slope = None
        bends: list[Array | None] = [None] * len(along)
        for k in axes:
            slope = plus(slope, product([along[k], self.slope(k)]))
            for m in axes:
                bends[k] = plus(bends[k], product([along[m], self.bend(k, m)]))
        return slope, bends


def product(factors: Sequence[Array | None]) -> Any:
    """Return the product of factors, None if one of them is None, which stands for zero."""
    made: Any = factors[0]
    for factor in factors[1:]:
        made = None if made is None or factor is None else made * factor
    return made


def plus(total: Array | None, part: Array | None) -> Any:
    """Return the sum of two terms, each None for zero."""
    return part if total is None else total if part is None else total + part


def sample_points(
    xp: Any, input: Array, grid: Array, interpolation_mode: int, padding_mode: int, align: bool
) -> Iterator[Neighbour]:
    """Yield what each point of a grid (N, ..., axes) reads of an input (N, C, ...).

    The arrays of a neighbour have the shape (N, 1, points).
    """
    space = input.shape[2:]
    beyond = math.prod(space)
    axes = []
    for k, (size, coordinate) in enumerate(zip(space, split_axes(xp, grid), strict=True)):
        width = math.prod(space[k + 1 :])
        axes.append(
            [
                Tap(_steps(xp, place, size, width, beyond), *terms)
                for place, *terms in _taps(
                    xp, coordinate, size, interpolation_mode, padding_mode, align
                )
            ]
        )
    for taps in itertools.product(*axes):
        place = taps[0].steps
        for tap in taps[1:]:
            place = place + tap.steps
        yield Neighbour(xp.clamp(place, None, beyond), taps)


def _steps(xp: Any, place: Array, size: int, width: int, beyond: int) -> Array:
    """Return what a place along an axis adds to one in the flattened space."""
    inside = xp.logical_and(place >= 0, place <= size - 1)
    return xp.to_dtype(xp.where(inside, place * width, beyond), dtypes.int64)


def _taps(
    xp: Any, x: Array, size: int, mode: int, padding: int, align: bool
) -> list[tuple[Array, Array, Array | None, Array | None]]:
    """Return what a normalised coordinate, -1 to 1 over the axis, reads along it.

    These are places, weights, slopes and bends.
    """
    scale = (size - 1) / 2 if align else size / 2
    x = (x + 1) * scale
    x = x if align else x - 0.5
    if mode == BICUBIC:
        low = xp.floor(x)
        return [
            (_padded(xp, low + (k - 1), size, padding, align)[0], *terms)
            for k, terms in enumerate(_cubic_terms(x - low, scale))
        ]
    x, turned = _padded(xp, x, size, padding, align)
    if mode == NEAREST:
        return [(xp.round(x), xp.ones_like(x), None, None)]
    low = xp.floor(x)
    part = x - low
    slope = xp.ones_like(x) * scale if turned is None else turned * scale
    return [(low, 1 - part, -slope, None), (low + 1, part, slope, None)]


def _cubic_terms(part: Array, scale: float) -> list[tuple[Array, Array, Array]]:
    """Return weight, slope and bend of the four elements around a point."""
    near, far = _CUBIC + 2, _CUBIC
    terms = []
    for x, sign, outer in (
        (part + 1, 1, True),
        (part, 1, False),
        (1 - part, -1, False),
        (2 - part, -1, True),
    ):
        if outer:
            weight = ((x * far - 5 * far) * x + 8 * far) * x - 4 * far
            slope = (x * (3 * far) - 10 * far) * x + 8 * far
            bend = x * (6 * far) - 10 * far
        else:
            weight = (x * near - (far + 3)) * x * x + 1
            slope = (x * (3 * near) - 2 * (far + 3)) * x
            bend = x * (6 * near) - 2 * (far + 3)
        terms.append((weight, slope * (sign * scale), bend * (scale * scale)))
    return terms


def _padded(xp: Any, x: Array, size: int, padding: int, align: bool) -> tuple[Array, Array | None]:
    """Return places brought inside, and the derivative (0, 1 or -1) of that; None is 1."""
    if padding == ZEROS:
        return x, None
    turned = xp.ones_like(x)
    if padding == REFLECTION:
        low, span = (0.0, size - 1) if align else (-0.5, size)
        if span == 0:
            return x * 0, turned * 0
        distance = xp.abs(x - low)
        there = distance - xp.floor(distance / (2 * span)) * (2 * span)
        back = 2 * span - there
        turned = xp.where(x < low, -1, turned) * xp.where(there > back, -1, turned)
        x = xp.where(there > back, back, there) + low
    turned = xp.where(xp.logical_and(x > 0, x < size - 1), turned, 0)
    x = xp.where(x > 0, x, 0)
    return xp.where(x < size - 1, x, size - 1), turned


def flattened(xp: Any, input: Array) -> Array:
    """Return an input (N, C, ...) as (N, C, elements + 1): the last is zero, for all outside."""
    count, channels = input.shape[:2]
    flat = xp.reshape(input, (count, channels, math.prod(input.shape[2:])))
    return xp.cat([flat, xp.new_zeros(input, (count, channels, 1))], 2)


def read(xp: Any, flat: Array, neighbour: Neighbour) -> Array:
    """Return what points read of a flattened input through one neighbour: (N, C, points)."""
    return xp.gather(flat, 2, _everywhere(xp, neighbour, flat))


def add_to(xp: Any, flat: Array, neighbour: Neighbour, values: Array) -> Array:
    """Return a flattened input with values (N, C, points) added where points read a neighbour."""
    return xp.scatter_add(flat, 2, _everywhere(xp, neighbour, flat), values)


def _everywhere(xp: Any, neighbour: Neighbour, flat: Array) -> Array:
    """Return the places of a neighbour for all channels."""
    return xp.expand(neighbour.index, (*flat.shape[:2], neighbour.index.shape[2]))


def unflattened(xp: Any, flat: Array, input: Array) -> Array:
    """Return the elements of a flattened input in the shape of the input."""
    return xp.reshape(xp.slice(flat, 2, 0, flat.shape[2] - 1, 1), input.shape)


def grid_sample(
    xp: Any, input: Array, grid: Array, interpolation_mode: int, padding_mode: int, align: bool
) -> Array:
    """Return the input (N, C, ...) at the points of a grid, (N, C, ...)."""
    flat, total = flattened(xp, input), None
    for neighbour in sample_points(xp, input, grid, interpolation_mode, padding_mode, align):
        total = plus(total, read(xp, flat, neighbour) * neighbour.weight())
    return xp.reshape(total, (*input.shape[:2], *grid.shape[1:-1]))


def grid_sample_backward(
    xp: Any,
    grad_output: Array,
    input: Array,
    grid: Array,
    interpolation_mode: int,
    padding_mode: int,
    align: bool,
    output_mask: Sequence[bool],
) -> tuple[Array | None, Array | None]:
    """Return the gradients of input and grid; None where ``output_mask`` is False."""
    grad = xp.reshape(grad_output, (*input.shape[:2], math.prod(grid.shape[1:-1])))
    flat = flattened(xp, input)
    written = xp.zeros_like(flat)
    of_axes: list[Any] = [None] * (len(input.shape) - 2)
    for neighbour in sample_points(xp, input, grid, interpolation_mode, padding_mode, align):
        if output_mask[0]:
            written = add_to(xp, written, neighbour, grad * neighbour.weight())
        slopes = [neighbour.slope(k) for k in range(len(of_axes))]
        if output_mask[1] and any(slope is not None for slope in slopes):
            along = xp.sum(read(xp, flat, neighbour) * grad, (1,), True)
            for k, slope in enumerate(slopes):
                of_axes[k] = plus(of_axes[k], product([along, slope]))
    return (
        unflattened(xp, written, input) if output_mask[0] else None,
        joined_axes(xp, of_axes, grid) if output_mask[1] else None,
    )


def grid_sample_slope_backward(
    xp: Any,
    direction: Array,
    grad_output: Array,
    input: Array,
    grid: Array,
    interpolation_mode: int,
    padding_mode: int,
    align: bool,
    output_mask: Sequence[bool],
) -> tuple[Array | None, Array | None, Array | None]:
    """Return what the gradient of the grid, times ``direction``, has for gradients.

    They are those of grad_output, input and grid. With what a point reads v, the weight's slope
    along the direction t and grad_output g, that product is the sum of v g t.
    """
    grad = xp.reshape(grad_output, (*input.shape[:2], math.prod(grid.shape[1:-1])))
    flat = flattened(xp, input)
    written = xp.zeros_like(flat)
    along = split_axes(xp, direction)
    of_grad, of_axes = None, [None] * len(along)
    for neighbour in sample_points(xp, input, grid, interpolation_mode, padding_mode, align):
        slope, bends = neighbour.turned(along)
        if slope is None:
            continue
        value = read(xp, flat, neighbour)
        of_grad = plus(of_grad, value * slope)
        if output_mask[1]:
            written = add_to(xp, written, neighbour, grad * slope)
        inner = xp.sum(value * grad, (1,), True)
        of_axes = [plus(a, product([inner, bend])) for a, bend in zip(of_axes, bends, strict=True)]
    if of_grad is None:
        return None, None, None
    return (
        xp.reshape(of_grad, grad_output.shape) if output_mask[0] else None,
        unflattened(xp, written, input) if output_mask[1] else None,
        joined_axes(xp, of_axes, grid) if output_mask[2] else None,
    )


def split_axes(xp: Any, grid: Array) -> list[Array]:
    """Return the coordinates (N, 1, points) of a grid, in the order of the axes."""
    last, axes = len(grid.shape) - 1, grid.shape[-1]
    shape = (grid.shape[0], 1, math.prod(grid.shape[1:-1]))
    return [xp.reshape(xp.select(grid, last, axes - 1 - k), shape) for k in range(axes)]


def joined_axes(xp: Any, of_axes: Sequence[Array | None], grid: Array) -> Array:
    """Return a gradient of the grid, put together of those of its coordinates, last axis first."""
    parts = [
        xp.new_zeros(grid, (*grid.shape[:-1], 1))
        if part is None
        else xp.reshape(part, (*grid.shape[:-1], 1))
        for part in reversed(of_axes)
    ]
    return xp.cat(parts, len(grid.shape) - 1)


def affine_base(xp: Any, like: Array, size: Sequence[int], align: bool) -> Array:
    """Return the points (N, points, axes + 1) of a grid over (N, C, ...): last axis first, then 1.

    They are worked out in the dtype of ``like``, step by step as torch does.
    """
    rounded = exactly if xp.dtype(like) is dtypes.float64 else rounded_to_single
    axes = [_evenly(count, align, rounded) for count in size[2:]]
    points = [(*reversed(point), 1.0) for point in itertools.product(*axes)]
    flat = [value for point in points for value in point]
    base = xp.new_numbers(like, flat, (1, len(points), len(axes) + 1))
    return xp.expand(base, (size[0], len(points), len(axes) + 1))


def _evenly(count: int, align: bool, rounded: Callable[[float], float]) -> list[float]:
    """Return places from -1 to 1: of the ends, or of the middles of as many parts."""
    if count <= 1:
        return [0.0] * count
    step = rounded(2 / (count - 1))
    places = [
        rounded(-1 + rounded(step * k))
        if k < count // 2
        else rounded(1 - rounded(step * (count - 1 - k)))
        for k in range(count)
    ]
    if align:
        return places
    return [rounded(rounded(place * (count - 1)) / count) for place in places]


class InterpolationDefaults:
    """Derived interpolation functions of the backend contract."""

    def grid_sampler_2d(
        self: Any,
        input: Array,
        grid: Array,
        interpolation_mode: int,
        padding_mode: int,
        align_corners: bool,
    ) -> Array:
        """The input (N, C, ...) at the points of a grid (N, ..., axes); -1 and 1 are its ends.

        Modes: bilinear 0, nearest 1, bicubic 2. Padding: zeros 0, border 1, reflection 2.
        """
        wide, points = self.widened(input), self.widened(grid)
        found = grid_sample(self, wide, points, interpolation_mode, padding_mode, align_corners)
        return self.cast(found, self.dtype(input))

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
        """The gradients of input and grid; None where ``output_mask`` is False."""
        gradients = grid_sample_backward(
            self,
            self.widened(grad_output),
            self.widened(input),
            self.widened(grid),
            interpolation_mode,
            padding_mode,
            align_corners,
            output_mask,
        )
        dtype = self.dtype(input)
        return tuple(None if g is None else self.cast(g, dtype) for g in gradients)  # type: ignore[return-value]

    def grid_sampler_3d(self: Any, *arguments: Any) -> Array:
        """``grid_sampler_2d`` with three axes."""
        return self.grid_sampler_2d(*arguments)

    def grid_sampler_3d_backward(self: Any, *arguments: Any) -> Any:
        """``grid_sampler_2d_backward`` with three axes."""
        return self.grid_sampler_2d_backward(*arguments)

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
        """The gradients of grad_output, input and grid that <direction, gradient of the grid> has.

        They are None where ``output_mask`` is False, all if the mode is nearest.
        """
        gradients = grid_sample_slope_backward(
            self,
            self.widened(direction),
            self.widened(grad_output),
            self.widened(input),
            self.widened(grid),
            interpolation_mode,
            padding_mode,
            align_corners,
            output_mask,
        )
        dtype = self.dtype(input)
        return tuple(None if g is None else self.cast(g, dtype) for g in gradients)  # type: ignore[return-value]

    def affine_grid_generator(
        self: Any, theta: Array, size: Sequence[int], align_corners: bool
    ) -> Array:
        """A grid over (N, C, ...) moved by N affine maps (N, axes, axes + 1)."""
        base = affine_base(self, theta, size, align_corners)
        moved = self.bmm(base, self.transpose(theta, 1, 2))
        return self.view(moved, (size[0], *size[2:], len(size) - 2))
