"""The file of goldens: a zip archive of JSON texts and raw numbers, with a checksum of each member.

`header.json` says what the file is and lists every other member with its SHA-256 and size; the
archive's comment is the SHA-256 of the header. Nothing in it is ever executed or unpickled.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

FORMAT = "autograd-conformance goldens"
VERSION = 3
_HEADER = "header.json"
#: No member of a sound file is larger: what says that it is must not fill the memory.
_LARGEST = 1 << 28


class BrokenGoldens(ValueError):
    """A file that is no file of goldens, or is damaged; the message names it and says how."""


def compact(value: Any) -> bytes:
    """JSON text with sorted keys and no spaces: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def write(path: Path, header: dict[str, Any], members: dict[str, bytes]) -> None:
    """Writes a file of goldens; the same content gives the same bytes."""
    listed = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in members.items()
    }
    text = compact({"format": FORMAT, "version": VERSION, **header, "members": listed})
    partial = path.with_name(f"{path.name}.partial")
    with zipfile.ZipFile(partial, "w") as archive:
        for name, data in [(_HEADER, text), *sorted(members.items())]:
            archive.writestr(
                zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)),
                data,
                compress_type=zipfile.ZIP_DEFLATED,
                compresslevel=9,
            )
        archive.comment = hashlib.sha256(text).hexdigest().encode()
    partial.replace(path)


class Archive:
    """An open file of goldens; every member is checked when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise BrokenGoldens(f"there is no file {path}") from None
        except Exception as error:  # whatever a broken archive makes of its reader
            raise BrokenGoldens(f"{path} is no file of goldens, or is cut off: {error}") from error
        if _HEADER not in self._zip.namelist():
            raise BrokenGoldens(f"{path} is no file of goldens: it has no {_HEADER}")
        text = self._checked(_HEADER, self._zip.comment.decode("ascii", "replace"), None)
        self.header: dict[str, Any] = self._parsed(_HEADER, text)
        if self.header.get("format") != FORMAT:
            raise BrokenGoldens(f"{path} is no file of goldens: its header names another format")
        if (version := self.header.get("version")) != VERSION:
            raise BrokenGoldens(
                f"{path} has version {version!r} of the format; this kit reads version {VERSION}: "
                "record the file again"
            )
        names = {_HEADER, *self.header["members"]}
        if strange := set(self._zip.namelist()) ^ names:
            raise BrokenGoldens(
                f"{path} is damaged: members {sorted(strange)[:3]} are not as listed"
            )

    def __contains__(self, name: str) -> bool:
        return name in self.header["members"]

    def members(self) -> list[str]:
        """The names of all members but the header."""
        return sorted(self.header["members"])

    def read(self, name: str) -> bytes:
        """The bytes of a member; BrokenGoldens if they are not those that were written."""
        listed = self.header["members"][name]
        return self._checked(name, listed["sha256"], listed["size"])

    def read_json(self, name: str) -> Any:
        return self._parsed(name, self.read(name))

    def _checked(self, name: str, digest: str, size: int | None) -> bytes:
        stated = self._zip.getinfo(name).file_size
        if stated > _LARGEST or size not in (None, stated):
            raise BrokenGoldens(f"{self.path} is damaged: {name} has a wrong size")
        try:
            data = self._zip.read(name)
        except Exception as error:  # whatever a broken archive makes of its reader
            raise BrokenGoldens(f"{self.path} is damaged: {name}: {error}") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise BrokenGoldens(f"{self.path} is damaged: {name} is not what was written")
        return data

    def _parsed(self, name: str, text: bytes) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            raise BrokenGoldens(f"{self.path} is damaged: {name}: {error}") from error
