"""Movement, views, copies and casts: kernel, gradient, tangent."""

from __future__ import annotations

from ..derivatives import AS_GIVEN, LINEAR, op
from .shape_formulas import as_strided_backward, invert_permutation

clone = op(
    "CloneBackward0",
    "clone(self, row_major=False)",
    kernel=lambda xp, self, row_major: (
        xp.clone(self) if not row_major else xp.clone_row_major(self)
    ),
    self=lambda grad: grad,
    tangent=LINEAR,
)
to_dtype = op(
    "ToCopyBackward0",
    "to_dtype(self, dtype)",
    kernel=lambda xp, self, dtype: xp.cast(self, dtype),
    promote=AS_GIVEN,
    self=lambda grad: grad,  # the engine casts to the input's dtype
    tangent=LINEAR,
)
view = op(
    "ViewBackward0",
    "view(self, size)",
    view=True,
    self=lambda xp, grad, self_shape: xp.reshape(grad, self_shape),
    tangent=LINEAR,
)
reshape_copy = op(
    "UnsafeViewBackward0",
    "reshape_copy(self, size)",
    kernel=lambda xp, self, size: xp.view(xp.own(self), size),
    self=lambda xp, grad, self_shape: xp.reshape(grad, self_shape),
    tangent=LINEAR,
)
expand = op(
    "ExpandBackward0",
    "expand(self, size)",
    view=True,
    self=lambda grad: grad,  # the engine sums to the input's shape
    tangent=LINEAR,
)
permute = op(
    "PermuteBackward0",
    "permute(self, dims)",
    view=True,
    self=lambda xp, grad, dims: xp.permute(grad, invert_permutation(dims)),
    tangent=LINEAR,
)
as_strided = op(
    "AsStridedBackward0",
    "as_strided(self, size, stride, storage_offset)",
    view=True,
    self=as_strided_backward,
    tangent=LINEAR,
)
