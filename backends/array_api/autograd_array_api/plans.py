"""How a strided view is read from, and written into, an n-d value that nobody may change.

A plan is worked out from integers alone: the storage's layout and the view's geometry. Most
views are a reshape, a slice of every dim, a permutation and a reshape, all of them functions of the
standard; what no such chain reads (overlapping windows, strides across dims) is read by places.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from autograd_core.sizes import numel, row_major

Shape = tuple[int, ...]


class Layout(NamedTuple):
    """How the elements of a dense value lie in its storage."""

    order: Shape | None
    """The value's dims from outermost to innermost; None where they are row-major."""
    shape: Shape
    """The value's shape in that order."""


class Plan(NamedTuple):
    """From a row-major storage to a view: reshape, slice, permute, reshape, broadcast."""

    folded: Shape
    """The shape that the storage is given."""
    key: tuple[slice, ...] | None
    """What is cut out of it; None for all."""
    cut: Shape
    """The shape of what is cut out."""
    order: Shape | None
    """The permutation of the dims of that; None for none."""
    dense: Shape
    """The view's shape with 1 in the dims of stride 0."""
    shape: Shape
    """The view's shape."""


@lru_cache(4096)
def layout(shape: Shape, steps: Shape | None) -> Layout:
    """Return how a dense value of these strides (None: row-major) lies in memory."""
    if steps is None or steps == row_major(shape):
        return Layout(None, shape)
    order = tuple(sorted(range(len(shape)), key=lambda d: -steps[d] if shape[d] != 1 else 0))
    return Layout(order, tuple([shape[d] for d in order]))


def inverse(order: Sequence[int]) -> Shape:
    """Return the permutation that undoes one."""
    return tuple(sorted(range(len(order)), key=order.__getitem__))


@lru_cache(4096)
def plan(storage: Shape, shape: Shape, strides: Shape, offset: int) -> Plan | None:
    """Return how to read a view with elements; None where it must be read place by place."""
    dims = [d for d, (n, step) in enumerate(zip(shape, strides)) if n > 1 and step > 0]
    own = {step for n, step in zip(storage, row_major(storage)) if n > 1}
    wanted = {strides[d] for d in dims}
    for steps in (own, wanted, own | wanted):
        folded = _folded(numel(storage), steps)
        if folded is not None:
            found = _cut(folded, shape, strides, offset, dims)
            if found is not None:
                return found
    return None


def _folded(count: int, steps: set[int]) -> Shape | None:
    """The shape of ``count`` elements whose dims have these strides; None if there is none."""
    chain = [count, *sorted(steps - {1, count}, reverse=True), 1]
    if any(outer % inner for outer, inner in pairwise(chain)):
        return None
    return tuple([outer // inner for outer, inner in pairwise(chain)])


def _cut(
    folded: Shape, shape: Shape, strides: Shape, offset: int, dims: Sequence[int]
) -> Plan | None:
    """The plan under which each dim of the view runs along one dim of the storage's shape."""
    steps = row_major(folded)
    starts = [offset // step % n for n, step in zip(folded, steps)]
    cuts = [slice(start, start + 1) for start in starts]
    along: dict[int, int] = {}
    for d in dims:
        place = next(
            (k for k, n in enumerate(folded) if steps[k] <= strides[d] < steps[k] * n), None
        )
        if place is None or place in along or strides[d] % steps[place]:
            return None
        stride = strides[d] // steps[place]
        stop = starts[place] + stride * (shape[d] - 1) + 1
        if stop > folded[place]:
            return None
        cuts[place] = slice(starts[place], stop, stride)
        along[place] = d
    where = {d: place for place, d in along.items()}
    order = (*(where[d] for d in dims), *(k for k in range(len(folded)) if k not in along))
    whole = all(cut == slice(0, n, 1) or n == 1 for cut, n in zip(cuts, folded))
    return Plan(
        folded,
        None if whole else tuple(cuts),
        tuple([shape[along[k]] if k in along else 1 for k in range(len(folded))]),
        None if order == tuple(range(len(folded))) else order,
        tuple([1 if step == 0 else n for n, step in zip(shape, strides)]),
        shape,
    )
