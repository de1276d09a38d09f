"""Longer derivatives of indexing ops; each runs on raw arrays and on Tensors alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..sizes import broadcast_shapes
from ..tensor import Tensor
from ..warn_once import warn_once

Array = Any
BETA_OF_INDEX_REDUCE = "index_reduce() is in beta and the API may change at any time."


def not_differentiated(name: str) -> Callable[..., Array]:
    """Return the formula of an op that torch records without a derivative."""

    def refuse(grad: Array) -> Array:
        raise RuntimeError(f"derivative for aten::{name} is not implemented")

    return refuse


def refused(grad: Array, message: str) -> Array:
    """Raise what a value delayed until its gradient is asked for."""
    raise RuntimeError(message)


def gather_backward(xp: Any, grad: Array, self: Array, dim: int, index: Array) -> Array:
    """Add each gradient where its element was read."""
    return xp.scatter_add(xp.new_zeros(grad, self.shape), dim, index, grad)


def index_select_backward(
    xp: Any, grad: Array, self_shape: Sequence[int], dim: int, index: Array
) -> Array:
    """Add each slice of the gradient where it was read."""
    return xp.index_add(xp.new_zeros(grad, self_shape), dim, index, grad)


def index_copy_source_backward(
    xp: Any, grad: Array, dim: int, index: Array, source: Array, source_dim: int
) -> Array:
    """Read the gradient where the source went; a 0-d source stands for a slice of length one."""
    if not source_dim:
        return xp.index_select(grad, dim, xp.reshape(index, ()))
    return xp.expand(xp.index_select(grad, dim, index), source.shape)


def index_add_source_backward(
    xp: Any, grad: Array, dim: int, index: Array, source: Array, source_dim: int, alpha: Any
) -> Array:
    """Likewise, times alpha."""
    taken = index_copy_source_backward(xp, grad, dim, index, source, source_dim)
    return taken if alpha == 1 else taken * alpha


def index_fill_value_backward(xp: Any, grad: Array, dim: int, index: Array) -> Array:
    """Sum the gradient over what was filled, a repeated index once."""
    return xp.sum_all(xp.index_select(grad, dim, xp.unique_positions(index)))


def take_backward(xp: Any, grad: Array, self: Array, index: Array) -> Array:
    """Add each gradient where its element was read."""
    return xp.put(xp.zeros_like(self), index, grad, True)


def put_self_backward(
    xp: Any, grad: Array, index: Array, source_shape: Sequence[int], accumulate: bool
) -> Array:
    """Zero where elements were overwritten."""
    return grad if accumulate else xp.put(grad, index, xp.new_zeros(grad, source_shape), False)


def index_backward(
    xp: Any, grad: Array, self_shape: Sequence[int], indices: Sequence[Array | None]
) -> Array:
    """Add each gradient where its element was read."""
    return xp.index_put_impl(xp.new_zeros(grad, self_shape), indices, grad, True)


def index_put_self_backward(
    xp: Any, grad: Array, indices: Sequence[Array | None], values_shape: Any, accumulate: bool
) -> Array:
    """Zero where elements were overwritten."""
    if accumulate:
        return grad
    return xp.put_at(grad, indices, xp.new_zeros(grad, values_shape), False)


def unsafe_index_put_self_backward(
    xp: Any, grad: Array, indices: Sequence[Array | None], values_shape: Any, accumulate: bool
) -> Array:
    """Likewise, for the op whose indices were not checked."""
    if accumulate:
        return grad
    return xp.unsafe_index_put(grad, indices, xp.new_zeros(grad, values_shape), False)


def masked_select_backward(xp: Any, grad: Array, self: Array, mask: Array) -> Array:
    """Put the gradients back where the mask holds, in order."""
    shape = broadcast_shapes(self.shape, mask.shape)
    zeros = xp.zeros_like(xp.expand(self, shape))
    return xp.laid_out_as(zeros, xp.masked_scatter(zeros, mask, grad))


def masked_scatter_backward_tangent(
    xp: Any, grad_output_t: Array, mask: Array, size: Sequence[int]
) -> Array:
    """The op itself, which torch runs for the size of the mask instead of the source's.

    Raises:
        RuntimeError: those differ (torch's text).
    """
    if tuple(size) != tuple(grad_output_t.shape):
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original "
            f"Tensor, this is not supported. Tensor is of size {list(size)} while the given "
            f"forward gradient is of size {list(grad_output_t.shape)}."
        )
    return xp.masked_scatter_backward(grad_output_t, mask, size)


def embedding_dense_double_backward(
    xp: Any, grad: Array, grad_output_shape: Sequence[int], indices: Array, padding_idx: int
) -> Array:
    """Read the rows that were added to; the padding row received nothing."""
    taken = xp.index_select(grad, 0, xp.reshape(indices, (-1,)))
    if padding_idx >= 0:
        hidden = xp.reshape(indices == padding_idx, (-1, 1))
        taken = xp.where(hidden, 0, taken)
    return xp.reshape(taken, grad_output_shape)


class Along:
    """How ``scatter_reduce`` reads and adds along a dim, in the words of a formula."""

    name = "scatter_reduce"

    def __init__(self, xp: Any, dim: int, index: Array) -> None:
        self.xp, self.dim, self.index = xp, dim, index

    def read(self, input: Array) -> Array:
        """The elements that the index names."""
        return self.xp.gather(input, self.dim, self.index)

    def added(self, input: Array, source: Array) -> Array:
        """The input with a source added where the index points."""
        return self.xp.scatter_add(input, self.dim, self.index, source)

    def zeroed(self, input: Array) -> Array:
        """The input with zero where the index points."""
        return self.xp.scatter_value(input, self.dim, self.index, 0)

    def reduced(self, input: Array, source: Array, include_self: bool) -> Array:
        """The input multiplied by a source where the index points."""
        return self.xp.scatter_reduce(input, self.dim, self.index, source, "prod", include_self)


class AlongSlices(Along):
    """The same for ``index_reduce``, whose index names whole slices."""

    name = "index_reduce"

    def read(self, input: Array) -> Array:
        return self.xp.index_select(input, self.dim, self.index)

    def added(self, input: Array, source: Array) -> Array:
        return self.xp.index_add(input, self.dim, self.index, source)

    def zeroed(self, input: Array) -> Array:
        return self.xp.index_fill(input, self.dim, self.index, 0)

    def reduced(self, input: Array, source: Array, include_self: bool) -> Array:
        return self.xp.index_reduce(input, self.dim, self.index, source, "prod", include_self)


def scatter_reduce_backward(
    xp: Any,
    grad: Array,
    self: Array,
    dim: int,
    index: Array,
    src: Array,
    reduce: str,
    include_self: bool,
    result: Array,
    needs: Sequence[bool],
) -> Sequence[Array | None]:
    """The gradients of both operands of ``scatter_reduce``."""
    along = Along(xp, dim, index)
    return _reduce_backward(along, grad, self, src, reduce, include_self, result, needs)


def index_reduce_backward(
    xp: Any,
    grad: Array,
    self: Array,
    dim: int,
    index: Array,
    source: Array,
    reduce: str,
    include_self: bool,
    result: Array,
    needs: Sequence[bool],
) -> Sequence[Array | None]:
    """The gradients of both operands of ``index_reduce``.

    Of a product torch computes both by the op, which warns, whichever are wanted.
    """
    if reduce == "prod":
        warned = sum(needs) if isinstance(grad, Tensor) else 0  # by the op, which arrays bypass
        for _ in range(2 - warned):
            warn_once(BETA_OF_INDEX_REDUCE)
    along = AlongSlices(xp, dim, index)
    return _reduce_backward(along, grad, self, source, reduce, include_self, result, needs)


def _reduce_backward(
    along: Along,
    grad: Array,
    self: Array,
    src: Array,
    reduce: str,
    include_self: bool,
    result: Array,
    needs: Sequence[bool],
) -> Sequence[Array | None]:
    """Sums pass on, means divide by the count, extremes share evenly, products leave one out."""
    xp = along.xp
    for_self: Array | None = None
    for_src: Array | None = None
    if reduce == "sum":
        for_self = grad
        for_src = along.read(grad) if needs[1] else None
    elif reduce == "mean":
        start = xp.ones_like(grad) if include_self else xp.zeros_like(grad)
        count = along.added(start, xp.ones_like(src))
        count = xp.where(count == 0, 1, count)
        for_self = grad / count if needs[0] else None
        for_src = along.read(grad) / along.read(count) if needs[1] else None
    elif reduce == "prod":
        if needs[0]:
            nonzero = xp.masked_fill(self, self == 0, 1)
            for_self = grad * along.reduced(nonzero, src, include_self) / nonzero
        if needs[1]:
            for_src = _product_source_backward(along, grad, self, src, include_self, result)
    else:
        dtype = xp.dtype(self)
        of_src = xp.to_dtype(src == along.read(result), dtype)
        of_self = xp.to_dtype(self == result, dtype)
        share = grad / along.added(of_self, of_src)
        for_self = of_self * share if needs[0] else None
        for_src = of_src * along.read(share) if needs[1] else None
    if not include_self and needs[0]:
        for_self = along.zeroed(for_self)
    return for_self, for_src


def _product_source_backward(
    along: Along, grad: Array, self: Array, src: Array, include_self: bool, result: Array
) -> Array:
    """The product of the others: the quotient, or, for the only zero, the product without it."""
    xp = along.xp
    is_zero = src == 0
    zeros = along.read(along.added(xp.zeros_like(self), xp.to_dtype(is_zero, xp.dtype(self))))
    only_zero = xp.logical_and(is_zero, zeros == 1)
    without = along.reduced(self, xp.masked_fill(src, only_zero, 1), include_self)
    quotient = along.read(grad * result) / xp.masked_fill(src, is_zero, 1)
    for_src = xp.where(only_zero, along.read(grad * without), quotient)
    source = "src" if along.name == "scatter_reduce" else "source"
    return xp.refuse_second_order(
        for_src,
        zeros > 1,
        f"{along.name}(): Double backward is unsupported for {source} when >1 zeros in {source} "
        "are scattered to the same position in self",
    )


def scatter_reduce_tangent(
    xp: Any,
    self: Array,
    self_t: Array,
    dim: int,
    index: Array,
    src: Array,
    src_t: Array,
    reduce: str,
    include_self: bool,
    result: Array,
) -> Array | None:
    """Linear for sum and mean; the mean of the tangents that attain an extreme.

    torch has none for products and leaves the tangent out.
    """
    if reduce in ("sum", "mean"):
        return xp.scatter_reduce(self_t, dim, index, src_t, reduce, include_self)
    if reduce == "prod":
        return None
    of_self = self == result
    of_src = src == xp.gather(result, dim, index)
    dtype = xp.dtype(result)
    count = xp.scatter_reduce(
        xp.to_dtype(of_self, dtype), dim, index, xp.to_dtype(of_src, dtype), "sum", include_self
    )
    total = xp.scatter_reduce(
        xp.where(of_self, self_t, 0), dim, index, xp.where(of_src, src_t, 0), "sum", include_self
    )
    return total / count


def positions(xp: Any, self: Array) -> Array:
    """The positions of non-zero elements, one row each, laid out column by column."""
    found = xp.nonzero(self)
    return xp.clone_strided(found, (1, found.shape[0]))
