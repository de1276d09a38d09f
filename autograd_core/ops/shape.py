"""Views, copies and casts: kernel, gradient, tangent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import sizes
from ..derivatives import AS_GIVEN, HIDDEN, LINEAR, op
from ..dtypes import DType
from ..engine.gradient_checks import sum_to
from ..type_promotion import warn_of_lost_parts
from ..view_geometry import chunk_sizes

Array = Any


def _as_before_the_cast(xp: Any, grad: Array, self_dtype: DType) -> Array:
    """The gradient in the dtype that the input had, the real part if that was real."""
    if not self_dtype.is_complex and xp.dtype(grad).is_complex:
        grad = xp.real(grad)
    return grad if xp.dtype(grad) is self_dtype else xp.to_dtype(grad, self_dtype)


def _cast_tangent(xp: Any, self_t: Array, dtype: DType, stride: Sequence[int] | None) -> Array:
    """The tangent as the other dtype, of which torch warns as it does of the primal."""
    if 0 not in self_t.shape:
        warn_of_lost_parts(xp.dtype(self_t), dtype, 2)
    return xp.to_dtype(self_t, dtype, stride)


def _invert_permutation(dims: Sequence[int]) -> tuple[int, ...]:
    """Return the order that undoes ``dims``."""
    inverse = [0] * len(dims)
    for position, dim in enumerate(dims):
        inverse[dim] = position
    return tuple(inverse)


def _unsqueeze_to(xp: Any, grad: Array, shape: Sequence[int], dims: Sequence[int]) -> Array:
    """Put back those of ``dims`` that have size 1 in ``shape``."""
    for dim, length in enumerate(shape):
        if length == 1 and dim in dims:
            grad = xp.unsqueeze(grad, dim)
    return grad


def _split_backward(
    xp: Any, grads: Sequence[Array | None], self_shape: Sequence[int], split_size: int, dim: int
) -> Array:
    """Join the gradients of equal pieces."""
    parts = chunk_sizes(self_shape[dim], split_size)
    return _split_with_sizes_backward(xp, grads, self_shape, parts, dim)


def _split_with_sizes_backward(
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


def _unbind_backward(
    xp: Any, grads: Sequence[Array | None], self_shape: Sequence[int], dim: int
) -> Array:
    """Stack the gradients of the indices, zeros for those that have none."""
    like = next(grad for grad in grads if grad is not None)
    shape = (*self_shape[:dim], *self_shape[dim + 1 :])
    return xp.stack([xp.new_zeros(like, shape) if g is None else g for g in grads], dim)


def _as_strided_backward(
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
    if _is_dense_or_gapped(size, stride):
        storage = xp.placed(grad, length, size, stride, storage_offset - start)
    else:
        storage = _added_at(xp, grad, length, size, stride, storage_offset - start)
    if not _is_dense_or_gapped(in_size, in_stride):
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


def _is_dense_or_gapped(size: Sequence[int], stride: Sequence[int]) -> bool:
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


def _as_strided_scatter_self_backward(
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


# Copies and casts ---------------------------------------------------------------------------------


def _with_strides(xp: Any, array: Any, stride: Any) -> Any:
    """Return an array, copied when it has other strides than those asked for."""
    if stride is None or sizes.same_strides(array.shape, xp.strides(array), stride):
        return array
    return xp.clone_strided(array, stride)


clone = op(
    "CloneBackward0",
    "clone(self, stride=None)",
    kernel=lambda xp, self, stride: (
        xp.clone(self) if stride is None else xp.clone_strided(self, stride)
    ),
    self=lambda grad: grad,
    tangent=LINEAR,
)
to_dtype = op(
    "ToCopyBackward0",
    "to_dtype(self, dtype, stride=None)",
    kernel=lambda xp, self, dtype, stride: _with_strides(xp, xp.cast(self, dtype), stride),
    promote=AS_GIVEN,
    self=_as_before_the_cast,
    tangent=_cast_tangent,
)
to_copy = op(
    "ToCopyBackward0",
    "to_copy(self, stride=None)",
    kernel=lambda xp, self, stride: (
        xp.clone(self) if stride is None else xp.clone_strided(self, stride)
    ),
    self=lambda grad: grad,
    tangent=LINEAR,
)
copy = op(
    "torch::autograd::CopyBackwards",
    "copy(self, src)",
    promote=AS_GIVEN,
    kernel=lambda xp, self, src: (
        xp.cast(src, xp.dtype(self))
        if src.shape == self.shape
        else xp.expand(xp.cast(src, xp.dtype(self)), self.shape)
    ),
    self=lambda xp, grad: xp.zeros_like(grad),
    src=lambda grad: grad,
    tangent=lambda self_t, src_t: src_t,
)
fill = op(
    "FillBackward0",
    "fill(self, value)",
    kernel=lambda xp, self, value: xp.full_in_layout(self, value),
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, self_t: xp.zeros_like(self_t),
)
fill_inplace = op(
    "FillBackward2",
    "fill_inplace(self, value)",
    kernel=lambda xp, self, value: xp.expand(xp.scalar(value, xp.dtype(self)), self.shape),
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, self_t: xp.zeros_like(self_t),
)
zero_inplace = op(
    "ZeroBackward0",
    "zero_inplace(self)",
    kernel=lambda xp, self: xp.expand(xp.scalar(0, xp.dtype(self)), self.shape),
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, self_t: xp.zeros_like(self_t),
)
_filling: dict[str, Any] = {
    "promote": AS_GIVEN,
    "self": lambda xp, grad: xp.zeros_like(grad),
    "value": lambda xp, grad: xp.sum_all(grad),
}
fill_tensor = op(
    "FillBackward1",
    "fill_tensor(self, value)",
    tangent=lambda xp, self_t, value_t: xp.fill_tensor(self_t, value_t),
    **_filling,
)
fill_tensor_inplace = op(
    "FillBackward3",
    "fill_tensor_inplace(self, value)",
    kernel=lambda xp, self, value: xp.expand(xp.cast(value, xp.dtype(self)), self.shape),
    # Written twice, as in torch: the tangent of a first write is at version 2.
    tangent=lambda xp, self_t, value_t: xp.zeros_like(self_t).zero_().fill_(value_t),
    **_filling,
)


for _op in (fill_inplace, zero_inplace):
    _op.entry.overlapping = True
copy.entry.streamed = copy.entry.promoted[1:]


# Views --------------------------------------------------------------------------------------------

alias = op("AliasBackward0", "alias(self)", view=True, self=lambda grad: grad, tangent=LINEAR)
view = op(
    "ViewBackward0",
    "view(self, size)",
    view=True,
    self=lambda xp, grad, self_shape: xp.reshape(grad, self_shape),
    tangent=LINEAR,
)
reshape_alias = op(
    "ReshapeAliasBackward0",
    "reshape_alias(self, size, stride)",
    view=True,
    self=lambda xp, grad, self_shape: xp.reshape(grad, self_shape),
    tangent=lambda xp, self_t, size: xp.reshape(self_t, size),
)
reshape_copy = op(
    "UnsafeViewBackward0",
    "reshape_copy(self, size)",
    kernel=lambda xp, self, size: xp.view(xp.own(self), size),
    self=lambda xp, grad, self_shape: xp.reshape(grad, self_shape),
    tangent=LINEAR,
)
expand = op(
    "ExpandBackward0",
    "expand(self, size)",
    view=True,
    self=lambda xp, grad, self_shape: sum_to(xp, grad, self_shape),
    tangent=LINEAR,
)
permute = op(
    "PermuteBackward0",
    "permute(self, dims)",
    view=True,
    self=lambda xp, grad, dims: xp.permute(grad, _invert_permutation(dims)),
    tangent=LINEAR,
)


def _transpose(name: str) -> Any:
    return op(
        name,
        "transpose(self, dim0, dim1)",
        view=True,
        self=lambda xp, grad, dim0, dim1: xp.transpose(grad, dim0, dim1),
        tangent=LINEAR,
    )


def _t(name: str) -> Any:
    return op(name, "t(self)", view=True, self=lambda xp, grad: xp.t(grad), tangent=LINEAR)


def _squeeze(name: str) -> Any:
    return op(
        name,
        "squeeze(self)",
        view=True,
        self=lambda xp, grad, self_shape: _unsqueeze_to(
            xp, grad, self_shape, range(len(self_shape))
        ),
        tangent=LINEAR,
    )


def _squeeze_dim(name: str) -> Any:
    return op(
        name,
        "squeeze_dim(self, dim)",
        view=True,
        self=lambda xp, grad, self_shape, dim: _unsqueeze_to(xp, grad, self_shape, (dim,)),
        tangent=LINEAR,
    )


def _squeeze_dims(name: str) -> Any:
    return op(
        name,
        "squeeze_dims(self, dim)",
        view=True,
        self=lambda xp, grad, self_shape, dim: _unsqueeze_to(xp, grad, self_shape, dim),
        tangent=LINEAR,
    )


def _unsqueeze(name: str) -> Any:
    return op(
        name,
        "unsqueeze(self, dim)",
        view=True,
        self=lambda xp, grad, dim: xp.squeeze_dim(grad, dim),
        tangent=LINEAR,
    )


def _as_strided(name: str) -> Any:
    return op(
        name,
        "as_strided(self, size, stride, storage_offset)",
        view=True,
        self=_as_strided_backward,
        writes={"self": 1},
        tangent=LINEAR,
    )


# torch numbers the in-place forms of these on, as entries of their own.
transpose, transpose_inplace = _transpose("TransposeBackward0"), _transpose("TransposeBackward1")
t, t_inplace = _t("TBackward0"), _t("TBackward1")
squeeze, squeeze_inplace = _squeeze("SqueezeBackward0"), _squeeze("SqueezeBackward3")
squeeze_dim = _squeeze_dim("SqueezeBackward1")
squeeze_dim_inplace = _squeeze_dim("SqueezeBackward4")
squeeze_dims = _squeeze_dims("SqueezeBackward2")
squeeze_dims_inplace = _squeeze_dims("SqueezeBackward5")
unsqueeze, unsqueeze_inplace = _unsqueeze("UnsqueezeBackward0"), _unsqueeze("UnsqueezeBackward1")
as_strided = _as_strided("AsStridedBackward0")
as_strided_inplace = _as_strided("AsStridedBackward1")

select = op(
    "SelectBackward0",
    "select(self, dim, index)",
    view=True,
    self=lambda xp, grad, self_shape, dim, index: xp.select_backward(grad, self_shape, dim, index),
    tangent=LINEAR,
)
slice = op(
    "SliceBackward0",
    "slice(self, dim, start, end, step)",
    view=True,
    self=lambda xp, grad, self_shape, dim, start, end, step: xp.slice_backward(
        grad, self_shape, dim, start, end, step
    ),
    tangent=LINEAR,
)
diagonal = op(
    "DiagonalBackward0",
    "diagonal(self, offset, dim1, dim2)",
    view=True,
    self=lambda xp, grad, self_shape, offset, dim1, dim2: xp.diagonal_backward(
        grad, self_shape, offset, dim1, dim2
    ),
    tangent=LINEAR,
)
unfold = op(
    "UnfoldBackward0",
    "unfold(self, dimension, size, step)",
    view=True,
    self=lambda xp, grad, self_shape, dimension, size, step: xp.unfold_backward(
        grad, self_shape, dimension, size, step
    ),
    tangent=LINEAR,
)
split = op(
    "SplitBackward0",
    "split(self, split_size, dim)",
    multi_view=True,
    self=_split_backward,
    tangent=LINEAR,
)
split_with_sizes = op(
    "SplitWithSizesBackward0",
    "split_with_sizes(self, split_sizes, dim)",
    multi_view=True,
    self=_split_with_sizes_backward,
    tangent=LINEAR,
)
unbind = op(
    "UnbindBackward0",
    "unbind(self, dim)",
    shown={"self_sym_sizes": HIDDEN},
    multi_view=True,
    self=_unbind_backward,
    tangent=LINEAR,
)
unsafe_split = op(
    "UnsafeSplitBackward0",
    "unsafe_split(self, split_size, dim)",
    kernel=lambda xp, self, split_size, dim: xp.split(self, split_size, dim),
    self=_split_backward,
    tangent=LINEAR,
)
unsafe_split_with_sizes = op(
    "UnsafeSplitWithSizesBackward0",
    "unsafe_split_with_sizes(self, split_sizes, dim)",
    kernel=lambda xp, self, split_sizes, dim: xp.split_with_sizes(self, split_sizes, dim),
    self=_split_with_sizes_backward,
    tangent=LINEAR,
)
view_dtype = op("", "view_dtype(self, dtype)", self=lambda grad: grad, promote=AS_GIVEN)
for _op in (to_dtype, copy, view_dtype):
    _op.entry.casts = True

# The gradients of views, which are ops of their own under create_graph ----------------------------

select_backward = op(
    "SelectBackwardBackward0",
    "select_backward(grad_output, input_sizes, dim, index)",
    grad_output=lambda xp, grad, dim, index: xp.select(grad, dim, index),
    tangent=LINEAR,
)
slice_backward = op(
    "SliceBackwardBackward0",
    "slice_backward(grad_output, input_sizes, dim, start, end, step)",
    grad_output=lambda xp, grad, dim, start, end, step: xp.slice(grad, dim, start, end, step),
    tangent=LINEAR,
)
diagonal_backward = op(
    "DiagonalBackwardBackward0",
    "diagonal_backward(grad_output, input_sizes, offset, dim1, dim2)",
    grad_output=lambda xp, grad, offset, dim1, dim2: xp.diagonal(grad, offset, dim1, dim2),
    tangent=LINEAR,
)
unfold_backward = op(
    "UnfoldBackwardBackward0",
    "unfold_backward(grad_in, input_sizes, dim, size, step)",
    grad_in=lambda xp, grad, dim, size, step: xp.unfold(grad, dim, size, step),
    tangent=LINEAR,
)

# Writing into a copy ------------------------------------------------------------------------------


def _of_own_dtype(name: str) -> Callable[..., Any]:
    """Return a kernel that writes a source, cast to the input's dtype, into a copy of that."""

    def written(xp: Any, self: Any, src: Any, *place: Any) -> Any:
        return getattr(xp, name)(self, xp.cast(src, xp.dtype(self)), *place)

    return written


