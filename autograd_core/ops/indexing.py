"""Reading and writing elements that indices or masks name: kernel, gradients, tangent."""

from __future__ import annotations

from typing import Any

from ..derivatives import (
    AS_GIVEN,
    HIDDEN,
    JOINT,
    LINEAR,
    NON_DIFFERENTIABLE,
    OPERAND,
    op,
)
from ..dtypes import bool_, int64, not_implemented_for
from ..sizes import row_major_strides
from ..tensor import Tensor, wrap
from ..type_promotion import result_dtype
from ..warn_once import warn_once
from .indexing_formulas import (
    BETA_OF_INDEX_REDUCE,
    embedding_dense_double_backward,
    gather_backward,
    index_add_source_backward,
    index_backward,
    index_copy_source_backward,
    index_fill_value_backward,
    index_put_self_backward,
    index_reduce_backward,
    index_select_backward,
    masked_scatter_backward_tangent,
    masked_select_backward,
    not_differentiated,
    positions,
    put_self_backward,
    refused,
    scatter_reduce_backward,
    scatter_reduce_tangent,
    take_backward,
    unsafe_index_put_self_backward,
)

# One index tensor along one dim -------------------------------------------------------------------

gather = op(
    "GatherBackward0",
    "gather(self, dim, index, sparse_grad=False)",
    shown={"sparse_grad": False},
    kernel=lambda xp, self, dim, index, sparse_grad: xp.gather(self, dim, index),
    promote=AS_GIVEN,
    self=gather_backward,
    index=NON_DIFFERENTIABLE,
    writes={"self": 1},
    tangent=LINEAR,
)
scatter = op(
    "ScatterBackward0",
    "scatter(self, dim, index, src)",
    promote=AS_GIVEN,
    self=lambda xp, grad, dim, index: xp.scatter_value(grad, dim, index, 0),
    index=NON_DIFFERENTIABLE,
    src=lambda xp, grad, dim, index: xp.gather(grad, dim, index),
    tangent=lambda xp, self_t, dim, index, src_t: xp.scatter(self_t, dim, index, src_t),
)
scatter_value = op(
    "ScatterBackward1",
    "scatter_value(self, dim, index, value)",
    promote=AS_GIVEN,
    self=lambda xp, grad, dim, index: xp.scatter_value(grad, dim, index, 0),
    index=NON_DIFFERENTIABLE,
    tangent=lambda xp, self_t, dim, index: xp.scatter_value(self_t, dim, index, 0),
)
scatter_combined = op(
    "torch::autograd::NotImplemented",
    "scatter_combined(self, dim, index, src, reduce)",
    aten="scatter",
    kernel=lambda xp, self, dim, index, src, reduce: xp.scatter_reduce(
        self, dim, index, src, reduce, True
    ),
    promote=AS_GIVEN,
    self=not_differentiated("scatter"),
    index=NON_DIFFERENTIABLE,
    src=not_differentiated("scatter"),
)
scatter_value_combined = op(
    "torch::autograd::NotImplemented",
    "scatter_value_combined(self, dim, index, value, reduce)",
    aten="scatter",
    kernel=lambda xp, self, dim, index, value, reduce: xp.scatter_reduce(
        self, dim, index, xp.full(index.shape, value, xp.dtype(self)), reduce, True
    ),
    promote=AS_GIVEN,
    self=not_differentiated("scatter"),
    index=NON_DIFFERENTIABLE,
)
scatter_add = op(
    "ScatterAddBackward0",
    "scatter_add(self, dim, index, src)",
    promote=AS_GIVEN,
    self=lambda grad: grad,
    index=NON_DIFFERENTIABLE,
    src=lambda xp, grad, dim, index: xp.gather(grad, dim, index),
    tangent=lambda xp, self_t, dim, index, src_t: xp.scatter_add(self_t, dim, index, src_t),
)
scatter_reduce = op(
    "ScatterReduceBackward0",
    "scatter_reduce(self, dim, index, src, reduce, include_self=True)",
    complex_gradient=False,
    promote=AS_GIVEN,
    self=JOINT,
    index=NON_DIFFERENTIABLE,
    src=JOINT,
    joint=scatter_reduce_backward,
    tangent=scatter_reduce_tangent,
)
index_select = op(
    "IndexSelectBackward0",
    "index_select(self, dim, index)",
    promote=AS_GIVEN,
    self=index_select_backward,
    index=NON_DIFFERENTIABLE,
    writes={"self": 1},
    tangent=LINEAR,
)
index_add = op(
    "IndexAddBackward0",
    "index_add(self, dim, index, source, alpha=1)",
    promote=AS_GIVEN,
    self=lambda grad: grad,
    index=NON_DIFFERENTIABLE,
    source=index_add_source_backward,
    tangent=lambda xp, self_t, dim, index, source_t, alpha: xp.index_add(
        self_t, dim, index, source_t if alpha == 1 else source_t * alpha
    ),
)
index_copy = op(
    "IndexCopyBackward0",
    "index_copy(self, dim, index, source)",
    promote=AS_GIVEN,
    self=lambda xp, grad, dim, index: xp.index_fill(grad, dim, index, 0),
    index=NON_DIFFERENTIABLE,
    source=index_copy_source_backward,
    tangent=lambda xp, self_t, dim, index, source_t: xp.index_copy(self_t, dim, index, source_t),
)
index_fill = op(
    "IndexFillBackward0",
    "index_fill(self, dim, index, value)",
    promote=AS_GIVEN,
    self=lambda xp, grad, dim, index: xp.index_fill(grad, dim, index, 0),
    index=NON_DIFFERENTIABLE,
    tangent=lambda xp, self_t, dim, index: xp.index_fill(self_t, dim, index, 0),
)
index_fill_tensor = op(
    "IndexFillBackward1",
    "index_fill_tensor(self, dim, index, value)",
    promote=AS_GIVEN,
    self=lambda xp, grad, dim, index: xp.index_fill(grad, dim, index, 0),
    index=NON_DIFFERENTIABLE,
    value=index_fill_value_backward,
    tangent=lambda xp, self_t, dim, index, value_t: xp.index_fill_tensor(
        self_t, dim, index, value_t
    ),
)


