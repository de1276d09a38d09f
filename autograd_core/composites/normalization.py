"""What torch composes of normalizations."""

from __future__ import annotations

from .. import ops
from ..tensor import Tensor, wrap_dim


def normalize(input: Tensor, p: float, dim: int, eps: float) -> Tensor:
    """Divide by the norm along dim, which is at least ``eps``."""
    norm = ops.vector_norm(input, float(p), (wrap_dim(dim, input.ndim),), True)
    return ops.div(input, ops.expand(ops.clamp_min(norm, eps), input._array.shape))
