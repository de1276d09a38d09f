"""Families of entries, from families.toml; the areas are the families of the scenarios."""

from __future__ import annotations

import functools
import tomllib
from fnmatch import fnmatchcase
from importlib import resources

from autograd_conformance.scenarios import PREFIX

#: The family of entries that no glob of the table takes.
OTHER = "other"


@functools.cache
def families() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Family names with the globs of their entries; the first match holds."""
    text = (resources.files("autograd_conformance") / "families.toml").read_text("utf-8")
    return tuple((name, tuple(globs)) for name, globs in tomllib.loads(text)["families"].items())


@functools.cache
def family_of(entry: str) -> str:
    """The family of an entry by its name or its name without variant; a scenario's by its area."""
    if entry.startswith(PREFIX):
        return entry.rpartition(".")[0]
    for name, globs in families():
        if any(fnmatchcase(entry, g) or entry.startswith(f"{g}.") for g in globs):
            return name
    return OTHER


def family_names() -> tuple[str, ...]:
    """The names of the families of entries, in the order of the table."""
    return (*(name for name, _ in families()), OTHER)
