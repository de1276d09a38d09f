"""Normalizations whose last step torch takes without rounding in between."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any


class Normalization:
    """The gradient of log_softmax."""

    def log_softmax_backward_data(self: Any, grad_output: Array, output: Array, dim: int) -> Array:
        dims = (dim,) if output.shape else ()
        if output.dtype != np.float32:
            return super().log_softmax_backward_data(grad_output, output, dim)  # type: ignore[misc]
        # A fused multiply-add: the product of two float32 numbers is exact in float64. Where a
        # probability nears 1 the difference is what is left of numbers that cancel.
        total = np.sum(grad_output, dims, keepdims=True)
        product = np.exp(output).astype(np.float64) * total
        return self.contiguous((grad_output - product).astype(np.float32))
