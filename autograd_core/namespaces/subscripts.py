"""``x[...]`` and ``x[...] = value``: views where torch gives views, index tensors for the rest."""

from __future__ import annotations

import functools
import operator
import warnings
from collections.abc import Sequence
from types import NoneType
from typing import Any

from .. import ops
from ..backend import Backend
from ..default_kernels.indexing import NO_INDEX
from ..derivatives.call_writer import node_behind
from ..dtypes import LEGACY_NAMES, DType, bool_, int32, int64, type_text, uint8
from ..engine.memory_overlap import refuse_overlapping_array
from ..engine.modes import interposed, modes
from ..engine.node import like
from ..engine.views import count_inner_write, mark_view, requires_grad
from ..sizes import broadcast_shapes
from ..tensor import Given, Tensor, plain_subclasses, wrap
from ..versions import bump_version
from .creation import element_for
from .data import tensor
from .indexing_checks import first_outside
from .registration import method

_INVALID = (
    "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
    "indices (got {})"
)
_SEQUENCE = (
    "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in "
    "pytorch 2.9; use x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as "
    "tensor index, x[torch.tensor(seq)], which will result either in an error or a different result"
)
_BYTE = "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead."


# Index tensors ------------------------------------------------------------------------------------

_MASKS = (bool_, uint8)
_new = object.__new__


def check_indices(input: Tensor, indices: Sequence[Tensor | None]) -> list[Tensor | None]:
    """Return the index tensors as they were given: positions and masks for the dims in order.

    Raises:
        IndexError: a dtype, a shape or a value that does not index (torch's text).
    """
    shape = input.shape
    dim = 0
    for position, index in enumerate(indices):
        if index is None:
            dim += 1
        elif index._dtype in _MASKS:
            _check_mask(index, position, shape, dim)
            dim += index.ndim
        elif index._dtype in (int32, int64):
            dim += 1
        else:
            raise IndexError(NO_INDEX)
    if dim > input.ndim:
        raise IndexError(f"too many indices for tensor of dimension {input.ndim} (got {dim})")
    is_read = 0 not in _broadcast_shape(indices)
    dim = 0
    for index in indices:
        if index is not None and index._dtype not in _MASKS:
            _check_range(index, dim, shape[dim], is_read)
        dim += index.ndim if index is not None and index._dtype in _MASKS else 1
    return list(indices)


def _check_mask(mask: Tensor, position: int, shape: tuple[int, ...], first: int) -> None:
    if mask._dtype is uint8:
        warnings.warn(_BYTE, UserWarning, stacklevel=5)
    for d, length in enumerate(mask.shape):
        if first + d >= len(shape):
            raise IndexError(f"too many indices for tensor of dimension {len(shape)}")
        if length != shape[first + d]:
            raise IndexError(
                f"The shape of the mask {list(mask.shape)} at index {d} does not match the shape "
                f"of the indexed tensor {list(shape)} at index {first + d}"
            )


def _check_range(index: Tensor, dim: int, size: int, is_read: bool) -> None:
    if not size and is_read:
        raise IndexError("index is out of bounds for dimension with size 0")
    outside = first_outside(index, -size, size)
    if outside is not None:
        raise IndexError(f"index {outside} is out of bounds for dimension {dim} with size {size}")


def _broadcast_shape(indices: Sequence[Tensor | None]) -> tuple[int, ...]:
    """Return the shape that index tensors have together: a mask counts its elements that hold."""
    tensors: list[Tensor] = []
    for index in indices:
        if index is not None:
            tensors += ops.mask_positions(index) if index._dtype in _MASKS else (index,)
    if len(tensors) == 1:
        return tensors[0].shape
    try:
        return broadcast_shapes(*(index.shape for index in tensors))
    except RuntimeError as error:
        shapes = ", ".join(str(list(index.shape)) for index in tensors)
        raise IndexError(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}"
        ) from error


