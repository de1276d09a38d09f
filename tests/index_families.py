"""Writes ``autograd_core/family_index.py``, which says what gives a name.

``python tests/index_families.py``; with ``--check`` it only says whether that is current.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from autograd_core import autograd, default_kernels, family_index, namespaces, ops, serialization
from autograd_core.namespaces import registration

Index = dict[str, list[str]]
"""The names that the modules of a package give, by module."""

PATH = Path(family_index.__file__)
CORE = family_index.__name__.partition(".")[0]
COMMAND = "python tests/index_families.py"
_HEAD = f'''"""What gives a name: ops, torch's public names and derived kernels by their modules.

Written by ``{COMMAND}``.
"""

'''


def _modules(package: ModuleType) -> Iterator[tuple[str, ModuleType]]:
    """Import the modules of a package, and return them with their last names."""
    for found in pkgutil.iter_modules(package.__path__):
        yield found.name, importlib.import_module(f"{package.__name__}.{found.name}")


def index_of_ops() -> Index:
    """Return the functions of the differentiable interpreter, and put them there."""
    index: Index = {}
    for family, module in _modules(ops):
        if not family.endswith(("_formulas", "_checks")):
            index[family] = sorted(getattr(module, "__all__", None) or _defined(module))
            vars(ops).update({name: getattr(module, name) for name in index[family]})
    return index


def _defined(family: ModuleType) -> Iterator[str]:
    """Return the ops and the functions of a family of the table."""
    for name, value in vars(family).items():
        own = callable(value) and getattr(value, "__module__", "") == family.__name__
        if (own or hasattr(value, "entry")) and not name.startswith("_"):
            yield name


def index_of_kernels() -> Index:
    """Return the derived kernels."""
    return {
        family: sorted(n for n in default_kernels.functions(m) if not n.startswith("__"))
        for family, m in _modules(default_kernels)
    }


class _Publications(dict[str, Any]):
    """Notes which module publishes a name: the one that is being run."""

    def __init__(self) -> None:
        super().__init__()
        self.index: Index = {}

    def __setitem__(self, name: str, value: Any) -> None:
        frame: Any = sys._getframe(1)
        while frame.f_code.co_name != "<module>":
            frame = frame.f_back
        if name not in self:
            family = frame.f_globals["__name__"].removeprefix(f"{CORE}.")
            self.index.setdefault(family, []).append(name)
        super().__setitem__(name, value)


def index_of_namespaces() -> dict[str, Index]:
    """Return what is published, by namespace.

    Raises:
        RuntimeError: a family has been imported, so that what it publishes is not seen.
    """
    if registration.PUBLISHED["Tensor"]:
        early = ", ".join(registration.PUBLISHED["Tensor"])
        raise RuntimeError(f"importing {CORE} must import no family: {early} are published")
    publications: Any = defaultdict(_Publications)
    registration.PUBLISHED = publications
    for package in (namespaces, autograd, serialization):
        for _ in _modules(package):
            pass
    return {under: found.index for under, found in sorted(publications.items())}


def _checked(index: Index) -> Index:
    """Return an index in which a name has one place.

    Raises:
        ValueError: a name has several.
    """
    places: dict[str, str] = {}
    for family, names in index.items():
        for name in names:
            if places.setdefault(name, family) != family:
                raise ValueError(f"{name} is given by {places[name]} and by {family}")
    return index


def _written(index: Index, indent: int) -> str:
    """Return the entries of a dict of names by module."""
    space = " " * indent
    rows = []
    for family, names in sorted(_checked(index).items()):
        if names:
            text = textwrap.fill(" ".join(sorted(names)), 100, break_long_words=False)
            rows.append(f'{space}"{family}": """\n{text}\n""",\n')
    return "".join(rows)


def current() -> str:
    """Return what the file should be."""
    found_ops = _written(index_of_ops(), 4)
    found_kernels = _written(index_of_kernels(), 4)
    spaces = "".join(
        f'    "{under}": {{\n{_written(index, 8)}    }},\n'
        for under, index in index_of_namespaces().items()
    )
    return (
        f"{_HEAD}OPS = {{\n{found_ops}}}\n\n"
        f"NAMESPACES = {{\n{spaces}}}\n\n"
        f"KERNELS = {{\n{found_kernels}}}\n"
    )


def main(arguments: list[str]) -> int:
    """Write the file, or say whether it is current."""
    text = current()
    if "--check" not in arguments:
        PATH.write_text(text, encoding="utf-8")
        return 0
    if PATH.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PATH.name} is not current; run `{COMMAND}`")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
