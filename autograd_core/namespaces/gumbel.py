"""Samples of categories that gradients flow through."""

from __future__ import annotations

import warnings

from .. import ops
from ..tensor import Tensor, contiguous_format
from .creation_like import empty_like, zeros_like
from .normalization import softmax
from .random import exponential_
from .registration import function


@function(under="nn.functional")
def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """softmax of logits with Gumbel noise, over ``tau``: shares that sum to 1 along ``dim``.

    With ``hard`` the result is one-hot, and has the gradient of the shares.
    """
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.", stacklevel=2)
    drawn = exponential_(empty_like(logits, memory_format=contiguous_format))
    noise = ops.neg(ops.log(drawn))
    shares = softmax(ops.div((logits + noise), tau), dim)
    if not hard:
        return shares
    _, largest = shares.max(dim, keepdim=True)
    zeros = zeros_like(logits, memory_format=contiguous_format)
    chosen: Tensor = zeros.scatter_(dim, largest, 1.0)
    return chosen - shares.detach() + shares
