"""Layer and group norm: all steps on a block of rows while it is in the cache.

A row is what is normalised together. Of batch norm the sums, in double precision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from .blocks import MANY_ELEMENTS, over_blocks, scratch, spans
from .element_types import REAL
from .reduction import pairwise_sum, row_dots, row_sums

Array = Any

_FEW = 3  # numbers in a row that torch adds up one by one


class Normalization:
    """The kernels for row-major arrays of real numbers; anything else goes the derived way."""

    def native_layer_norm(
        self: Any,
        input: Array,
        normalized_shape: Sequence[int],
        weight: Array | None,
        bias: Array | None,
        eps: float,
    ) -> tuple[Array, Array, Array]:
        width = prod(normalized_shape)
        if width <= _FEW or not _is_plain(input, weight, bias):
            return super().native_layer_norm(  # type: ignore[misc,no-any-return]
                input, normalized_shape, weight, bias, eps
            )
        given, made = input.reshape(-1, width), np.empty(input.shape, input.dtype)
        result = made.reshape(given.shape)
        mean, rstd = (np.empty((len(given), 1), input.dtype) for _ in range(2))
        scale = None if weight is None else weight.reshape(-1)
        shift = None if bias is None else bias.reshape(-1)

        def work(rows: slice) -> None:
            out = result[rows]
            _moments(given[rows], out, mean[rows], rstd[rows], eps)
            # input * rstd - mean * rstd rounds as torch does, unlike (input - mean) * rstd.
            np.multiply(given[rows], rstd[rows], out=out)
            out -= rstd[rows] * mean[rows]
            if scale is not None:
                out *= scale
            if shift is not None:
                out += shift

        over_blocks(work, spans(len(given), width * input.itemsize), input.nbytes)
        kept = input.shape[: input.ndim - len(normalized_shape)] + (1,) * len(normalized_shape)
        return made, mean.reshape(kept), rstd.reshape(kept)

    def native_layer_norm_backward(
        self: Any,
        grad_out: Array,
        input: Array,
        normalized_shape: Sequence[int],
        mean: Array,
        rstd: Array,
        weight: Array | None,
        bias: Array | None,
        output_mask: Sequence[bool],
    ) -> tuple[Array | None, Array | None, Array | None]:
        width = prod(normalized_shape)
        if width <= _FEW or not _is_plain(grad_out, input, mean, rstd, weight, bias):
            return super().native_layer_norm_backward(  # type: ignore[misc,no-any-return]
                grad_out, input, normalized_shape, mean, rstd, weight, bias, output_mask
            )
        grad, given = grad_out.reshape(-1, width), input.reshape(-1, width)
        means, rstds = mean.reshape(-1, 1), rstd.reshape(-1, 1)
        scale = None if weight is None else weight.reshape(-1)
        share = input.dtype.type(1.0 / width)
        made = np.empty(input.shape, input.dtype) if output_mask[0] else None
        of_input = None if made is None else made.reshape(given.shape)
        blocks = spans(len(given), width * input.itemsize)
        of_weights = of_biases = None
        if output_mask[1] and weight is not None:
            of_weights = np.empty((len(blocks), width), input.dtype)
        if output_mask[2] and bias is not None:
            of_biases = np.empty((len(blocks), width), input.dtype)

        def work(block: tuple[int, slice]) -> None:
            number, rows = block
            g, x, mean, rstd = grad[rows], given[rows], means[rows], rstds[rows]
            space = np.multiply(g, x, out=scratch(g.shape, g.dtype))
            if of_biases is not None:
                of_biases[number] = pairwise_sum(g, (0,), False, g.dtype)
            if of_weights is not None:
                of_weights[number] = rstd[:, 0] @ space - (mean * rstd)[:, 0] @ g
            if of_input is not None:
                # rstd * scaled + slope * input + level; factor by factor in torch's order.
                out = of_input[rows]
                if scale is None:
                    total, along = row_sums(g), row_sums(space)
                else:
                    total, along = row_dots(g, scale), row_dots(space, scale)
                slope = (total * mean - along) * rstd * rstd * rstd * share
                level = -(slope * mean) - total * rstd * share
                np.multiply(g, rstd, out=out)
                if scale is not None:
                    out *= scale
                np.multiply(x, slope, out=space)
                out += space
                out += level

        over_blocks(work, list(enumerate(blocks)), input.nbytes)
        return (
            made,
            _added_up(of_weights, weight),
            _added_up(of_biases, bias),
        )

    def native_group_norm(
        self: Any,
        input: Array,
        weight: Array | None,
        bias: Array | None,
        N: int,
        C: int,
        HxW: int,
        group: int,
        eps: float,
    ) -> tuple[Array, Array, Array]:
        width = C // group * HxW
        if width <= _FEW or not _is_plain(input, weight, bias):
            return super().native_group_norm(  # type: ignore[misc,no-any-return]
                input, weight, bias, N, C, HxW, group, eps
            )
        dtype = input.dtype
        given = input.reshape(N * group, C // group, HxW)
        made = np.empty(input.shape, dtype)
        result = made.reshape(given.shape)
        means, rstds = (np.empty((N * group, 1), dtype) for _ in range(2))
        weights = (
            None if weight is None else np.tile(weight.reshape(group, C // group, 1), (N, 1, 1))
        )
        biases = None if bias is None else np.tile(bias.reshape(group, C // group, 1), (N, 1, 1))

        def work(rows: slice) -> None:
            x, out = given[rows], result[rows]
            _moments(
                x.reshape(len(x), width), out.reshape(len(x), width), means[rows], rstds[rows], eps
            )
            scale = rstds[rows, :, None]
            scale = scale if weights is None else scale * weights[rows]
            shift = -scale * means[rows, :, None]
            shift = shift if biases is None else shift + biases[rows]
            np.multiply(x, scale, out=out)
            out += shift

        over_blocks(work, spans(len(given), width * dtype.itemsize), input.nbytes)
        return made, means.reshape(N, group), rstds.reshape(N, group)

    def _channel_sum(self: Any, input: Array, dim: Sequence[int]) -> Array:
        if not _has_channels(input):
            return super()._channel_sum(input, dim)  # type: ignore[misc]
        return _exact_channel_sums(np.copyto, input)

    def _channel_dot(self: Any, input: Array, other: Array, dim: Sequence[int]) -> Array:
        if not (_has_channels(input) and _has_channels(other)):
            return super()._channel_dot(input, other, dim)  # type: ignore[misc]
        return _exact_channel_sums(
            lambda space, one, two: np.multiply(one, two, out=space, dtype=np.float64), input, other
        )


def _has_channels(input: Array) -> bool:
    """Whether these are many float32 numbers, row-major with dims after that of the channels."""
    large = input.ndim > 2 and input.size >= MANY_ELEMENTS
    return bool(large and input.dtype == np.float32 and input.flags.c_contiguous)


def _exact_channel_sums(write: Callable[..., Any], *operands: Array) -> Array:
    """Sums by channel of the double precision numbers that are written for each block."""
    members, channels = operands[0].shape[:2]
    rows = [array.reshape(members, channels, -1) for array in operands]
    blocks = spans(members, rows[0][0].size * 8)
    partial = np.empty((len(blocks), channels))

    def work(block: tuple[int, slice]) -> None:
        number, part = block
        space = scratch(rows[0][part].shape, partial.dtype)
        write(space, *[array[part] for array in rows])
        np.einsum("ncx->c", space, out=partial[number])

    over_blocks(work, list(enumerate(blocks)), operands[0].nbytes)
    return np.add.reduce(partial, 0)


def _is_plain(*arrays: Array | None) -> bool:
    """Whether all are row-major and of one dtype of real numbers, with something in them."""
    dtype = next(array.dtype for array in arrays if array is not None)
    return dtype in REAL and all(
        array is None or (array.flags.c_contiguous and array.dtype == dtype and array.size)
        for array in arrays
    )


def _moments(x: Array, space: Array, mean: Array, rstd: Array, eps: float) -> None:
    """Write mean and reciprocal deviation of each row, and the deviations into ``space``."""
    count = x.shape[1]
    np.divide(row_sums(x), count, out=mean)
    np.subtract(x, mean, out=space)
    var = row_dots(space, space) / x.dtype.type(count)
    var += x.dtype.type(eps)
    np.divide(1, np.sqrt(var), out=rstd)


def _added_up(parts: Array | None, like: Array | None) -> Array | None:
    """The sum of what the blocks gave, in the shape of a parameter."""
    if parts is None or like is None:
        return None
    total = pairwise_sum(parts, (0,), False, parts.dtype)
    return total if total.shape == like.shape else total.reshape(like.shape)
