"""Scenario programs: one function each, run on torch and on every subject, all it records compared.

An area is a module of this package, or a package of several in it; a program's name is
``scenario.<area>.<function>``.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType

from autograd_conformance.cases import chosen
from autograd_conformance.scenarios.recording import Observation, Program, programs_of

__all__ = ["PREFIX", "Observation", "Program", "areas", "matching", "programs"]

PREFIX = "scenario."
_NOT_AREAS = {"recording"}


def areas() -> list[str]:
    """The names of the areas, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name not in _NOT_AREAS)


@functools.cache
def programs() -> dict[str, Program]:
    """Every program by its full name, area by area in the order of their files."""
    found: dict[str, Program] = {}
    for area in areas():
        for module in _modules(f"{__name__}.{area}"):
            for function in programs_of(module):
                name = f"{PREFIX}{area}.{function.__name__}"
                if name in found:
                    raise ValueError(f"there are two programs {name}")
                found[name] = Program(name, area, function)
    return found


def _modules(name: str) -> list[ModuleType]:
    """The modules of an area: its one file, or the files of its folder."""
    area = importlib.import_module(name)
    if not hasattr(area, "__path__"):
        return [area]
    files = sorted(m.name for m in pkgutil.iter_modules(area.__path__))
    return [importlib.import_module(f"{name}.{file}") for file in files]


def matching(patterns: list[str]) -> list[Program]:
    """The programs whose full name the glob patterns choose."""
    return [program for name, program in programs().items() if chosen(patterns, name)]
