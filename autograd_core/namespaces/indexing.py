"""torch's indexing functions: gather, scatter, index_*, take and put, masks, rows."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from .. import ops
from ..dtypes import LEGACY_NAMES, bool_, int32, int64, not_implemented_for, uint8
from ..engine.memory_overlap import (
    refuse_internal_overlap,
    refuse_overlap,
    warn_of_internal_overlap,
)
from ..engine.views import check_inplace, requires_grad
from ..ops.indexing_formulas import BETA_OF_INDEX_REDUCE
from ..sizes import broadcast_shapes, numel
from ..tensor import Tensor, wrap_dim
from ..warn_once import warn_once
from . import indexing_checks as checks
from .creation import number_for
from .indexing_checks import require_dtype, require_tensor
from .registration import accepts_out, function, method
from .subscripts import check_indices, indexed_shape

Prepared = tuple[Any, ...]
"""An op and the arguments to run it with."""


EXACT_OUT = "Expected out tensor to have dtype {self_c}, but got {out_c} instead"
"""What most of these functions say of an ``out=`` with another dtype than the input's."""


def published(
    *,
    inplace: bool = True,
    out: str | None = EXACT_OUT,
    warns_expanded: str = "",
) -> Callable[[Callable[..., Prepared]], Callable[..., Prepared]]:
    """Publish what prepares an op as function, method, ``name_`` and with ``out=``.

    Args:
        inplace: whether there is a ``name_``.
        out: what is said of an ``out=`` of another dtype; None when there is no ``out=``.
        warns_expanded: how a subscript says the same, where ``name_`` writes an expanded tensor
            with a warning that names it; torch mostly refuses that.
    """

    def publish(prepare: Callable[..., Prepared]) -> Callable[..., Prepared]:
        name = prepare.__name__

        @functools.wraps(prepare)
        def call(*args: Any, **kwargs: Any) -> Any:
            op, *values = prepare(*args, **kwargs)
            return op(*values)

        function(call if out is None else _with_out(call, out), name=name)
        method(call, name=name)
        if inplace:

            @functools.wraps(prepare)
            def call_(*args: Any, **kwargs: Any) -> Any:
                op, target, *values = prepare(*args, **kwargs)
                if warns_expanded:
                    check_inplace(target, any(map(requires_grad, tensors_in(values))))
                    warn_of_internal_overlap(f"{name}_", target, warns_expanded)
                else:
                    refuse_internal_overlap(target)
                refuse_overlap(target, *tensors_in(values))
                return op.inplace(target, *values)

            call_.__name__ = call_.__qualname__ = f"{name}_"
            method(call_, name=f"{name}_")
        return prepare

    return publish


def tensors_in(values: Iterable[Any]) -> list[Tensor]:
    """Return the tensors among arguments, those in lists too."""
    found: list[Tensor] = []
    for value in values:
        members = value if isinstance(value, (list, tuple)) else (value,)
        found.extend(member for member in members if isinstance(member, Tensor))
    return found


def _with_out(call: Callable[..., Any], text: str) -> Callable[..., Any]:
    @functools.wraps(call)
    def with_out(*args: Any, out: Tensor | None = None, **kwargs: Any) -> Any:
        if out is None:
            return call(*args, **kwargs)
        given = tensors_in((*args, *kwargs.values()))
        if given and out._dtype is not given[0]._dtype:
            raise RuntimeError(text.format(**_names(given[0], "self"), **_names(out, "out")))
        refuse_internal_overlap(out)

        @accepts_out
        @functools.wraps(call)
        def written(*args: Any, **kwargs: Any) -> Any:
            result = call(*args, **kwargs)
            refuse_overlap(out, *given, count=result.numel())
            return result

        return written(*args, out=out, **kwargs)

    return with_out


def _names(tensor: Tensor, prefix: str) -> dict[str, str]:
    dtype = tensor._dtype
    return {prefix: LEGACY_NAMES[dtype], f"{prefix}_c": checks.c_name(dtype)}


# One index tensor along one dim -------------------------------------------------------------------