def _index_reduced(xp: Any, *arguments: Any) -> Any:
    warn_once(BETA_OF_INDEX_REDUCE, stacklevel=5)
    return xp.index_reduce(*arguments)


index_reduce = op(
    "IndexReduceBackward0",
    "index_reduce(self, dim, index, source, reduce, include_self=True)",
    kernel=_index_reduced,
    complex_gradient=False,
    promote=AS_GIVEN,
    self=JOINT,
    index=NON_DIFFERENTIABLE,
    source=JOINT,
    joint=index_reduce_backward,
)

# One index tensor into the elements in row-major order --------------------------------------------

take = op(
    "TakeBackward0",
    "take(self, index)",
    promote=AS_GIVEN,
    self=take_backward,
    index=NON_DIFFERENTIABLE,
    writes={"self": 1},
    tangent=LINEAR,
)
put = op(
    "PutBackward0",
    "put(self, index, source, accumulate=False)",
    promote=AS_GIVEN,
    shown={"source_sym_sizes": HIDDEN},
    self=put_self_backward,
    index=NON_DIFFERENTIABLE,
    source=lambda xp, grad, index, source: xp.reshape(xp.take(grad, index), source.shape),
    tangent=lambda xp, self_t, index, source_t, accumulate: xp.put(
        self_t, index, source_t, accumulate
    ),
)

# Index tensors for several dims -------------------------------------------------------------------
# They are saved as users give them: masks, positions from the back. Kernels make positions of them.

