"""Values as JSON and numbers as bytes, both ways: what is no plain JSON is tagged by its kind."""

from __future__ import annotations

import array
import math
import struct
import sys
from dataclasses import astuple, fields
from typing import Any

from autograd_conformance.arrays import ITEM_SIZES, PARTS, Array
from autograd_conformance.cases import Unsupported
from autograd_conformance.facts import Facts
from autograd_conformance.saved_values import SavedTensor
from autograd_conformance.scenarios.recording import Observation, Raised, TensorFacts
from autograd_conformance.transfer import (
    FrozenName,
    FrozenObject,
    FrozenSize,
    FrozenStorage,
    FrozenTensor,
)

#: Codes of `array` and `struct` for the dtypes that have one.
_CODES = {
    "uint8": "B", "int8": "b", "uint16": "H", "int16": "h", "uint32": "I", "int32": "i",
    "uint64": "Q", "int64": "q", "float32": "f", "float64": "d",
}  # fmt: skip
_LITTLE = sys.byteorder == "little"
#: Eighths of an octave that a byte counts from.
_FIRST_LEVEL = -128
#: Signed amounts below this are none.
SMALLEST = 2.0**-6


def pack(values: Array) -> bytes:
    """The numbers, little-endian, one after the other."""
    dtype, numbers = values.dtype, values.values
    if dtype in PARTS:
        dtype = PARTS[dtype]
        numbers = [part for value in numbers for part in (value.real, value.imag)]
    if dtype == "bool":
        return bytes(numbers)
    if dtype == "float16":
        return struct.pack(f"<{len(numbers)}e", *numbers)
    packed = array.array(_CODES["float32" if dtype == "bfloat16" else dtype], numbers)
    if not _LITTLE:
        packed.byteswap()
    data = packed.tobytes()
    if dtype != "bfloat16":
        return data
    return bytes(data[i] for start in range(0, len(data), 4) for i in (start + 2, start + 3))


def unpack(dtype: str, data: bytes) -> list[Any]:
    """The numbers that `pack` wrote."""
    if dtype in PARTS:
        parts = iter(unpack(PARTS[dtype], data))
        return list(map(complex, parts, parts))
    if dtype == "bool":
        return list(map(bool, data))
    if dtype == "float16":
        return list(struct.unpack(f"<{len(data) // 2}e", data))
    if dtype == "bfloat16":
        wide = b"".join(b"\0\0" + data[i : i + 2] for i in range(0, len(data), 2))
        return unpack("float32", wide)
    packed = array.array(_CODES[dtype], data)
    if not _LITTLE:
        packed.byteswap()
    return packed.tolist()


def pack_levels(amounts: list[float]) -> bytes | None:
    """Amounts to the next eighth of an octave above, a byte each; None if one is out of range."""
    levels = []
    for amount in amounts:
        if not amount:
            levels.append(0)
            continue
        if not math.isfinite(amount):
            return None
        level = math.ceil(8 * math.log2(amount)) - _FIRST_LEVEL + 1
        if not 1 <= level <= 255:
            return None
        levels.append(level)
    return bytes(levels)


_AMOUNTS = [0.0, *(2.0 ** ((level - 1 + _FIRST_LEVEL) / 8) for level in range(1, 256))]


def unpack_levels(data: bytes) -> list[float]:
    """The amounts that `pack_levels` wrote, none below what it was given."""
    return [_AMOUNTS[level] for level in data]


