"""torch's views: functions, methods and properties that see the same elements otherwise."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence
from typing import Any

from .. import ops
from ..batching import member_by_member
from ..composites import shape as composed
from ..dtypes import LEGACY_NAMES, DType, type_text
from ..engine.levels import refuse_in_batch
from ..sizes import inferred, numel, view_strides
from ..tensor import Given, Tensor, wrap_dim
from ..type_promotion import warn_of_lost_parts
from ..versions import own_counter
from .new_tensors import size_of
from .registration import function, method, publish


def dims_of(dims: Sequence[int], ndim: int) -> tuple[int, ...]:
    """Return dims counted from the front.

    Raises:
        RuntimeError: one is named twice (torch's text).
    """
    wrapped = [wrap_dim(d, ndim) for d in dims]
    for d in wrapped:
        if wrapped.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return tuple(wrapped)


# Another shape ------------------------------------------------------------------------------------


@method
def view(self: Tensor, *args: Any, size: Any = None, dtype: DType | None = None) -> Tensor:
    """See the same elements under another shape, or the same bytes as another dtype."""
    if dtype is not None or (len(args) == 1 and isinstance(args[0], DType)):
        return _view_dtype(self, dtype or args[0])
    return ops.view(self, viewable(self, size_of(args, size, "view")))


def viewable(self: Tensor, size: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape with its -1 replaced.

    Raises:
        RuntimeError: the strides do not allow a view (torch's text).
    """
    shape, fits = _viewed(self._memory.shape, self._backend.strides(self._memory), size)
    if not fits:
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one "
            "dimension spans across two contiguous subspaces). Use .reshape(...) instead."
        )
    return shape


@functools.lru_cache(4096)
def _viewed(
    shape: tuple[int, ...], strides: tuple[int, ...], size: tuple[int, ...]
) -> tuple[tuple[int, ...], bool]:
    """Return a new shape with its -1 replaced, and whether strides allow a view."""
    size = inferred(size, numel(shape))
    return size, view_strides(shape, strides, size) is not None


