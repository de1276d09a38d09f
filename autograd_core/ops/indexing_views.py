"""The views that subscripts take and the writes through them, until the shape family has them."""

from __future__ import annotations

from ..derivatives import AS_GIVEN, LINEAR, op

select = op(
    "SelectBackward0",
    "select(self, dim, index)",
    view=True,
    self=lambda xp, grad, self_shape, dim, index: xp.select_backward(grad, self_shape, dim, index),
    tangent=LINEAR,
)
select_backward = op(
    "SelectBackwardBackward0",
    "select_backward(grad_output, input_sizes, dim, index)",
    grad_output=lambda xp, grad, dim, index: xp.select(grad, dim, index),
    tangent=LINEAR,
)
slice = op(
    "SliceBackward0",
    "slice(self, dim, start, end, step)",
    view=True,
    self=lambda xp, grad, self_shape, dim, start, end, step: xp.slice_backward(
        grad, self_shape, dim, start, end, step
    ),
    tangent=LINEAR,
)
slice_backward = op(
    "SliceBackwardBackward0",
    "slice_backward(grad_output, input_sizes, dim, start, end, step)",
    grad_output=lambda xp, grad, dim, start, end, step: xp.slice(grad, dim, start, end, step),
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
    self=lambda xp, grad, dim: xp.unsqueeze(grad, dim),
    tangent=LINEAR,
)
alias = op("AliasBackward0", "alias(self)", view=True, self=lambda grad: grad, tangent=LINEAR)
fill = op(
    "FillBackward3",
    "fill(self, value)",
    promote=AS_GIVEN,
    self=lambda xp, grad: xp.zeros_like(grad),
    value=lambda xp, grad: xp.sum_all(grad),
    tangent=lambda xp, self_t, value_t: xp.fill(self_t, value_t),
)
copy = op(
    "CopyBackwards",
    "copy(self, src)",
    promote=AS_GIVEN,
    self=lambda xp, grad: xp.zeros_like(grad),
    src=lambda grad: grad,
    tangent=lambda xp, self_t, src_t: xp.copy(self_t, src_t),
)
