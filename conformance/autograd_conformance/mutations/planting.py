"""How a bug gets into a running library, and out of it again: by what is patched.

Targets inside of the engine are named by text (``package.module:Class.name``), since the kit
imports none of them: a target that no longer exists is an error, so that no bug is planted into
thin air.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

from autograd_conformance.subjects import SubjectSpec

CORE = "autograd_core"
#: The name under which a torch with a bug in it is imported.
MIRROR = "torch_with_a_bug"

Function = Callable[..., Any]
#: Makes the wrong function out of the right one.
Change = Callable[[Any], Any]


def named(path: str) -> tuple[Any, str]:
    """The owner and the last name of ``package.module:Class.name``.

    Raises:
        LookupError: there is no such thing any more.
    """
    module, _, inner = path.partition(":")
    *owners, name = inner.split(".")
    try:
        owner = functools.reduce(getattr, owners, importlib.import_module(module))
        if not hasattr(owner, name):  # as of the state of a thread
            inspect.getattr_static(owner, name)
    except (ImportError, AttributeError) as error:
        raise LookupError(f"nothing can be planted at {path}: {error}") from error
    return owner, name


def resolved(path: str) -> Any:
    """What stands at ``package.module:Class.name``."""
    owner, name = named(path)
    return getattr(owner, name)


class Patch:
    """Sets attributes until the block ends."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute of an object, or one that its class has until now."""
        self._stack.enter_context(mock.patch.object(owner, name, value, create=True))

    def finally_call(self, function: Callable[[], Any]) -> None:
        """Call a function when the bug has been taken out."""
        self._stack.callback(function)