@published(inplace=False)
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Prepared:
    """The elements that ``index`` names along ``dim``, in its shape."""
    require_tensor(index, "gather", "index", 3)
    dim = wrap_dim(dim, input.ndim)
    index = checks.check_scatter("gather", input, dim, index, None)
    return ops.gather, input, dim, index, sparse_grad


@published()
def scatter(
    input: Tensor,
    dim: int,
    index: Tensor,
    src: Any = None,
    *,
    value: Any = None,
    reduce: str | None = None,
) -> Prepared:
    """``src`` (a tensor or a number) written, or combined, where ``index`` points."""
    src = value if src is None else src
    dim = wrap_dim(dim, input.ndim)
    tensor = src if isinstance(src, Tensor) else None
    index = checks.check_scatter("scatter", input, dim, index, tensor)
    if reduce is not None and reduce not in ("add", "multiply"):
        raise RuntimeError("reduce argument must be either add or multiply.")
    if tensor is not None:
        if reduce is None:
            return ops.scatter, input, dim, index, tensor
        warnings.warn(
            "The reduce argument of torch.scatter with Tensor src is deprecated and will be "
            "removed in a future PyTorch release. Use torch.scatter_reduce instead for more "
            "reduction options.",
            UserWarning,
            stacklevel=3,
        )
        return ops.scatter_combined, input, dim, index, tensor, _PRODUCT_OR_SUM[reduce]
    number = number_for(src, input._dtype)
    if reduce is None:
        return ops.scatter_value, input, dim, index, number
    return ops.scatter_value_combined, input, dim, index, number, _PRODUCT_OR_SUM[reduce]


_PRODUCT_OR_SUM = {"add": "sum", "multiply": "prod"}


@published()
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Prepared:
    """``src`` added where ``index`` points."""
    dim = wrap_dim(dim, input.ndim)
    index = checks.check_scatter("scatter", input, dim, index, src)
    return ops.scatter_add, input, dim, index, src


@published()
def scatter_reduce(
    input: Tensor,
    dim: int,
    index: Tensor,
    src: Tensor,
    reduce: str,
    *,
    include_self: bool = True,
) -> Prepared:
    """``src`` combined in where ``index`` points by sum, prod, mean, amax or amin."""
    dim = wrap_dim(dim, input.ndim)
    index = checks.check_scatter("scatter", input, dim, index, src)
    if reduce not in ("sum", "prod", "mean", "amax", "amin"):
        raise RuntimeError(
            f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}"
        )
    kind = input._dtype
    refused = (kind.category == 0 and reduce == "mean") or (kind.is_complex and reduce[0] == "a")
    if refused and index.numel():
        raise not_implemented_for(f"scatter_gather_tensor_cpu_reduce_{reduce}", kind)
    return ops.scatter_reduce, input, dim, index, src, reduce, include_self


@published(inplace=False, out="index_select(): self and result must have the same scalar type")
def index_select(input: Tensor, dim: int, index: Tensor) -> Prepared:
    """The slices of ``dim`` that a 1-d index names."""
    dim = wrap_dim(dim, input.ndim)
    if index.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if not input.ndim and index.numel() != 1:
        raise RuntimeError(
            f"index_select(): Index to scalar can have only 1 value, got {index.numel()} value(s)"
        )
    require_dtype(index, "index_select(): Expected dtype int32 or int64 for index", int32, int64)
    index = checks.as_int64(index)
    checks.check_selected(input, dim, index)
    return ops.index_select, input, dim, index


@published()
def index_add(
    input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1
) -> Prepared:
    """Slices of ``source``, times alpha, added where a 1-d index points."""
    dim = wrap_dim(dim, input.ndim)
    index = checks.check_slices("index_add", input, dim, index, source)
    checks.check_added_slices(input, dim, index)
    return ops.index_add, input, dim, index, source, alpha


@published()
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Prepared:
    """Slices of ``source`` written where a 1-d index points."""
    dim = wrap_dim(dim, input.ndim)
    return ops.index_copy, input, dim, checks.check_copied_slices(input, dim, index, source), source


