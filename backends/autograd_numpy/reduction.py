"""Reductions over dims, running ones along a dim, and sorting."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core import sizes

from .arrays import strides_of
from .blocks import over_blocks, spans
from .element_types import EXACT, WIDE

Array = Any

# Bound once; untyped because their stubs want a literal keepdims.
_add: Any = np.add.reduce
_multiply: Any = np.multiply.reduce
_or: Any = np.logical_or.reduce
_and: Any = np.logical_and.reduce

_LANES, _SHORT = 64, 1 << 12
"""Numbers in a row from which torch adds up by registers, and up to which that loses little."""
_MANY = 1 << 20
"""Elements from which on threads pay."""
_BLOCK = 128  # numbers NumPy adds up pairwise in the innermost dim, and one by one elsewhere


def _row_major(result: Array) -> Array:
    """The result with row-major strides, also where a size of 1 lets NumPy have any."""
    if not result.flags.c_contiguous:
        return result.copy("C")
    shape = result.shape
    if 1 in shape and strides_of(result) != _contiguous_strides(shape):
        return result.copy("C")
    return result


_contiguous_strides = functools.lru_cache(4096)(sizes.row_major)


def pairwise_sum(
    input: Array, dims: tuple[int, ...], keepdim: bool, native: np.dtype[Any]
) -> Array:
    """Sum in dtype ``native`` with an error that grows slowly with the count.

    NumPy's own reduction is pairwise along the innermost dim only; an outer dim is cut into
    blocks, whose sums are added up in turn.
    """
    if native.kind in "fc" and input.size > _BLOCK:
        innermost = input.ndim - 1
        whole = len(dims) == input.ndim and input.flags.c_contiguous
        for dim in dims:
            size = input.shape[dim]
            if whole or dim == innermost or size <= _BLOCK:
                continue
            count = size // _BLOCK
            before = (slice(None),) * dim
            head = input[(*before, slice(0, count * _BLOCK))]
            blocks = head.reshape((*input.shape[:dim], count, _BLOCK, *input.shape[dim + 1 :]))
            partial = _add(blocks, dim + 1, native)
            tail = input[(*before, slice(count * _BLOCK, None))]
            if tail.shape[dim]:
                rest = _add(tail, dim, native, keepdims=True)
                partial = np.concatenate([partial, rest], dim)
            return pairwise_sum(partial, dims, keepdim, native)
    return _add(input, dims, native, keepdims=keepdim)


def _shared_sum(input: Array) -> Array:
    """Sum of many elements, of blocks in several threads."""
    blocks = spans(input.size, input.itemsize)
    partial = np.empty(len(blocks), input.dtype)

    def work(block: tuple[int, slice]) -> None:
        partial[block[0]] = _add(input[block[1]])

    over_blocks(work, list(enumerate(blocks)), input.nbytes)
    return _add(partial)


def _extremes(extreme: Any, input: Array, dim: tuple[int, ...], keepdim: bool) -> Array:
    """The extremes over dims; ``reduce`` takes twice as long for rows of one after the other."""
    if input.ndim > 1 and dim == (input.ndim - 1,) and input.size and input.flags.c_contiguous:
        *before, width = input.shape
        result = np.empty((*before, 1) if keepdim else before, input.dtype)
        starts = np.arange(0, input.size, width)
        extreme.reduceat(input.reshape(-1), starts, out=result.reshape(-1))
        return result
    return _row_major(extreme.reduce(input, dim, keepdims=keepdim))


def row_sums(input: Array) -> Array:
    """Sums over dim 1, which is kept; of rows of some length by registers, as torch does."""
    if input.ndim == 2 and input.shape[1] >= _LANES:
        return _in_pieces(lambda piece: np.einsum("...j->...", piece), input)
    return pairwise_sum(input, (1,), True, input.dtype)


def row_dots(input: Array, other: Array) -> Array:
    """``row_sums`` of the products of two real arrays."""
    if input.ndim == 2 and input.shape[1] >= _LANES:
        if input.shape[1] <= _SHORT:
            return np.vecdot(input, other)[:, None]
        return _in_pieces(np.vecdot, input, np.broadcast_to(other, input.shape))
    return pairwise_sum(input * other, (1,), True, input.dtype)


def _in_pieces(sums: Callable[..., Array], *rows: Array) -> Array:
    """Sums of rows, of pieces that are short enough each and then of those."""
    count, width = rows[0].shape
    if width <= _SHORT:
        return sums(*rows)[:, None]
    pieces = width // _SHORT
    heads = [array[:, : pieces * _SHORT].reshape(count, pieces, _SHORT) for array in rows]
    total = _add(sums(*heads), 1, keepdims=True)
    if width % _SHORT:
        total += sums(*[array[:, pieces * _SHORT :] for array in rows])[:, None]
    return total


def _running_extreme(
    accumulate: Callable[..., Array], input: Array, dim: int
) -> tuple[Array, Array]:
    if input.ndim == 0:
        return _row_major(np.array(input)), np.zeros((), np.int64)
    values = accumulate(input, dim)
    count = input.shape[dim]
    places = np.arange(count, dtype=np.int64).reshape((count,) + (1,) * (input.ndim - dim - 1))
    reached = (input == values) | np.isnan(input)
    indices = np.maximum.accumulate(np.where(reached, places, 0), dim)
    return _row_major(values), _row_major(indices)


class Reduction:
    """Sums, extremes, tests, running sums and sorting."""

    def sum(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        native = input.dtype
        wide = WIDE.get(native)
        if wide is None:
            whole = len(dim) == input.ndim and not keepdim
            if whole and (input.size <= _BLOCK or input.flags.c_contiguous):
                if input.size >= _MANY and native.kind in "fc":
                    return _shared_sum(input.reshape(-1))
                return _add(input, None, native)
            return _row_major(pairwise_sum(input, tuple(dim), keepdim, native))
        return _row_major(pairwise_sum(input, tuple(dim), keepdim, wide).astype(native))

    def sum_all(self, input: Array) -> Array:
        if input.size <= _BLOCK and input.dtype.char in "fdFD":
            return _add(input, None)
        return self.sum(input, range(input.ndim))

    def prod(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        native = input.dtype
        product = _multiply(input, tuple(dim), WIDE.get(native, native), keepdims=keepdim)
        return _row_major(product.astype(native, copy=False))

    def amax(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        return _extremes(np.maximum, input, tuple(dim), keepdim)

    def amin(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        return _extremes(np.minimum, input, tuple(dim), keepdim)

    def any(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        return _row_major(_or(input, tuple(dim), keepdims=keepdim))

    def all(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        return _row_major(_and(input, tuple(dim), keepdims=keepdim))

    def argmax(self, input: Array, dim: int, keepdim: bool = False) -> Array:
        if input.ndim == 0:
            return np.int64(0)
        return _row_major(np.argmax(input, dim, keepdims=keepdim))

    def argmin(self, input: Array, dim: int, keepdim: bool = False) -> Array:
        if input.ndim == 0:
            return np.int64(0)
        return _row_major(np.argmin(input, dim, keepdims=keepdim))

    def cumsum(self, input: Array, dim: int) -> Array:
        if input.ndim == 0:
            return np.array(input)
        native = input.dtype
        running = np.add.accumulate(input, dim, EXACT.get(native, native))
        return _row_major(running.astype(native, copy=False))

    def cumprod(self, input: Array, dim: int) -> Array:
        if input.ndim == 0:
            return np.array(input)
        native = input.dtype
        running = np.multiply.accumulate(input, dim, EXACT.get(native, native))
        return _row_major(running.astype(native, copy=False))

    def cummax(self, input: Array, dim: int) -> tuple[Array, Array]:
        return _running_extreme(np.maximum.accumulate, input, dim)

    def cummin(self, input: Array, dim: int) -> tuple[Array, Array]:
        return _running_extreme(np.minimum.accumulate, input, dim)

    def sort(self, input: Array, dim: int, descending: bool = False) -> tuple[Array, Array]:
        if input.ndim == 0:
            return np.array(input), np.zeros((), np.int64)
        keys = input.astype(np.float32) if input.dtype in WIDE else input
        if descending:  # equal elements keep their order when both ends are turned round
            turned = np.argsort(np.flip(keys, dim), dim, kind="stable")
            indices = np.flip(input.shape[dim] - 1 - turned, dim)
        else:
            indices = np.argsort(keys, dim, kind="stable")
        indices = _row_major(indices)
        return _row_major(np.take_along_axis(input, indices, dim)), indices