def indexed_shape(shape: tuple[int, ...], indices: Sequence[Tensor | None]) -> tuple[int, ...]:
    """Return the shape of what checked index tensors name in a tensor of a shape."""
    named: list[int] = []
    dim = 0
    for index in indices:
        if index is None:
            dim += 1
            continue
        end = dim + (index.ndim if index._dtype in _MASKS else 1)
        named += range(dim, end)
        dim = end
    adjacent = bool(named) and named == list(range(named[0], named[-1] + 1))
    split = named[0] if adjacent else 0
    rest = [dim for dim in range(len(shape)) if dim not in named]
    before = tuple(shape[dim] for dim in rest if dim < split)
    common = _broadcast_shape(indices)
    return before + common + tuple(shape[dim] for dim in rest if dim >= split)


# Subscripts to views ------------------------------------------------------------------------------


def _is_integer(index: Any) -> bool:
    return isinstance(index, int) and not isinstance(index, bool)


def _subscripted(input: Tensor, index: Any, bare: bool = False) -> Any:
    """Return the view that integers and slices name, cut out at once; None where it is not plain.

    It is an array where a ``bare`` one is enough.
    The nodes, one for each that names less than all, are made when the history is asked for.
    """
    kind, origin = type(input), input._view
    if (
        interposed.count
        or not (kind is Tensor or kind in plain_subclasses)
        or (origin is not None and not origin.is_plain())
    ):
        return None
    items = index if type(index) is tuple else (index,)
    array, backend = input._array, input._backend
    shape = array.shape
    rank = len(shape)
    if len(items) > rank:
        return None
    count = 0
    for item, length in zip(items, shape):
        if type(item) is int:
            if not -length <= item < length:
                return None
            count += 1
            rank -= 1
        elif type(item) is slice:
            start, stop, step = item.start, item.stop, item.step
            if (
                (start is not None and type(start) is not int)
                or (stop is not None and type(stop) is not int)
                or (step is not None and (type(step) is not int or step <= 0))
            ):
                return None
            if start or (stop is not None and stop < length) or (step is not None and step > 1):
                count += 1
        else:
            return None
    if not count:
        return None
    if not rank:
        items = (*items, ...)  # else NumPy gives a scalar
    part = backend.subscript(array, items)
    if 0 in part.shape:
        return None
    if bare:
        return part
    made = _new(Tensor)
    made._array = part
    made._backend = backend
    made._dtype = input._dtype
    made._grad_fn = made._view = None
    made._output_nr = 0
    made._requires_grad = False
    recording = mark_view(made, input, items)
    if recording:
        node = input._grad_fn
        if origin is not None or (node is None and input._requires_grad):
            node = node_behind(input)
        if node is not None:
            made._requires_grad = True
            made._grad_fn = node  # until its own is asked for
            first = recording()
            while count > 1:
                recording()
                count -= 1
            view = made._view
            view.awaited = view.attr_version, _history, first, shape, node, input._output_nr
            view.attr_version = -1
    return made


