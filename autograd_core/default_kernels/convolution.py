"""Derived convolutions: windows of the padded input, as views, times the weight as a matrix.

A convolution and a transposed one are each other's gradients. Both are derived of ``correlate``,
``correlate_overlapped`` and ``correlate_weight_backward``, which a backend overrides to be faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any

from .. import sizes
from ..dtypes import float64

Array = Any
Sizes = Sequence[int]


def for_each(given: Sizes, axes: int) -> tuple[int, ...]:
    """Return one number per length; a single one is that of all."""
    return tuple(given) * axes if len(given) == 1 else tuple(given)


def convolved_lengths(
    input: Sizes,
    weight: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    transposed: bool,
    output_padding: Sizes,
) -> tuple[int, ...]:
    """Return the lengths of the result of a convolution of two shapes."""
    lengths = []
    for k, (length, size) in enumerate(zip(input[2:], weight[2:], strict=True)):
        reach = dilation[k] * (size - 1)
        if transposed:
            spread = (length - 1) * stride[k] - 2 * padding[k]
            lengths.append(spread + reach + output_padding[k] + 1)
        else:
            lengths.append((length + 2 * padding[k] - reach - 1) // stride[k] + 1)
    return tuple(lengths)


class ConvolutionDefaults:
    """Derived convolutions of the backend contract.

    An input is (batch, channels, *lengths), a weight (channels out, channels in / groups, *lengths)
    of a convolution, (channels in, channels out / groups, *lengths) of a transposed one. Stride,
    padding (on both sides, with zeros), dilation and output_padding have one int per length.
    """

    def convolution(
        self: Any,
        input: Array,
        weight: Array,
        bias: Array | None,
        stride: Sizes,
        padding: Sizes,
        dilation: Sizes,
        transposed: bool,
        output_padding: Sizes,
        groups: int,
    ) -> Array:
        """Each window of the input times the weight, summed, plus bias; or the transpose of that.

        Channels are innermost in the result where they are in input or weight.
        """
        axes = len(weight.shape) - 2
        stride, padding, dilation, output_padding = (
            for_each(given, axes) for given in (stride, padding, dilation, output_padding)
        )
        options = (stride, padding, dilation, groups)
        lengths = convolved_lengths(
            input.shape, weight.shape, stride, padding, dilation, transposed, output_padding
        )
        if 0 in input.shape:
            channels = weight.shape[1] * groups if transposed else weight.shape[0]
            shape = (input.shape[0], channels if input.shape[1] else 0, *lengths)
            result, bias = self.new_zeros(input, shape), None
        elif transposed:
            result = self.correlate_input_backward(input, weight, lengths, *options)
        else:
            result = self.correlate(input, weight, lengths, *options)
        if bias is not None:
            shift = self.cast(bias, self.dtype(result))
            result = self.add(result, self.reshape(shift, (-1, *(1,) * len(lengths))))
        return self._in_layout_of_operands(result, input, weight)

    def convolution_backward(
        self: Any,
        grad_output: Array,
        input: Array,
        weight: Array,
        bias_sizes: Sizes | None,
        stride: Sizes,
        padding: Sizes,
        dilation: Sizes,
        transposed: bool,
        output_padding: Sizes,
        groups: int,
        output_mask: Sequence[bool],
    ) -> tuple[Array | None, ...]:
        """The gradients of input, weight and bias, each where the mask asks for it."""
        axes = len(weight.shape) - 2
        stride, padding, dilation = (for_each(given, axes) for given in (stride, padding, dilation))
        options = (stride, padding, dilation, groups)
        of_input = of_weight = of_bias = None
        empty = 0 in input.shape
        if output_mask[0]:
            if empty:
                of_input = self.zeros_like(input)
            elif transposed:
                of_input = self.correlate(grad_output, weight, input.shape[2:], *options)
            else:
                of_input = self.correlate_input_backward(
                    grad_output, weight, input.shape[2:], *options
                )
            of_input = self._in_layout_of_operands(of_input, input, weight)
        if output_mask[1]:
            grad, source = (input, grad_output) if transposed else (grad_output, input)
            if empty:
                of_weight = self.zeros_like(weight)
            else:
                of_weight = self.correlate_weight_backward(grad, source, weight.shape[2:], *options)
            of_weight = self._in_layout_of_operands(of_weight, input, weight)
        if output_mask[2]:
            of_bias = self.sum(grad_output, (0, *range(2, axes + 2)))
        return of_input, of_weight, of_bias

    def _in_layout_of_operands(self: Any, result: Array, input: Array, weight: Array) -> Array:
        """The array, or a copy with channels innermost if they are so in an operand.

        torch keeps to that with one and two lengths, and with three in float32 and narrower.
        """
        rank = len(input.shape)
        if rank == 4 or (rank == 5 and self.dtype(input) is not float64):
            for like in (input, weight):
                if sizes.suggests_channels_last(like.shape, self.strides(like)):
                    return self.clone_strided(result, sizes.channels_last(result.shape))
        return result

    def correlate(
        self: Any,
        input: Array,
        weight: Array,
        lengths: Sizes,
        stride: Sizes,
        padding: Sizes,
        dilation: Sizes,
        groups: int,
    ) -> Array:
        """The products of the weight with windows of the input, ``lengths`` of them."""
        batch, out = input.shape[0], weight.shape[0]
        windows = self._windows(input, weight.shape[2:], lengths, stride, padding, dilation, groups)
        inner = prod(weight.shape[1:])
        columns = self.reshape(windows, (batch * groups, inner, prod(lengths)))
        matrices = self.view(self.contiguous(weight), (1, groups, out // groups, inner))
        matrices = self.expand(matrices, (batch, groups, out // groups, inner))
        matrices = self.reshape(matrices, (batch * groups, out // groups, inner))
        return self.view(self.bmm(matrices, columns), (batch, out, *lengths))

    def correlate_input_backward(
        self: Any,
        grad: Array,
        weight: Array,
        lengths: Sizes,
        stride: Sizes,
        padding: Sizes,
        dilation: Sizes,
        groups: int,
    ) -> Array:
        """The gradient of the input of ``correlate``, which has ``lengths``.

        Where no stride skips a window: ``correlate`` of the gradient and the weight turned around.
        """
        reach = [d * (n - 1) for n, d in zip(weight.shape[2:], dilation, strict=True)]
        around = tuple(r - p for r, p in zip(reach, padding, strict=True))
        covered = [n + 2 * a - r for n, a, r in zip(grad.shape[2:], around, reach, strict=True)]
        if max(stride) > 1 or min(around) < 0 or covered != list(lengths):
            return self.correlate_overlapped(
                grad, weight, lengths, stride, padding, dilation, groups
            )
        turned = self.turned_kernels(weight, groups)
        return self.correlate(grad, turned, lengths, stride, around, dilation, groups)

    def turned_kernels(self: Any, weight: Array, groups: int) -> Array:
        """The kernels turned around, and channels in and out exchanged."""
        out, inner, *kernel = weight.shape
        turned = self.flip(weight, tuple(range(2, len(weight.shape))))
        turned = self.reshape(turned, (groups, out // groups, inner, *kernel))
        return self.reshape(self.transpose(turned, 1, 2), (groups * inner, out // groups, *kernel))

    def correlate_overlapped(
        self: Any,
        grad: Array,
        weight: Array,
        lengths: Sizes,
        stride: Sizes,
        padding: Sizes,
        dilation: Sizes,
        groups: int,
    ) -> Array:
        """``correlate_input_backward``, as a sum of windows where they overlap."""
        batch, out = grad.shape[:2]
        kernel, counts = weight.shape[2:], grad.shape[2:]
        inner = prod(weight.shape[1:])
        matrices = self.view(self.contiguous(weight), (1, groups, out // groups, inner))
        matrices = self.expand(
            self.transpose(matrices, 2, 3), (batch, groups, inner, out // groups)
        )
        matrices = self.reshape(matrices, (batch * groups, inner, out // groups))
        given = self.reshape(grad, (batch * groups, out // groups, prod(counts)))
        channels = weight.shape[1] * groups
        columns = self.view(self.bmm(matrices, given), (batch, channels, prod(kernel), *counts))
        return self.overlapped(columns, lengths, kernel, stride, padding, dilation)

    def correlate_weight_backward(
        self: Any,
        grad: Array,
        input: Array,
        kernel: Sizes,
        stride: Sizes,
        padding: Sizes,
        dilation: Sizes,
        groups: int,
    ) -> Array:
        """The gradient of the weight of ``correlate``, whose windows have lengths ``kernel``."""
        batch, out = grad.shape[:2]
        counts, axes = grad.shape[2:], len(kernel)
        windows = self._windows(input, kernel, counts, stride, padding, dilation, groups)
        # (batch, groups, channels, kernel, counts) to (groups, batch, counts, channels, kernel)
        order = (1, 0, *range(3 + axes, 3 + 2 * axes), 2, *range(3, 3 + axes))
        inner = input.shape[1] // groups * prod(kernel)
        rows = self.reshape(self.permute(windows, order), (groups, batch * prod(counts), inner))
        given = self.permute(grad, (1, 0, *range(2, 2 + axes)))
        given = self.reshape(given, (groups, out // groups, batch * prod(counts)))
        return self.view(self.bmm(given, rows), (out, input.shape[1] // groups, *kernel))

    def overlapped(
        self: Any,
        columns: Array,
        lengths: Sizes,
        kernel: Sizes,
        stride: Sizes,
        padding: Sizes,
        dilation: Sizes,
    ) -> Array:
        """(batch, channels, windows' elements, *counts) added up where the windows overlap."""
        batch, channels, _, *counts = columns.shape
        padded = [n + 2 * p for n, p in zip(lengths, padding, strict=True)]
        result = self.new_zeros(columns, (batch, channels, *padded))
        for number, place in enumerate(product(*map(range, kernel))):
            read = result
            for k, at in enumerate(place):
                start = at * dilation[k]
                end = start + (counts[k] - 1) * stride[k] + 1
                read = self.slice(read, k + 2, start, end, stride[k])
            self.copy_(read, self.add(read, self.select(columns, 2, number)))
        for k, (length, before) in enumerate(zip(lengths, padding, strict=True)):
            result = self.slice(result, k + 2, before, before + length, 1)
        return self.contiguous(result)

    def _windows(
        self: Any,
        input: Array,
        kernel: Sizes,
        lengths: Sizes,
        stride: Sizes,
        padding: Sizes,
        dilation: Sizes,
        groups: int,
    ) -> Array:
        """(batch, groups, channels / groups, *kernel, *lengths), a view of the padded input."""
        if any(padding):
            pad = [before for before in reversed(padding) for _ in range(2)]
            input = self.constant_pad_nd(input, pad, 0)
        input = self.own(input)
        step = self.strides(input)
        channels = input.shape[1] // groups
        return self.as_strided(
            input,
            (input.shape[0], groups, channels, *kernel, *lengths),
            (
                step[0],
                step[1] * channels,
                step[1],
                *[s * d for s, d in zip(step[2:], dilation, strict=True)],
                *[s * d for s, d in zip(step[2:], stride, strict=True)],
            ),
            self.storage_offset(input),
        )

    # Windows as columns, and channels apart -------------------------------------------------------

    def im2col(
        self: Any,
        input: Array,
        kernel_size: Sizes,
        dilation: Sizes,
        padding: Sizes,
        stride: Sizes,
    ) -> Array:
        """Each window of (batch, channels, height, width) as a column; the batch may be missing."""
        *batch, channels, _, _ = input.shape
        if not batch:
            input = self.unsqueeze(input, 0)
        options = (stride, padding, dilation)
        counts = convolved_lengths(input.shape, (1, 1, *kernel_size), *options, False, (0, 0))
        windows = self._windows(input, kernel_size, counts, *options, 1)
        shape = (*batch, channels * prod(kernel_size), prod(counts))
        columns = self.empty(shape, self.dtype(input))
        self.copy_(self.view(columns, windows.shape), windows)
        return columns

    def col2im(
        self: Any,
        input: Array,
        output_size: Sizes,
        kernel_size: Sizes,
        dilation: Sizes,
        padding: Sizes,
        stride: Sizes,
    ) -> Array:
        """The columns of ``im2col`` added up where their windows were."""
        if len(input.shape) == 2:
            columns = self.unsqueeze(input, 0)
            summed = self.col2im(columns, output_size, kernel_size, dilation, padding, stride)
            return self.select(summed, 0, 0)
        options = (stride, padding, dilation)
        size = (1, 1, *output_size)
        counts = convolved_lengths(size, (1, 1, *kernel_size), *options, False, (0, 0))
        elements = prod(kernel_size)
        channels = input.shape[1] // elements
        columns = self.reshape(input, (input.shape[0], channels, elements, *counts))
        return self.overlapped(columns, output_size, kernel_size, *options)

    def pixel_shuffle(self: Any, input: Array, upscale_factor: int) -> Array:
        """(..., channels * r * r, height, width) to (..., channels, height * r, width * r)."""
        *outer, channels, height, width = input.shape
        r, at = upscale_factor, len(outer)
        split = self.reshape(input, (*outer, channels // (r * r), r, r, height, width))
        order = (*range(at + 1), at + 3, at + 1, at + 4, at + 2)
        shape = (*outer, channels // (r * r), height * r, width * r)
        return self._shuffled(self.permute(split, order), shape, input)

    def pixel_unshuffle(self: Any, input: Array, downscale_factor: int) -> Array:
        """The inverse of ``pixel_shuffle``."""
        *outer, channels, height, width = input.shape
        r, at = downscale_factor, len(outer)
        split = self.reshape(input, (*outer, channels, height // r, r, width // r, r))
        order = (*range(at + 1), at + 2, at + 4, at + 1, at + 3)
        shape = (*outer, channels * r * r, height // r, width // r)
        return self._shuffled(self.permute(split, order), shape, input)

    def channel_shuffle(self: Any, input: Array, groups: int) -> Array:
        """The channels, dim 1, of the groups in turn."""
        batch, channels, *lengths = input.shape
        split = self.reshape(input, (batch, groups, channels // groups, *lengths))
        return self._shuffled(self.transpose(split, 1, 2), input.shape, input)

    def _shuffled(self: Any, moved: Array, shape: Sizes, like: Array) -> Array:
        """A copy of ``moved`` in a shape, with channels innermost if they are so in ``like``."""
        result = self.view(self.clone_row_major(moved), shape)
        if len(shape) == 4 and sizes.suggests_channels_last(like.shape, self.strides(like)):
            return self.clone_strided(result, sizes.channels_last(shape))
        return result
