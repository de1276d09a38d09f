"""Longer derivatives of ops that move elements into a new tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import sizes

Array = Any


def joined(xp: Any, tensors: Sequence[Array], dim: int) -> Array:
    """Return the arrays joined along ``dim``; torch skips empty 1-d ones of whatever rank."""
    parts = [part for part in tensors if part.shape != (0,)] or list(tensors)
    result = xp.cat(parts, dim)
    if len(result.shape) in (4, 5) and all(
        sizes.suggests_channels_last(part.shape, xp.strides(part)) for part in parts
    ):
        return xp.clone_strided(result, sizes.channels_last(result.shape))
    return result


def cat_backward(
    xp: Any, grad: Array, tensors_shape: Sequence[Sequence[int]], dim: int
) -> list[Array]:
    """Return the piece of the gradient that each tensor was joined at."""
    grads, start = [], 0
    for shape in tensors_shape:
        if tuple(shape) == (0,):
            grads.append(xp.new_zeros(grad, (0,)))
            continue
        grads.append(xp.slice(grad, dim, start, start + shape[dim], 1))
        start += shape[dim]
    return grads


def block_diag_backward(
    xp: Any, grad: Array, tensors_shape: Sequence[Sequence[int]]
) -> list[Array]:
    """Return the block of the gradient that each matrix, row or number was put at."""
    grads = []
    row = column = 0
    for shape in tensors_shape:
        height, width = (1,) * (2 - len(shape)) + tuple(shape)
        block = xp.slice(grad, 0, row, row + height, 1)
        block = xp.slice(block, 1, column, column + width, 1)
        for dim in range(1, len(shape) - 1, -1):  # a row stays one, which the engine sums
            block = xp.squeeze_dim(block, dim)
        grads.append(xp.new_zeros(grad, shape) if tuple(shape) == (0,) else block)
        row, column = row + height, column + width
    return grads


def repeat_backward(
    xp: Any, grad: Array, repeats: Sequence[int], self_shape: Sequence[int]
) -> Array:
    """Sum the gradient over the repetitions."""
    if 0 in repeats:
        return xp.new_zeros(grad, self_shape)
    for _ in range(len(repeats) - len(self_shape)):
        grad = xp.sum(grad, (0,), False)
    pairs: list[int] = []
    repeated: list[int] = []
    for count, length in zip(repeats[len(repeats) - len(self_shape) :], self_shape, strict=True):
        if count != 1:
            repeated.append(len(pairs))
            pairs.append(count)
        pairs.append(length)
    if not repeated:
        return grad
    return xp.sum(xp.reshape(grad, pairs), tuple(repeated), False)


def trace_backward(xp: Any, grad: Array, self_shape: Sequence[int]) -> Array:
    """Return zeros with the gradient on the main diagonal."""
    rows, columns = self_shape
    places = xp.new_positions(grad, min(rows, columns), columns + 1)
    flat = xp.index_fill_tensor(xp.new_zeros(grad, (rows * columns,)), 0, places, grad)
    return xp.view(flat, self_shape)
