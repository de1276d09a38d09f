"""Writes through subscripts, until the shape family has them."""

from __future__ import annotations

from .. import ops
from ..tensor import Tensor, wrap
from .registration import method


@method
def copy_(self: Tensor, src: Tensor) -> Tensor:
    """Write another tensor, broadcast."""
    return ops.copy.inplace(self, src)


@method
def fill_(self: Tensor, value: Tensor) -> Tensor:
    """Write one value everywhere."""
    return ops.fill.inplace(self, value)


@method
def zero_(self: Tensor) -> Tensor:
    """Write zeros."""
    return fill_(self, wrap(self._backend.full((), 0, self._dtype), self._dtype, self._backend))
