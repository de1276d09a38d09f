"""What torch composes of other matmul ops: the same calls in the same order."""

from __future__ import annotations

from collections.abc import Sequence

from .. import ops
from ..dtypes import LEGACY_NAMES, bool_, not_implemented_for
from ..engine.views import seen_whole
from ..ops.matmul_checks import short_name
from ..sizes import broadcast_shapes, numel, view_strides
from ..tensor import C_NAMES, Tensor, own_dim, wrap_dim


def unsafe_view(input: Tensor, size: Sequence[int]) -> Tensor:
    """Return the elements of a fresh result under another shape; no view of it."""
    if view_strides(input._array.shape, input.stride(), size) is None:
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one "
            "dimension spans across two contiguous subspaces). Use .reshape(...) instead."
        )
    return ops.reshape_copy(input, tuple(size))


def tensordot(input: Tensor, other: Tensor, dims1: Sequence[int], dims2: Sequence[int]) -> Tensor:
    """Return the product summed over pairs of dims: one matrix product.

    Raises:
        RuntimeError: dtypes, numbers of dims or their sizes differ (torch's text).
    """
    if len(dims1) != len(dims2):
        raise RuntimeError("both dimension lists should have same length")
    if input._dtype is not other._dtype:
        raise RuntimeError("both inputs should have same dtype")
    summed: list[int] = []
    first, second = input, other
    wrapped1 = [wrap_dim(d, input.ndim) for d in dims1]
    wrapped2 = [wrap_dim(d, other.ndim) for d in dims2]
    for named1, named2, dim1, dim2 in zip(dims1, dims2, wrapped1, wrapped2, strict=True):
        n1, n2 = input._array.shape[dim1], other._array.shape[dim2]
        if n2 == 1:
            first = ops.sum(first, (dim1,), True)
        elif n1 == 1:
            second = ops.sum(second, (dim2,), True)
        elif n1 != n2:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {n1} in dim {named1} "
                f"and second has size {n2} in dim {named2}"
            )
        summed.append(1 if 1 in (n1, n2) else n1)
    free1 = [d for d in range(input.ndim) if d not in wrapped1]
    free2 = [d for d in range(other.ndim) if d not in wrapped2]
    size = [input._array.shape[d] for d in free1] + [other._array.shape[d] for d in free2]
    rows = numel(input._array.shape[d] for d in free1)
    columns = numel(other._array.shape[d] for d in free2)
    inner = numel(summed)
    left = ops.permute(first, (*free1, *wrapped1))
    right = ops.permute(second, (*wrapped2, *free2))
    if rows == columns == 1:
        product = _summed_product(left, right)
    else:
        product = ops.mm(ops.reshape(left, (rows, inner)), ops.reshape(right, (inner, columns)))
    return ops.reshape(product, size)


def _summed_product(left: Tensor, right: Tensor) -> Tensor:
    if left.is_contiguous() and right.is_contiguous():
        return ops.dot(_flat(left), _flat(right))
    return ops.sum_all(ops.mul(ops.squeeze(left), ops.squeeze(right)))


def _flat(input: Tensor) -> Tensor:
    return input if input.ndim == 1 else ops.reshape(input, (input.numel(),))


def inner(input: Tensor, other: Tensor) -> Tensor:
    """Return the products summed over the last dims; with a 0-d operand, the product."""
    if input.ndim == 0 or other.ndim == 0:
        return ops.mul(input, other)
    shape1, shape2 = input._array.shape, other._array.shape
    if shape1[-1] != shape2[-1]:
        raise RuntimeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(shape1)} and {list(shape2)}"
        )
    return tensordot(input, other, (-1,), (-1,))


def kron(input: Tensor, other: Tensor) -> Tensor:
    """Return the Kronecker product: every element of ``input`` times the whole of ``other``."""
    rank = max(input.ndim, other.ndim)
    shape1 = (1,) * (rank - input.ndim) + tuple(input._array.shape)
    shape2 = (1,) * (rank - other.ndim) + tuple(other._array.shape)
    left = unsafe_view(input, [n for length in shape1 for n in (length, 1)])
    right = unsafe_view(other, [n for length in shape2 for n in (1, length)])
    return unsafe_view(ops.mul(left, right), [a * b for a, b in zip(shape1, shape2, strict=True)])


