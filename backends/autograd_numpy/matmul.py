"""Matrix products; those of 16-bit floats in float32, rounded once."""

from __future__ import annotations

from typing import Any

import numpy as np

from .element_types import WIDE

Array = Any


def _matmul(input: Array, mat2: Array) -> Array:
    wide = WIDE.get(input.dtype)
    if wide is None:
        if input.ndim == mat2.ndim == 2:
            rows, inner = input.shape
            if inner == 1:  # keeps -0, as torch does
                return np.multiply(input, mat2, order="C")
            if 1 < rows <= min(inner // 8, mat2.shape[1] // 4) and _is_turned(mat2):
                return np.matmul(mat2.T, input.T).T.copy()
        return np.matmul(input, mat2)
    return np.matmul(input.astype(wide), mat2.astype(wide)).astype(input.dtype)


def _is_turned(mat2: Array) -> bool:
    """Whether OpenBLAS is slow to pack this second operand: by half in a linear layer.

    With the operands exchanged it packs the first one so, which has fewer rows.
    """
    return mat2.dtype == np.float32 and mat2.flags.f_contiguous  # type: ignore[no-any-return]


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
