"""Exchange of arrays by DLPack, in ctypes: elements are copied into and out of plain memory.

Source: the DLPack specification, version 0.8 (capsules "dltensor" without a version).
"""

from __future__ import annotations

import ctypes
import struct
from typing import Any, Final

from autograd_core import dtypes
from autograd_core.dtypes import DType

from .data_types import ALL
from .kernels import Raw, kernels

CPU: Final = (1, 0)
"""The device of DLPack: its type and its number."""

_KINDS: Final = {"bool": 6, "int": 0, "uint": 1, "float": 2, "complex": 5}
_DTYPES: Final = {
    (_KINDS[dtype.name.rstrip("0123456789")], 8 * dtype.itemsize): dtype for dtype in ALL
}
_NUMBERS: Final = {
    "bool": "?",
    **{f"int{8 * size}": code for size, code in ((1, "b"), (2, "h"), (4, "i"), (8, "q"))},
    **{f"uint{8 * size}": code for size, code in ((1, "B"), (2, "H"), (4, "I"), (8, "Q"))},
    "float32": "f",
    "complex64": "f",
    "float64": "d",
    "complex128": "d",
}
"""The struct code of an element; a complex one is two of them."""


class _Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


_Deleter = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class _Managed(ctypes.Structure):
    _fields_ = (("tensor", _Tensor), ("context", ctypes.c_void_p), ("deleter", _Deleter))


_Destructor = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_python = ctypes.pythonapi
_new_capsule = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, _Destructor)(
    ("PyCapsule_New", _python)
)
_is_capsule = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)(
    ("PyCapsule_IsValid", _python)
)
_pointer_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", _python)
)
_rename = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)(
    ("PyCapsule_SetName", _python)
)
_FRESH: Final = b"dltensor"
_USED: Final = b"used_dltensor"

_exported: Final[dict[int, tuple[_Managed, Any]]] = {}
"""By address, what was given away and not given back: the structure and the memory it names."""


@_Deleter  # type: ignore[untyped-decorator]
def _give_back(address: int) -> None:
    _exported.pop(address, None)


@_Destructor  # type: ignore[untyped-decorator]
def _drop(capsule: int) -> None:
    """Free what nobody took out of a capsule."""
    if _is_capsule(capsule, _FRESH):
        _exported.pop(_pointer_of(capsule, _FRESH), None)


def export(raw: Raw) -> Any:
    """Return a capsule with a copy of the elements."""
    dtype = raw.dtype
    values = kernels.to_flat(raw)
    if dtype.is_complex:
        values = [part for number in values for part in (number.real, number.imag)]
    count = len(values)
    memory = ctypes.create_string_buffer(max(count * dtype.itemsize, 1))
    struct.pack_into(f"={count}{_NUMBERS[dtype.name]}", memory, 0, *values)
    rank = len(raw.shape)
    sizes = (ctypes.c_int64 * rank)(*raw.shape)
    code, bits = next(key for key, known in _DTYPES.items() if known is dtype)
    tensor = _Tensor(ctypes.addressof(memory), *CPU, rank, code, bits, 1, sizes, None, 0)
    managed = _Managed(tensor, None, _give_back)
    address = ctypes.addressof(managed)
    _exported[address] = (managed, (memory, sizes))
    return _new_capsule(address, _FRESH, _drop)


def imported(capsule: Any) -> Raw:
    """Return an array with a copy of the elements in a capsule, which is used up."""
    if not _is_capsule(id(capsule), _FRESH):
        raise BufferError("no capsule of DLPack, or one that was used before")
    address = _pointer_of(id(capsule), _FRESH)
    managed = _Managed.from_address(address)
    try:
        raw = _copied(managed.tensor)
    finally:
        _rename(id(capsule), _USED)
        if managed.deleter:
            managed.deleter(address)
    return raw


def _copied(tensor: _Tensor) -> Raw:
    dtype = _DTYPES.get((tensor.code, tensor.bits))
    if dtype is None or tensor.lanes != 1:
        raise BufferError(f"no dtype for DLPack's kind {tensor.code} of {tensor.bits} bits")
    shape = tuple(tensor.shape[: tensor.ndim])
    if 0 in shape:
        return kernels.full(shape, 0, dtype)  # type: ignore[no-any-return]
    stride = tuple(tensor.strides[: tensor.ndim]) if tensor.strides else None
    places = _places(shape, stride)
    first = min(places)
    start = (tensor.data or 0) + tensor.byte_offset + first * dtype.itemsize
    memory = ctypes.string_at(start, (max(places) - first + 1) * dtype.itemsize)
    numbers = [number for (number,) in struct.iter_unpack(f"={_NUMBERS[dtype.name]}", memory)]
    if dtype.is_complex:
        numbers = list(map(complex, numbers[::2], numbers[1::2]))
    return kernels.from_flat([numbers[place - first] for place in places], shape, dtype)  # type: ignore[no-any-return]


def _places(shape: tuple[int, ...], stride: tuple[int, ...] | None) -> list[int]:
    """Return where the elements are, in row-major order, counted from the first in memory."""
    places = [0]
    for axis in range(len(shape)):
        step = 1 if stride is None else stride[axis]
        if stride is None:
            for size in shape[axis + 1 :]:
                step *= size
        places = [place + k * step for place in places for k in range(shape[axis])]
    return places


def dtype_of_format(code: str) -> DType:
    """Return the dtype of the struct code that a buffer of Python has; raises TypeError."""
    code = code.lstrip("@=<")
    size = struct.calcsize(code) if len(code) == 1 else 0
    kinds = {"?": "bool", **dict.fromkeys("bhilq", "int"), **dict.fromkeys("BHILQ", "uint")}
    kinds |= {"f": "float", "d": "float"}
    if code not in kinds:
        raise TypeError(f"no dtype for elements of the format {code!r}")
    name = kinds[code]
    return dtypes.bool_ if name == "bool" else _DTYPES[_KINDS[name], 8 * size]