def pack_signed(amounts: list[float]) -> tuple[bytes, bytes] | None:
    """Signed amounts as levels, and a bit each that says which are below zero.

    One is off by at most its eighth of an octave, or by SMALLEST. None if one is out of range.
    """
    sizes = [abs(amount) if abs(amount) >= SMALLEST else 0.0 for amount in amounts]
    levels = pack_levels(sizes)
    if levels is None:
        return None
    bits = sum(1 << place for place, amount in enumerate(amounts) if amount < 0)
    return levels, bits.to_bytes(-(-len(amounts) // 8), "little")


def unpack_signed(levels: bytes, signs: bytes) -> list[float]:
    """The amounts that `pack_signed` wrote."""
    bits = int.from_bytes(signs, "little")
    return [-a if bits >> k & 1 else a for k, a in enumerate(unpack_levels(levels))]


def in_units(numbers: list[Any], units: list[float], is_complex: bool) -> list[float]:
    """Numbers by their units; of complex ones both parts."""
    if not is_complex:
        return [number / unit for number, unit in zip(numbers, units, strict=True)]
    pairs = zip(numbers, units, strict=True)
    return [part / unit for number, unit in pairs for part in (number.real, number.imag)]


def out_of_units(amounts: list[float], units: list[float], is_complex: bool) -> list[Any]:
    """The numbers that `in_units` took apart."""
    if not is_complex:
        return [amount * unit for amount, unit in zip(amounts, units, strict=True)]
    parts = iter(amounts)
    return [complex(a * unit, b * unit) for a, b, unit in zip(parts, parts, units, strict=True)]


class Store:
    """Arrays one after the other in one piece of memory; equal ones are kept once."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._places: dict[bytes, int] = {}

    def put(self, data: bytes) -> int:
        """The place of these bytes."""
        if data not in self._places:
            self._places[data] = len(self.data)
            self.data += data
        return self._places[data]

    def mark(self) -> tuple[int, int]:
        """Where the store stands now."""
        return len(self.data), len(self._places)

    def since(self, mark: tuple[int, int]) -> int:
        """How many bytes have been put in since."""
        return len(self.data) - mark[0]

    def forget(self, mark: tuple[int, int]) -> None:
        """Takes out what has been put in since."""
        del self.data[mark[0] :]
        self._places = dict(list(self._places.items())[: mark[1]])

    def array(self, values: Array | None) -> Any:
        """What `get_array` makes the array of."""
        if values is None:
            return None
        return [values.dtype, list(values.shape), self.put(pack(values))]


def get_array(data: bytes, reference: Any) -> Array | None:
    """The array that was put into the store which left `data`."""
    if reference is None:
        return None
    dtype, shape, place = reference
    size = math.prod(shape) * ITEM_SIZES[dtype]
    return Array(dtype, tuple(shape), unpack(dtype, data[place : place + size]))


def put_facts(facts: Facts) -> list[Any]:
    """What `get_facts` makes the facts of."""
    return list(astuple(facts))


def get_facts(row: list[Any]) -> Facts:
    """The facts of a tensor."""
    values: list[Any] = [tuple(value) if isinstance(value, list) else value for value in row]
    return Facts(*values)


class Encoder:
    """Makes JSON of values; arrays go to a store, storages that are shared stay shared."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._storages: dict[int, int] = {}
        self._tensors: dict[int, int] = {}
        self.storages: list[Any] = []
        self.tensors: list[Any] = []

    def encode(self, value: Any) -> Any:
        """The value as JSON; Unsupported where it has no such form."""
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, list):
            return [self.encode(v) for v in value]
        kind, content = self._tagged(value)
        return {kind: content}

    def _tagged(self, value: Any) -> tuple[str, Any]:
        if isinstance(value, complex):
            return "complex", [self.encode(value.real), self.encode(value.imag)]
        if type(value) is tuple:
            return "tuple", [self.encode(v) for v in value]
        if isinstance(value, dict):
            return "dict", [[self.encode(k), self.encode(v)] for k, v in value.items()]
        if isinstance(value, slice):
            return "slice", [self.encode(v) for v in (value.start, value.stop, value.step)]
        if value is Ellipsis:
            return "ellipsis", True
        if value is NotImplemented:
            return "not_implemented", True
        if isinstance(value, bytes):
            return "bytes", value.hex()
        if isinstance(value, FrozenTensor):
            return "tensor", self._tensor(value)
        if isinstance(value, FrozenName):
            return "name", value.path
        if isinstance(value, FrozenSize):
            return "size", list(value.shape)
        if isinstance(value, FrozenObject):
            parts = self.encode(value.arguments), self.encode(value.attributes)
            return "object", [value.path, *parts]
        if isinstance(value, Raised):
            return "raised", [value.type, value.text]
        if isinstance(value, TensorFacts):
            return "facts", {f.name: self.encode(getattr(value, f.name)) for f in fields(value)}
        if isinstance(value, Observation):
            return "observation", [value.label, self.encode(value.value), value.ulps, value.slack]
        if isinstance(value, SavedTensor):
            return "saved_tensor", [value.number, put_facts(value.facts)]
        raise Unsupported(f"goldens cannot hold a {type(value).__name__}")

    def _tensor(self, value: FrozenTensor) -> int:
        key = id(value.storage)
        if key not in self._storages:
            self._storages[key] = len(self.storages)
            self.storages.append(self._store.array(value.storage.values))
        if id(value) not in self._tensors:
            self._tensors[id(value)] = len(self.tensors)
            frozen = {f.name: getattr(value, f.name) for f in fields(value) if f.name != "storage"}
            self.tensors.append({**frozen, "storage": self._storages[key]})
        return self._tensors[id(value)]


class Decoder:
    """Makes the values again, `storages` and `tensors` being those of the encoder."""

    def __init__(
        self, data: bytes = b"", storages: list[Any] | None = None, tensors: list[Any] | None = None
    ) -> None:
        self._storages = [_storage(data, reference) for reference in storages or []]
        self._tensors = [self._frozen(tensor) for tensor in tensors or []]

    def decode(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.decode(v) for v in value]
        if not isinstance(value, dict):
            return value
        ((kind, content),) = value.items()
        return _DECODERS[kind](self, content)

    def _float(self, content: str) -> float:
        return float(content)

    def _complex(self, content: list[Any]) -> complex:
        return complex(*map(self.decode, content))

    def _tuple(self, content: list[Any]) -> tuple[Any, ...]:
        return tuple(map(self.decode, content))

    def _dict(self, content: list[Any]) -> dict[Any, Any]:
        return {self.decode(k): self.decode(v) for k, v in content}

    def _slice(self, content: list[Any]) -> slice:
        return slice(*map(self.decode, content))

    def _ellipsis(self, content: bool) -> Any:
        return Ellipsis

    def _not_implemented(self, content: bool) -> Any:
        return NotImplemented

    def _bytes(self, content: str) -> bytes:
        return bytes.fromhex(content)

    def _name(self, content: str) -> FrozenName:
        return FrozenName(content)

    def _size(self, content: list[int]) -> FrozenSize:
        return FrozenSize(tuple(content))

    def _object(self, content: list[Any]) -> FrozenObject:
        path, arguments, attributes = content
        return FrozenObject(path, self.decode(arguments), self.decode(attributes))

    def _raised(self, content: list[str]) -> Raised:
        return Raised(*content)

    def _facts(self, content: dict[str, Any]) -> TensorFacts:
        return TensorFacts(**{name: self.decode(value) for name, value in content.items()})

    def _observation(self, content: list[Any]) -> Observation:
        label, value, *limits = content
        return Observation(label, self.decode(value), *limits)

    def _saved_tensor(self, content: list[Any]) -> SavedTensor:
        number, facts = content
        return SavedTensor(number, get_facts(facts))

    def _tensor(self, content: int) -> FrozenTensor:
        return self._tensors[content]

    def _frozen(self, content: dict[str, Any]) -> FrozenTensor:
        shape, strides = tuple(content["shape"]), tuple(content["strides"])
        rest = {name: content[name] for name in ("offset", "requires_grad", "conj")}
        return FrozenTensor(self._storages[content["storage"]], shape, strides, **rest)


def _storage(data: bytes, reference: Any) -> FrozenStorage:
    values = get_array(data, reference)
    if values is None:
        raise ValueError("a storage without numbers")
    return FrozenStorage(values)


_KINDS = (
    "float", "complex", "tuple", "dict", "slice", "ellipsis", "not_implemented", "bytes", "name",
    "size", "object", "raised", "facts", "observation",
    "saved_tensor", "tensor",
)  # fmt: skip
_DECODERS = {kind: getattr(Decoder, f"_{kind}") for kind in _KINDS}
