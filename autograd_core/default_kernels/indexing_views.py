"""Derived kernels of the views that subscripts take, until the shape family has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Array = Any


class IndexingViewDefaults:
    """Views and their gradients, written in the required functions."""

    def unsqueeze(self: Any, input: Array, dim: int) -> Array:
        """A new dim of length 1, as a view."""
        shape, steps = list(input.shape), list(self.strides(input))
        steps.insert(dim, shape[dim] * steps[dim] if dim < len(shape) else 1)
        shape.insert(dim, 1)
        return self.as_strided(input, shape, steps, self.storage_offset(input))

    def squeeze_dim(self: Any, input: Array, dim: int) -> Array:
        """Without a dim of length 1, as a view."""
        return self.select(input, dim, 0)

    def alias(self: Any, input: Array) -> Array:
        """The same elements as a view."""
        return self.view(input, input.shape)

    def select_backward(
        self: Any, grad: Array, input_sizes: Sequence[int], dim: int, index: int
    ) -> Array:
        """Zeros with the gradient at one index."""
        result = self.new_zeros(grad, input_sizes)
        self.copy_(self.select(result, dim, index), grad)
        return result

    def slice_backward(
        self: Any,
        grad: Array,
        input_sizes: Sequence[int],
        dim: int,
        start: int,
        end: int,
        step: int,
    ) -> Array:
        """Zeros with the gradient at a slice."""
        result = self.new_zeros(grad, input_sizes)
        self.copy_(self.slice(result, dim, start, end, step), grad)
        return result

    def fill(self: Any, input: Array, value: Array) -> Array:
        """A copy with every element the 0-d array's value."""
        return self.expand(self.own(self.cast(value, self.dtype(input))), input.shape)

    def copy(self: Any, input: Array, src: Array) -> Array:
        """The source, broadcast, in the dtype of the input."""
        return self.expand(self.own(self.cast(src, self.dtype(input))), input.shape)

    def sum_all(self: Any, input: Array) -> Array:
        """The sum of all elements, 0-d."""
        return self.sum(input, tuple(range(len(input.shape))), False)