select_scatter = op(
    "SelectScatterBackward0",
    "select_scatter(self, src, dim, index)",
    kernel=_of_own_dtype("select_scatter"),
    promote=AS_GIVEN,
    shown={"src_sym_sizes": HIDDEN},
    complex_gradient=False,
    self=lambda xp, grad, src_shape, dim, index: xp.select_scatter(
        grad, xp.new_zeros(grad, src_shape), dim, index
    ),
    src=lambda xp, grad, dim, index: xp.select(grad, dim, index),
    tangent=LINEAR,
)
slice_scatter = op(
    "SliceScatterBackward0",
    "slice_scatter(self, src, dim, start, end, step)",
    kernel=_of_own_dtype("slice_scatter"),
    promote=AS_GIVEN,
    shown={"src_sym_sizes": HIDDEN},
    complex_gradient=False,
    self=lambda xp, grad, src_shape, dim, start, end, step: xp.slice_scatter(
        grad, xp.new_zeros(grad, src_shape), dim, start, end, step
    ),
    src=lambda xp, grad, dim, start, end, step: xp.slice(grad, dim, start, end, step),
    tangent=LINEAR,
)
diagonal_scatter = op(
    "DiagonalScatterBackward0",
    "diagonal_scatter(self, src, offset, dim1, dim2)",
    kernel=_of_own_dtype("diagonal_scatter"),
    promote=AS_GIVEN,
    shown={"src_sym_sizes": HIDDEN},
    self=lambda xp, grad, src_shape, offset, dim1, dim2: xp.diagonal_scatter(
        grad, xp.new_zeros(grad, src_shape), offset, dim1, dim2
    ),
    src=lambda xp, grad, offset, dim1, dim2: xp.diagonal(grad, offset, dim1, dim2),
    tangent=LINEAR,
)
as_strided_scatter = op(
    "AsStridedScatterBackward0",
    "as_strided_scatter(self, src, size, stride, storage_offset)",
    kernel=_of_own_dtype("as_strided_scatter"),
    promote=AS_GIVEN,
    shown={"self_sym_sizes": HIDDEN},
    self=_as_strided_scatter_self_backward,
    src=lambda xp, grad, size, stride, storage_offset: xp.as_strided(
        xp.contiguous(grad), size, stride, storage_offset
    ),
    tangent=LINEAR,
)


