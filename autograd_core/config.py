"""Settings from the environment and from configuration files, each with the place it came from.

`AUTOGRAD_BACKEND` beats the nearest `autograd_core.toml` or `[tool.autograd_core]` table found
upward from the working directory, which beats the default. Choices made in code (an argument,
`use_backend`, `set_default_backend`) beat all three and live in `backend_registry`.
"""

from __future__ import annotations

import importlib.util
import os
import re
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

BACKEND_VARIABLE = "AUTOGRAD_BACKEND"

# The files of a folder in the order they are tried, each with the table that holds the settings.
_FILES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("autograd_core.toml", ()),
    ("pyproject.toml", ("tool", "autograd_core")),
)

# Every setting a file may hold, with its type.
FILE_KEYS: Mapping[str, type[str]] = {"backend": str}


class ConfigError(ValueError):
    """A configuration file that cannot be used; the text names the file, the line and the key."""


class Setting(NamedTuple):
    """A value in force and, in words, where it was set."""

    value: str
    origin: str


_lock = threading.Lock()
_settings_by_directory: dict[str, Mapping[str, Setting]] = {}


def backend_setting() -> Setting:
    """The backend named by the environment, a file, or the default, with its origin.

    Raises ConfigError where the file that applies is broken. An empty variable counts as unset.
    """
    name = os.environ.get(BACKEND_VARIABLE, "").strip()
    if name:
        return Setting(name, f"environment variable {BACKEND_VARIABLE}")
    return file_settings().get("backend") or default_backend()


def default_backend() -> Setting:
    """`numpy` where NumPy can be imported, else `python`. Imports neither."""
    if importlib.util.find_spec("numpy") is not None:
        return Setting("numpy", "default (NumPy is installed)")
    return Setting("python", "default (NumPy is not installed)")


def file_settings() -> Mapping[str, Setting]:
    """The settings of the file that applies to the working directory, read once per directory.

    `forget_files` makes the next call read again.
    """
    directory = os.getcwd()
    with _lock:
        settings = _settings_by_directory.get(directory)
        if settings is None:
            settings = _settings_by_directory[directory] = _read_upward(directory)
        return settings


def forget_files() -> None:
    """Drop what was read, so that an edited file is seen."""
    with _lock:
        _settings_by_directory.clear()


def _read_upward(folder: str) -> Mapping[str, Setting]:
    """The settings of the nearest file from a folder to the root; {} where no file has any."""
    while True:
        for name, table in _FILES:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                settings = _read_table(path, table)
                if settings is not None:
                    return settings
        parent = os.path.dirname(folder)
        if parent == folder:
            return {}
        folder = parent


def _read_table(path: str, table: tuple[str, ...]) -> Mapping[str, Setting] | None:
    """The checked settings of one table of one file; None where the file has no such table."""
    text = _read_text(path)
    if table and table[-1] not in text:
        return None
    import tomllib  # which is slow to import

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = _line_in(text, error)
        raise ConfigError(f"{path}, line {line}: not valid TOML: {error}") from error
    found = _lookup(document, table)
    if found is _ABSENT:
        return None
    if not isinstance(found, dict):
        line = _line_of(text, table)
        raise ConfigError(
            f"{path}, line {line}: key '{'.'.join(table)}' must be a table, "
            f"got {_toml_type(found)} {found!r}"
        )
    where = f"[{'.'.join(table)}] in {path}" if table else str(path)
    settings = {}
    for key, value in found.items():
        line = _line_of(text, (*table, key))
        if key not in FILE_KEYS:
            known = ", ".join(f"'{name}'" for name in FILE_KEYS)
            raise ConfigError(f"{path}, line {line}: unknown key '{key}' (known keys: {known})")
        if type(value) is not FILE_KEYS[key]:
            raise ConfigError(
                f"{path}, line {line}: key '{key}' must be a {_TOML_TYPES[FILE_KEYS[key]]}, "
                f"got {_toml_type(value)} {value!r}"
            )
        if not value:
            raise ConfigError(f"{path}, line {line}: key '{key}' is empty")
        settings[key] = Setting(value, f"{where}, line {line}")
    return settings


def _read_text(path: str) -> str:
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: not valid UTF-8: {error.reason}") from error


_ABSENT: Any = object()


def _lookup(document: Any, keys: tuple[str, ...]) -> Any:
    """The value under a path of keys, or _ABSENT."""
    for key in keys:
        if not isinstance(document, dict) or key not in document:
            return _ABSENT
        document = document[key]
    return document


def _line_of(text: str, keys: tuple[str, ...]) -> int:
    """The line on which the statement stands that first defines a path of keys.

    `tomllib` tells no positions, so ever longer beginnings of the file are parsed: the statement
    starts after the longest beginning that is valid and does not have the key yet.
    """
    import tomllib

    lines = text.split("\n")
    before = 0
    for count in range(1, len(lines) + 1):
        try:
            document = tomllib.loads("\n".join(lines[:count]) + "\n")
        except tomllib.TOMLDecodeError:
            continue  # this beginning ends inside a value that spans lines
        if _lookup(document, keys) is not _ABSENT:
            break
        before = count
    return before + 1


def _line_in(text: str, error: ValueError) -> int:
    """The line the parser's message names, or the last line where it says `at end of document`."""
    position = re.search(r"at line (\d+)", str(error))
    return int(position[1]) if position else text.rstrip("\n").count("\n") + 1


_TOML_TYPES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "float",
    list: "array",
    dict: "table",
}


def _toml_type(value: object) -> str:
    return _TOML_TYPES.get(type(value), "date or time")
