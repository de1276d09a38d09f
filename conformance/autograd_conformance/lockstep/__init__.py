"""Torch's names, each of them torch's and a backend's at once: to be imported as ``torch``.

>>> import autograd_conformance.lockstep as torch
>>> x = torch.tensor([1.0, 2.0], requires_grad=True)
>>> (x * x).sum().backward()

Every result and every attribute is compared as it is made. At the first line that makes a
difference `Divergence` is raised, which shows the line and both values. The backend is the default
one of autograd_core, or the one that ``use`` or the environment variable
``AUTOGRAD_CONFORMANCE_LOCKSTEP`` names.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import os
import sys
from typing import Any

from autograd_conformance.lockstep import script
from autograd_conformance.lockstep.divergence import Divergence, Line
from autograd_conformance.lockstep.pairs import Namespace, member
from autograd_conformance.lockstep.session import SESSION, ULPS
from autograd_conformance.subjects import SubjectSpec

__all__ = ["ULPS", "Divergence", "Line", "script", "use"]

_BACKEND = "AUTOGRAD_CONFORMANCE_LOCKSTEP"


def use(backend: str | None = None, *, subject: str = "autograd_core", ulps: float = ULPS) -> None:
    """Choose the backend, or another module with torch's API, that runs beside torch.

    Tensors made before belong to the previous choice.

    Args:
        backend: a backend's name; None means the default one.
        subject: the module that has torch's API.
        ulps: how many roundings the numbers of the two sides may lie apart.
    """
    SESSION.use(SubjectSpec(subject, backend), ulps)


use(os.environ.get(_BACKEND))


class _Root:
    """Torch and the subject of the moment."""

    @property
    def _expected(self) -> Any:
        return SESSION.torch

    @property
    def _actual(self) -> Any:
        return SESSION.subject.module


_ROOT = _Root()


def __getattr__(name: str) -> Any:
    return member(_ROOT, name)


class _Submodules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds ``lockstep.nn``, ``lockstep.nn.functional`` ... for import statements."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        inner = name.removeprefix(f"{__name__}.")
        if inner == name or importlib.machinery.PathFinder.find_spec(name, path) is not None:
            return None
        try:
            found = functools.reduce(getattr, inner.split("."), sys.modules[__name__])
        except AttributeError:
            return None
        if not isinstance(found, Namespace):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True, loader_state=found)

    def create_module(self, spec: Any) -> Any:
        return spec.loader_state

    def exec_module(self, module: Any) -> None:
        """Nothing: its names are found when they are used."""


sys.meta_path.insert(0, _Submodules())


def __dir__() -> list[str]:
    return [*__all__, *dir(SESSION.torch)]