@published(out=None, warns_expanded="tensor[mask] = scalar")
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Prepared:
    """Slices filled with a number or 0-d tensor where a 1-d index points."""
    dim = wrap_dim(dim, input.ndim)
    if isinstance(value, Tensor) and value.ndim:
        raise RuntimeError(
            "index_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{value.ndim} dimension(s)."
        )
    require_dtype(index, "index_fill_(): Expected dtype int64 for index.", int64, error=IndexError)
    if index.ndim > 1:
        raise RuntimeError("Index has to be a vector/scalar")
    size = input.shape[dim] if input.ndim else 1
    others = numel(n for d, n in enumerate(input.shape) if d != dim)
    outside = checks.first_outside(index, -size, size) if others else None
    if outside is not None:
        raise IndexError(f"index {outside} is out of bounds for dimension {dim} with size {size}")
    index = checks.counted_from_front(index, size) if others else index[:0]
    if isinstance(value, Tensor):
        if value._dtype.is_complex and not input._dtype.is_complex:
            raise RuntimeError(_COMPLEX_FILL)
        return ops.index_fill_tensor, input, dim, index, value
    if isinstance(value, complex) and not input._dtype.is_complex:
        raise RuntimeError(_COMPLEX_FILL)
    return ops.index_fill, input, dim, index, number_for(value, input._dtype)


_COMPLEX_FILL = "index_fill_(): Converting complex Scalar to non-complex type is not supported"


@published()
def index_reduce(
    input: Tensor,
    dim: int,
    index: Tensor,
    source: Tensor,
    reduce: str,
    *,
    include_self: bool = True,
) -> Prepared:
    """Slices of ``source`` combined in where a 1-d index points by prod, mean, amax or amin."""
    dim = wrap_dim(dim, input.ndim)
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(
            "index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got "
            f"{reduce}."
        )
    index = checks.check_slices("index_reduce", input, dim, index, source)
    _check_reduced_index(input, dim, index, include_self)
    _check_reduced_dtype(input, index, reduce, include_self)
    return ops.index_reduce, input, dim, index, source, reduce, include_self


def _check_reduced_index(input: Tensor, dim: int, index: Tensor, include_self: bool) -> None:
    """Refuse an index out of range, after torch's warning and in the words of its first step."""
    size = input._array.shape[dim] if input.ndim else 1
    outside = checks.first_outside(index, 0, size)
    if outside is None:
        return
    warn_once(BETA_OF_INDEX_REDUCE, stacklevel=4)
    if not include_self and not -size <= outside < size:  # it fills the slices first
        raise IndexError(f"index {outside} is out of bounds for dimension {dim} with size {size}")
    if input.ndim > 1 and not size:
        raise IndexError(
            f"select(): index 0 out of range for tensor of size {list(input.shape)} at dimension "
            f"{dim}"
        )
    raise IndexError("index out of range in self")


def _check_reduced_dtype(input: Tensor, index: Tensor, reduce: str, include_self: bool) -> None:
    """Refuse bools and complex numbers where a step of torch's has no kernel for them."""
    dtype = input._dtype
    if dtype is not bool_ and not dtype.is_complex:
        return
    kernel = None
    if not include_self:
        kernel = "index_reduce_func_exclude_input_init"
    elif input.ndim < 2:
        kernel = "index_func_"
    elif index.numel():
        kernel = _STEPS_OF_COMPLEX.get(reduce) if dtype.is_complex else _STEPS_OF_BOOL.get(reduce)
    if kernel is not None:
        warn_once(BETA_OF_INDEX_REDUCE, stacklevel=4)
        raise not_implemented_for(kernel, dtype)


_STEPS_OF_BOOL = {"mean": "div_floor_cpu"}
_STEPS_OF_COMPLEX = {"amax": "maximum_cpu", "amin": "minimum_cpu"}

# Row-major places ---------------------------------------------------------------------------------


@published(
    inplace=False,
    out="take(): self and out expected to have the same dtype, but got self.dtype = {self} and "
    "out.dtype = {out}",
)
def take(input: Tensor, index: Tensor) -> Prepared:
    """The elements at row-major places, in the shape of ``index``."""
    require_dtype(index, "take(): Expected a long tensor for index, but got {}", int64)
    count = input.numel()
    if not count and index.numel():
        raise IndexError("take(): tried to take from an empty tensor")
    return ops.take, input, checks.check_places(index, count)