class Plant:
    """A place for a bug: what is tested with it, how it gets in, and what it is called."""

    @property
    def subject(self) -> SubjectSpec:
        raise NotImplementedError

    @property
    def place(self) -> str:
        """Where the bug is, for the reader."""
        raise NotImplementedError

    def put(self, patch: Patch) -> None:
        raise NotImplementedError

    def prepare(self) -> None:
        """Make the subject importable, without a bug."""
        _import_all()

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The block in which the bug is in; whatever it left open is closed afterwards.

        What the process has seen before counts for nothing: once several threads have recorded,
        backward takes other ways.
        """
        self.prepare()
        with ExitStack() as stack:
            stack.callback(_close_levels)
            patch = Patch(stack)
            if self.subject.module == CORE:
                patch.set(*named(f"{CORE}.engine.modes:threads.record"), False)
            self.put(patch)
            yield


@functools.cache
def _import_all() -> None:
    """Import every module of the engine: one that came while a bug is in would keep it."""
    for found in pkgutil.walk_packages(importlib.import_module(CORE).__path__, f"{CORE}."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)


def _close_levels() -> None:
    """Close the levels of forward AD that a bug may have left open."""
    if f"{CORE}.engine.modes" in sys.modules:
        level = importlib.import_module(f"{CORE}.engine.modes").forward_level
        while level.open:
            level.exit()


@dataclass(frozen=True)
class Attribute(Plant):
    """An attribute of the engine is replaced by what ``change`` makes of it."""

    path: str
    change: Change
    backend: str = "python"

    @property
    def subject(self) -> SubjectSpec:
        return SubjectSpec(CORE, self.backend)

    @property
    def place(self) -> str:
        return self.path.removeprefix(f"{CORE}.")

    def put(self, patch: Patch) -> None:
        patch.set(*named(self.path), self.change(resolved(self.path)))
        if self.path.startswith(f"{CORE}.derivatives."):  # which compiled calls have taken over
            _forget_what_is_compiled(_all_entries(), patch)


def backend_named(name: str) -> Any:
    return importlib.import_module(CORE).get_backend(name)


@dataclass(frozen=True)
class Kernel(Plant):
    """A function of a backend is replaced by what ``change`` makes of it."""

    backend: str
    name: str
    change: Change

    @property
    def subject(self) -> SubjectSpec:
        return SubjectSpec(CORE, self.backend)

    @property
    def place(self) -> str:
        return f"kernel {self.name} of {self.backend}"

    def put(self, patch: Patch) -> None:
        backend = backend_named(self.backend)
        patch.set(backend, self.name, self.change(getattr(backend, self.name)))
        _forget_what_is_compiled([e for e in _all_entries() if e.kernel_name == self.name], patch)


class Together(Plant):
    """Several changes that make one bug."""

    def __init__(self, *plants: Plant) -> None:
        self._plants = plants

    @property
    def subject(self) -> SubjectSpec:
        return self._plants[0].subject

    @property
    def place(self) -> str:
        return self._plants[0].place

    def put(self, patch: Patch) -> None:
        for plant in self._plants:
            plant.put(patch)


#: ``(formula, its arguments by name) -> gradient``.
Derivative = Callable[[Function, dict[str, Any]], Any]


def _table() -> dict[str, list[Any]]:
    table: dict[str, list[Any]] = importlib.import_module(f"{CORE}.ops").table()
    return table


def _all_entries() -> list[Any]:
    return [entry for entries in _table().values() for entry in entries]


def _forget_what_is_compiled(entries: Iterable[Any], patch: Patch) -> None:
    """Calls and formulas of entries are compiled anew, now and when the bug is taken out."""
    for entry in entries:
        entry.plans.clear()
        patch.finally_call(entry.plans.clear)


def _entries(node: str) -> list[Any]:
    found = _table().get(node)
    if not found:
        raise LookupError(f"nothing can be planted at {node}: no such entry of the table")
    return list(found)


def _changed(formula: Function, change: Derivative) -> Function:
    parameters = tuple(inspect.signature(formula).parameters)

    @functools.wraps(formula)  # its signature is what says what is saved
    def wrong(*arguments: Any, **options: Any) -> Any:
        return change(formula, dict(zip(parameters, arguments, strict=False)) | options)

    return wrong


@dataclass(frozen=True)
class Formula(Plant):
    """The gradient of one input (the tangent, the joint gradient) of a node is changed."""

    node: str
    input: str
    change: Derivative
    backend: str = "numpy"

    @property
    def subject(self) -> SubjectSpec:
        return SubjectSpec(CORE, self.backend)

    @property
    def place(self) -> str:
        return f"{self.node}, {self.input}"

    def put(self, patch: Patch) -> None:
        hit = False
        for entry in _entries(self.node):
            if self.input in ("joint", "tangent"):
                formula = getattr(entry, self.input)
                if callable(formula):
                    patch.set(entry, self.input, _changed(formula, self.change))
                    hit = True
            else:
                inputs = [entry.parameters[i] for i in entry.differentiable]
                if self.input in inputs:
                    formulas = list(entry.formulas)
                    k = inputs.index(self.input)
                    formulas[k] = _changed(formulas[k], self.change)
                    patch.set(entry, "formulas", tuple(formulas))
                    hit = True
            _forget_what_is_compiled([entry], patch)
        if not hit:
            raise LookupError(f"nothing can be planted at {self.node}: no formula of {self.input}")


def mirror(name: str = MIRROR) -> ModuleType:
    """A module with every attribute of torch; it is not torch, so everything is carried over."""
    import torch

    module = ModuleType(name)
    module.__dict__.update(torch.__dict__)
    module.__name__ = name
    del module.__path__
    for attribute in dir(torch):
        module.__dict__.setdefault(attribute, getattr(torch, attribute))
    return module


def overlaid(owner: Any, changes: Mapping[str, Any]) -> Any:
    """`owner`, a namespace of torch, with some names replaced."""
    return SimpleNamespace(**{**{n: getattr(owner, n) for n in dir(owner)}, **changes})


@dataclass(frozen=True)
class Mirror(Plant):
    """A function of torch itself, under another name, is replaced: ``change(torch, function)``.

    What the kit can see of a whole library that is not ours; a dotted path names the function.
    """

    path: str
    change: Callable[[Any, Any], Any]

    @property
    def subject(self) -> SubjectSpec:
        return SubjectSpec(MIRROR)

    @property
    def place(self) -> str:
        return f"torch.{self.path} of a mirror of torch"

    def prepare(self) -> None:
        sys.modules[MIRROR] = mirror()

    def put(self, patch: Patch) -> None:
        import torch

        *owners, name = self.path.split(".")
        value = self.change(torch, functools.reduce(getattr, [*owners, name], torch))
        while owners:  # namespaces are laid over from the inside out
            value = overlaid(functools.reduce(getattr, owners, torch), {name: value})
            name = owners.pop()
        patch.set(sys.modules[MIRROR], name, value)
