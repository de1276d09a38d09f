"""Matrix products; those of 16-bit floats in float32, rounded once."""

from __future__ import annotations

from typing import Any

import numpy as np

from .element_types import WIDE

Array = Any


def _matmul(input: Array, mat2: Array) -> Array:
    wide = WIDE.get(input.dtype)
    if wide is None:
        if input.ndim == mat2.ndim == 2 and input.shape[1] == 1:  # keeps -0, as torch does
            return np.multiply(input, mat2, order="C")
        return np.matmul(input, mat2)
    return np.matmul(input.astype(wide), mat2.astype(wide)).astype(input.dtype)


class Matmul:
    """Products of matrices and of batches of them."""

    def mm(self, input: Array, mat2: Array) -> Array:
        return _matmul(input, mat2)

    def bmm(self, input: Array, mat2: Array) -> Array:
        return _matmul(input, mat2)

    def matmul(self, input: Array, other: Array) -> Array:
        return _matmul(input, other)

    def mv(self, input: Array, vec: Array) -> Array:
        return _matmul(input, vec)

    def dot(self, input: Array, tensor: Array) -> Array:
        return _matmul(input, tensor)
