"""Longer derivatives of movement ops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..dtypes import DType
from ..type_promotion import warn_of_lost_parts
from ..view_geometry import chunk_sizes

Array = Any


def as_before_the_cast(xp: Any, grad: Array, self_dtype: DType) -> Array:
    """The gradient in the dtype that the input had, the real part if that was real."""
    if not self_dtype.is_complex and xp.dtype(grad).is_complex:
        grad = xp.real(grad)
    return grad if xp.dtype(grad) is self_dtype else xp.to_dtype(grad, self_dtype)


def cast_tangent(xp: Any, self_t: Array, dtype: DType, stride: Sequence[int] | None) -> Array:
    """The tangent as the other dtype, of which torch warns as it does of the primal."""
    if 0 not in self_t.shape:
        warn_of_lost_parts(xp.dtype(self_t), dtype, 2)
    return xp.to_dtype(self_t, dtype, stride)


def invert_permutation(dims: Sequence[int]) -> tuple[int, ...]:
    """Return the order that undoes ``dims``."""
    inverse = [0] * len(dims)
    for position, dim in enumerate(dims):
        inverse[dim] = position
    return tuple(inverse)


def unsqueeze_to(xp: Any, grad: Array, shape: Sequence[int], dims: Sequence[int]) -> Array:
    """Put back those of ``dims`` that have size 1 in ``shape``."""
    for dim, length in enumerate(shape):
        if length == 1 and dim in dims:
            grad = xp.unsqueeze(grad, dim)
    return grad


def split_backward(
    xp: Any, grads: Sequence[Array | None], self_shape: Sequence[int], split_size: int, dim: int
) -> Array:
    """Join the gradients of equal pieces."""
    parts = chunk_sizes(self_shape[dim], split_size)
    return split_with_sizes_backward(xp, grads, self_shape, parts, dim)


def split_with_sizes_backward(
    xp: Any,
    grads: Sequence[Array | None],
    self_shape: Sequence[int],
    split_sizes: Sequence[int],
    dim: int,
) -> Array:
    """Join the gradients of the pieces, zeros for those that have none."""
    like = next(grad for grad in grads if grad is not None)
    parts = []
    for grad, length in zip(grads, split_sizes, strict=True):
        if grad is None:
            grad = xp.new_zeros(like, (*self_shape[:dim], length, *self_shape[dim + 1 :]))
        parts.append(grad)
    return xp.cat(parts, dim)


def unbind_backward(
    xp: Any, grads: Sequence[Array | None], self_shape: Sequence[int], dim: int
) -> Array:
    """Stack the gradients of the indices, zeros for those that have none."""
    like = next(grad for grad in grads if grad is not None)
    shape = (*self_shape[:dim], *self_shape[dim + 1 :])
    return xp.stack([xp.new_zeros(like, shape) if g is None else g for g in grads], dim)


def as_strided_backward(
    xp: Any,
    grad: Array,
    self_geometry: tuple[Sequence[int], Sequence[int], int],
    size: Sequence[int],
    stride: Sequence[int],
    storage_offset: int,
) -> Array:
    """Add the gradient into a storage where the view reads it, and read it as the input does.

    Where the input's own elements overlap, each gets an equal share.
    """
    in_size, in_stride, in_offset = self_geometry
    if 0 in size or 0 in in_size:
        return xp.new_zeros(grad, in_size)
    start = min(in_offset, storage_offset)
    length = max(
        _extent(in_size, in_stride, in_offset - start),
        _extent(size, stride, storage_offset - start),
    )
    grad, size, stride = _without_repeats(xp, grad, size, stride)
    if is_dense_or_gapped(size, stride):
        storage = xp.placed(grad, length, size, stride, storage_offset - start)
    else:
        storage = _added_at(xp, grad, length, size, stride, storage_offset - start)
    if not is_dense_or_gapped(in_size, in_stride):
        ones = xp.ones_like(xp.reshape(xp.new_zeros(grad, in_size), (-1,)))
        shares = _added_at(
            xp, xp.view(ones, in_size), length, in_size, in_stride, in_offset - start
        )
        storage = storage / xp.where(shares == 0, 1, shares)
    return xp.as_strided(storage, in_size, in_stride, in_offset - start)


def _without_repeats(
    xp: Any, grad: Array, size: Sequence[int], stride: Sequence[int]
) -> tuple[Array, Sequence[int], Sequence[int]]:
    """Return a gradient and its geometry without dims of size 1, summed over broadcast ones."""
    kept = []
    for dim in reversed(range(len(size))):
        if size[dim] == 1:
            grad = xp.squeeze_dim(grad, dim)
        elif stride[dim] == 0:
            grad = xp.sum(grad, (dim,))
        else:
            kept.append(dim)
    return grad, [size[dim] for dim in reversed(kept)], [stride[dim] for dim in reversed(kept)]


def is_dense_or_gapped(size: Sequence[int], stride: Sequence[int]) -> bool:
    """Whether no two elements share memory, judged as torch judges it: dim by dim."""
    reach = 0
    for step, count in sorted((s, n) for n, s in zip(size, stride, strict=True) if n > 1):
        if step <= reach:
            return False
        reach += step * (count - 1)
    return True


def _extent(size: Sequence[int], stride: Sequence[int], offset: int) -> int:
    """Return how many storage elements a geometry reaches over."""
    return offset + 1 + sum(s * (n - 1) for n, s in zip(size, stride, strict=True))


def _added_at(
    xp: Any,
    values: Array,
    length: int,
    size: Sequence[int],
    stride: Sequence[int],
    offset: int,
) -> Array:
    """Return a 1-d storage of zeros with ``values`` added where the geometry reads."""
    storage = xp.new_zeros(values, (length,))
    positions = xp.as_strided(xp.new_positions(values, length), size, stride, offset)
    return xp.index_add(storage, 0, xp.reshape(positions, (-1,)), xp.reshape(values, (-1,)))


def as_strided_scatter_self_backward(
    xp: Any,
    grad: Array,
    self_shape: Sequence[int],
    size: Sequence[int],
    stride: Sequence[int],
    storage_offset: int,
) -> Array:
    """Zeros with the gradient where it was written: not the derivative, but what torch returns."""
    written = xp.as_strided(xp.contiguous(grad), size, stride, storage_offset)
    zeros = xp.new_zeros(grad, self_shape)
    return xp.as_strided_scatter(zeros, written, size, stride, storage_offset)
