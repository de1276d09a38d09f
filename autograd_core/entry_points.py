"""The entry points of what is installed, read from its folders.

``importlib.metadata`` does the same and more, but brings a parser of e-mail and archives along,
which are slow to import. Where the path holds more than folders, it is asked.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from functools import reduce
from typing import Any, NamedTuple


class EntryPoint(NamedTuple):
    """A name, the object that it stands for ("module:attribute"), and where that is said."""

    name: str
    value: str
    place: str
    """The folder of the distribution's metadata, or in words what distribution it is."""

    def load(self) -> Any:
        """Import the object."""
        module, _, attributes = self.value.partition(":")
        found = importlib.import_module(module.strip())
        names = attributes.partition("[")[0].strip()  # extras may follow
        return reduce(getattr, names.split(".") if names else (), found)

    def distribution(self) -> str:
        """Return name and version of the distribution."""
        for file in ("METADATA", "PKG-INFO"):
            path = os.path.join(self.place, file)
            if os.path.isfile(path):
                with open(path, encoding="utf-8") as lines:
                    fields = dict(line.rstrip("\n").partition(": ")[::2] for line in lines)
                return f"{fields.get('Name')} {fields.get('Version')}"
        return self.place


def entry_points(group: str) -> list[EntryPoint]:
    """Return the entry points of a group; of distributions of one name the path's first counts."""
    folders = [os.path.abspath(path) for path in sys.path if os.path.exists(path or ".")]
    if not _are_plain(folders):
        return _of_importlib(group)
    found = []
    seen: set[str] = set()
    for folder in folders:
        for file in _listed(folder):
            if not file.endswith((".dist-info", ".egg-info")):
                continue
            name = re.sub(r"[-_.]+", "-", file.rpartition(".")[0].partition("-")[0]).lower()
            if name not in seen:
                seen.add(name)
                found += _of_distribution(os.path.join(folder, file), group)
    return found


def _are_plain(folders: list[str]) -> bool:
    """Whether nothing but folders says what is installed."""
    return all(os.path.isdir(path) and not path.endswith(".egg") for path in folders) and all(
        getattr(finder, "__module__", "") == "_frozen_importlib_external"
        or not hasattr(finder, "find_distributions")
        for finder in sys.meta_path
    )


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _of_distribution(place: str, group: str) -> list[EntryPoint]:
    try:
        with open(os.path.join(place, "entry_points.txt"), encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return []
    found = []
    section = ""
    for line in map(str.strip, text.splitlines() if group in text else ()):
        if line.startswith("["):
            section = line[1:-1]
        elif section == group and line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.append(EntryPoint(name.strip(), value.strip(), place))
    return found


def _of_importlib(group: str) -> list[EntryPoint]:
    from importlib import metadata

    return [
        EntryPoint(
            point.name,
            point.value,
            f"{point.dist.name} {point.dist.version}" if point.dist else "unknown",
        )
        for point in metadata.entry_points(group=group)
    ]
