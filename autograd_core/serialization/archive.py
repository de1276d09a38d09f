"""torch's file format: an uncompressed zip archive of one pickle and the bytes of each storage."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from typing import Any

from ..dtypes import DType

ALIGNMENT = 64
_LOCAL_HEADER = 30
_END_RECORD = 22
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)
_NEWEST_VERSION = 10
_CORRUPT = (
    ". This is an internal miniz error. If you are seeing this error, there is a high likelihood "
    "that your checkpoint file is corrupted. This can happen if the checkpoint was not saved "
    "properly, was transferred incorrectly, or the file was modified after saving."
)


class ArchiveWriter:
    """Writes records, each with its data at a multiple of 64 bytes, under one folder name."""

    def __init__(self, file: Any, name: str) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self._name = name
        self._digest = hashlib.sha256()

    def write(self, name: str, data: bytes) -> None:
        """Add a record."""
        info = zipfile.ZipInfo(f"{self._name}/{name}", _FIRST_DATE)
        place = self._zip.start_dir + _LOCAL_HEADER + len(info.filename.encode()) + 4
        padding = -place % ALIGNMENT
        info.extra = b"FB" + padding.to_bytes(2, "little") + b"Z" * padding
        self._zip.writestr(info, data)
        self._digest.update(info.filename.encode() + data)

    def close(self) -> None:
        """Add the version and a number made from the contents, and finish the archive."""
        self.write("version", b"3\n")
        number = int.from_bytes(self._digest.digest(), "big") % 10**40
        self.write(".data/serialization_id", f"{number:040d}".encode())
        self._zip.close()


class ArchiveReader:
    """Reads the records of an archive.

    Raises:
        RuntimeError: it is damaged, or newer than this format (torch's texts).
    """

    def __init__(self, file: Any) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, EOFError) as error:
            size = file.seek(0, io.SEEK_END)
            why = "not a ZIP archive" if size < _END_RECORD else "failed finding central directory"
            raise _failed(f"reading zip archive: {why}") from error
        names = self._zip.namelist()
        if not names:
            raise _failed("reading zip archive: archive does not contain any files")
        self._folder = names[0].partition("/")[0]
        self._names = {name.partition("/")[2] for name in names}
        version = self.optional("version")
        if version is None:
            raise RuntimeError(
                'Expected hasRecord("version") to be true, but got false.  (Could this error '
                "message be improved?  If so, please report an enhancement request to PyTorch.)"
            )
        if int(version) > _NEWEST_VERSION:
            raise RuntimeError(
                f"Attempted to read a PyTorch file with version {int(version)}, but the maximum "
                f"supported version for reading is {_NEWEST_VERSION}. The version of your PyTorch "
                "installation may be too old, please upgrade PyTorch to latest version to mitigate "
                "this issue."
            )

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def optional(self, name: str) -> bytes | None:
        """Return a record, None where there is none."""
        return self.read(name) if name in self._names else None

    def read(self, name: str) -> bytes:
        """Return a record."""
        try:
            return self._zip.read(f"{self._folder}/{name}")
        except KeyError:
            raise _failed(f"locating file {name}: file not found") from None
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise _failed(f"reading file {name}: file read failed") from error

    def storage(self, key: str, count: int, dtype: DType) -> bytes:
        """Return the bytes of a storage of so many elements, in little-endian order.

        Raises:
            RuntimeError: it has another number of bytes (torch's text).
            ValueError: the byte order that the archive states does not exist.
        """
        data = self.read(f"data/{key}")
        expected = count * dtype.itemsize
        if len(data) != expected:
            raise RuntimeError(
                f"record size ({len(data)} bytes) does not match expected size ({expected} bytes = "
                f"{expected} elements * 1 bytes/element) for dtype Byte"
            )
        order = self.optional("byteorder") or b"little"
        if order not in (b"little", b"big"):
            raise ValueError(f"Unknown endianness type: {order.decode()}")
        return data if order == b"little" else swapped(data, dtype)


def swapped(data: bytes, dtype: DType) -> bytes:
    """Return elements with the bytes of each number in the opposite order."""
    width = dtype.to_real().itemsize if dtype.is_complex else dtype.itemsize
    turned = bytearray(len(data))
    for place in range(width):
        turned[place::width] = data[width - 1 - place :: width]
    return bytes(turned)


def _failed(what: str) -> RuntimeError:
    return RuntimeError(f"PytorchStreamReader failed {what}{_CORRUPT}")


BYTE_ORDER = b"little"
"""The order in which files are written, whatever the machine's is."""
