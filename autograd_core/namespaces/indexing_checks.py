"""What torch asks of index tensors, sizes and numbers before an indexing op runs."""

from __future__ import annotations

from typing import Any, NoReturn

from .. import ops
from ..dtypes import LEGACY_NAMES, DType, bool_, int32, int64
from ..tensor import C_NAMES, Tensor, wrap, wrap_dim


def first_outside(index: Tensor, low: int, high: int) -> int | None:
    """Return the first value of an index that is not in ``range(low, high)``; None when all are."""
    xp, array = index._backend, index._array
    outside = xp.logical_or(xp.lt(array, low), xp.ge(array, high))
    if not xp.anywhere(outside):
        return None
    return next(value for value in xp.elements(array) if not low <= value < high)


def check_selected(input: Tensor, dim: int, index: Tensor) -> None:
    """Refuse to select of a dim what it does not have: each of torch's two loops says so its way.

    Raises:
        IndexError, RuntimeError: torch's texts.
    """
    size = input.shape[dim] if input.ndim else 1
    if input.ndim > 1 and not size and index.numel():
        raise RuntimeError("index_select(): self indexing axis dim should be positive")
    value = first_outside(index, 0, size)
    if value is None:
        return
    if input.ndim > 1 and (dim == 1 or not input.numel()):
        raise RuntimeError(f"INDICES element is out of DATA bounds, id={value} axis_dim={size}")
    raise IndexError("index out of range in self")


def as_int64(index: Tensor) -> Tensor:
    """Return an index as int64, which kernels take."""
    return index if index._dtype is int64 else _prepared(ops.to_dtype(index, int64), index)


def _prepared(made: Tensor, index: Tensor) -> Tensor:
    """Return what kernels take for an index; nodes that save it show what was given."""
    made.__dict__["_given"] = index.__dict__.get("_given", index)
    return made


def counted_from_front(index: Tensor, size: int) -> Tensor:
    """Return an int64 index in range with its negative values counted from the front."""
    xp, array = index._backend, index._array
    negative = xp.lt(array, 0)
    if not xp.anywhere(negative):
        return index
    return _prepared(wrap(xp.where(negative, xp.add(array, size), array), int64, xp), index)


def require_dtype(index: Tensor, text: str, *dtypes: DType, error: Any = RuntimeError) -> None:
    """Refuse an index of another dtype; ``{}`` in the text stands for its name."""
    if index._dtype not in dtypes:
        raise error(text.format(LEGACY_NAMES[index._dtype]))


def require_tensor(value: Any, name: str, argument: str, position: int) -> None:
    """Refuse an argument that is not a tensor."""
    if not isinstance(value, Tensor):
        raise TypeError(
            f"{name}(): argument '{argument}' (position {position}) must be Tensor, not "
            f"{type(value).__name__}"
        )


def check_scatter(name: str, input: Tensor, dim: int, index: Tensor, src: Tensor | None) -> Tensor:
    """Return the index of ``gather`` or a ``scatter`` as int64, having checked all of them."""
    gathers = name == "gather"
    if index.numel():
        require_dtype(index, f"{name}(): Expected dtype int32/int64 for index", int32, int64)
    if src is not None and src._dtype is not input._dtype:
        raise RuntimeError(f"{name}(): Expected self.dtype to be equal to src.dtype")
    if not index.numel():
        return as_int64(index)
    shape, sizes = list(input.shape), list(index.shape)
    rank = max(len(shape), 1)
    if max(len(sizes), 1) != rank:
        whose = "input" if gathers else "self"
        raise RuntimeError(
            f"Index tensor must have the same number of dimensions as {whose} tensor"
        )
    if src is not None and max(src.ndim, 1) != rank:
        _refuse_rank_of_source(shape, dim, sizes, src)
    for d in range(len(sizes) if shape else 0):
        if d != dim and sizes[d] > shape[d]:
            if gathers:
                raise RuntimeError(
                    f"Size does not match at dimension {d} expected index {sizes} to be no larger "
                    f"than self {shape} apart from dimension {dim}"
                )
            _refuse_scatter(shape, dim, sizes, src)
    if src is not None:
        own = list(src.shape) or [1]
        if any(n > own[d] for d, n in enumerate(sizes)):
            _refuse_scatter(shape, dim, sizes, src)
    index = as_int64(index)
    size = shape[dim] if shape else 1
    value = first_outside(index, 0, size)
    if value is not None:
        raise RuntimeError(f"index {value} is out of bounds for dimension {dim} with size {size}")
    return index


def _refuse_rank_of_source(shape: list[int], dim: int, sizes: list[int], src: Tensor) -> NoReturn:
    own = src.shape
    fits = all(n <= m for d, (n, m) in enumerate(zip(sizes, shape, strict=False)) if d != dim)
    if fits and 0 < len(own) < len(sizes) and all(n <= m for n, m in zip(sizes, own, strict=False)):
        wrap_dim(len(own), len(own))  # raises: torch asks for a size that is not there
    raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")