index = op(
    "IndexBackward0",
    "index(self, indices)",
    kernel=lambda xp, self, indices: xp.index_laid_out(self, indices),
    promote=AS_GIVEN,
    lists="indices",
    self=index_backward,
    indices=NON_DIFFERENTIABLE,
    writes={"self": 1},
    tangent=LINEAR,
)
index_put = op(
    "IndexPutBackward0",
    "index_put(self, indices, values, accumulate=False)",
    shown={"values_sym_sizes": HIDDEN},
    kernel=lambda xp, self, indices, values, accumulate: xp.laid_out_as(
        self, xp.put_at(self, indices, xp.as_dtype_of(values, self), accumulate)
    ),
    promote=AS_GIVEN,
    lists="indices",
    self=index_put_self_backward,
    indices=NON_DIFFERENTIABLE,
    values=lambda xp, grad, indices: xp.taken_at(grad, indices),
    tangent=lambda xp, self_t, indices, values_t, accumulate: xp.put_at(
        self_t, indices, values_t, accumulate
    ),
)
index_put_impl = op(
    "IndexPutImplBackward0",
    "index_put_impl(self, indices, values, accumulate)",
    promote=AS_GIVEN,
    lists="indices",
    self=index_put_self_backward,
    indices=NON_DIFFERENTIABLE,
    values=lambda xp, grad, indices: xp.taken_at(grad, indices),
    tangent=lambda xp, self_t, indices, values_t, accumulate: xp.index_put_impl(
        self_t, indices, values_t, accumulate
    ),
)
taken_at, put_at = index, index_put
unsafe_index = op(
    "UnsafeIndexBackward0",
    "unsafe_index(self, indices)",
    kernel=lambda xp, self, indices: xp.index_laid_out(self, indices),
    promote=AS_GIVEN,
    lists="indices",
    self=lambda xp, grad, self_shape, indices: xp.unsafe_index_put(
        xp.new_zeros(grad, self_shape), indices, grad, True
    ),
    indices=NON_DIFFERENTIABLE,
    tangent=LINEAR,
)
unsafe_index_put = op(
    "UnsafeIndexPutBackward0",
    "unsafe_index_put(self, indices, values, accumulate=False)",
    kernel=lambda xp, self, indices, values, accumulate: xp.laid_out_as(
        self, xp.put_at(self, indices, values, accumulate)
    ),
    promote=AS_GIVEN,
    lists="indices",
    self=unsafe_index_put_self_backward,
    indices=NON_DIFFERENTIABLE,
    values=lambda xp, grad, indices: xp.unsafe_index(grad, indices),
    tangent=lambda xp, self_t, indices, values_t, accumulate: xp.unsafe_index_put(
        self_t, indices, values_t, accumulate
    ),
)
unsafe_masked_index = op(
    "UnsafeMaskedIndexBackward0",
    "unsafe_masked_index(self, mask, indices, fill)",
    promote=AS_GIVEN,
    lists="indices",
    self=lambda xp, grad, self_shape, mask, indices: xp.unsafe_masked_index_put_accumulate(
        xp.new_zeros(grad, self_shape), mask, indices, grad
    ),
    mask=NON_DIFFERENTIABLE,
    indices=NON_DIFFERENTIABLE,
    tangent=lambda xp, self_t, mask, indices: xp.unsafe_masked_index(self_t, mask, indices, 0),
)
unsafe_masked_index_put_accumulate = op(
    "UnsafeMaskedIndexPutAccumulateBackward0",
    "unsafe_masked_index_put_accumulate(self, mask, indices, values)",
    promote=AS_GIVEN,
    lists="indices",
    self=lambda grad: grad,
    mask=NON_DIFFERENTIABLE,
    indices=NON_DIFFERENTIABLE,
    values=lambda xp, grad, mask, indices: xp.unsafe_masked_index(grad, mask, indices, 0),
    tangent=lambda xp, self_t, mask, indices, values_t: xp.unsafe_masked_index_put_accumulate(
        self_t, mask, indices, values_t
    ),
)


def _check_search(sorted_sequence: Tensor, input: Tensor, right: bool) -> None:
    """Refuse dtypes without an order once there is something to find; warn of what is copied."""
    for what, tensor in (("input value", input), ("boundary", sorted_sequence)):
        if tensor._backend.level is None and not tensor.is_contiguous():
            warn_once(
                f"torch.searchsorted(): {what} tensor is non-contiguous, this will lower the "
                "performance due to extra data copy when converting non-contiguous tensor to "
                f"contiguous, please use contiguous {what} tensor if possible. This message will "
                "only appear once per program.",
                stacklevel=4,
            )
    pair = (sorted_sequence, input)
    dtype = result_dtype(
        [t._dtype for t in pair if t.ndim], [t._dtype for t in pair if not t.ndim], ()
    )
    if input.numel() and (dtype is bool_ or dtype.is_complex):
        raise not_implemented_for("searchsorted_out_cpu", dtype)


searchsorted = op(
    "",
    "searchsorted(sorted_sequence, input, right)",
    check=_check_search,
    elementwise=False,
    sorted_sequence=OPERAND,
    input=OPERAND,
)
among = op(
    "",
    "among(elements, test_elements)",
    elementwise=False,
    kernel=lambda xp, elements, test_elements: xp.among(xp.own(elements), xp.own(test_elements)),
    elements=OPERAND,
    test_elements=OPERAND,
)
argwhere = op(
    "",
    "argwhere(self)",
    kernel=positions,
    promote=AS_GIVEN,
    self=OPERAND,
)

# Masks --------------------------------------------------------------------------------------------

