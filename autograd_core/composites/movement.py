"""Joining, splitting and repeating that torch composes of other ops."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from .. import ops
from ..dtypes import int64
from ..engine.views import seen_whole
from ..sizes import broadcast_shapes
from ..tensor import Tensor, wrap, wrap_dim
from .shape import atleast_1d, atleast_2d, atleast_3d, flatten


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """View ``length`` entries of ``dim`` from ``start`` on; all has been checked."""
    return ops.slice(input, dim, start, start + length, 1)


def chunk(input: Tensor, chunks: int, dim: int, unsafe: bool = False) -> tuple[Tensor, ...]:
    """Split into at most ``chunks`` pieces of one size (the last may be smaller)."""
    length = input._array.shape[dim]
    size = -(-length // chunks)
    if size == 0:
        split = ops.unsafe_split_with_sizes if unsafe else ops.split_with_sizes
        return split(input, (0,) * chunks, dim)
    split = ops.unsafe_split if unsafe else ops.split
    return split(input, size, dim)


def tensor_split(input: Tensor, sections: int | Sequence[int], dim: int) -> tuple[Tensor, ...]:
    """Split into ``sections`` nearly equal pieces, or before each of the given indices."""
    length = input._array.shape[dim]
    if isinstance(sections, int):
        least, more = divmod(length, sections)
        bounds = [0]
        for k in range(sections):
            bounds.append(bounds[-1] + least + (k < more))
        pairs = list(pairwise(bounds))
    else:
        pairs, start = [], 0
        for index in sections:
            pairs.append((start, index))
            start = index
        pairs.append((start, length))
    return tuple([ops.slice(input, dim, *_bounds(a, b, length), 1) for a, b in pairs])


def _bounds(start: int, end: int, length: int) -> tuple[int, int]:
    """Return slice bounds as Python means them, made non-negative and ordered."""
    start = min(max(start + length if start < 0 else start, 0), length)
    end = min(max(end + length if end < 0 else end, 0), length)
    return start, max(start, end)


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join along the second dim, 1-d tensors along the first."""
    parts = [atleast_1d(t) for t in tensors]
    return cat(parts, 0 if parts[0].ndim == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join along the first dim; 1-d tensors are rows."""
    return cat([atleast_2d(t) for t in tensors], 0)


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join along the third dim."""
    return cat([atleast_3d(t) for t in tensors], 2)


def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Join along the second dim; 1-d tensors are columns."""
    return hstack([ops.reshape(t, (t.numel(), 1)) if t.ndim <= 1 else t for t in tensors])


def cat(tensors: Sequence[Tensor], dim: int) -> Tensor:
    """Join along ``dim``.

    Raises:
        RuntimeError: ranks or other sizes differ, or a tensor has no dims (torch's text).
    """
    for k, part in enumerate(tensors):
        if part.ndim == 0:
            raise RuntimeError(f"zero-dimensional tensor (at position {k}) cannot be concatenated")
    shapes = [tuple(t._array.shape) for t in tensors]
    counted = [(k, shape) for k, shape in enumerate(shapes) if shape != (0,)]
    first = counted[0][1] if counted else (0,)
    dim = wrap_dim(dim, len(first))
    for k, shape in counted[1:]:
        if len(shape) != len(first):
            raise RuntimeError(
                f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}"
            )
        for d, (expected, got) in enumerate(zip(first, shape, strict=True)):
            if d != dim and expected != got:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {dim}. Expected size "
                    f"{expected} but got size {got} for tensor number {k} in the list."
                )
    return ops.cat(list(tensors), dim)


def stack(tensors: Sequence[Tensor], dim: int) -> Tensor:
    """Join along a new dim.

    Raises:
        RuntimeError: the shapes differ (torch's text).
    """
    first = tensors[0]._array.shape
    for k, part in enumerate(tensors):
        if part._array.shape != first:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 "
                f"and {list(part._array.shape)} at entry {k}"
            )
    return ops.stack(list(tensors), wrap_dim(dim, len(first) + 1))


def repeat_interleave(input: Tensor, repeats: int, dim: int) -> Tensor:
    """Repeat each entry of ``dim`` the same number of times."""
    shape = list(input._array.shape)
    wide = ops.unsqueeze(input, dim + 1)
    expanded = ops.expand(wide, (*shape[: dim + 1], repeats, *shape[dim + 1 :]))
    copied = ops.clone_contiguous(expanded)
    return flatten(copied, dim, dim + 1)


def meshgrid(tensors: Sequence[Tensor], indexing: str) -> tuple[Tensor, ...]:
    """View each 1-d tensor along a dim of its own, expanded to the grid of all.

    With indexing "xy" the first two tensors have each other's dim.
    """
    dims = list(range(len(tensors)))
    if indexing == "xy" and len(dims) >= 2:
        dims[0], dims[1] = 1, 0
    shape = tuple([tensors[d].numel() for d in dims])
    grids = []
    for part, dim in zip(tensors, dims, strict=True):
        line = [1] * len(shape)
        line[dim] = shape[dim]
        grids.append(ops.expand(ops.view(part, tuple(line)), shape))
    return tuple(grids)


def cartesian_prod(tensors: Sequence[Tensor]) -> Tensor:
    """Return all tuples with one element of each 1-d tensor, as rows."""
    if len(tensors) == 1:
        return tensors[0]
    return stack([flatten(grid) for grid in meshgrid(tensors, "ij")], 1)


@seen_whole
def combinations(input: Tensor, r: int, with_replacement: bool) -> Tensor:
    """Return all ways of taking ``r`` elements of a 1-d tensor in order, as rows."""
    if r == 0:
        return ops.new_zeros(input, (0,))
    count = input._array.shape[0]
    places = meshgrid([ops.new_positions(input, count)] * r, "ij")
    grids = meshgrid([input] * r, "ij")
    kept = _all_true(places[0]).fill_(True)  # torch fills it, which counts as a write
    for one, other in pairwise(places):
        ops.bitwise_and.inplace(
            kept, ops.le(one, other) if with_replacement else ops.lt(one, other)
        )
    return stack([ops.masked_select(grid, kept) for grid in grids], 1)


@seen_whole
def vander(x: Tensor, N: int, increasing: bool) -> Tensor:
    """Return the powers of every element of a 1-d tensor as a row, as torch writes them."""
    made = ops.new_zeros(x, (x._array.shape[0], N))
    if N:
        ops.fill_inplace.inplace(ops.select(made, 1, 0), 1)
    if N > 1:
        ops.copy.inplace(narrow(made, 1, 1, N - 1), ops.unsqueeze(x, 1))
        powers = ops.cumprod(narrow(made, 1, 1, N - 1), 1, None)
        ops.copy.inplace(narrow(made, 1, 1, N - 1), powers)
    return made if increasing else ops.flip(made, (1,))


def _all_true(like: Tensor) -> Any:
    return ops.eq(like, like)


def tile(input: Tensor, dims: Sequence[int]) -> Tensor:
    """Repeat; fewer dims than the tensor has are filled up with 1 in front."""
    return ops.repeat(input, (1,) * (input.ndim - len(dims)) + tuple(dims))


def take_along_all(input: Tensor, indices: Tensor) -> Tensor:
    """The elements at row-major places, which are 1-d."""
    return ops.gather(ops.view(input, (input.numel(),)), 0, indices)


def take_along_dim(input: Tensor, indices: Tensor, dim: int) -> Tensor:
    """Gather along ``dim``, both broadcast in the other dims; indices are taken modulo."""
    own, other = list(input.shape), list(indices.shape)
    if own:
        own[dim] = other[dim]
        common = broadcast_shapes(own, other)
        sizes = list(common)
        sizes[dim] = input.shape[dim]
        indices = ops.expand(indices, tuple(common))
        backend = indices._backend
        places = backend.remainder(indices._array, backend.scalar(max(sizes[dim], 1), int64))
        indices = wrap(places, int64, backend)
        input = ops.expand(input, tuple(sizes))
    return ops.gather(input, dim, indices)