def _history(view: Tensor, number: int, shape: tuple[int, ...], node: Any, output_nr: int) -> Any:
    """Return the node of a view that a subscript names, after those that lead to ``node``."""
    native, backend = view._array.dtype, view._backend
    kept: tuple[Any, ...]  # in the order of the names that the formulas have
    dim = 0
    for item in view._view.replay[-1]:
        if type(item) is int:
            entry = ops.select.entry
            kept = dim, _from_the_front(item, shape[dim]), shape
            left = shape[:dim] + shape[dim + 1 :]
        elif item is ...:
            break
        elif _is_everything(item, shape[dim]):
            dim += 1
            continue
        else:
            entry = ops.slice.entry
            first, last, step = _bounds(item, shape[dim])
            kept = dim, last, shape, first, step
            left = (*shape[:dim], (last - first + step - 1) // step, *shape[dim + 1 :])
            dim += 1
        made = entry.node_class()
        made.plan = entry.plan(1)
        made.kept = kept
        made.versions = ()
        made._backend = backend
        made._outputs = like(left, native)
        made.sequence_nr = number
        made.next_nodes, made.next_numbers = (node or None,), (output_nr,)
        node, shape, output_nr, number = made, left, 0, number + 1
    return node


def _from_the_front(index: int, length: int) -> int:
    return index if index >= 0 else _given(index + length, index)


def _select(input: Tensor, dim: int, index: int, position: int = 0) -> Tensor:
    """Return what an integer selects, which is at a position in the subscript: errors name that."""
    shape = input._memory.shape
    if not shape:
        if index:
            raise IndexError(f"index {index} is out of bounds for dimension 0 with size 0")
        raise IndexError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or "
            "`tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
        )
    size = shape[dim]
    if not -size <= index < size:
        if not -(2**63) <= index < 2**63:
            raise ValueError("Overflow when unpacking long long")
        raise IndexError(
            f"index {index} is out of bounds for dimension {position} with size {size}"
        )
    return ops.select(input, dim, _from_the_front(index, size))


def _slice(input: Tensor, dim: int, index: slice) -> Tensor:
    start, stop, step = index.start, index.stop, index.step
    if not (type(start) in _BOUNDS and type(stop) in _BOUNDS and type(step) in _BOUNDS):
        start, stop, step = _bound(start), _bound(stop), _bound(step)
        index = slice(start, stop, step)
    if step is not None and step <= 0:
        raise ValueError(
            "slice step cannot be zero" if not step else "step must be greater than zero"
        )
    shape = input._memory.shape
    if not shape:
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    return ops.slice(input, dim, *_bounds(index, shape[dim]))


def _bounds(index: slice, length: int) -> tuple[int, int, int]:
    """Return where a slice begins and ends, and its step."""
    start, stop = index.start, index.stop
    first, last, step = index.indices(length)
    if last < first:
        last = first
    if start is not None and first != start:
        first = _given(first, start)
    if last != stop:
        last = _given(last, _NO_END if stop is None else stop)
    return first, last, step


_NO_END = 2**63 - 1
_given = functools.lru_cache(maxsize=1024)(Given)


_BOUNDS = (int, NoneType)


def _bound(bound: Any) -> Any:
    """Return a bound of a slice as a number."""
    if bound is None or isinstance(bound, int):
        return bound
    if hasattr(bound, "__index__"):
        return operator.index(bound)
    raise TypeError("slice indices must be integers or None or have an __index__ method")


def _is_everything(index: slice, length: int) -> bool:
    """Whether a slice, as written, takes all of a dim: in a tuple torch makes no view of it."""
    start, stop, step = index.start, index.stop, index.step
    return (
        (start is None or (isinstance(start, int) and start == 0 and start is not False))
        and (stop is None or (_is_integer(stop) and stop >= length))
        and (step is None or (_is_integer(step) and step == 1))
    )


def _sequence_index(input: Tensor, sequence: Any) -> Tensor:
    """Return a sequence of numbers as an index: bool stays a mask, the rest becomes int64."""
    index = tensor(sequence, backend=input._backend)
    return index if index._dtype is bool_ and index.numel() else ops.to_dtype(index, int64)


def _is_sequence(value: Any) -> bool:
    """Whether a value has numbered items; arrays of other libraries do unless they are 0-d."""
    kind = type(value)
    if isinstance(value, (dict, Tensor)) or not hasattr(kind, "__len__"):
        return False
    return hasattr(kind, "__getitem__") and getattr(value, "ndim", 1) > 0


def _type_name(kind: type) -> str:
    """Return the name as C has it: types of extension modules with their module."""
    is_heap_type = kind.__flags__ >> 9 & 1
    if is_heap_type or kind.__module__ == "builtins":
        return kind.__name__
    return f"{kind.__module__}.{kind.__name__}"


