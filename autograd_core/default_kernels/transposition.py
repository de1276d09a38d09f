"""Derived views: transposes, dims of size 1 put in and taken out."""

from __future__ import annotations

from typing import Any

Array = Any


class TranspositionDefaults:
    """Derived views of the backend contract."""

    def t(self: Any, input: Array) -> Array:
        """The dims of a matrix exchanged, as a view; fewer dims as they are."""
        return self.permute(self.own(input), tuple(range(len(input.shape)))[::-1])

    def transpose(self: Any, input: Array, dim0: int, dim1: int) -> Array:
        """Two dims exchanged, as a view."""
        dims = list(range(len(input.shape)))
        dims[dim0], dims[dim1] = dims[dim1], dims[dim0]
        return self.permute(self.own(input), dims)

    def unsqueeze(self: Any, input: Array, dim: int) -> Array:
        """With a new dim of size 1 before ``dim``, as a view."""
        shape = input.shape
        stride = self.strides(input)
        step = shape[dim] * stride[dim] if dim < len(shape) else 1
        size, strides = list(shape), list(stride)
        size.insert(dim, 1)
        strides.insert(dim, step)
        input = self.own(input)
        return self.as_strided(input, size, strides, self.storage_offset(input))

    def squeeze_dim(self: Any, input: Array, dim: int) -> Array:
        """Without ``dim`` if that has size 1, as a view."""
        if not input.shape or input.shape[dim] != 1:
            return self.permute(self.own(input), tuple(range(len(input.shape))))
        return self.select(self.own(input), dim, 0)
