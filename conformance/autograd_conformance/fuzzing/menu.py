"""Reads menu.toml: the templates of statements that programs are made of, by kind."""

from __future__ import annotations

import functools
import itertools
import re
import tomllib
from dataclasses import dataclass
from importlib import resources

_CHOICE = re.compile(r"<([^<>;]*(?:;[^<>;]*)+)>")


@dataclass(frozen=True)
class Entry:
    """A template: its spellings, and how many results it names."""

    spellings: tuple[str, ...]
    results: int


@dataclass(frozen=True)
class Kind:
    """Entries that are equally likely, and how likely the kind is relative to the others."""

    name: str
    weight: int
    entries: tuple[Entry, ...]


def _entry(line: str) -> Entry:
    """The entry of a line, its choices multiplied out."""
    text = line.removeprefix("2 = ")
    parts = _CHOICE.split(text)
    options = [part.split(";") if k % 2 else [part] for k, part in enumerate(parts)]
    spellings = tuple("".join(choice) for choice in itertools.product(*options))
    return Entry(spellings, 1 if text is line else 2)


@functools.cache
def kinds() -> tuple[Kind, ...]:
    """The kinds of menu.toml, in its order."""
    text = (resources.files("autograd_conformance.fuzzing") / "menu.toml").read_text("utf-8")
    return tuple(
        Kind(
            row["name"],
            row["weight"],
            tuple(_entry(line) for line in row["templates"].splitlines() if line),
        )
        for row in tomllib.loads(text)["kind"]
    )