def _stands_for_tuple(index: Any) -> bool:
    """Whether a short sequence that holds more than numbers is read as a tuple."""
    if hasattr(index, "tolist") or not _is_sequence(index) or len(index) >= 32:
        return False
    for item in index:
        if isinstance(item, (Tensor, slice)) or _is_sequence(item) or item is ... or item is None:
            warnings.warn(_SEQUENCE, UserWarning, stacklevel=4)
            return True
    return False


def _dims_named(item: Any) -> int:
    """Return how many dims an item of a subscript is about that is no int and no slice."""
    if isinstance(item, Tensor):
        return item.ndim if item._dtype in _MASKS else 1
    return int(item is not None and item is not ... and not isinstance(item, bool))


def _bool_index(input: Tensor, value: bool) -> Tensor:
    """Return what torch makes of a bool: an index of a dim of length one, of all or nothing."""
    index = tensor([0] if value else [], dtype=int64, backend=input._backend)
    count_inner_write(index, int(value))  # torch fills it
    return index


def _place(index: Tensor, dim: int, indices: list[Tensor | None]) -> None:
    """Put an index tensor in the place of its dim."""
    indices.extend([None] * (dim - len(indices)))
    indices.append(index)


def apply_views(input: Tensor, items: Sequence[Any]) -> tuple[Tensor, list[Tensor | None]]:
    """Return the input with the items that are views applied, and the index tensors left over."""
    rank, specified = len(input._memory.shape), 0
    for item in items:
        specified += 1 if type(item) is int or type(item) is slice else _dims_named(item)
    if specified > rank:
        raise IndexError(f"too many indices for tensor of dimension {rank}")
    result = input
    indices: list[Tensor | None] = []
    dim = 0
    for position, item in enumerate(items):
        if type(item) is int:
            result = _select(result, dim, item, position)
        elif type(item) is slice:
            if not _is_everything(item, result._memory.shape[dim]):
                result = _slice(result, dim, item)
            dim += 1
        elif item is ...:
            dim += rank - specified
        elif item is None:
            result = ops.unsqueeze(result, dim)
            dim += 1
        elif isinstance(item, bool):
            result = ops.unsqueeze(result, dim)
            _place(_bool_index(input, item), dim, indices)
            dim += 1
        elif isinstance(item, Tensor):
            if item.ndim or item._dtype.is_inexact or not item._backend.is_uniform(item._array):
                _place(item, dim, indices)
                dim += 1
            elif item._dtype in (bool_, uint8):
                result = ops.unsqueeze(result, dim)
                _place(_bool_index(input, bool(item)), dim, indices)
                dim += 1
            else:
                result = _select(result, dim, int(item.item()), position)
        elif _is_integer(item):
            result = _select(result, dim, item, position)
        elif _is_sequence(item):
            _place(_sequence_index(input, item), dim, indices)
            dim += 1
        elif hasattr(item, "__index__"):
            result = _select(result, dim, operator.index(item), position)
        else:
            raise IndexError(_INVALID.format(_type_name(type(item))))
    return result, indices


def _items(index: Any) -> Sequence[Any]:
    if isinstance(index, tuple):
        return index
    return tuple(index) if _stands_for_tuple(index) else (index,)


@method(name="__getitem__")
def get_item(self: Tensor, index: Any) -> Tensor:
    """The part of the tensor that a subscript names; a view when no index tensor is in it."""
    kind = type(index)
    # One view with a history, which is read more often than it is written, has its node at once.
    if kind is tuple or (not self._requires_grad and (kind is int or kind is slice)):
        part = _subscripted(self, index)
        if part is not None:
            return part
    if kind is not tuple:
        if kind is int or _is_integer(index):
            return _select(self, 0, index)
        if index is None:
            return ops.unsqueeze(self, 0)
        if kind is slice:
            return _slice(self, 0, index)
        index = _items(index)
    result, indices = apply_views(self, index)
    if not indices:
        return ops.alias(self) if result is self else result
    return ops.index(result, check_indices(result, indices))


