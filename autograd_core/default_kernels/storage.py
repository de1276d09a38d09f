"""Derived transfer of elements to bytes and back, for files: little-endian, without gaps."""

from __future__ import annotations

import struct
from typing import Any

from ..dtypes import DType

Array = Any

CODES = {
    "bool": "?",
    "uint8": "B",
    "int8": "b",
    "int16": "h",
    "int32": "i",
    "int64": "q",
    "float16": "e",
    "bfloat16": "f",
    "float32": "f",
    "float64": "d",
    "complex64": "f",
    "complex128": "d",
}
"""The struct code of an element; a complex one is two of them, a bfloat16 the upper half of one."""


class StorageDefaults:
    """Derived functions of the backend contract on the bytes of arrays."""

    def to_bytes(self: Any, input: Array) -> bytes:
        """The elements in row-major order as little-endian bytes."""
        dtype = self.dtype(input)
        flat = self.to_flat(input)
        if dtype.is_complex:
            flat = [part for number in flat for part in (number.real, number.imag)]
        data = struct.pack(f"<{len(flat)}{CODES[dtype.name]}", *flat)
        if dtype.name != "bfloat16":
            return data
        upper = bytearray(len(data) // 2)
        upper[::2], upper[1::2] = data[2::4], data[3::4]
        return bytes(upper)

    def from_bytes(self: Any, data: bytes, dtype: DType) -> Array:
        """A new 1-d array of the elements in little-endian bytes."""
        code = CODES[dtype.name]
        if dtype.name == "bfloat16":
            wide = bytearray(2 * len(data))
            wide[2::4], wide[3::4] = data[::2], data[1::2]
            data = bytes(wide)
        flat: list[Any] = [number for (number,) in struct.iter_unpack(f"<{code}", data)]
        if dtype.is_complex:
            flat = list(map(complex, flat[::2], flat[1::2]))
        return self.from_flat(flat, (len(flat),), dtype)
