"""Modules that are imported when a name of theirs is first read, from a module or from a class."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any


class Families:
    """What the modules of a package give, by name, without importing them.

    Names are handed on once their module has been imported to its end, so that several threads may
    ask at once.

    Args:
        package: the name of the package.
        names: by module, the names that it gives, as one string.
        given: returns the values of a module's names, when it has been imported.
    """

    def __init__(
        self,
        package: str,
        names: Mapping[str, str],
        given: Callable[[ModuleType], Mapping[str, Any]] = vars,
    ) -> None:
        self._package = package
        self._names = names
        self._given = given
        self._family_of = {
            name: family for family, together in names.items() for name in together.split()
        }

    def __contains__(self, name: str) -> bool:
        return name in self._family_of

    def __iter__(self) -> Iterator[str]:
        return iter(self._family_of)

    def imported(self, name: str) -> dict[str, Any]:
        """Import the module that gives a name, and return the values of all its names."""
        family = self._family_of[name]
        given = self._given(importlib.import_module(f"{self._package}.{family}"))
        return {name: given[name] for name in self._names[family].split() if name in given}

    def stand_in(self, owner: type) -> None:
        """Put something in a class that gives way to the values when a name is first read."""
        for name in self:
            setattr(owner, name, _StandIn(self, owner, name))


class _StandIn:
    """An attribute of a class whose module has not been imported."""

    __slots__ = ("_families", "_name", "_owner")

    def __init__(self, families: Families, owner: type, name: str) -> None:
        self._families, self._owner, self._name = families, owner, name

    def _give_way(self) -> Any:
        """Put the values of the module in the class, but for what somebody else has put there."""
        values = self._families.imported(self._name)
        for name, value in values.items():
            if isinstance(vars(self._owner).get(name), _StandIn):
                setattr(self._owner, name, value)
        return values[self._name]

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        value = self._give_way()
        bind = getattr(type(value), "__get__", None)
        return value if bind is None else bind(value, instance, owner)

    def __set__(self, instance: Any, value: Any) -> None:
        self._give_way()
        object.__setattr__(instance, self._name, value)

    def __delete__(self, instance: Any) -> None:
        self._give_way()
        object.__delattr__(instance, self._name)


class Names(dict[str, Any]):
    """The values of families by name; a name that is missing is looked for in its module."""

    def __init__(self, families: Families) -> None:
        self._families = families

    def __missing__(self, name: str) -> Any:
        if name not in self._families:
            raise KeyError(name)
        value = self[name] = self._families.imported(name)[name]
        return value


def on_demand(
    package: str, submodules: Iterable[str] = (), *families: Families
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and ``__dir__`` of a module (PEP 562).

    A module that has been imported makes way for the function of its name, if a family has one.

    Args:
        package: its name.
        submodules: those that are imported on demand.
        families: what else it has.
    """
    places = frozenset(submodules)
    own = vars(sys.modules[package])
    for name in [name for source in families for name in source]:
        if isinstance(own.get(name), ModuleType):
            del own[name]

    def get(name: str) -> Any:
        for source in families:
            if name in source:
                for each, value in source.imported(name).items():
                    own.setdefault(each, value)
                return own[name]
        if name in places:
            return importlib.import_module(f"{package}.{name}")
        if name == "__all__":  # of a module that has none: of ``import *``
            return [name for name in listed() if not name.startswith("_")]
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    def listed() -> list[str]:
        return sorted({*own, *places, *(n for f in families for n in f)})

    return get, listed
