"""Matrix products that torch composes, as functions of the differentiable interpreter.

Formulas call them, so they are here and not among the composites.
"""

from __future__ import annotations

from ..engine.views import requires_grad, seen_whole
from ..sizes import broadcast_shapes, numel
from ..tensor import Given, Tensor, wrap
from .matmul_checks import check_vectors
from .matmuls import bmm, dot, mm, mv
from .pointwise import mul
from .shape import expand, reshape_copy, squeeze_dim, squeeze_dim_inplace, t, transpose, unsqueeze
from .tensors import conj, contiguous, reshape

__all__ = ["identity_like", "mH", "mT", "matmul", "outer"]


def mT(input: Tensor) -> Tensor:
    """Return the matrices of a batch transposed, as a view."""
    return transpose(input, Given(input.ndim - 2, -2), Given(input.ndim - 1, -1))


def mH(input: Tensor) -> Tensor:
    """Return the matrices of a batch transposed and conjugated, as a view."""
    return conj(mT(input))


def identity_like(input: Tensor) -> Tensor:
    """Return the identity matrix that a batch of square matrices is made of."""
    backend = input._backend
    count = input._array.shape[-1]
    array = backend.new_zeros(input._array, (count, count))
    backend.copy_(backend.diagonal(array, 0, 0, 1), backend.scalar(1, input._dtype))
    return wrap(array, input._dtype, backend)


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Return the products of every two elements: (n,) and (m,) to (n, m)."""
    check_vectors("outer", self=input, vec2=vec2)
    return mul(reshape(input, (input.numel(), 1)), vec2)


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """Return the product of vectors, matrices or batches of matrices, as torch composes it."""
    rank1, rank2 = input.ndim, other.ndim
    if rank1 == 0 or rank2 == 0:
        raise RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {rank1}D and {rank2}D"
        )
    if rank1 == 1 and rank2 == 1:
        return dot(input, other)
    if rank1 == 2 and rank2 == 1:
        return mv(input, other)
    if rank1 == 1 and rank2 == 2:
        return _vector_by_matrix(input, other)
    if rank1 == 2 and rank2 == 2:
        return mm(input, other)
    if _folds(input, other):
        return _folded(input, other)
    return _batched(input, other)


@seen_whole
def _vector_by_matrix(input: Tensor, other: Tensor) -> Tensor:
    """Return the product of a row, whose dim is dropped in place."""
    return squeeze_dim_inplace.inplace(mm(unsqueeze(input, 0), other), 0)


def _folds(input: Tensor, other: Tensor) -> bool:
    """Whether the leading dims of the larger operand become rows of one matrix.

    The smaller operand must be a vector or a matrix. Folding avoids a broadcast gradient for it,
    and otherwise is done when it costs no copy.
    """
    input_larger = input.ndim >= other.ndim
    larger, smaller = (input, other) if input_larger else (other, input)
    if larger.ndim < 3 or smaller.ndim > 2:
        return False
    if requires_grad(smaller):
        return True
    if input.ndim == 2:
        return False
    if larger.numel() == 0:
        return True
    shape, stride = list(larger._array.shape), list(larger.stride())
    if not input_larger:
        shape[-2:], stride[-2:] = shape[:-3:-1], stride[:-3:-1]
    return all(stride[d] == stride[d + 1] * shape[d + 1] for d in range(len(shape) - 2))


def _folded(input: Tensor, other: Tensor) -> Tensor:
    input_larger = input.ndim >= other.ndim
    if input_larger:
        larger, smaller = input, other
    else:
        larger, smaller = mT(other), t(input) if input.ndim == 2 else input
    shape = tuple(larger._array.shape)
    rows = reshape(larger, (numel(shape[:-1]), shape[-1]))
    if smaller.ndim == 1:
        return reshape_copy(mv(rows, smaller), shape[:-1])
    columns = smaller._array.shape[1]
    product = reshape_copy(mm(rows, smaller), (*shape[:-1], columns))
    return product if input_larger else contiguous(mT(product))


def _batched(input: Tensor, other: Tensor) -> Tensor:
    shape1, shape2 = tuple(input._array.shape), tuple(other._array.shape)
    if len(shape1) == 3 and len(shape2) == 3 and shape1[0] != shape2[0]:
        # A batch of one would be broadcast in the gradient: fold instead.
        if shape1[0] == 1 and requires_grad(input):
            return matmul(squeeze_dim(input, 0), other)
        if shape2[0] == 1 and requires_grad(other):
            return matmul(input, squeeze_dim(other, 0))
    n = shape1[-2] if len(shape1) > 1 else 1
    inner = shape1[-1]
    batch = broadcast_shapes(shape1[:-2], shape2[:-2])
    count = numel(batch)
    left = reshape(expand(input, (*batch, n, inner)), (count, n, inner))
    if len(shape2) == 1:
        right = reshape(expand(other, (*batch, shape2[0])), (count, shape2[0]))
        product = squeeze_dim(bmm(left, unsqueeze(right, 2)), 2)
        return reshape_copy(product, (*batch, n))
    right = reshape(expand(other, (*batch, *shape2[-2:])), (count, *shape2[-2:]))
    size = (*batch, n, shape2[-1]) if len(shape1) > 1 else (*batch, shape2[-1])
    return reshape_copy(bmm(left, right), size)