def _refuse_scatter(shape: list[int], dim: int, sizes: list[int], src: Tensor | None) -> NoReturn:
    text = f"Expected index {sizes} to be no larger than self {shape} apart from dimension {dim}"
    if src is not None:
        text += f" and to be no larger size than src {list(src.shape)}"
    raise RuntimeError(text)


def check_slices(name: str, input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """Return the index of ``index_add`` or ``index_reduce`` as int64, having checked shapes."""
    require_dtype(
        index, f"{name}_(): Expected dtype int32/int64 for index but got: {{}}", int32, int64
    )
    if index.ndim > 1:
        raise IndexError(
            f"{name}_(): Index is supposed to be a vector, but got dim: {index.ndim} with type: "
            f"{LEGACY_NAMES[index._dtype]} and size: {list(index.shape)}"
        )
    if source._dtype is not input._dtype:
        raise RuntimeError(
            f"{name}_(): self ({LEGACY_NAMES[input._dtype]}) and source "
            f"({LEGACY_NAMES[source._dtype]}) must have the same scalar type"
        )
    if dim and dim >= source.ndim:
        raise RuntimeError(
            f"{name}_(): Indexing dim {dim} is out of bounds of the source tensor with dim "
            f"{source.ndim}"
        )
    count = index.numel()
    if source.ndim:
        if count != source.shape[dim]:
            raise RuntimeError(
                f"{name}_(): Number of indices ({count}) should be equal to source.size(dim): "
                f"({source.shape[dim]}), for dim: {dim}"
            )
    elif count != 1:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    own, other = list(input.shape), list(source.shape)
    if (own[:dim], own[dim + 1 :]) != (other[:dim], other[dim + 1 :]) or len(own) != len(other):
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. "
            f"Got self.shape = {own} source.shape = {other}"
        )
    return as_int64(index)


def check_added_slices(input: Tensor, dim: int, index: Tensor) -> None:
    """Refuse an index of ``index_add`` that is out of range."""
    size = input._array.shape[dim] if input.ndim else 1
    value = first_outside(index, 0, size)
    if value is None:
        return
    if input.ndim < 2:
        raise IndexError("index out of range in self")
    raise RuntimeError(f"index {value} is out of bounds for dimension {dim} with size {size}")


def check_copied_slices(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """Return the index of ``index_copy``, having checked all of it."""
    name = "index_copy_()"
    if index.ndim >= 2:
        raise IndexError(f"{name}: Index should have dimension 1 or 0 (got {index.ndim})")
    count = index.numel()
    if not source.ndim and count != 1:
        raise IndexError(
            f"{name}: When source is scalar, index should have one element (got {count})"
        )
    if source.ndim != input.ndim and source.ndim and input.ndim:
        raise IndexError(
            f"{name}: When source and destination are not scalars, their dimensionality must "
            f"match. Source dimensionality ({source.ndim}), destination dimensionality "
            f"({input.ndim})"
        )
    require_dtype(index, f"{name}: Expected a long tensor for index, but got {{}}", int64)
    if source._dtype is not input._dtype:
        raise RuntimeError(
            f"{name}: self and source expected to have the same dtype, but got (self) "
            f"{LEGACY_NAMES[input._dtype]} and (source) {LEGACY_NAMES[source._dtype]}"
        )
    own = [n for d, n in enumerate(input.shape) if d != dim]
    other = [n for d, n in enumerate(source.shape) if d != dim]
    if own != other:
        raise RuntimeError(
            f"{name}: Source/destination tensor must have same slice shapes. Destination slice "
            f"shape: {' '.join(map(str, own))} at dimension {dim} and source slice shape: "
            f"{' '.join(map(str, other))} at dimension 0."
        )
    if source.ndim and count != source.shape[dim]:
        raise IndexError(
            f"{name}: Number of indices ({count}) should be equal to source.size(dim) "
            f"({source.shape[dim]})"
        )
    size = input.shape[dim] if input.ndim else 1
    value = first_outside(index, 0, size)
    if value is not None:
        raise IndexError(
            f"{name}: index {value} is out of bounds for dimension {dim} with size {size}"
        )
    return index


def check_places(index: Tensor, count: int) -> Tensor:
    """Return row-major places among ``count`` elements, counted from the front."""
    value = first_outside(index, -count, count)
    if value is not None:
        raise IndexError(
            f"out of range: tried to access index {value} on a tensor of {count} elements."
        )
    return counted_from_front(index, count)


def check_mask(name: str, mask: Tensor, type_name: str) -> None:
    """Refuse a mask that is not bool."""
    if mask._dtype is not bool_:
        raise RuntimeError(
            f"{name} only supports boolean masks, but got mask with dtype {type_name}"
        )


def c_name(dtype: DType) -> str:
    """Return torch's C++ name of an element type."""
    return C_NAMES[dtype.name]
