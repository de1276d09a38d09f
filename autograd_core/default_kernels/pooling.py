"""Derived pooling kernels: means and maxima over windows, their gradients, and unpooling.

ATen's functions are said in four that are given the windows along each axis of the planes that they
pool; a backend that overrides those four has every pooling fast.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .. import dtypes, sizes
from ..pooling_windows import Axes, adaptive, covered, extents, starts, stepping
from .convolution import for_each

Array = Any


class PoolingDefaults:
    """Derived pooling functions of the backend contract."""

    # On planes (*lead, *space) with windows along each axis of the space --------------------------

    def window_sums(self: Any, planes: Array, axes: Axes) -> Array:
        """The sum over each window, (*lead, *windows)."""
        picked, inside = self._picked(planes, axes)
        if inside is not None:
            picked = self.where(inside, picked, self.scalar_like(picked, 0))
        return self.reshape(self.sum(picked, (2,)), (*_lead(planes, axes), *_windows(axes)))

    def window_sums_backward(self: Any, grad: Array, axes: Axes) -> Array:
        """For each element the sum over the windows that cover it, (*lead, *space)."""
        lead, (places, longest, inside) = _lead(grad, axes), self._places(axes)
        count, outputs = math.prod(lead), math.prod(_windows(axes))
        space = tuple(windows.size for windows in axes)
        zeros = self.full((count, math.prod(space)), 0, self.dtype(grad))
        shared = self.reshape(grad, (count, outputs, 1))
        shared = self.expand(shared, (count, outputs, longest))
        if inside is not None:
            shared = self.where(inside, shared, self.scalar_like(grad, 0))
        index = self.reshape(places, (1, outputs * longest))
        index = self.expand(index, (count, outputs * longest))
        shared = self.reshape(shared, (count, outputs * longest))
        return self.reshape(self.scatter_add(zeros, 1, index, shared), (*lead, *space))

    def window_maxima(self: Any, planes: Array, axes: Axes) -> tuple[Array, Array]:
        """The largest element of each window, and its place in the plane.

        Of equal ones the first, of several NaN the last. A window that covers nothing has the
        least number, and the place where it begins.
        """
        shape = (*_lead(planes, axes), *_windows(axes))
        picked, inside = self._picked(planes, axes)
        dtype = self.dtype(planes)
        begin = self.from_flat(starts(axes), (1, picked.shape[1]), dtypes.int64)
        if not picked.shape[2]:
            begin = self.expand(begin, picked.shape[:2])
            return self.full(shape, dtypes.least(dtype), dtype), self.reshape(begin, shape)
        places, longest, _ = self._places(axes)
        values, chosen = self.largest(picked)
        row = self.reshape(self.arange(0, longest, begin.shape[1], dtypes.int64), begin.shape)
        indices = self.gather(places, 0, self.reshape(chosen + row, (math.prod(chosen.shape),)))
        indices = self.reshape(indices, chosen.shape)
        if inside is not None:
            filled = self.any(inside, (2,))
            values = self.where(filled, values, self.scalar(dtypes.least(dtype), dtype))
            indices = self.where(filled, indices, begin)
        return self.reshape(values, shape), self.reshape(indices, shape)

    def window_maxima_backward(self: Any, grad: Array, indices: Array, space: Sequence[int]) -> Any:
        """The gradients of windows added at the places of their largest elements."""
        rank = len(space)
        lead, outputs = grad.shape[:-rank], math.prod(grad.shape[-rank:])
        zeros = self.full((math.prod(lead), math.prod(space)), 0, self.dtype(grad))
        index, values = (self.reshape(a, (zeros.shape[0], outputs)) for a in (indices, grad))
        return self.reshape(self.scatter_add(zeros, 1, index, values), (*lead, *space))

    def largest(self: Any, picked: Array) -> tuple[Array, Array]:
        """The largest elements along the last dim of three, the first of each, the last NaN."""
        chosen = self.argmax(picked, 2)
        if self.dtype(picked).is_floating_point:
            unknown = self.isnan(picked)
            if self.anywhere(unknown):
                behind = self.argmax(self.cast(self.flip(unknown, (2,)), dtypes.int64), 2)
                last = self.scalar(picked.shape[2] - 1, dtypes.int64) - behind
                chosen = self.where(self.any(unknown, (2,)), last, chosen)
        one = self.reshape(chosen, (*picked.shape[:2], 1))
        return self.reshape(self.gather(picked, 2, one), picked.shape[:2]), chosen

    def _places(self: Any, axes: Axes) -> tuple[Array, int, Array | None]:
        """The places that windows cover, the most of one, and which of them are.

        Windows that cover fewer have their last place repeated, or 0.
        """
        windows = covered(axes)
        longest = max(map(len, windows), default=0)
        flat = [
            place
            for places in windows
            for place in (*places, *(places[-1:] or (0,)) * (longest - len(places)))
        ]
        table = self.from_flat(flat, (len(flat),), dtypes.int64)
        if all(len(places) == longest for places in windows):
            return table, longest, None
        marks = [k < len(places) for places in windows for k in range(longest)]
        return table, longest, self.from_flat(marks, (1, len(windows), longest), dtypes.bool_)

    def _picked(self: Any, planes: Array, axes: Axes) -> tuple[Array, Array | None]:
        """The elements of each window, (count, windows, longest), and which of them count."""
        count = math.prod(_lead(planes, axes))
        places, longest, inside = self._places(axes)
        flat = self.reshape(planes, (count, math.prod(windows.size for windows in axes)))
        picked = self.index_select(flat, 1, places)
        return self.reshape(picked, (count, math.prod(_windows(axes)), longest)), inside

    # Means ----------------------------------------------------------------------------------------

    def avg_pool2d(self: Any, *arguments: Any) -> Array:
        """The mean over windows of the last two dims."""
        made = self._means(2, *arguments)
        return self._laid_out(made, arguments[0])

    def avg_pool3d(self: Any, *arguments: Any) -> Array:
        """The mean over windows of the last three dims."""
        return self._means(3, *arguments)

    def avg_pool2d_backward(self: Any, grad_output: Array, input: Array, *options: Any) -> Array:
        """The gradient of ``avg_pool2d``."""
        return self._laid_out(self._means_backward(2, grad_output, input, *options), input)

    def avg_pool3d_backward(self: Any, grad_output: Array, input: Array, *options: Any) -> Array:
        """The gradient of ``avg_pool3d``."""
        return self._means_backward(3, grad_output, input, *options)

    def _means(
        self: Any,
        rank: int,
        input: Array,
        kernel_size: Sequence[int],
        stride: Sequence[int],
        padding: Sequence[int],
        ceil_mode: bool,
        count_include_pad: bool,
        divisor_override: int | None,
    ) -> Array:
        axes = steps(input.shape, rank, kernel_size, stride, padding, (1,), ceil_mode)
        sums = self.window_sums(self.widened(input), axes)
        means = self._shared(sums, axes, count_include_pad, divisor_override)
        return self.cast(means, self.dtype(input))

    def _means_backward(
        self: Any,
        rank: int,
        grad_output: Array,
        input: Array,
        kernel_size: Sequence[int],
        stride: Sequence[int],
        padding: Sequence[int],
        ceil_mode: bool,
        count_include_pad: bool,
        divisor_override: int | None,
    ) -> Array:
        axes = steps(input.shape, rank, kernel_size, stride, padding, (1,), ceil_mode)
        grad = self.widened(grad_output)
        shares = self._shared(grad, axes, count_include_pad, divisor_override)
        return self.cast(self.window_sums_backward(shares, axes), self.dtype(input))

    def _shared(
        self: Any, sums: Array, axes: Axes, with_padding: bool, divisor: int | None
    ) -> Array:
        """Divide by the number of elements of each window, or by a divisor."""
        if 0 in sums.shape:
            return sums
        counts = extents(axes, with_padding) if divisor is None else (divisor,)
        alike = all(count == counts[0] for count in counts)
        by = self.from_flat(
            counts[:1] if alike else counts,
            () if alike else _windows(axes),
            self.dtype(sums),
        )
        if self.dtype(sums).is_inexact:
            return self.div(sums, by)
        whole = self.floor_divide(self.abs(sums), self.abs(by))
        return whole * self.sign(sums) * self.sign(by)

    # Means over a number of windows ---------------------------------------------------------------

    def adaptive_avg_pool2d(self: Any, input: Array, output_size: Sequence[int]) -> Array:
        """The mean over each of (height, width) windows that share the last two dims."""
        return self._laid_out(self._adaptive_means(2, input, output_size), input)

    def adaptive_avg_pool3d(self: Any, input: Array, output_size: Sequence[int]) -> Array:
        """The mean over each of (depth, height, width) windows that share the last three dims."""
        return self._adaptive_means(3, input, output_size)

    def adaptive_avg_pool2d_backward(self: Any, grad_output: Array, input: Array) -> Array:
        """The gradient of ``adaptive_avg_pool2d``."""
        return self._laid_out(self._adaptive_means_backward(2, grad_output, input), input)

    def adaptive_avg_pool3d_backward(self: Any, grad_output: Array, input: Array) -> Array:
        """The gradient of ``adaptive_avg_pool3d``."""
        return self._adaptive_means_backward(3, grad_output, input)

    def _adaptive_means(self: Any, rank: int, input: Array, output_size: Sequence[int]) -> Array:
        axes = _sharing(input.shape[-rank:], output_size)
        sums = self.window_sums(self.widened(input), axes)
        return self.cast(self._shared_by_axis(sums, axes), self.dtype(input))

    def _adaptive_means_backward(self: Any, rank: int, grad_output: Array, input: Array) -> Array:
        axes = _sharing(input.shape[-rank:], grad_output.shape[-rank:])
        shares = self._shared_by_axis(self.widened(grad_output), axes)
        return self.cast(self.window_sums_backward(shares, axes), self.dtype(input))

    def _shared_by_axis(self: Any, sums: Array, axes: Axes) -> Array:
        """Divide by the length of each window along one axis after the other, as torch does."""
        for dim, windows in enumerate(axes if 0 not in sums.shape else ()):
            behind = (1,) * (len(axes) - dim - 1)
            lengths = self.from_flat(
                windows.lengths, (len(windows.lengths), *behind), self.dtype(sums)
            )
            sums = self.div(sums, lengths)
        return sums

    # Maxima ---------------------------------------------------------------------------------------

    def max_pool2d_with_indices(self: Any, *arguments: Any) -> Any:
        """The largest element of windows of the last two dims, and its place in the plane."""
        return tuple(self._laid_out(m, arguments[0]) for m in self._maxima(2, *arguments))

    def max_pool3d_with_indices(self: Any, *arguments: Any) -> Any:
        """The largest element of windows of the last three dims, and its place in the space."""
        return tuple(self._laid_out_3d(m, arguments[0]) for m in self._maxima(3, *arguments))

    def _maxima(
        self: Any,
        rank: int,
        input: Array,
        kernel_size: Sequence[int],
        stride: Sequence[int],
        padding: Sequence[int],
        dilation: Sequence[int],
        ceil_mode: bool,
    ) -> tuple[Array, Array]:
        axes = steps(input.shape, rank, kernel_size, stride, padding, dilation, ceil_mode)
        found: tuple[Array, Array] = self.window_maxima(input, axes)
        return found

    def max_pool2d_with_indices_backward(
        self: Any,
        grad_output: Array,
        input: Array,
        kernel_size: Sequence[int],
        stride: Sequence[int],
        padding: Sequence[int],
        dilation: Sequence[int],
        ceil_mode: bool,
        indices: Array,
    ) -> Array:
        """The gradient of ``max_pool2d_with_indices``."""
        made = self.window_maxima_backward(grad_output, indices, input.shape[-2:])
        return self._laid_out(made, input)

    def max_pool3d_with_indices_backward(
        self: Any,
        grad_output: Array,
        input: Array,
        kernel_size: Sequence[int],
        stride: Sequence[int],
        padding: Sequence[int],
        dilation: Sequence[int],
        ceil_mode: bool,
        indices: Array,
    ) -> Array:
        """The gradient of ``max_pool3d_with_indices``."""
        made = self.window_maxima_backward(grad_output, indices, input.shape[-3:])
        return self._laid_out_3d(made, input if len(input.shape) == 5 else grad_output)

    def adaptive_max_pool2d(self: Any, input: Array, output_size: Sequence[int]) -> Any:
        """The largest element of (height, width) windows of the last two dims, and its place."""
        return tuple(self._laid_out(m, input) for m in self._adaptive_maxima(2, input, output_size))

    def adaptive_max_pool3d(self: Any, input: Array, output_size: Sequence[int]) -> Any:
        """The largest of (depth, height, width) windows of the last three dims, and its place."""
        return tuple(self._adaptive_maxima(3, input, output_size))

    def _adaptive_maxima(
        self: Any, rank: int, input: Array, output_size: Sequence[int]
    ) -> tuple[Array, Array]:
        axes = _sharing(input.shape[-rank:], output_size)
        found: tuple[Array, Array] = self.window_maxima(input, axes)
        return found

    def adaptive_max_pool2d_backward(
        self: Any, grad_output: Array, input: Array, indices: Array
    ) -> Array:
        """The gradient of ``adaptive_max_pool2d``."""
        made = self.window_maxima_backward(grad_output, indices, input.shape[-2:])
        return self._laid_out(made, input)

    def adaptive_max_pool3d_backward(
        self: Any, grad_output: Array, input: Array, indices: Array
    ) -> Array:
        """The gradient of ``adaptive_max_pool3d``."""
        return self.window_maxima_backward(grad_output, indices, input.shape[-3:])

    # Maxima of windows at random places -----------------------------------------------------------

    def fractional_max_pool2d(self: Any, *arguments: Any) -> Any:
        """The largest element of windows that lie where random numbers say, and its place.

        ``random_samples`` (N, C, 2) are for width and height.
        """
        return self._fractional_maxima(2, *arguments)

    def fractional_max_pool3d(self: Any, *arguments: Any) -> Any:
        """Likewise of three dims; ``random_samples`` (N, C, 3) are for depth, height and width."""
        return self._fractional_maxima(3, *arguments)

    def _fractional_maxima(
        self: Any,
        rank: int,
        input: Array,
        kernel_size: Sequence[int],
        output_size: Sequence[int],
        random_samples: Array,
    ) -> tuple[Array, Array]:
        count, space = math.prod(input.shape[:-rank]), input.shape[-rank:]
        samples = self.slice(random_samples, 0, 0, math.prod(input.shape[: -rank - 1]), 1)
        samples = self.reshape(samples, (count, rank))
        windows, longest = math.prod(output_size), math.prod(kernel_size)
        places = None
        for dim in range(rank):
            sample = self.select(samples, 1, 1 - dim if rank == 2 else dim)
            begin = self._random_starts(sample, space[dim], output_size[dim], kernel_size[dim])
            begin = self.reshape(begin, _along(dim, 2 * rank, output_size[dim], count))
            within = self.arange(0, 1, kernel_size[dim] if longest else 1, dtypes.int64)
            place = begin + self.reshape(within, _along(rank + dim, 2 * rank, within.shape[0]))
            places = place if places is None else places * space[dim] + place
        places = self.reshape(places, (count, windows, longest or 1))
        shape = (*input.shape[:-rank], *output_size)
        if not longest:
            dtype = self.dtype(input)
            return self.full(shape, dtypes.least(dtype), dtype), self.reshape(places, shape)
        flat = self.reshape(input, (count, math.prod(space)))
        picked = self.gather(flat, 1, self.reshape(places, (count, windows * longest)))
        values, chosen = self.largest(self.reshape(picked, places.shape))
        indices = self.gather(places, 2, self.reshape(chosen, (count, windows, 1)))
        return self.reshape(values, shape), self.reshape(indices, shape)

    def _random_starts(self: Any, sample: Array, size: int, windows: int, kernel: int) -> Array:
        """Where the windows of each plane begin along an axis, (planes, windows); the last fits."""
        count, dtype = sample.shape[0], self.dtype(sample)
        last = self.full((count, 1), size - kernel, dtypes.int64)
        if windows < 2:
            return self.slice(last, 1, 0, windows, 1)
        step = self.scalar((size - kernel) / (windows - 1), dtype)
        sample = self.reshape(sample, (count, 1))
        number = self.reshape(self.arange(0, 1, windows - 1, dtype), (1, windows - 1))
        moved = self.cast((number + sample) * step, dtypes.int64)
        return self.cat([moved - self.cast(sample * step, dtypes.int64), last], 1)

    def fractional_max_pool2d_backward(
        self: Any,
        grad_output: Array,
        input: Array,
        kernel_size: Sequence[int],
        output_size: Sequence[int],
        indices: Array,
    ) -> Array:
        """The gradient of ``fractional_max_pool2d``."""
        return self.window_maxima_backward(grad_output, indices, input.shape[-2:])

    def fractional_max_pool3d_backward(
        self: Any,
        grad_output: Array,
        input: Array,
        kernel_size: Sequence[int],
        output_size: Sequence[int],
        indices: Array,
    ) -> Array:
        """The gradient of ``fractional_max_pool3d``."""
        return self.window_maxima_backward(grad_output, indices, input.shape[-3:])

    # Unpooling ------------------------------------------------------------------------------------

    def max_unpool2d(self: Any, input: Array, indices: Array, output_size: Sequence[int]) -> Array:
        """Zeros of (height, width) with the elements at places in the plane.

        Raises:
            RuntimeError: a place is outside (torch's text).
        """
        return self._laid_out(self._unpooled(2, input, indices, output_size), input)

    def max_unpool3d(
        self: Any,
        input: Array,
        indices: Array,
        output_size: Sequence[int],
        stride: Sequence[int],
        padding: Sequence[int],
    ) -> Array:
        """Zeros of (depth, height, width) with the elements at places in the space.

        Raises:
            RuntimeError: a place is outside (torch's text).
        """
        return self._unpooled(3, input, indices, output_size)

    def _unpooled(
        self: Any, rank: int, input: Array, indices: Array, output_size: Sequence[int]
    ) -> Array:
        lead, volume = input.shape[:-rank], math.prod(output_size)
        shape = (math.prod(lead), math.prod(input.shape[-rank:]))
        places = self.reshape(indices, shape)
        outside = self.logical_or(places < 0, places >= volume)
        if self.anywhere(outside):
            place = next(p for p in reversed(self.to_flat(places)) if not 0 <= p < volume)
            raise RuntimeError(
                f"Found an invalid max index: {place} (output volumes are of size "
                f"{'x'.join(map(str, output_size))})"
            )
        zeros = self.full((shape[0], volume), 0, self.dtype(input))
        made = self.scatter(zeros, 1, places, self.reshape(input, shape))
        return self.reshape(made, (*lead, *output_size))

    # Layouts ---------------------------------------------------------------------------

    def _laid_out(self: Any, made: Array, like: Array) -> Array:
        """A result, channels-last where what it is made of is."""
        if sizes.suggests_channels_last(like.shape, self.strides(like)):
            return self.clone_strided(made, sizes.channels_last(made.shape))
        return made

    def _laid_out_3d(self: Any, made: Array, like: Array) -> Array:
        """Likewise of a space of three dims; one without a batch is laid out as one of a batch."""
        if len(like.shape) == 5:
            return self._laid_out(made, like)
        batch, stride = (1, *like.shape), self.strides(like)
        last = sizes.channels_last(batch)[1:]
        if sizes.same_strides(like.shape, stride, last) and not sizes.is_contiguous(
            like.shape, stride
        ):
            return self.clone_strided(made, sizes.channels_last((1, *made.shape))[1:])
        return made


def steps(
    shape: Sequence[int],
    rank: int,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    ceil_mode: bool,
) -> Axes:
    """Return the windows along the last dims; a stride left out is the kernel's size."""
    options = [for_each(given, rank) for given in (kernel_size, stride or kernel_size, padding)]
    options.append(for_each(dilation, rank))
    return tuple(
        [
            stepping(size, *each, ceil_mode)
            for size, *each in zip(shape[-rank:], *options, strict=True)
        ]
    )


def _sharing(space: Sequence[int], output_size: Sequence[int]) -> Axes:
    return tuple([adaptive(size, count) for size, count in zip(space, output_size, strict=True)])


def _along(dim: int, rank: int, length: int, count: int = 1) -> tuple[int, ...]:
    """Return the shape (count, *rank dims) that has a length in one dim and 1 in the others."""
    return (count, *[length if d == dim else 1 for d in range(rank)])


def _lead(planes: Array, axes: Axes) -> tuple[int, ...]:
    """Return the lengths of the dims before those of the axes."""
    return tuple(planes.shape[: -len(axes)])


def _windows(axes: Axes) -> tuple[int, ...]:
    """Return the number of windows along each axis."""
    return tuple([len(windows.places) for windows in axes])