def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """Return the product of matrices in the order that takes the fewest multiplications.

    Raises:
        RuntimeError: fewer than two, or they do not fit (torch's text).
    """
    count = len(tensors)
    if count < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {count}")
    matrices = list(tensors)
    size: list[int] = []
    for name, k, at in (("first", 0, 0), ("last", -1, -1)):
        end = tensors[k]
        if end.ndim == 1:
            matrices[k] = ops.unsqueeze(end, 0 if k == 0 else 1)
        elif end.ndim == 2:
            size.append(end._array.shape[at])
        else:
            raise RuntimeError(
                f"multi_dot(): the {name} tensor must be 1D or 2D but got {end.ndim}D"
            )
    for k in range(1, count - 1):
        if tensors[k].ndim != 2:
            raise RuntimeError(f"multi_dot(): tensor {k} must be 2D but got {tensors[k].ndim}D")
    for k in range(1, count):
        if tensors[k]._dtype is not tensors[0]._dtype:
            raise RuntimeError(
                "multi_dot(): all tensors must have be the same dtype but tensor 0 is "
                f"{short_name(tensors[0])} and tensor {k} {short_name(tensors[k])}"
            )
    for k in range(count - 1):
        a, b = matrices[k]._array.shape, matrices[k + 1]._array.shape
        if a[1] != b[0]:
            raise RuntimeError(
                f"multi_dot(): tensors {k} and {k + 1} with shapes {list(tensors[k]._array.shape)} "
                f"and {list(tensors[k + 1]._array.shape)} cannot be multiplied"
            )
    return ops.view(_multiplied(matrices), tuple(size))


def _multiplied(matrices: list[Tensor]) -> Tensor:
    if len(matrices) == 2:
        return ops.mm(*matrices)
    if len(matrices) == 3:
        a, b, c = matrices
        (rows, middle), (_, inner), (_, columns) = (m._array.shape for m in matrices)
        if rows * inner * (middle + columns) <= middle * columns * (rows + inner):
            return ops.mm(ops.mm(a, b), c)
        return ops.mm(a, ops.mm(b, c))
    split = _chain_order([*(m._array.shape[0] for m in matrices), matrices[-1]._array.shape[1]])

    def product(first: int, last: int) -> Tensor:
        if first == last:
            return matrices[first]
        at = split[first, last]
        return ops.mm(product(first, at), product(at + 1, last))

    return product(0, len(matrices) - 1)


def _chain_order(lengths: Sequence[int]) -> dict[tuple[int, int], int]:
    """Return where to split each run of matrices, matrix k having lengths[k] x lengths[k + 1].

    Source: Cormen, Leiserson, Rivest, Stein, Introduction to Algorithms, "Matrix-chain
    multiplication".
    """
    count = len(lengths) - 1
    cost = {(k, k): 0 for k in range(count)}
    split: dict[tuple[int, int], int] = {}
    for span in range(1, count):
        for first in range(count - span):
            last = first + span
            for at in range(first, last):
                total = (
                    cost[first, at]
                    + cost[at + 1, last]
                    + lengths[first] * lengths[at + 1] * lengths[last + 1]
                )
                if (first, last) not in cost or total < cost[first, last]:
                    cost[first, last], split[first, last] = total, at
    return split


def chain_matmul(matrices: Sequence[Tensor]) -> Tensor:
    """Return the product of matrices; one of them is copied."""
    for matrix in matrices:
        if matrix.ndim != 2:
            raise RuntimeError(f"Tensor dimension is {matrix.ndim}, expected 2 instead.")
    if not matrices:
        raise RuntimeError("chain_matmul(): Expected one or more matrices")
    return ops.clone(matrices[0]) if len(matrices) == 1 else multi_dot(matrices)


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return input @ weight.T + bias; (..., k), (m, k), (m,) to (..., m)."""
    if input.ndim == 0 or weight.ndim == 0:
        raise RuntimeError(
            "both arguments to linear need to be at least 1D, but they are "
            f"{input.ndim}D and {weight.ndim}D"
        )
    if weight.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {weight.ndim}D")
    if bias is None:
        return ops.matmul(input, ops.t(weight))
    if input.ndim == 2:
        return ops.addmm(bias, input, ops.t(weight))
    if bias._backend.level is not None or input._backend.level is not None:
        return ops.add(ops.matmul(input, ops.t(weight)), bias)
    if _is_row(bias) and input.is_contiguous():
        shape = input._array.shape
        rows = ops.reshape(input, (numel(shape[:-1]), shape[-1]))
        result = ops.addmm(bias, rows, ops.t(weight))
        return ops.view(result, (*shape[:-1], result._array.shape[1]))
    return _added_after(input, weight, bias)


@seen_whole
def _added_after(input: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return input @ weight.T, to which the bias is added in place."""
    return ops.add.inplace(ops.matmul(input, ops.t(weight)), bias)


