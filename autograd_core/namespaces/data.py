"""New tensors from Python data and foreign arrays: tensor, as_tensor, asarray, from_numpy."""

from __future__ import annotations

from typing import Any

from .. import dtypes, ops
from ..backend_registry import chosen_backend
from ..dtypes import BY_NAME, LEGACY_NAMES, DType
from ..sizes import Size, numel
from ..tensor import Tensor, layout
from ..type_promotion import promote_types
from .creation import check_options, filled, leaf, nonnegative
from .new_tensors import size_of
from .registration import function, publish, show_fresh

MOST_DIMS = 128

# What an object is --------------------------------------------------------------------------------


def is_array(data: Any) -> bool:
    """Whether an object is an array of NumPy's kind (not one of its scalars)."""
    return hasattr(data, "__array_interface__") and hasattr(data, "flags") and not _scalar(data)


def _scalar(data: Any) -> bool:
    """Whether an object is a scalar of NumPy's kind: it has a dtype, and its type has none."""
    return hasattr(data, "dtype") and hasattr(data, "item") and not hasattr(data, "__setitem__")


def _is_sequence(data: Any) -> bool:
    return (
        hasattr(type(data), "__getitem__")
        and hasattr(type(data), "__len__")
        and not isinstance(data, (dict, Tensor))
        and not _scalar(data)
    )


def dtype_of_array(array: Any) -> DType:
    """Return the dtype of an array or scalar of NumPy's kind.

    Raises:
        TypeError: there is no such dtype (torch's text).
        ValueError: its bytes are in foreign order.
    """
    native = array.dtype
    if not getattr(native, "isnative", True):
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion "
            "between byte orders is currently not supported."
        )
    found = BY_NAME.get(native.name)
    if found is None:
        kind = native.type.__name__
        raise TypeError(
            f"can't convert np.ndarray of type numpy.{kind}. The only supported types are: "
            "float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, "
            "uint32, uint16, uint8, and bool."
        )
    return found


# Nested sequences ---------------------------------------------------------------------------------


def _shape_of(data: Any) -> tuple[int, ...]:
    """Return the shape that the first element of each level gives."""
    shape: list[int] = []
    while _is_sequence(data):
        if isinstance(data, str) or len(shape) == MOST_DIMS:
            raise ValueError(f"too many dimensions '{type(data).__name__}'")
        shape.append(len(data))
        if not shape[-1]:
            break
        data = data[0]
    return tuple(shape)


