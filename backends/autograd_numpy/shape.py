"""Movement that copies: joining and reversing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = Any


class Shape:
    """Kernels that move elements without computing."""

    def cat(self, tensors: Sequence[Array], dim: int) -> Array:
        joined = np.concatenate(tensors, dim)
        return joined if joined.flags.c_contiguous else joined.copy("C")

    def stack(self, tensors: Sequence[Array], dim: int) -> Array:
        place = (*[slice(None)] * dim, None)
        return self.cat([part[place] for part in tensors], dim)

    def flip(self, input: Array, dims: Sequence[int]) -> Array:
        return np.flip(input, tuple(dims) if input.ndim else ()).copy("C")