# Views as copies ----------------------------------------------------------------------------------


def _copying(original: Any, complex_gradient: bool = True) -> Any:
    """Return the ``_copy`` form of a view op: the same gradient, a row-major result of its own."""
    entry = original.entry
    (formula,) = entry.formulas

    def kernel(xp: Any, *arguments: Any) -> Any:
        made = getattr(xp, entry.kernel_name)(xp.own(arguments[0]), *arguments[1:])
        if entry.multi_view:
            return [xp.clone_row_major(part) for part in made]
        return xp.clone_row_major(made)

    return op(
        f"{entry.name}_copy",
        f"{entry.kernel_name}_copy({', '.join(entry.parameters)})",
        kernel=kernel,
        self=formula,
        tangent=entry.tangent,
        shown=entry.shown,
        complex_gradient=complex_gradient,
    )


alias_copy = _copying(alias)
as_strided_copy = _copying(as_strided)
diagonal_copy = _copying(diagonal)
expand_copy = _copying(expand)
permute_copy = _copying(permute)
select_copy = _copying(select, complex_gradient=False)
slice_copy = _copying(slice, complex_gradient=False)
split_copy = _copying(split)
split_with_sizes_copy = _copying(split_with_sizes)
squeeze_copy = _copying(squeeze)
squeeze_dim_copy = _copying(squeeze_dim)
squeeze_dims_copy = _copying(squeeze_dims)
t_copy = _copying(t)
transpose_copy = _copying(transpose)
unbind_copy = _copying(unbind)
unfold_copy = _copying(unfold)
unsqueeze_copy = _copying(unsqueeze)
view_copy = _copying(view)

narrow_copy = op(
    "NarrowCopyBackward0",
    "narrow_copy(self, dim, start, length)",
    kernel=lambda xp, self, dim, start, length: xp.clone_row_major(
        xp.slice(self, dim, start, start + length, 1)
    ),
    self=lambda xp, grad, self_shape, dim, start, length: xp.slice_backward(
        grad, self_shape, dim, start, start + length, 1
    ),
    tangent=LINEAR,
)
