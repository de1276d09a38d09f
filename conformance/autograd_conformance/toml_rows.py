"""Rows of a TOML file that people write: which keys they may have, and where one is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator
from typing import Any


def rows(
    text: str, origin: str, kind: str, keys: Collection[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows ``[[kind]]`` of a file's text, each behind the words that say which it is.

    Raises:
        ValueError: the text is no TOML, or a row has a key that is not among ``keys``.
    """
    try:
        found = tomllib.loads(text).get(kind, [])
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{origin}: {error}") from error
    for number, row in enumerate(found, 1):
        where = f"{origin}: {kind} {number}"
        if unknown := row.keys() - keys:
            raise ValueError(f"{where}: unknown keys {sorted(unknown)}")
        yield where, row
