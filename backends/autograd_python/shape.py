"""Views, joining and flipping."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain

from autograd_core.view_geometry import expanded

from .array import Array, exactly
from .layout import view_stride


class Shape:
    """Views of one storage, and the copies that only move elements."""

    def view(self, input: Array, shape: Sequence[int]) -> Array:
        size = tuple(shape)
        return input.restrided(size, view_stride(input.shape, input.stride, size))

    def permute(self, input: Array, dims: Sequence[int]) -> Array:
        return input.restrided(
            tuple(input.shape[dim] for dim in dims), tuple(input.stride[dim] for dim in dims)
        )

    def expand(self, input: Array, size: Sequence[int]) -> Array:
        return input.restrided(tuple(size), expanded(input.shape, input.stride, size))

    def select(self, input: Array, dim: int, index: int) -> Array:
        return input.restrided(
            input.shape[:dim] + input.shape[dim + 1 :],
            input.stride[:dim] + input.stride[dim + 1 :],
            input.offset + index * input.stride[dim],
        )

    def slice(self, input: Array, dim: int, start: int, end: int, step: int) -> Array:
        shape, stride = list(input.shape), list(input.stride)
        offset = input.offset + start * stride[dim]
        shape[dim] = len(range(start, end, step))
        stride[dim] *= step
        return input.restrided(tuple(shape), tuple(stride), offset)

    def cat(self, tensors: Sequence[Array], dim: int) -> Array:
        first = tensors[0]
        count = sum(tensor.shape[dim] for tensor in tensors)
        shape = (*first.shape[:dim], count, *first.shape[dim + 1 :])
        lists = [tensor.elements() for tensor in tensors]
        outer = math.prod(shape[:dim])
        if outer == 1:
            values = list(chain.from_iterable(lists))
        else:
            blocks = [math.prod(tensor.shape[dim:]) for tensor in tensors]
            values = [
                value
                for row in range(outer)
                for block, elements in zip(blocks, lists, strict=True)
                for value in elements[row * block : (row + 1) * block]
            ]
        return exactly(values, shape, first.dtype)

    def flip(self, input: Array, dims: Sequence[int]) -> Array:
        values = list(input.elements())
        for dim in dims if input.shape else ():
            size = input.shape[dim]
            inner = math.prod(input.shape[dim + 1 :])
            if inner * size == 0:
                break
            if inner == 1:
                rows = [values[start : start + size] for start in range(0, len(values), size)]
                values = list(chain.from_iterable(map(reversed, rows)))
                continue
            starts = [
                start + place * inner
                for start in range(0, len(values), size * inner)
                for place in reversed(range(size))
            ]
            values = list(chain.from_iterable([values[start : start + inner] for start in starts]))
        return exactly(values, input.shape, input.dtype)
