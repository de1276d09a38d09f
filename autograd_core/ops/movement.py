"""Elements moved into a new tensor: joining, reversing, repeating, triangles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import sizes
from ..derivatives import HIDDEN, LINEAR, op

Array = Any


def _joined(xp: Any, tensors: Sequence[Array], dim: int) -> Array:
    """Return the arrays joined along ``dim``; torch skips empty 1-d ones of whatever rank."""
    parts = [part for part in tensors if part.shape != (0,)] or list(tensors)
    result = xp.cat(parts, dim)
    if len(result.shape) in (4, 5) and all(
        sizes.suggests_channels_last(part.shape, xp.strides(part)) for part in parts
    ):
        return xp.clone_strided(result, sizes.channels_last(result.shape))
    return result


def _cat_backward(
    xp: Any, grad: Array, tensors_shape: Sequence[Sequence[int]], dim: int
) -> list[Array]:
    """Return the piece of the gradient that each tensor was joined at."""
    grads, start = [], 0
    for shape in tensors_shape:
        if tuple(shape) == (0,):
            grads.append(xp.new_zeros(grad, (0,)))
            continue
        grads.append(xp.slice(grad, dim, start, start + shape[dim], 1))
        start += shape[dim]
    return grads


def _block_diag_backward(
    xp: Any, grad: Array, tensors_shape: Sequence[Sequence[int]]
) -> list[Array]:
    """Return the block of the gradient that each matrix, row or number was put at."""
    grads = []
    row = column = 0
    for shape in tensors_shape:
        height, width = (1,) * (2 - len(shape)) + tuple(shape)
        block = xp.slice(grad, 0, row, row + height, 1)
        block = xp.slice(block, 1, column, column + width, 1)
        for dim in range(1, len(shape) - 1, -1):  # a row stays one, which the engine sums
            block = xp.squeeze_dim(block, dim)
        grads.append(xp.new_zeros(grad, shape) if tuple(shape) == (0,) else block)
        row, column = row + height, column + width
    return grads


def _repeat_backward(
    xp: Any, grad: Array, repeats: Sequence[int], self_shape: Sequence[int]
) -> Array:
    """Sum the gradient over the repetitions."""
    if 0 in repeats:
        return xp.new_zeros(grad, self_shape)
    for _ in range(len(repeats) - len(self_shape)):
        grad = xp.sum(grad, (0,), False)
    pairs: list[int] = []
    repeated: list[int] = []
    for count, length in zip(repeats[len(repeats) - len(self_shape) :], self_shape, strict=True):
        if count != 1:
            repeated.append(len(pairs))
            pairs.append(count)
        pairs.append(length)
    if not repeated:
        return grad
    return xp.sum(xp.reshape(grad, pairs), tuple(repeated), False)


def _trace_backward(xp: Any, grad: Array, self_shape: Sequence[int]) -> Array:
    """Return zeros with the gradient on the main diagonal."""
    rows, columns = self_shape
    places = xp.new_positions(grad, min(rows, columns), columns + 1)
    flat = xp.index_fill_tensor(xp.new_zeros(grad, (rows * columns,)), 0, places, grad)
    return xp.view(flat, self_shape)


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
    kernel=_joined,
    tensors=_cat_backward,
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
    tensors=_block_diag_backward,
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
    self=_repeat_backward,
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
trace = op(
    "TraceBackward0", "trace(self)", self=_trace_backward, writes={"self": 2}, tangent=LINEAR
)
