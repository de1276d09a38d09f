"""Convolutions as matrix products: windows are copied to columns block by block, then multiplied.

A block is as many columns as stay in a cache, of several batch members or of a part of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from .element_types import WIDE

Array = Any
Sizes = Sequence[int]

BLOCK = 1 << 20
"""Bytes of columns that are made at a time."""


class Block(NamedTuple):
    """Batch members, and of their windows those from ``start`` to ``end``, row-major."""

    members: slice
    windows: slice
    columns: Array


class Convolution:
    """The three functions that convolutions are made of."""

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
        input, weight, dtype = _widened(input, weight)
        batch, out = input.shape[0], weight.shape[0]
        matrices = weight.reshape(groups, out // groups, -1)
        result = np.empty((batch, out, *lengths), input.dtype)
        products = result.reshape(batch, groups, out // groups, prod(lengths))
        options = (weight.shape[2:], lengths, stride, padding, dilation, groups)
        for members, windows, columns in _blocks(input, *options):
            np.matmul(matrices, columns, out=products[members, :, :, windows])
        return result.astype(dtype, copy=False)

    def turned_kernels(self, weight: Array, groups: int) -> Array:
        out, inner, *kernel = weight.shape
        turned = weight[(..., *[slice(None, None, -1)] * len(kernel))]  # a view, unlike a flip
        turned = turned.reshape(groups, out // groups, inner, *kernel).swapaxes(1, 2)
        return turned.reshape(groups * inner, out // groups, *kernel)

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
        options = (grad, weight, lengths, stride, padding, dilation, groups)
        if 4 * weight.shape[1] * groups <= weight.shape[0]:  # far fewer columns than of windows
            return self.correlate_overlapped(*options)
        return super().correlate_input_backward(*options)  # type: ignore[misc]

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
        grad, weight, dtype = _widened(grad, weight)
        out, inner, *kernel = weight.shape
        batch = grad.shape[0]
        matrices = weight.reshape(groups, out // groups, -1).swapaxes(1, 2)
        padded = tuple(n + 2 * p for n, p in zip(lengths, padding, strict=True))
        result = np.zeros((batch, groups * inner, *padded), grad.dtype)
        add_up = _add_in_rows if max(stride) == 1 else _add_apart
        add_up(result, grad, matrices, kernel, stride, dilation)
        return np.ascontiguousarray(result[_inside(lengths, padding)], dtype)

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
        grad, input, dtype = _widened(grad, input)
        batch, out = grad.shape[:2]
        given = grad.reshape(batch, groups, out // groups, -1)
        inner = input.shape[1] // groups
        result = np.zeros((out, inner, *kernel), grad.dtype)
        total = result.reshape(groups, out // groups, inner * prod(kernel))
        options = (kernel, grad.shape[2:], stride, padding, dilation, groups)
        for members, windows, columns in _blocks(input, *options):
            parts = np.matmul(given[members, :, :, windows], columns.swapaxes(2, 3))
            total += parts[0] if len(parts) == 1 else parts.sum(0)
        return result.astype(dtype, copy=False)


def _widened(one: Array, other: Array) -> tuple[Array, Array, Any]:
    """Return both in the dtype to compute in, and the dtype of the result."""
    wide = WIDE.get(one.dtype)
    if wide is None:
        return one, other, one.dtype
    return one.astype(wide), other.astype(wide), one.dtype


def _inside(lengths: Sizes, padding: Sizes) -> tuple[Any, ...]:
    """Return the index of what is padded in the padded array."""
    return (..., *[slice(p, p + n) for n, p in zip(lengths, padding, strict=True)])


def _add_apart(
    result: Array,
    grad: Array,
    matrices: Array,
    kernel: Sizes,
    stride: Sizes,
    dilation: Sizes,
) -> None:
    """Add to a padded array the products of matrices and gradients, which windows overlap in."""
    batch, counts = grad.shape[0], grad.shape[2:]
    groups, _, out = matrices.shape
    given = grad.reshape(batch, groups, out, -1)
    rest = prod(counts[1:])
    for members, rows in _spans(batch, counts, matrices.size * grad.itemsize // out):
        windows = slice(rows.start * rest, rows.stop * rest)
        columns = np.matmul(matrices, given[members, :, :, windows])
        shape = (columns.shape[0], result.shape[1], *kernel, rows.stop - rows.start, *counts[1:])
        columns = columns.reshape(shape)
        for place in product(*map(range, kernel)):
            read = [
                slice(at * d, at * d + (n - 1) * s + 1, s)
                for at, n, s, d in zip(place, counts, stride, dilation, strict=True)
            ]
            first = rows.start * stride[0] + place[0] * dilation[0]
            last = first + (rows.stop - rows.start - 1) * stride[0]
            read[0] = slice(first, last + 1, stride[0])
            result[(members, slice(None), *read)] += columns[(slice(None), slice(None), *place)]


def _add_in_rows(
    result: Array,
    grad: Array,
    matrices: Array,
    kernel: Sizes,
    stride: Sizes,
    dilation: Sizes,
) -> None:
    """``_add_apart`` where no stride skips a window: what is added is one row of memory.

    The gradient gets the padded array's lengths, with zeros behind it.
    """
    batch, counts, padded = grad.shape[0], grad.shape[2:], result.shape[2:]
    groups, _, out = matrices.shape
    total = result.reshape(batch, result.shape[1], -1)
    rest = prod(padded[1:])
    steps = [prod(padded[k + 1 :]) for k in range(len(padded))]
    spans = list(_spans(batch, (counts[0], *padded[1:]), matrices.size * grad.itemsize // out))
    most = max((members.stop - members.start) * (rows.stop - rows.start) for members, rows in spans)
    wide: Array = np.zeros(0, grad.dtype)
    space: Array = np.empty(most * rest * (matrices.size // out), grad.dtype)
    for members, rows in spans:
        count, size = members.stop - members.start, rows.stop - rows.start
        if wide.shape[2:3] != (size,):
            wide = np.zeros((count, groups * out, size, *padded[1:]), grad.dtype)
        given = wide[:count]
        given[(..., *[slice(n) for n in counts[1:]])] = grad[members, :, rows]
        columns = space[: count * (matrices.size // out) * size * rest]
        columns = columns.reshape(count, groups, -1, size * rest)
        np.matmul(matrices, given.reshape(count, groups, out, -1), out=columns)
        columns = columns.reshape(count, result.shape[1], *kernel, size * rest)
        last = 1 + sum((n - 1) * step for n, step in zip((size, *counts[1:]), steps, strict=True))
        for place in product(*map(range, kernel)):
            first = rows.start * rest + sum(map(prod, zip(place, dilation, steps, strict=True)))
            total[members, :, first : first + last] += columns[(..., *place, slice(last))]


def _spans(batch: int, counts: Sizes, width: int) -> Iterator[tuple[slice, slice]]:
    """Yield batch members and rows of windows that together are about a block.

    ``width`` is the bytes of a column.
    """
    row = max(width * prod(counts[1:]), 1)
    rows = max(BLOCK // row, 1)
    if rows >= counts[0]:
        step = max(BLOCK // max(row * counts[0], 1), 1)
        for start in range(0, batch, step):
            yield slice(start, min(start + step, batch)), slice(0, counts[0])
        return
    for member in range(batch):
        for start in range(0, counts[0], rows):
            yield slice(member, member + 1), slice(start, min(start + rows, counts[0]))


def _blocks(
    input: Array,
    kernel: Sizes,
    lengths: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    groups: int,
) -> Iterator[Block]:
    """Yield the columns of all windows: (members, groups, channels * kernel, windows)."""
    batch, channels = input.shape[:2]
    height = channels // groups * prod(kernel)
    rest = prod(lengths[1:])
    spans = list(_spans(batch, lengths, height * groups * input.itemsize))
    most = max((members.stop - members.start) * (rows.stop - rows.start) for members, rows in spans)
    space = np.empty(most * rest * height * groups, input.dtype)
    input = np.ascontiguousarray(input)  # which np.ndarray can take windows of
    padded, start = input, -1
    if any(padding):
        members = spans[0][0].stop
        shape = [n + 2 * p for n, p in zip(input.shape[2:], padding, strict=True)]
        padded = np.zeros((members, channels, *shape), input.dtype)
        inside = _inside(input.shape[2:], padding)
    for members, rows in spans:
        count = members.stop - members.start
        source = padded[:count] if any(padding) else input[members]
        if any(padding) and members.start != start:
            start = members.start
            source[inside] = input[members]
        size = rows.stop - rows.start
        step = source.strides
        windows: Array = np.ndarray(
            (count, channels, *kernel, size, *lengths[1:]),
            source.dtype,
            source,
            rows.start * stride[0] * step[2],
            (
                *step[:2],
                *[s * d for s, d in zip(step[2:], dilation, strict=True)],
                *[s * d for s, d in zip(step[2:], stride, strict=True)],
            ),
        )
        columns = space[: windows.size].reshape(windows.shape)
        np.copyto(columns, windows)
        yield Block(
            members,
            slice(rows.start * rest, rows.stop * rest),
            columns.reshape(count, groups, height, size * rest),
        )