def _inferred(data: Any) -> DType:
    """Return the dtype that data has as a tensor of its own.

    Raises:
        RuntimeError: something in it is not a number.
        TypeError: something in it is a string.
    """
    if isinstance(data, Tensor):
        return data._dtype
    if _scalar(data) or is_array(data):
        return dtype_of_array(data)
    if isinstance(data, (bool, int, float, complex)):
        return dtypes.dtype_of_number(data)
    if isinstance(data, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
    if not _is_sequence(data):
        raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")
    kinds = _types_in(data)
    if len(kinds) == 1 and not kinds.isdisjoint(_NUMBERS):
        return dtypes.dtype_of_number(data[0])
    result: DType | None = None
    for member in data:
        found = _inferred(member)
        result = found if result is None or result is found else promote_types(result, found)
    return dtypes.get_default_dtype() if result is None else result


_NUMBERS = (bool, int, float, complex)
_AS_IT_IS = (bool, None, float, complex)
"""By category of a dtype the type whose numbers are elements of it without a check."""


def _types_in(data: Any) -> set[type]:
    """Return the types of a plain list's members: whole rows are taken at once by them."""
    return set(map(type, data)) if type(data) in (list, tuple) else set()


def flattened(data: Any) -> tuple[list[Any], tuple[int, ...]]:
    """Return the elements of nested sequences as they are, in row-major order, and their shape.

    Raises:
        ValueError: sequences of one level differ in length (torch's text).
        TypeError: one is a number where its neighbours are sequences.
    """
    shape = _shape_of(data)
    flat: list[Any] = []
    _append(data, shape, 0, None, flat)
    return flat, shape


def _append(
    data: Any, shape: tuple[int, ...], dim: int, dtype: DType | None, flat: list[Any]
) -> None:
    """Append the elements of a nested sequence, made numbers of a dtype if one is given."""
    if dim == len(shape):
        flat.append(data if dtype is None else element(data, dtype))
        return
    if not _is_sequence(data):
        raise TypeError("not a sequence")
    if len(data) != shape[dim]:
        raise ValueError(f"expected sequence of length {shape[dim]} at dim {dim} (got {len(data)})")
    if dtype is not None and _types_in(data) == {_AS_IT_IS[dtype.category]}:
        flat.extend(data)
        return
    for member in data:
        _append(member, shape, dim + 1, dtype, flat)


def element(data: Any, dtype: DType) -> Any:
    """Return one element as a Python number that fits the dtype.

    Raises:
        TypeError: it is no number of that kind.
        ValueError: it is a tensor of several elements, or an int beyond 64 bits.
        RuntimeError: it does not fit (torch's text).
    """
    if isinstance(data, Tensor):
        if data.numel() != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        data = data.item()
    elif _scalar(data) or (is_array(data) and not data.shape):
        data = data.item()
    if dtype.category == 0:
        return bool(data)
    if not isinstance(data, (bool, int, float, complex)):
        if dtype.category == 1:
            raise TypeError(f"'{type(data).__name__}' object cannot be interpreted as an integer")
        raise TypeError(f"must be real number, not {type(data).__name__}")
    if dtype.category == 3:
        return complex(data)
    if isinstance(data, complex):
        if dtype.category == 1:
            raise TypeError("'complex' object cannot be interpreted as an integer")
        raise TypeError("must be real number, not complex")
    return float(data) if dtype.category == 2 else _integer(data, dtype)


def _integer(data: Any, dtype: DType) -> int:
    bits = 8 * dtype.itemsize
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    if isinstance(data, float):
        if not dtype.is_signed:
            low, high = 0, (1 << bits) - 1
        if not low <= data <= high:
            raise RuntimeError(f"value cannot be converted to type {dtype.name} without overflow")
        return int(data)
    if not -(1 << 63) <= data < 1 << 63:
        raise ValueError("Overflow when unpacking long long")
    if not dtype.is_signed:
        low, high = -((1 << bits) - 1), (1 << bits) - 1
    if not low <= data <= high:
        raise RuntimeError(f"value cannot be converted to type {dtype.name} without overflow")
    return int(data) if dtype.is_signed else int(data) & high


# Functions ----------------------------------------------------------------------------------------


@function
def tensor(
    data: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    layout: layout | None = None,
    backend: Any = None,
) -> Tensor:
    """Return a new leaf holding a copy of numbers, nested sequences, an array or a tensor.

    Args:
        backend: name or object; the current backend by default, a tensor's own for a tensor.

    Raises:
        ValueError: sequences of one level differ in length (torch's text).
        TypeError: something is not a number.
        RuntimeError: a number does not fit the dtype.
    """
    check_options("tensor", dtype, device)
    if isinstance(data, Tensor):
        return _copied(data, dtype, requires_grad, backend)
    chosen = chosen_backend(backend)
    if is_array(data):
        kind = dtype_of_array(data)
        array = chosen.clone_row_major(_taken(data, kind, chosen))
        return show_fresh(
            leaf(chosen.cast(array, dtype or kind), dtype or kind, chosen, requires_grad)
        )
    if isinstance(data, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
    if hasattr(data, "dtype") and (array := chosen.from_native(data)) is not None:
        kind = dtype or chosen.dtype(array)
        return show_fresh(leaf(chosen.cast(array, kind), kind, chosen, requires_grad))
    shape = _shape_of(data)
    kind = dtype or _inferred(data)
    flat: list[Any] = []
    if numel(shape):
        _append(data, shape, 0, kind, flat)
    return show_fresh(leaf(chosen.from_flat(flat, shape, kind), kind, chosen, requires_grad))


def _copied(data: Tensor, dtype: DType | None, requires_grad: bool, backend: Any) -> Tensor:
    kind = dtype or data._dtype
    chosen = data._backend if backend is None else chosen_backend(backend)
    if chosen is data._backend:
        array = chosen.cast(data._array, kind)
        array = chosen.clone(array) if array is data._array else array
    else:
        flat = [element(n, kind) for n in data._backend.to_flat(data._array)]
        array = chosen.from_flat(flat, tuple(data._array.shape), kind)
    return leaf(array, kind, chosen, requires_grad)


def _taken(array: Any, dtype: DType, backend: Any) -> Any:
    """Return a foreign array as one of the backend, sharing memory where the backend can.

    Raises:
        ValueError: a stride is negative (torch's text).
    """
    if any(step < 0 for step in array.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative "
            "strides are not currently supported. (You can probably work around this by making a "
            "copy of your array  with array.copy().) "
        )
    return backend.from_ndarray(array, dtype)


@function
def from_numpy(ndarray: Any, *, backend: Any = None) -> Tensor:
    """Return a tensor on the memory of an array; other backends than NumPy's copy it.

    Raises:
        TypeError: it is no array, or of a dtype that does not exist here.
    """
    if not is_array(ndarray):
        kind = type(ndarray)
        name = (
            kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
        )
        raise TypeError(f"expected np.ndarray (got {name})")
    chosen = chosen_backend(backend)
    dtype = dtype_of_array(ndarray)
    return leaf(_taken(ndarray, dtype, chosen), dtype, chosen)


@function
def as_tensor(
    data: Any, dtype: DType | None = None, device: Any = None, *, backend: Any = None
) -> Tensor:
    """Return data as a tensor: itself if it is one already, on an array's memory, else a copy."""
    check_options("as_tensor", dtype, device)
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    if is_array(data):
        made = from_numpy(data, backend=backend)
        return made if dtype is None else made.to(dtype)
    return tensor(data, dtype=dtype, backend=backend)


@function
def asarray(
    obj: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool | None = None,
    backend: Any = None,
) -> Tensor:
    """Return an object as a tensor, sharing its memory unless a copy is asked for or needed.

    Raises:
        ValueError: ``copy=False`` cannot be had (torch's text).
    """
    check_options("asarray", dtype, device)
    made = obj
    shared = isinstance(obj, Tensor) or is_array(obj)
    if not shared:
        if copy is False:
            raise ValueError("can't alias arbitrary sequence into a tensor.")
        made = tensor(obj, dtype=dtype, backend=backend)
    elif not isinstance(obj, Tensor):
        made = from_numpy(obj, backend=backend)
    if dtype is not None and dtype is not made._dtype:
        if copy is False:
            raise ValueError(
                f"can't alias tensor with dtype '{LEGACY_NAMES[made._dtype]}' into dtype "
                f"'{LEGACY_NAMES[dtype]}'."
            )
        made = made.to(dtype)
    elif copy and shared:
        made = made.clone()
    wanted = bool(requires_grad) if requires_grad is not None else made.requires_grad
    if made.requires_grad and not wanted:
        return made.detach()
    if wanted and not made.requires_grad:
        made = made.detach()
        made.requires_grad_()
    return made


def _constructed(cls: type[Tensor], *args: Any) -> Tensor:
    """``torch.Tensor(...)``: of the default dtype, from sizes (any content) or from data.

    A tensor is taken as it is, on the same memory.
    """
    if len(args) == 1 and not isinstance(args[0], (int, Size)):
        (given,) = args
        if isinstance(given, Tensor):
            return ops.alias(given)
        if isinstance(given, str):
            raise TypeError("new(): invalid data type 'str'")
        if not _is_sequence(given):
            raise TypeError(f"new(): data must be a sequence (got {type(given).__name__})")
        return tensor(given, dtype=dtypes.get_default_dtype())
    shape = nonnegative(size_of(args) if args else (0,))
    return filled(shape, 0, dtypes.get_default_dtype(), chosen_backend(None), False)


publish(_constructed, "__new__", "Tensor")