def _view_dtype(self: Tensor, dtype: DType) -> Tensor:
    for what, is_set in (
        ("conjugate view tensors", ops.is_conj(self)),
        ("tensors with negative bit set", ops.is_neg(self)),
    ):
        if is_set:
            raise RuntimeError(
                f"torch.Tensor.view is not supported for {what} when converting to a different "
                "dtype."
            )
    if dtype is self._dtype:
        return self.detach()
    old, new = self._dtype.itemsize, dtype.itemsize
    what = f"to view {LEGACY_NAMES[self._dtype]} as {LEGACY_NAMES[dtype]} (different element sizes)"
    shape, strides = self._array.shape, self.stride()
    if old != new:
        if not shape:
            raise RuntimeError(f"self.dim() cannot be 0 {what}")
        ratio = max(new // old, 1)
        if shape[-1] % ratio:
            raise RuntimeError(
                f"self.size(-1) must be divisible by {ratio} {what}, but got {shape[-1]}"
            )
        if strides[-1] != 1:
            raise RuntimeError(f"self.stride(-1) must be 1 {what}, but got {strides[-1]}")
    if new > old:
        if self.storage_offset() % ratio:
            raise RuntimeError(
                f"self.storage_offset() must be divisible by {ratio} {what}, but got "
                f"{self.storage_offset()}"
            )
        for dim, step in enumerate(strides[:-1]):
            if step % ratio:
                raise RuntimeError(
                    f"self.stride({dim}) must be divisible by {ratio} {what}, but got {step}"
                )
    self._owned()
    made = ops.view_dtype(self.detach(), dtype)
    made._version_counter = own_counter(self)
    return made


@function
@method
def reshape(input: Tensor, *args: Any, shape: Any = None) -> Tensor:
    """See or copy the elements under another shape."""
    return ops.reshape(input, size_of(args, shape, "reshape", "shape"))


@method
def view_as(self: Tensor, other: Tensor) -> Tensor:
    """See the elements under the shape of another tensor."""
    return ops.view(self, viewable(self, tuple(other._array.shape)))


@method
def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """See or copy the elements under the shape of another tensor."""
    return ops.reshape(self, tuple(other._array.shape))


@function
def view_copy(input: Tensor, size: Any) -> Tensor:
    """Copy the elements under another shape."""
    if isinstance(size, DType):
        return view(input, size).clone()
    return ops.view_copy(input, viewable(input, size_of((size,))))


for _composite in (
    composed.flatten,
    composed.unflatten,
    composed.ravel,
    composed.movedim,
):
    function(method(_composite))
function(method(composed.movedim, name="moveaxis"), name="moveaxis")


# Broadcasting -------------------------------------------------------------------------------------


def expanded_size(input: Tensor, size: Sequence[int]) -> tuple[int, ...]:
    """Return the size to expand to, with -1 replaced by the dim's own.

    Raises:
        RuntimeError: the shape does not broadcast to it (torch's text).
    """
    return _expanded_size(input._memory.shape, tuple(size), input._dtype)


@functools.lru_cache(1024)
def _expanded_size(shape: tuple[int, ...], size: tuple[int, ...], dtype: DType) -> tuple[int, ...]:
    lead = len(size) - len(shape)
    if lead < 0:
        raise RuntimeError(
            f"expand({type_text(dtype)}{{{list(shape)}}}, "
            f"size={list(size)}): the number of sizes provided ({len(size)}) must be greater or "
            f"equal to the number of dimensions in the tensor ({len(shape)})"
        )
    result = list(size)
    for dim in range(len(size) - 1, -1, -1):
        wanted = size[dim]
        if dim < lead:
            if wanted == -1:
                raise RuntimeError(
                    "The expanded size of the tensor (-1) isn't allowed in a leading, "
                    f"non-existing dimension {dim}"
                )
            continue
        length = shape[dim - lead]
        if wanted == -1:
            result[dim] = length
        elif length not in (1, wanted):
            raise RuntimeError(
                f"The expanded size of the tensor ({wanted}) must match the existing size "
                f"({length}) at non-singleton dimension {dim}.  Target sizes: {list(size)}.  "
                f"Tensor sizes: {list(shape)}"
            )
    return tuple(result)


@method
def expand(self: Tensor, *args: Any, size: Any = None, implicit: bool = False) -> Tensor:
    """Stretch dims of size 1, and add dims in front, without copying."""
    return ops.expand(self, expanded_size(self, size_of(args, size, "expand")))


@method
def expand_as(self: Tensor, other: Tensor) -> Tensor:
    """Expand to the shape of another tensor."""
    return ops.expand(self, expanded_size(self, other._array.shape))


@function
@method
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """Expand to a shape."""
    return ops.expand(input, expanded_size(input, size_of((size,))))


@function
def expand_copy(input: Tensor, size: Any, *, implicit: bool = False) -> Tensor:
    """Expand into a new tensor."""
    return ops.expand_copy(input, expanded_size(input, size_of((size,))))


@function
def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Expand the tensors to their common shape."""
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    return composed.broadcast_tensors(*tensors)


@method
def sum_to_size(self: Tensor, *args: Any, size: Any = None) -> Tensor:
    """Sum over the dims in which a tensor of this size would be broadcast."""
    return composed.sum_to_size(self, size_of(args, size, "sum_to_size"))


# Dims in another order ----------------------------------------------------------------------------


def permutation(input: Tensor, dims: tuple[int, ...]) -> tuple[int, ...]:
    """Return an order of dims counted from the front.

    Raises:
        RuntimeError: it is none (torch's text).
    """
    rank = input.ndim
    if len(dims) != rank:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the "
            f"length of the desired ordering of dimensions i.e. input.dim() = {rank} is not equal "
            f"to len(dims) = {len(dims)}"
        )
    wrapped = tuple([wrap_dim(d, rank) for d in dims])
    if len(set(wrapped)) != rank:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return wrapped


@function
@method
def permute(input: Tensor, *args: Any, dims: Any = None) -> Tensor:
    """Put the dims into another order."""
    if not args and dims is None:
        raise TypeError('permute() missing 1 required positional arguments: "dims"')
    return ops.permute(input, permutation(input, size_of(args, dims, "permute", "dims")))


@function
def permute_copy(input: Tensor, dims: Any) -> Tensor:
    """Put the dims into another order, in a new tensor."""
    return ops.permute_copy(input, permutation(input, size_of((dims,))))


def _transposing(op: Any) -> Any:
    def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
        """Exchange two dims."""
        rank = len(input._memory.shape)
        return op(input, wrap_dim(dim0, rank), wrap_dim(dim1, rank))

    return transpose


transpose = _transposing(ops.transpose)
for _name in ("transpose", "swapdims"):
    function(method(transpose, name=_name), name=_name)
    method(_transposing(ops.transpose_inplace.inplace), name=f"{_name}_")
function(_transposing(ops.transpose_copy), name="transpose_copy")


@function
@method
def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """Exchange two dims."""
    return transpose(input, axis0, axis1)


@method
def swapaxes_(self: Tensor, axis0: int, axis1: int) -> Tensor:
    """Exchange two dims of the tensor itself."""
    return self.transpose_(axis0, axis1)


def _matrix(input: Tensor, name: str = "t") -> Tensor:
    if input.ndim > 2:
        raise RuntimeError(
            f"{name}() expects a tensor with <= 2 dimensions, but self is {input.ndim}D"
        )
    return input


@function
@method
def t(input: Tensor) -> Tensor:
    """Transpose a matrix; fewer dims stay."""
    return ops.t(_matrix(input))


@method
def t_(self: Tensor) -> Tensor:
    """Transpose the matrix itself."""
    return ops.t_inplace.inplace(_matrix(self, "t_"))


@function
def t_copy(input: Tensor) -> Tensor:
    """Transpose into a new tensor."""
    return ops.t_copy(_matrix(input))


def _reversed(self: Tensor) -> Tensor:
    """The dims in reverse order."""
    if self.ndim == 0:
        _deprecated("Tensor.T", "This function is the identity in these cases.")
    elif self.ndim != 2:
        warnings.warn(
            "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is "
            "deprecated and it will throw an error in a future release. Consider `x.mT` to "
            "transpose batches of matrices or `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to "
            "reverse the dimensions of a tensor.",
            UserWarning,
            stacklevel=2,
        )
    return ops.permute(self, tuple(range(self.ndim))[::-1])


def _deprecated(name: str, advice: str) -> None:
    warnings.warn(f"{name} is deprecated on 0-D tensors. {advice}", UserWarning, stacklevel=4)


def _matrices(self: Tensor, name: str) -> Tensor:
    """The last two dims exchanged; a 0-d tensor as it is."""
    if self.ndim == 0:
        return self
    if self.ndim == 1:
        raise RuntimeError(
            f"{name} is only supported on matrices or batches of matrices. Got 1-D tensor."
        )
    return ops.mT(self)


def _transposed(self: Tensor) -> Tensor:
    """The last two dims exchanged."""
    if self.ndim == 0:
        _deprecated("Tensor.mT", "This function is the identity in these cases.")
    return _matrices(self, "tensor.mT")


def _adjoint(self: Tensor, name: str) -> Tensor:
    """The conjugate with its last two dims exchanged."""
    if self.ndim == 0:
        spelled = "adjoint()" if name == "tensor.adjoint()" else name.replace("tensor", "Tensor")
        _deprecated(spelled, "Consider using x.conj().")
    turned = _matrices(self, name)
    return turned.conj() if self._dtype.is_complex else turned


def _hermitian(self: Tensor) -> Tensor:
    """The conjugate transpose of a matrix."""
    if self.ndim not in (0, 2):
        hint = " For batches of matrices, consider using tensor.mH" if self.ndim > 2 else ""
        raise RuntimeError(
            f"tensor.H is only supported on matrices (2-D tensors). Got {self.ndim}-D tensor.{hint}"
        )
    return _adjoint(self, "tensor.H")


@function
@method
def adjoint(input: Tensor) -> Tensor:
    """The conjugate with its last two dims exchanged."""
    return _adjoint(input, "tensor.adjoint()")


for _name, _property in {
    "T": _reversed,
    "mT": _transposed,
    "H": _hermitian,
    "mH": lambda self: _adjoint(self, "tensor.mH"),
}.items():
    publish(property(_property), _name, "Tensor")


# Dims of size 1 -----------------------------------------------------------------------------------


def _squeezing(every: Any, one: Any, several: Any) -> Any:
    def squeeze(input: Tensor, dim: Any = None) -> Tensor:
        """Drop dims of size 1: all, or those named."""
        if dim is None:
            return every(input)
        if isinstance(dim, (tuple, list)):
            return several(input, dims_of(dim, input.ndim))
        return one(input, wrap_dim(dim, input.ndim))

    return squeeze


function(method(_squeezing(ops.squeeze, ops.squeeze_dim, ops.squeeze_dims)))
method(
    _squeezing(
        ops.squeeze_inplace.inplace,
        ops.squeeze_dim_inplace.inplace,
        ops.squeeze_dims_inplace.inplace,
    ),
    name="squeeze_",
)
function(
    _squeezing(ops.squeeze_copy, ops.squeeze_dim_copy, ops.squeeze_dims_copy),
    name="squeeze_copy",
)


def _unsqueezing(op: Any) -> Any:
    def unsqueeze(input: Tensor, dim: int) -> Tensor:
        """Add a dim of size 1."""
        return op(input, wrap_dim(dim, input.ndim + 1))

    return unsqueeze


function(method(_unsqueezing(ops.unsqueeze)))
method(_unsqueezing(ops.unsqueeze_inplace.inplace), name="unsqueeze_")
function(_unsqueezing(ops.unsqueeze_copy), name="unsqueeze_copy")


def _of_each(one: Any) -> Any:
    def atleast(*tensors: Any) -> Any:
        if len(tensors) == 1:
            if isinstance(tensors[0], Tensor):
                return one(tensors[0])
            tensors = tuple(tensors[0])
        return tuple([one(tensor) for tensor in tensors])

    atleast.__name__ = atleast.__qualname__ = one.__name__
    atleast.__doc__ = one.__doc__
    return atleast


for _composite in (composed.atleast_1d, composed.atleast_2d, composed.atleast_3d):
    function(_of_each(_composite))


# Any geometry -------------------------------------------------------------------------------------


def checked_geometry(
    input: Tensor, size: Any, stride: Any, storage_offset: int | None
) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Return an as_strided geometry.

    Raises:
        RuntimeError: it is none, or it reaches beyond the storage (torch's text).
    """
    size, stride = size_of((size,)), size_of((stride,))
    offset = int(storage_offset or 0)
    if storage_offset is None:
        offset = Given(input.storage_offset(), None)
    if len(size) != len(stride):
        raise RuntimeError("mismatch in length of strides and shape")
    if any(step < 0 for step in stride):
        raise RuntimeError(
            "as_strided: Negative strides are not supported at the moment, got strides: "
            f"{list(stride)}"
        )
    if offset < 0:
        raise RuntimeError(f"Tensor: invalid storage offset {offset}")
    if 0 not in size:
        extent = offset + 1 + sum(s * (n - 1) for n, s in zip(size, stride, strict=True))
        item = input._dtype.itemsize
        held = input._backend.storage_size(input._owned())
        if extent > held:
            raise RuntimeError(
                f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {offset}, "
                f"and itemsize {item} requiring a storage size of {extent * item} are out of "
                f"bounds for storage of size {held * item}"
            )
    return size, stride, offset


def _striding(op: Any) -> Any:
    def as_strided(
        input: Tensor, size: Any, stride: Any, storage_offset: int | None = None
    ) -> Tensor:
        """View of the storage with any geometry."""
        return op(input, *checked_geometry(input, size, stride, storage_offset))

    return as_strided


function(method(_striding(ops.as_strided)))
_restrided = member_by_member("as_strided_", inplace=True)(
    _striding(ops.as_strided_inplace.inplace)
)
function(method(_restrided, name="as_strided_"), name="as_strided_")
function(_striding(ops.as_strided_copy), name="as_strided_copy")


@function
@method
def as_strided_scatter(
    input: Tensor, src: Tensor, size: Any, stride: Any, storage_offset: int | None = None
) -> Tensor:
    """Return a copy with ``src`` where a geometry reads in the storage."""
    refuse_in_batch(
        (input, src),
        "Error: aten::as_strided_scatter requires special handling, and does not yet have a "
        "batching rule. Feel free to file a github issue!",
    )
    geometry = checked_geometry(input, size, stride, storage_offset)
    check_source(input, src, geometry[0])
    return ops.as_strided_scatter(input, src, *geometry)


def check_source(input: Tensor, src: Tensor, size: Sequence[int]) -> None:
    """Refuse a source that is not of the size of what it is written to (torch's text).

    Warns of complex numbers that are written to real ones.
    """
    if tuple(src._array.shape) != tuple(size):
        raise RuntimeError(
            "expected src to have a size equal to the slice of self. src size = "
            f"{list(src._array.shape)}, slice size = {list(size)}"
        )
    warn_of_lost_parts(src._dtype, input._dtype, 3)


# Diagonals and windows ----------------------------------------------------------------------------


def diagonal_dims(input: Tensor, dim1: int, dim2: int) -> tuple[int, int]:
    """Return the two dims of a diagonal (torch's texts for wrong ones)."""
    first, second = wrap_dim(dim1, input.ndim), wrap_dim(dim2, input.ndim)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return first, second


@function
@method
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """View the diagonal of two dims as the last dim."""
    return ops.diagonal(input, offset, *diagonal_dims(input, dim1, dim2))


@function
def diagonal_copy(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """Copy the diagonal of two dims as the last dim."""
    return ops.diagonal_copy(input, offset, *diagonal_dims(input, dim1, dim2))


@function
@method
def diagonal_scatter(
    input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1
) -> Tensor:
    """Return a copy with ``src`` on a diagonal."""
    first, second = diagonal_dims(input, dim1, dim2)
    shape = input._array.shape
    length = min(shape[first] + min(offset, 0), shape[second] - max(offset, 0))
    others = [n for d, n in enumerate(shape) if d not in (first, second)]
    check_source(input, src, (*others, max(length, 0)))
    return ops.diagonal_scatter(input, src, offset, first, second)


def _unfolding(op: Any) -> Any:
    def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
        """View windows of ``size`` every ``step``; their elements are the last dim."""
        dim = wrap_dim(dimension, input.ndim)
        longest = input._array.shape[dim] if input.ndim else 1
        if size < 0:
            raise RuntimeError(f"size is {size} but must be >= 0")
        if size > longest:
            raise RuntimeError(
                f"maximum size for tensor at dimension {dim} is {longest} but size is {size}"
            )
        if step <= 0:
            raise RuntimeError(f"step is {step} but must be > 0")
        return op(input, dim, size, step)

    return unfold


method(_unfolding(ops.unfold))
function(_unfolding(ops.unfold_copy), name="unfold_copy")
function(ops.alias_copy, name="alias_copy")
function(ops.alias, under="ops.aten", name="alias")


@function
def detach_copy(input: Tensor) -> Tensor:
    """Return a row-major copy outside the graph."""
    return ops.clone_contiguous(input.detach())
