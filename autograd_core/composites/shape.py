"""Reshaping that torch composes of other ops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops, sizes
from ..dtypes import int64
from ..sizes import broadcast_shapes, inferred, is_contiguous, numel, row_major
from ..tensor import Given, Tensor, wrap_dim


def contiguous(input: Tensor, stride: Sequence[int]) -> Tensor:
    """Return the tensor itself when it has these strides, else a copy that has."""
    if sizes.same_strides(input._array.shape, input.stride(), stride):
        return input
    return ops.clone(input, tuple(stride))


def row_major_copy(input: Tensor) -> Tensor:
    """Return the tensor itself when it is row-major, else a row-major copy."""
    if is_contiguous(input._array.shape, input.stride()):
        return input
    return ops.clone(input, row_major(input._array.shape))


def in_suggested_format(input: Tensor) -> Tensor:
    """Return the tensor itself when it is row-major or channels-last, else a row-major copy."""
    shape = input._array.shape
    if sizes.suggests_channels_last(shape, input.stride()):
        return contiguous(input, sizes.channels_last(shape))
    return row_major_copy(input)


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Make one dim of several neighbours; a 0-d tensor gets one dim."""
    shape = input._array.shape
    start, end = wrap_dim(start_dim, len(shape)), wrap_dim(end_dim, len(shape))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not shape:
        return ops.reshape(input, (1,))
    if start == end:
        return input
    return ops.reshape(input, (*shape[:start], numel(shape[start : end + 1]), *shape[end + 1 :]))


def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """Make several dims of one.

    Raises:
        RuntimeError: the sizes do not multiply to the dim's (torch's text).
    """
    dim = wrap_dim(dim, input.ndim)
    parts = tuple(int(n) for n in sizes)
    if not parts:
        raise RuntimeError("unflatten: sizes must be non-empty")
    shape = input._array.shape
    length = shape[dim] if shape else 1
    try:
        parts = inferred(parts, length)
    except RuntimeError as error:
        if "only one dimension" in str(error) or "unspecified" in str(error):
            raise RuntimeError(f"unflatten got an unexpected error:\n{error}") from error
        raise RuntimeError(
            f"unflatten: Provided sizes {list(parts)} don't multiply up to the size of dim "
            f"{dim} ({length}) in the input tensor"
        ) from error
    return ops.view(input, (*shape[:dim], *parts, *shape[dim + 1 :]))


def ravel(input: Tensor) -> Tensor:
    """Return the elements in row-major order as one dim."""
    return ops.view(row_major_copy(input), (input.numel(),))


def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Move dims to other places; the others keep their order.

    Raises:
        RuntimeError: the lists differ in length or name a dim twice (torch's text).
    """
    sources = list(source) if isinstance(source, (tuple, list)) else [source]
    targets = list(destination) if isinstance(destination, (tuple, list)) else [destination]
    if len(sources) != len(targets):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({sources} dims) should contain "
            f"the same number of dims as destination ({targets} dims)"
        )
    rank = input.ndim
    from_dims = [int(wrap_dim(d, rank)) for d in sources]
    to_dims = [int(wrap_dim(d, rank)) for d in targets]
    for name, given, dims in (("source", sources, from_dims), ("destination", targets, to_dims)):
        if len(set(dims)) != len(dims):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({given})")
    if rank == 0:
        return ops.alias(input)
    order: list[int] = [-1] * rank
    for one, other in zip(from_dims, to_dims, strict=True):
        order[other] = one
    rest = iter([d for d in range(rank) if d not in from_dims])
    return ops.permute(input, tuple(next(rest) if d == -1 else d for d in order))


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Expand the tensors to their common shape."""
    shape = broadcast_shapes(*[t._array.shape for t in tensors])
    return tuple([t if t._array.shape == shape else ops.expand(t, shape) for t in tensors])


def sum_to_size(input: Tensor, size: Sequence[int]) -> Tensor:
    """Sum over the dims in which a tensor of ``size`` would be broadcast to the input's shape.

    Raises:
        RuntimeError: it would not be (torch's text).
    """
    shape, target = tuple(input._array.shape), tuple(size)
    lead = len(shape) - len(target)
    fits = lead >= 0 and all(
        n in (1, m) for n, m in zip(target, shape[max(lead, 0) :], strict=False)
    )
    if not fits:
        raise RuntimeError(f"size {{{list(target)}}} is not expandable to size {{{list(shape)}}}.")
    dtype = None if input._dtype.is_inexact else int64
    if not target:
        return ops.sum_all(input, dtype)
    if shape == target:
        return input
    reduced = [*range(lead), *[d for d in range(lead, len(shape)) if target[d - lead] != shape[d]]]
    summed = ops.sum(input, tuple(reduced), True, dtype)
    return ops.view(summed, target) if lead else summed


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """Return the matrix of a vector's diagonal, or a copy of a matrix's diagonal."""
    if input.ndim == 1:
        return ops.diag_embed(input, diagonal, Given(0, -2), Given(1, -1))
    if input.ndim == 2:
        return ops.diagonal_copy(input, diagonal, 0, 1)
    raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input.ndim}D")


def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """Return the matrix with all elements on its diagonal."""
    return diag(ravel(input), offset)


def atleast_1d(input: Tensor) -> Tensor:
    """Return a view with at least one dim."""
    return input if input.ndim else ops.reshape(input, (1,))


def atleast_2d(input: Tensor) -> Tensor:
    """Return a view with at least two dims; one is taken as a row."""
    if input.ndim == 0:
        return ops.reshape(input, (1, 1))
    return ops.unsqueeze(input, 0) if input.ndim == 1 else input


def atleast_3d(input: Tensor) -> Tensor:
    """Return a view with at least three dims; a row goes into the second."""
    if input.ndim == 0:
        return ops.reshape(input, (1, 1, 1))
    if input.ndim == 1:
        return ops.unsqueeze(ops.unsqueeze(input, 0), Given(2, -1))
    return ops.unsqueeze(input, Given(2, -1)) if input.ndim == 2 else input