masked_fill = op(
    "MaskedFillBackward0",
    "masked_fill(self, mask, value)",
    layout=row_major_strides,
    promote=AS_GIVEN,
    self=lambda xp, grad, mask: xp.masked_fill(grad, mask, 0),
    mask=NON_DIFFERENTIABLE,
    tangent=lambda xp, self_t, mask: xp.masked_fill(self_t, mask, 0),
)
masked_fill_tensor = op(
    "MaskedFillBackward1",
    "masked_fill_tensor(self, mask, value)",
    layout=row_major_strides,
    promote=AS_GIVEN,
    self=lambda xp, grad, mask: xp.masked_fill(grad, mask, 0),
    mask=NON_DIFFERENTIABLE,
    value=lambda xp, grad, mask: xp.masked_sum(grad, mask),
    tangent=lambda xp, self_t, mask, value_t: xp.masked_fill_tensor(self_t, mask, value_t),
)
masked_scatter = op(
    "MaskedScatterBackward0",
    "masked_scatter(self, mask, source)",
    promote=AS_GIVEN,
    self=lambda xp, grad, mask: xp.masked_fill(grad, mask, 0),
    mask=NON_DIFFERENTIABLE,
    source=lambda xp, grad, mask, source_shape: xp.masked_scatter_backward(
        grad, mask, source_shape
    ),
    tangent=lambda xp, self_t, mask, source_t: xp.masked_scatter(self_t, mask, source_t),
)
masked_scatter_backward = op(
    "MaskedScatterBackwardBackward0",
    "masked_scatter_backward(grad_output, mask, size)",
    promote=AS_GIVEN,
    grad_output=lambda xp, grad, grad_output_shape, mask: xp.masked_scatter(
        xp.new_zeros(grad, grad_output_shape), mask, grad
    ),
    mask=NON_DIFFERENTIABLE,
    tangent=masked_scatter_backward_tangent,
)
masked_select = op(
    "MaskedSelectBackward0",
    "masked_select(self, mask)",
    promote=AS_GIVEN,
    self=masked_select_backward,
    mask=NON_DIFFERENTIABLE,
    writes={"self": 1},
    tangent=LINEAR,
)

# Rows of a matrix ---------------------------------------------------------------------------------

embedding = op(
    "EmbeddingBackward0",
    "embedding(weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False)",
    complex_gradient=False,
    promote=AS_GIVEN,
    weight=lambda xp, grad, indices, weight_argsize_0, padding_idx, scale_grad_by_freq, sparse: (
        xp.embedding_dense_backward(
            grad, indices, weight_argsize_0, padding_idx, scale_grad_by_freq
        )
    ),
    indices=NON_DIFFERENTIABLE,
    tangent=LINEAR,
)
embedding_dense_backward = op(
    "EmbeddingDenseBackwardBackward0",
    "embedding_dense_backward(grad_output, indices, num_weights, padding_idx, scale_grad_by_freq)",
    promote=AS_GIVEN,
    grad_output=embedding_dense_double_backward,
    indices=NON_DIFFERENTIABLE,
    tangent=LINEAR,
)

# Parts of formulas --------------------------------------------------------------------------------

delayed_error = op(
    "torch::autograd::Error",
    "delayed_error(self, message)",
    kernel=lambda xp, self, message: xp.clone(self),
    promote=AS_GIVEN,
    self=refused,
    tangent=lambda xp: None,  # torch's node passes none on
)


def refuse_second_order(input: Tensor, where: Tensor, message: str) -> Tensor:
    """Return the tensor; its gradient raises ``message`` when ``where`` holds anywhere."""
    backend = where._backend
    array = where._array
    if not backend.truth(backend.any(array, tuple(range(len(array.shape)))), False):
        return input
    return delayed_error(input, message)


# torch only warns of the write of an expanded tensor by these.
for _op in (
    index_put,
    index_put_impl,
    index_fill,
    index_fill_tensor,
    masked_fill,
    masked_fill_tensor,
):
    _op.entry.overlapping = _op.entry.selective = True


def mask_positions(mask: Tensor) -> list[Tensor]:
    """Return for each dim of a mask the positions where it holds."""
    xp = mask._backend
    if isinstance(mask._array, Tensor):
        return [xp.level.lifted(places) for places in mask_positions(mask._array)]
    places = xp.mask_positions(mask._array)
    return [wrap(xp.select(places, 1, d), int64, xp) for d in range(mask.ndim)]


def unique_positions(index: Tensor) -> Tensor:
    """Return the different values of an index, 1-d."""
    backend = index._backend
    return wrap(backend.unique_positions(index._array), index._dtype, backend)
