"""What torch composes of other special functions: the same calls in the same order."""

from __future__ import annotations

import math

from .. import ops
from ..tensor import Tensor


def ndtr(input: Tensor) -> Tensor:
    """(1 + erf(x / sqrt 2)) / 2."""
    scaled = ops.mul_scalar(input, math.sqrt(0.5))
    return ops.mul_scalar(ops.add_scalar(ops.erf(scaled), 1), 0.5)
