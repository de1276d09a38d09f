"""What torch composes of normalizations."""

from __future__ import annotations

from .. import ops
from ..tensor import Tensor, wrap_dim


def normalize(input: Tensor, p: float, dim: int, eps: float) -> Tensor:
    """Divide by the norm along dim, which is at least ``eps``."""
    dims = (wrap_dim(dim, input.ndim),) if input.ndim else ()
    norm = ops.vector_norm(input, float(p), dims, True)
    return ops.div(input, ops.expand(ops.clamp_min(norm, eps), input._array.shape))
