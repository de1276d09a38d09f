"""Views that matrix products are made with: transposes, dims of size 1 put in and taken out."""

from __future__ import annotations

from ..derivatives import LINEAR, op

__all__ = ["squeeze_dim", "t", "transpose", "unsqueeze"]

t = op("TBackward0", "t(self)", view=True, self=lambda xp, grad: xp.t(grad), tangent=LINEAR)
transpose = op(
    "TransposeBackward0",
    "transpose(self, dim0, dim1)",
    view=True,
    self=lambda xp, grad, dim0, dim1: xp.transpose(grad, dim0, dim1),
    tangent=LINEAR,
)
unsqueeze = op(
    "UnsqueezeBackward0",
    "unsqueeze(self, dim)",
    view=True,
    self=lambda xp, grad, dim: xp.squeeze_dim(grad, dim),
    tangent=LINEAR,
)
squeeze_dim = op(
    "SqueezeBackward1",
    "squeeze_dim(self, dim)",
    view=True,
    self=lambda xp, grad, self_shape, dim: xp.reshape(grad, self_shape),
    tangent=LINEAR,
)