# Assignment ---------------------------------------------------------------------------------------


def value_tensor(input: Tensor, value: Any) -> Tensor:
    """Return what is assigned as a tensor; numbers take the dtype of the input."""
    if isinstance(value, Tensor):
        return value
    if not isinstance(value, (bool, int, float, complex)):
        raise TypeError(
            f"can't assign a {type(value).__name__} to a torch.{LEGACY_NAMES[input._dtype]}Tensor"
        )
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("Overflow when unpacking long long")
    backend, dtype = input._backend, input._dtype
    # Zeros are equal whatever their sign.
    kept = value and type(value) is not complex and not interposed.count
    element = _kept_element if kept else _element
    return wrap(element(value, dtype, backend), dtype, backend)


def _element(value: Any, dtype: DType, backend: Backend) -> Any:
    return backend.scalar(element_for(value, dtype), dtype)


_kept_element = functools.lru_cache(maxsize=512, typed=True)(_element)


def _without_leading_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    first = 0
    while first < len(shape) and shape[first] == 1:
        first += 1
    return tuple(shape[first:])


def _copy_to(target: Tensor, value: Tensor) -> None:
    if value._memory.shape == target._memory.shape:
        target.copy_(value)
    elif not value._memory.shape:
        target.fill_(value)
    else:
        target.copy_(_expanded(ops.view(value, _without_leading_ones(value.shape)), target))


def _expanded(value: Tensor, target: Tensor) -> Tensor:
    """Return a value expanded to a target's shape.

    Raises:
        RuntimeError: it does not broadcast (torch's text).
    """
    size, own = list(target.shape), list(value.shape)
    if len(own) > len(size):
        raise RuntimeError(
            f"expand({type_text(value._dtype)}{{{own}}}, size={size}): the number "
            f"of sizes provided ({len(size)}) must be greater or equal to the number of dimensions "
            f"in the tensor ({len(own)})"
        )
    offset = len(size) - len(own)
    for d in range(len(own) - 1, -1, -1):
        if own[d] not in (1, size[offset + d]):
            raise RuntimeError(
                f"The expanded size of the tensor ({size[offset + d]}) must match the existing "
                f"size ({own[d]}) at non-singleton dimension {offset + d}.  Target sizes: {size}.  "
                f"Tensor sizes: {own}"
            )
    return value if own == size else ops.expand(value, tuple(size))


@method(name="__setitem__")
def set_item(self: Tensor, index: Any, value: Any) -> None:
    """Write a number or tensor, broadcast, into the part that a subscript names."""
    if (
        (type(value) is float or (type(value) is int and -(2**63) <= value < 2**63))
        and not (modes.grad_enabled and requires_grad(self))
        and (part := _subscripted(self, index, bare=True)) is not None
    ):  # nobody is given the view
        backend, dtype = self._backend, self._dtype
        if backend.may_repeat(part):
            refuse_overlapping_array(backend, part)
        backend.copy_(part, (_kept_element if value else _element)(value, dtype, backend))
        bump_version(self)
        return
    value = value_tensor(self, value)
    part = _subscripted(self, index)
    if part is not None:
        _copy_to(part, value)
        return
    if index is False:
        return
    if index is True:
        index = None
    if _is_integer(index):
        _copy_to(_select(self, 0, index), value)
        return
    if type(index) is slice and not self.ndim:
        _slice(self, 0, index)  # raises, by another text than a tuple of it
    result, indices = apply_views(self, _items(index))
    if not indices:
        _copy_to(result, value)
        return
    shape = _without_leading_ones(value.shape)
    if len(shape) < value.ndim:
        value = ops.view(value, shape)
    result.index_put_(indices, value)


@method(name="__delitem__")
def delete_item(self: Tensor, index: Any) -> None:
    """Refused, as in torch."""
    raise TypeError("Tensor does not support deleting items")
