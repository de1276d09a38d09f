"""torch's format before version 1.6: pickles one after the other, then the bytes of storages."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable
from typing import Any

from ..dtypes import DType
from .pickler import FilePickler
from .storage import UntypedStorage, storage_from_bytes

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
VERSION = 1001
_SYSTEM = {
    "protocol_version": VERSION,
    "little_endian": True,
    "type_sizes": {"short": 2, "int": 4, "long": 4},
}

Unpickler = Callable[[Any, Callable[[Any], Any], str], Any]
Restore = Callable[[UntypedStorage, str], UntypedStorage]


class _SequencePickler(FilePickler):
    """Writes what stands for a storage with a place for the part of it that is meant: all."""

    def persistent_id(self, obj: Any) -> Any:
        """Return what stands for a storage."""
        found = super().persistent_id(obj)
        return None if found is None else (*found, None)


def write(obj: object, file: Any, protocol: int) -> None:
    """Write an object to a file."""
    for part in (MAGIC_NUMBER, VERSION, _SYSTEM):
        pickle.dump(part, file, protocol)
    pickler = _SequencePickler(file, protocol)
    pickler.dump(obj)
    keys = sorted(pickler.storages)
    pickle.dump(keys, file, protocol)
    for key in keys:
        storage = pickler.storages[key]
        file.write(struct.pack("<q", storage.array.shape[0]))
        file.write(storage.to_bytes())


def read(file: Any, unpickler: Unpickler, restore: Restore, encoding: str) -> Any:
    """Return the object in a file.

    Raises:
        RuntimeError: it is no such file, or is damaged (torch's texts).
        UnpicklingError: it is not safe, or not known.
        NotImplementedError: a storage in it is a part of another, as before version 0.4.
    """
    storages: dict[str, UntypedStorage] = {}

    def storage(saved_id: Any) -> UntypedStorage:
        if not isinstance(saved_id, tuple) or len(saved_id) != 6:
            raise pickle.UnpicklingError(f"saved_id must be a tuple of 6, got {saved_id!r}")
        _, storage_type, key, location, count, part = saved_id
        dtype = getattr(storage_type, "dtype", None)
        if not isinstance(dtype, DType):
            raise pickle.UnpicklingError(f"{storage_type!r} is no type of storage")
        if part is not None:
            raise NotImplementedError("load(): a storage in the file is a part of another")
        if key not in storages:
            made = storage_from_bytes(bytes(count * dtype.itemsize), dtype)
            storages[key] = restore(made, location)
        return storages[key]

    def no_storage(saved_id: Any) -> Any:
        raise pickle.UnpicklingError("unsupported persistent id encountered")

    if unpickler(file, no_storage, encoding).load() != MAGIC_NUMBER:
        raise RuntimeError("Invalid magic number; corrupt file?")
    version = unpickler(file, no_storage, encoding).load()
    if version != VERSION:
        raise RuntimeError(f"Invalid protocol version: {version}")
    unpickler(file, no_storage, encoding).load()  # sizes of C types
    result = unpickler(file, storage, encoding).load()
    for key in unpickler(file, no_storage, encoding).load():
        if key not in storages:
            raise AssertionError(f"storage key {key!r} not found in deserialized_objects")
        _fill(storages[key], file)
    return result


def _fill(storage: UntypedStorage, file: Any) -> None:
    """Read the elements of a storage."""
    (count,) = struct.unpack("<q", file.read(8))
    data = file.read(count * storage.dtype.itemsize)
    if count != storage.array.shape[0] or len(data) != storage.nbytes():
        raise RuntimeError(
            f"unexpected EOF, expected {storage.nbytes() - len(data)} more bytes. The file might "
            "be corrupted."
        )
    backend = storage.backend
    backend.copy_(storage.array, backend.from_bytes(data, storage.dtype))
