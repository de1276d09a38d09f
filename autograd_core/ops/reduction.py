"""Reductions: kernel, gradient, tangent."""

from __future__ import annotations

from ..derivatives import AS_GIVEN, LINEAR, op
from .reduction_formulas import expand_reduced

sum = op(
    "SumBackward1",
    "sum(self, dim, keepdim=False)",
    self=lambda xp, grad, self_shape, dim, keepdim: expand_reduced(
        xp, grad, self_shape, dim, keepdim
    ),
    tangent=LINEAR,
)
sum_all = op(
    "SumBackward0",
    "sum_all(self)",
    kernel=lambda xp, self: xp.sum(self, tuple(range(len(self.shape))), False),
    promote=AS_GIVEN,
    self=lambda xp, grad, self_shape: xp.expand(grad, self_shape),
    tangent=LINEAR,
)
