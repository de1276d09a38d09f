"""What torch composes of factorizations, solvers and determinants."""

from __future__ import annotations

from collections.abc import Sequence

from .. import ops
from ..sizes import numel
from ..tensor import Tensor, wrap_dim


def logdet(sign: Tensor, logabsdet: Tensor) -> Tensor:
    """Return the logarithm of a determinant: NaN where a real one is negative."""
    if sign._dtype.is_complex:
        return ops.add(ops.log(sign), logabsdet)
    return ops.where(ops.eq(sign, -1), ops.scalar_like(sign, float("nan")), logabsdet)


def tensorinv(input: Tensor, ind: int) -> tuple[Tensor, tuple[int, ...]]:
    """Return the matrix whose inverse is that of a tensor, and the shape that has.

    Raises:
        RuntimeError: ``ind`` is not positive, or the matrix is not square (torch's text).
    """
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    shape = tuple(input._array.shape)
    first, last = numel(shape[:ind]), numel(shape[ind:])
    if first != last:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == "
            f"prod(self.shape[:ind]), but got {last} != {first}"
        )
    return ops.reshape(input, (last, first)), shape[ind:] + shape[:ind]


def tensorsolve(
    input: Tensor, other: Tensor, dims: Sequence[int] | None
) -> tuple[Tensor, Tensor, tuple[int, ...]]:
    """Return the matrix and the right side that solve a tensor equation, and the solution's shape.

    Raises:
        RuntimeError: the matrix is not square (torch's text).
    """
    if dims is not None:
        rank = input.ndim
        moved = [wrap_dim(dim, rank) for dim in dims]
        order = [dim for dim in range(rank) if dim not in moved]
        # torch moves them one after the other to the end, each of its own rank.
        input = ops.permute(input, tuple(order + moved))
    shape = tuple(input._array.shape)
    first, last = other.numel(), numel(shape[other.ndim :])
    if first != last:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
            f"prod(self.shape[:other.ndim]), but got {last} != {first}"
        )
    matrix = ops.reshape(input, (last, last))
    return matrix, ops.reshape(other, (-1,)), shape[other.ndim :]
