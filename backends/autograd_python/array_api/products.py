"""Products of the backend's arrays: of matrices and vectors, along an axis, over several axes."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_core.sizes import numel

from .data_types import KINDS, require
from .kernels import Raw, axis_of, common_shape, kernels
from .pointwise import together


def operands(function: str, one: Raw, two: Raw) -> list[Raw]:
    """Return both in one dtype, which must be numeric."""
    arrays = together(one, two)
    require(function, arrays[0].dtype, KINDS["numeric"])
    return arrays


def matmul(one: Raw, two: Raw) -> Raw:
    """Return the product of matrices, or stacks of them; a vector is a row or a column."""
    one, two = operands("matmul", one, two)
    if not one.shape or not two.shape:
        raise ValueError("matmul takes no arrays without dimensions")
    is_row, is_column = len(one.shape) == 1, len(two.shape) == 1
    left = kernels.unsqueeze(one, 0) if is_row else one
    right = kernels.unsqueeze(two, 1) if is_column else two
    if left.shape[-1] != right.shape[-2]:
        raise ValueError(f"matmul of shapes {one.shape} and {two.shape}")
    common_shape(left.shape[:-2], right.shape[:-2])
    product = kernels.matmul(left, right)
    if is_column:
        product = kernels.squeeze_dim(product, len(product.shape) - 1)
    if is_row:
        product = kernels.squeeze_dim(product, len(product.shape) - (1 if is_column else 2))
    return product  # type: ignore[no-any-return]


def vecdot(one: Raw, two: Raw, axis: int) -> Raw:
    """Return the sums of products along an axis, the first factor conjugated."""
    one, two = operands("vecdot", one, two)
    ranks = (len(one.shape), len(two.shape))
    if not -min(ranks) <= axis < min(ranks):
        axis_of(axis, min(ranks))
    if one.shape[axis] != two.shape[axis]:
        raise ValueError(f"vecdot of shapes {one.shape} and {two.shape} along axis {axis}")
    common_shape(one.shape, two.shape)
    product = kernels.mul(kernels.conj(one), two)
    return kernels.sum(product, (axis_of(axis, len(product.shape)),))  # type: ignore[no-any-return]


def tensordot(one: Raw, two: Raw, axes: int | Sequence[Sequence[int]]) -> Raw:
    """Return the sums of products over axes of both: a number of them, or two lists."""
    one, two = operands("tensordot", one, two)
    ranks = (len(one.shape), len(two.shape))
    if isinstance(axes, int):
        if not 0 <= axes <= min(ranks):
            raise ValueError(f"tensordot over {axes} axes of arrays of {ranks} dimensions")
        axes = (range(ranks[0] - axes, ranks[0]), range(axes))
    first = [axis_of(axis, ranks[0]) for axis in axes[0]]
    second = [axis_of(axis, ranks[1]) for axis in axes[1]]
    sizes = [one.shape[axis] for axis in first]
    if sizes != [two.shape[axis] for axis in second]:
        raise ValueError(f"tensordot of shapes {one.shape} and {two.shape} over {axes}")
    rows = [axis for axis in range(ranks[0]) if axis not in first]
    columns = [axis for axis in range(ranks[1]) if axis not in second]
    shape = [one.shape[axis] for axis in rows] + [two.shape[axis] for axis in columns]
    inner = numel(sizes)
    left = kernels.reshape(kernels.permute(one, rows + first), (numel(shape[: len(rows)]), inner))
    right = kernels.reshape(
        kernels.permute(two, second + columns), (inner, numel(shape[len(rows) :]))
    )
    return kernels.view(kernels.mm(left, right), tuple(shape))  # type: ignore[no-any-return]
