"""Elements moved into a new tensor: joining, reversing, repeating, triangles."""

from __future__ import annotations

from typing import Any

from ..derivatives import HIDDEN, LINEAR, op
from .movement_formulas import (
    block_diag_backward,
    cat_backward,
    joined,
    repeat_backward,
    trace_backward,
)


def _rot90(xp: Any, self: Any, k: int, dims: Any) -> Any:
    turned = xp.rot90(self, k, dims)
    if k % 4 == 0:
        return turned
    if k % 4 == 2:
        return xp.laid_out_as(self, turned)
    return xp.transpose(xp.laid_out_as(self, xp.transpose(turned, *dims)), *dims)


cat = op(
    "CatBackward0",
    "cat(tensors, dim)",
    shown={"tensors_sym_sizes": HIDDEN},
    lists="tensors",
    kernel=joined,
    tensors=cat_backward,
    tangent=LINEAR,
)
stack = op(
    "StackBackward0",
    "stack(tensors, dim)",
    lists="tensors",
    tensors=lambda xp, grad, dim: [xp.select(grad, dim, k) for k in range(grad.shape[dim])],
    tangent=LINEAR,
)
block_diag = op(
    "BlockDiagBackward0",
    "block_diag(tensors)",
    shown={"tensors_sym_sizes": HIDDEN},
    lists="tensors",
    tensors=block_diag_backward,
    tangent=LINEAR,
)
flip = op(
    "FlipBackward0",
    "flip(self, dims)",
    kernel=lambda xp, self, dims: xp.laid_out_as(self, xp.flip(self, dims)),
    self=lambda xp, grad, dims: xp.laid_out_as(grad, xp.flip(grad, dims)),
    tangent=LINEAR,
)
roll = op(
    "RollBackward0",
    "roll(self, shifts, dims)",
    kernel=lambda xp, self, shifts, dims: (
        xp.clone(self) if 0 in self.shape else xp.roll(self, shifts, dims)
    ),
    self=lambda xp, grad, shifts, dims: xp.roll(
        grad, tuple(-shift for shift in reversed(shifts)), tuple(reversed(dims))
    ),
    tangent=LINEAR,
)
rot90 = op(
    "Rot90Backward0",
    "rot90(self, k, dims)",
    kernel=_rot90,
    self=lambda xp, grad, k, dims: xp.rot90(grad, -k, dims),
    tangent=LINEAR,
)
repeat = op(
    "RepeatBackward0",
    "repeat(self, repeats)",
    self=repeat_backward,
    tangent=LINEAR,
)
diag_embed = op(
    "DiagEmbedBackward0",
    "diag_embed(self, offset, dim1, dim2)",
    self=lambda xp, grad, offset, dim1, dim2: xp.diagonal(grad, offset, dim1, dim2),
    tangent=LINEAR,
)
tril = op(
    "TrilBackward0",
    "tril(self, diagonal)",
    self=lambda xp, grad, diagonal: xp.tril(grad, diagonal),
    tangent=LINEAR,
)
triu = op(
    "TriuBackward0",
    "triu(self, diagonal)",
    self=lambda xp, grad, diagonal: xp.triu(grad, diagonal),
    tangent=LINEAR,
)
for _op in (tril, triu):
    _op.entry.overlapping = _op.entry.selective = True
trace = op("TraceBackward0", "trace(self)", self=trace_backward, writes={"self": 2}, tangent=LINEAR)