@published(out=None)
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Prepared:
    """``source`` written, or added, at row-major places."""
    require_dtype(index, "put_(): Expected a long tensor for index, but got {}", int64)
    if source._dtype is not input._dtype:
        raise RuntimeError(
            "put_(): self and source expected to have the same dtype, but got self.dtype = "
            f"{LEGACY_NAMES[input._dtype]} and source.dtype = {LEGACY_NAMES[source._dtype]}"
        )
    if source.numel() != index.numel():
        raise IndexError(
            "put_(): Expected source and index to have the same number of elements, but got "
            f"source.numel() = {source.numel()}, index.numel() = {index.numel()}"
        )
    if index.numel() and not input.numel():
        raise IndexError("put_(): Tried to put elements into an empty tensor")
    return ops.put, input, checks.check_places(index, input.numel()), source, accumulate


# Index tensors for several dims -------------------------------------------------------------------


def _refuse_kinds(indices: Any, values: Any, name: str) -> None:
    """Refuse arguments of ``index_put`` and its like that are not tensors (torch's texts)."""
    if isinstance(indices, Tensor) or not isinstance(indices, (tuple, list)):
        raise TypeError(
            f"{name}(): argument 'indices' (position 2) must be tuple of Tensors, not "
            f"{type(indices).__name__}"
        )
    require_tensor(values, name, "values", 3)


def _put(input: Tensor, indices: Any, values: Tensor, name: str) -> list[Tensor | None]:
    """Return checked indices of ``index_put`` and its like."""
    _refuse_kinds(indices, values, name)
    places = check_indices(input, indices)
    shape = indexed_shape(input.shape, places)
    if not _expands_to(values.shape, shape):
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(values.shape)} cannot be broadcast to "
            f"indexing result of shape {list(shape)}"
        )
    if values._dtype is not input._dtype:
        raise RuntimeError(
            "Index put requires the source and destination dtypes match, got "
            f"{LEGACY_NAMES[input._dtype]} for the destination and {LEGACY_NAMES[values._dtype]} "
            "for the source."
        )
    return places


@published(inplace=False, out=None)
def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Prepared:
    """``values`` written, or added, where index tensors point."""
    return ops.index_put, input, _put(input, indices, values, "index_put"), values, accumulate


@function
@method
def index_put_(input: Tensor, indices: Any, values: Any, accumulate: bool = False) -> Tensor:
    """Write, or add, ``values`` where index tensors point."""
    _refuse_kinds(indices, values, "index_put_")
    fills = not accumulate and values.numel() == 1 and _is_one_mask(indices)
    check_inplace(input, requires_grad(values))
    warn_of_internal_overlap("index_put_", input, "tensor[indices] = tensor")
    written = values
    if fills:  # torch makes a masked_fill_ of it, which casts
        warn_of_internal_overlap("masked_fill_", input, _BY_MASK)
        if values._dtype.is_complex and not input._dtype.is_complex:
            number_for(values.item(), input._dtype)
        written = values.detach().to(input._dtype)
    else:
        refuse_overlap(input, *tensors_in((indices, values)))
    places = _put(input, indices, written, "index_put_")
    return ops.index_put.inplace(input, places, values, accumulate)


_BY_MASK = "tensor[mask] = scalar"


def _is_one_mask(indices: Any) -> bool:
    given = [index for index in indices if index is not None]
    return len(given) == 1 and given[0]._dtype in (bool_, uint8)


@function
def _index_put_impl_(
    input: Tensor, indices: Any, values: Tensor, accumulate: bool = False, unsafe: bool = False
) -> Tensor:
    """The same under the node of the gradient of ``index``."""
    places = _put(input, indices, values, "_index_put_impl_")
    return ops.index_put_impl.inplace(input, places, values, accumulate)


@function
def _unsafe_index(input: Tensor, indices: Any) -> Tensor:
    """The elements that index tensors name; None takes all of a dim."""
    return ops.unsafe_index(input, check_indices(input, indices))