def _is_row(bias: Tensor) -> bool:
    """Whether a bias can be added by the matrix product: one dim, or one that is not of size 1."""
    return bias.ndim == 1 or sum(length != 1 for length in bias._array.shape) == 1


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return input1 @ weight[o] @ input2 + bias for each output o.

    (..., a), (..., b), (o, a, b), (o,) to (..., o).
    """
    if not input1._dtype is input2._dtype is weight._dtype:
        raise RuntimeError(
            f"All tensors must have the same dtype, got input1: {C_NAMES[input1._dtype.name]}, "
            f"input2: {C_NAMES[input2._dtype.name]}, weight: {C_NAMES[weight._dtype.name]}"
        )
    if input1.ndim != input2.ndim:
        raise RuntimeError(
            f"bilinear(): input dimensions do not match: got {input1.ndim} and {input2.ndim}"
        )
    shape1, shape2, outputs = input1._array.shape, input2._array.shape, weight._array.shape
    for dim in range(input1.ndim - 1):
        if shape1[dim] != shape2[dim]:
            raise RuntimeError(
                f"bilinear(): input batch dimensions do not match at dim {dim}: got "
                f"{shape1[dim]} and {shape2[dim]}"
            )
    for name, shape, at in (("input1", shape1, 1), ("input2", shape2, 2)):
        expected = outputs[own_dim(at, len(outputs))]
        if shape[own_dim(-1, len(shape))] != expected:
            raise RuntimeError(
                f"bilinear(): {name} size does not match weight size: got {shape[-1]} but "
                f"expected {expected}"
            )
    if bias is not None and bias._array.shape[0] != outputs[0]:
        raise RuntimeError(
            f"bilinear(): bias size does not match weight size: got {bias._array.shape[0]} but "
            f"expected {outputs[0]}"
        )
    count = numel(shape1[:-1])
    left = ops.reshape(input1, (count, shape1[-1]))
    right = ops.reshape(input2, (count, shape2[-1]))
    if weight._dtype is bool_:
        raise not_implemented_for("bmm", bool_)
    product = ops.trilinear(left, weight, right, (1, 3), (0,), (1, 2), (2, 3))
    result = ops.reshape(product, (*shape1[:-1], outputs[0]))
    return result if bias is None else ops.add(result, bias)


def vecdot(x: Tensor, y: Tensor, dim: int = -1) -> Tensor:
    """Return the sum over ``dim`` of conj(x) * y."""
    if not x._dtype.is_inexact:
        raise RuntimeError(
            "linalg.vecdot: Expected a floating point or complex tensor as input. Got "
            f"{LEGACY_NAMES[x._dtype]}"
        )
    if x._dtype is not y._dtype:
        raise RuntimeError(
            "linalg.vecdot: Expected x and y to have the same dtype, but found x of type "
            f"{LEGACY_NAMES[x._dtype]} and y of type {LEGACY_NAMES[y._dtype]} instead"
        )
    if x.ndim == 1 and y.ndim == 1:
        return ops.vdot(x, y)
    product = ops.mul(ops.conj(x), y)
    dims = (wrap_dim(dim, product.ndim),) if product.ndim else ()
    return ops.sum(product, dims)


def matrix_power(input: Tensor, n: int) -> Tensor:
    """Return the n-th power of square matrices, n at least 1, by repeated squaring."""
    if n == 1:
        return ops.clone_contiguous(input)
    if n == 3:
        return ops.matmul(ops.matmul(input, input), input)
    square: Tensor = input
    result: Tensor | None = None
    while True:
        if n & 1:
            result = square if result is None else ops.matmul(result, square)
        n >>= 1
        if not n:
            return result  # type: ignore[return-value]
        square = ops.matmul(square, square)


def cdist(x1: Tensor, x2: Tensor, p: float, compute_mode: int) -> Tensor:
    """Return the distances of all pairs of rows: (..., n, k), (..., m, k) to (..., n, m).

    ``compute_mode`` 0 takes one matrix product for p 2 above 25 rows, 1 always, 2 never.
    """
    shape1, shape2 = tuple(x1._array.shape), tuple(x2._array.shape)
    many = shape1[-2] > 25 or shape2[-2] > 25
    as_product = p == 2 and (compute_mode == 1 or (compute_mode == 0 and many))
    if not as_product or x1.numel() == 0 or x2.numel() == 0:
        return ops.cdist(x1, x2, p)
    batch = broadcast_shapes(shape1[:-2], shape2[:-2])
    count = numel(batch)
    size = (*batch, shape1[-2], shape2[-2])
    if count != 1:
        x1, x2 = (
            ops.view(ops.contiguous(ops.expand(x, (*batch, *x._array.shape[-2:]))), size)
            for x, size in ((x1, (count, *shape1[-2:])), (x2, (count, *shape2[-2:])))
        )
    return ops.view(ops.euclidean_dist(x1, x2), size)
