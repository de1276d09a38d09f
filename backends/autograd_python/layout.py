"""Shapes, strides and positions: how elements lie in a storage, without the elements.

A *run* is a (size, step) pair; a tuple of runs, outermost first, says where elements lie as
offset + i * step + j * step' ... with neighbouring dims merged where that is possible.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, repeat
from operator import itemgetter
from typing import Any, NamedTuple

from autograd_core.sizes import broadcast_strides, is_dense, pointwise_strides

Shape = tuple[int, ...]
Runs = tuple[tuple[int, int], ...]


class Plan(NamedTuple):
    """How a pointwise function walks its operands and lays out its result."""

    shape: Shape
    stride: Shape
    operands: tuple[Runs, ...]


@lru_cache(4096)
def row_major(shape: Shape) -> Shape:
    """Return the strides of a contiguous array."""
    strides = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


@lru_cache(4096)
def runs_of(shape: Shape, stride: Shape) -> Runs:
    """Return the runs of a strided array in row-major order: dims of size 1 go, others merge."""
    if 0 in shape:
        return ((0, 1),)
    runs: list[tuple[int, int]] = []
    for size, step in zip(shape, stride, strict=True):
        if size == 1:
            continue
        if runs and runs[-1][1] == size * step:
            runs[-1] = (runs[-1][0] * size, step)
        else:
            runs.append((size, step))
    return tuple(runs)


def extent(shape: Shape, stride: Shape) -> int:
    """Return the number of storage elements from the first to the last element, both included."""
    if 0 in shape:
        return 0
    return 1 + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))


def positions(runs: Runs, offset: int = 0) -> Sequence[int]:
    """Return the storage position of every element, in the order of the runs; steps may be < 0."""
    result: Sequence[int] = (offset,)
    for size, step in runs:
        if len(result) == 1 and step:
            result = range(result[0], result[0] + size * step, step)
        else:
            steps = range(0, size * step, step) if step else (0,) * size
            result = [start + move for start in result for move in steps]
    return result


def gather(storage: list[Any], offset: int, runs: Runs) -> list[Any]:
    """Return the elements along the runs: the storage itself where they are all of it, in order.

    The result must therefore not be written to.
    """
    if not runs:
        return [storage[offset]]
    size, step = runs[0]
    if step == 0:
        return gather(storage, offset, runs[1:]) * size
    if len(runs) == 1:
        if step == 1 and size == len(storage):
            return storage
        return storage[offset : offset + (size - 1) * step + 1 : step] if size else []
    size, step = runs[-1]
    if size < 4 and step:  # short slices cost more than single elements
        return at(storage, positions(runs, offset))
    starts = positions(runs[:-1], offset)
    if step == 0:
        return list(chain.from_iterable(map(repeat, at(storage, starts), repeat(size))))
    reach = (size - 1) * step + 1
    return list(chain.from_iterable([storage[start : start + reach : step] for start in starts]))


def at(storage: list[Any], places: Sequence[int]) -> list[Any]:
    """Return the elements at storage positions."""
    if len(places) < 2:
        return [storage[place] for place in places]
    return list(itemgetter(*places)(storage))


def put(storage: list[Any], offset: int, runs: Runs, values: Sequence[Any]) -> None:
    """Write one value per element along the runs."""
    if not runs:
        storage[offset] = values[0]
        return
    size, step = runs[-1]
    if step == 0 or size < 4:
        for place, value in zip(positions(runs, offset), values, strict=True):
            storage[place] = value
        return
    reach = (size - 1) * step + 1
    for count, start in enumerate(positions(runs[:-1], offset)):
        storage[start : start + reach : step] = values[count * size : (count + 1) * size]


def broadcast_shapes(shapes: Iterable[Shape]) -> Shape:
    """Return the common shape; the shapes are known to fit together."""
    result: Shape = ()
    for shape in shapes:
        if shape == result:
            continue
        rank = max(len(shape), len(result))
        left = (1,) * (rank - len(result)) + result
        right = (1,) * (rank - len(shape)) + shape
        for one, two in zip(left, right, strict=True):
            if one != two and one != 1 and two != 1:
                raise ValueError(f"shapes {result} and {shape} do not broadcast")
        result = tuple(two if one == 1 else one for one, two in zip(left, right, strict=True))
    return result


@lru_cache(4096)
def copy_layout(shape: Shape, stride: Shape) -> tuple[Shape, Runs]:
    """Return the strides of a copy in the same layout, and the runs that read it in that order."""
    if not is_dense(shape, stride):
        _, stride, (runs,) = plan(shape, stride)
        return stride, runs
    return stride, ((math.prod(shape), 1),)


@lru_cache(4096)
def plan(*operands: Shape) -> Plan:
    """Return the plan for operands given as shape, stride, shape, stride ...

    The result is dense. Its dims are ordered as torch's iterator orders them: by the strides of
    the operands, the first that tells two dims apart deciding; a broadcast dim tells nothing.
    """
    shapes, strides = operands[::2], operands[1::2]
    shape = broadcast_shapes(shapes)
    stride = pointwise_strides(shape, shapes, strides)
    order = sorted(range(len(shape)), key=lambda dim: -stride[dim])
    sizes = tuple(shape[dim] for dim in order)
    return Plan(
        shape,
        stride,
        tuple(
            runs_of(sizes, tuple(steps[dim] for dim in order))
            for steps in map(broadcast_strides, shapes, strides, repeat(shape))
        ),
    )


def view_stride(shape: Shape, stride: Shape, size: Shape) -> Shape:
    """Return the strides under which an array has the shape ``size`` without a copy.

    Raises:
        ValueError: only a copy can have that shape.
    """
    if 0 in shape:
        return stride if shape == size else row_major(size)
    # Chunks are the stretches of dims that merge into one (count, step), innermost first.
    chunks = list(reversed(runs_of(shape, stride)))
    if not chunks or (shape[-1] == 1 and chunks[0][1] != stride[-1]):
        chunks.insert(0, (1, stride[-1] if stride else 1))
    result: list[int] = []
    chunk = 0
    count, step = chunks[0]
    filled = 1
    for want in reversed(size):
        if filled == count and want != 1 and chunk + 1 < len(chunks):
            chunk += 1
            count, step = chunks[chunk]
            filled = 1
        result.append(filled * step)
        filled *= want
        if count % filled:
            raise ValueError(f"no view of shape {shape}, strides {stride} has shape {size}")
    return tuple(reversed(result))