@function
def _unsafe_index_put(
    input: Tensor, indices: Any, values: Tensor, accumulate: bool = False
) -> Tensor:
    """``values`` written, or added, where index tensors point; None takes all of a dim."""
    places = _put(input, indices, values, "_unsafe_index_put")
    return ops.unsafe_index_put(input, places, values, accumulate)


def index(input: Tensor, indices: Any) -> Tensor:
    """The elements that index tensors name; None takes all of a dim."""
    if not indices:
        raise IndexError("at least one index must be provided")
    return ops.index(input, check_indices(input, indices))


function(index, under="ops.aten")


def _expands_to(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    if len(shape) > len(target):
        return False
    return all(n in (1, m) for n, m in zip(reversed(shape), reversed(target), strict=False))


# Masks --------------------------------------------------------------------------------------------


@published(inplace=False, out=None)
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Prepared:
    """A number or 0-d tensor where the mask holds."""
    op, value = _filling(input, mask, value)
    broadcast_shapes(mask.shape, input.shape)
    return op, input, mask, value


@method
def masked_fill_(self: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Write a number or 0-d tensor where the mask holds."""
    op, value = _filling(self, mask, value)
    broadcast_shapes(self.shape, mask.shape)
    check_inplace(self, isinstance(value, Tensor) and requires_grad(value))
    warn_of_internal_overlap("masked_fill_", self, _BY_MASK)
    return op.inplace(self, mask, value)


def _filling(input: Tensor, mask: Tensor, value: Any) -> tuple[Any, Any]:
    """Return the op for the kind of value, and the value as it takes it."""
    if isinstance(value, Tensor) and value.ndim:
        raise RuntimeError(
            "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{value.ndim} dimension(s)."
        )
    checks.check_mask("masked_fill_", mask, checks.c_name(mask._dtype))
    if not isinstance(value, Tensor):
        return ops.masked_fill, number_for(value, input._dtype)
    if value._dtype.is_complex and not input._dtype.is_complex:
        number_for(value.item(), input._dtype)
    return ops.masked_fill_tensor, value


@published(out=None)
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Prepared:
    """The elements of ``source``, in order, where the mask holds."""
    if source._dtype is not input._dtype:
        raise RuntimeError(
            "masked_scatter: expected self and source to have same dtypes but got"
            f"{LEGACY_NAMES[input._dtype]} and {LEGACY_NAMES[source._dtype]}"
        )
    checks.check_mask("masked_scatter_", mask, LEGACY_NAMES[mask._dtype])
    shape = broadcast_shapes(mask.shape, input.shape)
    xp = mask._backend
    wide = xp.cast(xp.expand(mask._owned(), shape), int64)
    if source.numel() < max(xp.elements(xp.sum(wide, tuple(range(len(shape)))))):
        raise RuntimeError("Number of elements of source < number of ones in mask")
    return ops.masked_scatter, input, mask, source


@published(inplace=False, out="masked_select(): self and result must have the same scalar type")
def masked_select(input: Tensor, mask: Tensor) -> Prepared:
    """1-d: the elements where the mask holds."""
    if LEGACY_NAMES[mask._dtype] != "Bool":
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    broadcast_shapes(mask.shape, input.shape)
    return ops.masked_select, input, mask


# Indices that may be out of range where a mask hides them -----------------------------------------


@function
def _unsafe_masked_index(input: Tensor, mask: Tensor, indices: Any, fill: Any) -> Tensor:
    """``index`` where the mask holds, ``fill`` elsewhere."""
    places = [None if index is None else checks.as_int64(index) for index in indices]
    fill = number_for(fill, input._dtype)
    return ops.unsafe_masked_index(input, mask, places, fill)


@function
def _unsafe_masked_index_put_accumulate(
    input: Tensor, mask: Tensor, indices: Any, values: Tensor
) -> Tensor:
    """A copy with values added where the mask holds."""
    places = [None if index is None else checks.as_int64(index) for index in indices]
    return ops.unsafe_masked_index_put_accumulate(input, mask, places, values)
