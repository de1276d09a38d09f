"""Matrix products: kernel, gradients, tangent."""

from __future__ import annotations

from ..derivatives import AS_GIVEN, op

mm = op(
    "MmBackward0",
    "mm(self, mat2)",
    promote=AS_GIVEN,
    self=lambda xp, grad, mat2: xp.mm(grad, xp.conj(xp.permute(mat2, (1, 0)))),
    mat2=lambda xp, grad, self: xp.mm(xp.conj(xp.permute(self, (1, 0))), grad),
    tangent=lambda xp, self, mat2, self_t, mat2_t: xp.mm(self_t, mat2) + xp.mm(self, mat2_t),
)
