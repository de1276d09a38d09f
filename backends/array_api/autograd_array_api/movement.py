"""Joining, reversing, products of matrices, and the Fourier transform."""

from __future__ import annotations

from collections.abc import Sequence

from .array import Array
from .values import Values, wide

_UNSCALED, _ORTHOGONAL = 0, 1


class Movement(Values):
    """Kernels that are one function of the standard."""

    def cat(self, tensors: Sequence[Array], dim: int) -> Array:
        made = self.xp.concat([tensor.value for tensor in tensors], axis=dim)
        return self.new(made, tensors[0].dtype)

    def flip(self, input: Array, dims: Sequence[int]) -> Array:
        if not dims or not input.shape:
            return self.new(input.value, input.dtype)
        return self.new(self.xp.flip(input.value, axis=tuple(dims)), input.dtype)

    def mm(self, input: Array, mat2: Array) -> Array:
        dtype, within = input.dtype, wide(input.dtype)
        if within is not dtype:
            return self.cast(self.mm(self.cast(input, within), self.cast(mat2, within)), dtype)
        return self.new(self.xp.matmul(input.value, mat2.value), dtype)

    def bmm(self, input: Array, mat2: Array) -> Array:
        return self.mm(input, mat2)

    def matmul(self, input: Array, other: Array) -> Array:
        return self.mm(input, other)

    def mv(self, input: Array, vec: Array) -> Array:
        return self.mm(input, vec)

    def dot(self, input: Array, tensor: Array) -> Array:
        return self.mm(input, tensor)

    def dft(self, input: Array, rank: int, normalization: int, forward: bool) -> Array:
        count = len(input.shape)
        axes = tuple(range(count - rank, count))
        if normalization == _ORTHOGONAL:
            norm = "ortho"
        else:
            norm = "backward" if (normalization == _UNSCALED) is forward else "forward"
        return self.new(self.xp.fourier(input.value, axes, norm, forward), input.dtype)
