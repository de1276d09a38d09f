"""What is being tested: a module with torch's API, under a backend of ours or as it stands."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib import metadata
from types import ModuleType
from typing import Any

BACKEND_GROUP = "autograd_core.backends"


class MissingInSubject(Exception):
    """The subject has no such public name; such a case is counted `missing`."""

    def __init__(self, path: str) -> None:
        super().__init__(f"the subject has no {path}")
        self.path = path


@dataclass(frozen=True)
class SubjectSpec:
    """Picklable: how a worker finds the subject. `backend` is entered with `use_backend`.

    It may name a device of its own, `torch:cuda`.
    """

    module: str
    backend: str | None = None

    @property
    def label(self) -> str:
        return self.backend or self.module

    @property
    def backend_name(self) -> str | None:
        """The name that the backend is registered by."""
        return None if self.backend is None else self.backend.partition(":")[0]

    @property
    def device(self) -> str:
        """The kind of device that is named, `cuda` of `torch:cuda:1`; empty for none."""
        return (self.backend or "").partition(":")[2].partition(":")[0]


def installed_backends() -> list[str]:
    """Names of the backends registered by entry point, ours or a stranger's."""
    return sorted(point.name for point in metadata.entry_points(group=BACKEND_GROUP))


def backends_by_default() -> list[str]:
    """The installed backends that are tested when none is named.

    A package that offers several of them adapts other libraries, of which an environment has a few
    for reasons of its own: those are tested by name.
    """
    points = metadata.entry_points(group=BACKEND_GROUP)
    offered = Counter(_top_level(point.module) for point in points)
    return sorted(point.name for point in points if offered[_top_level(point.module)] == 1)


def backend_package(backend: str) -> str | None:
    """The package that provides `backend`, or None when no entry point names it.

    It is the innermost one on the way to the backend's class, since a package that adapts several
    libraries has one for each.
    """
    for point in metadata.entry_points(group=BACKEND_GROUP):
        if point.name == backend:
            module = point.module
            while "." in module and not _is_package(module):
                module = module.rpartition(".")[0]
            return module
    return None


class NotEntered(ValueError):
    """A subject that cannot be imported or entered; the cause is what it raised itself."""

    def __init__(self, spec: SubjectSpec, error: Exception) -> None:
        super().__init__(f"{spec.label} could not be entered: {type(error).__name__}: {error}")


def _is_package(module: str) -> bool:
    try:
        found = importlib.util.find_spec(module)
    except ImportError:  # what is around it cannot be imported
        return False
    return found is not None and found.submodule_search_locations is not None


def _top_level(module: str) -> str:
    return module.partition(".")[0]


class Namespace:
    """A module of the subject seen by OpInfo's own functions in place of `torch`.

    An absent attribute raises MissingInSubject with its path, so that it is told from an
    AttributeError raised by a bug inside the subject.
    """

    def __init__(self, module: Any, path: str = "") -> None:
        self._module = module
        self._path = path

    def __getattr__(self, name: str) -> Any:
        path = f"{self._path}.{name}" if self._path else name
        found = attribute(self._module, name, path)
        return Namespace(found, path) if isinstance(found, ModuleType) else found


def attribute(owner: Any, name: str, path: str) -> Any:
    """`owner.name`, a submodule of that name being imported if need be; else MissingInSubject."""
    try:
        return getattr(owner, name)
    except AttributeError:
        pass
    if isinstance(owner, ModuleType) and hasattr(owner, "__path__"):
        submodule = f"{owner.__name__}.{name}"
        if importlib.util.find_spec(submodule) is not None:
            return importlib.import_module(submodule)
    raise MissingInSubject(path)


def operator_of(function: Any) -> Callable[..., Any]:
    """`operator.add` and the like, told apart from an operand that lacks `__add__`."""

    def call(self: Any, *args: Any) -> Any:
        name = f"__{function.__name__}__"
        if not hasattr(type(self), name):
            raise MissingInSubject(f"Tensor.{name}")
        return function(self, *args)

    return call


def method_of(name: str) -> Callable[..., Any]:
    """The method of that name, told apart from a tensor that lacks it."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not hasattr(type(self), name):
            raise MissingInSubject(f"Tensor.{name}")
        return getattr(self, name)(*args, **kwargs)

    return call


def _entered(spec: SubjectSpec) -> ModuleType:
    """The subject's module, whose backend can be used."""
    try:
        module = importlib.import_module(spec.module)
        if spec.backend is not None:
            with module.use_backend(spec.backend):
                pass
    except Exception as error:
        raise NotEntered(spec, error) from error
    return module


class Subject:
    """A torch-like module and how to enter it."""

    def __init__(self, spec: SubjectSpec) -> None:
        self.spec = spec
        self.module: Any = _entered(spec)
        self.namespace = Namespace(self.module)
        self.is_torch = self.module is sys.modules.get("torch")

    @property
    def label(self) -> str:
        return self.spec.label

    def activate(self) -> AbstractContextManager[Any]:
        """The context in which the subject's tensors are made and its ops run."""
        if self.spec.backend is None:
            return nullcontext()
        context: AbstractContextManager[Any] = self.module.use_backend(self.spec.backend)
        return context

    def resolve(self, path: str) -> Any:
        """The object at a dotted public path such as `nn.functional.softmax`."""
        owner = self.module
        walked: list[str] = []
        for name in path.split("."):
            walked.append(name)
            owner = attribute(owner, name, ".".join(walked))
        return owner

    def seed(self, seed: int) -> None:
        """Seed the module's random numbers: the CPU generator alone where the module shows it.

        Torch's ``manual_seed`` also formats a stack trace per kind of accelerator to seed later,
        which took a third of a run.
        """
        (getattr(self.module, "default_generator", None) or self.module).manual_seed(seed)

    @contextmanager
    def warning_always(self) -> Iterator[None]:
        """The block in which what the module warns of once is told each time."""
        before = getattr(self.module, "is_warn_always_enabled", lambda: None)()
        if before is None:
            yield
            return
        self.module.set_warn_always(True)
        try:
            yield
        finally:
            self.module.set_warn_always(before)

    def is_tensor(self, value: Any) -> bool:
        return isinstance(value, self.module.Tensor)


def is_missing(error: BaseException, subject: Subject) -> bool:
    """Whether `error` says that the subject lacks an op, rather than that the op is wrong.

    An AttributeError counts only when it is about the subject's tensor or module and was raised
    by the code that called the subject, not by code of the subject's own.
    """
    if isinstance(error, MissingInSubject | NotImplementedError):
        return True
    if not isinstance(error, AttributeError):
        return False
    owner = error.obj
    module = isinstance(owner, ModuleType) and owner.__name__.startswith(subject.spec.module)
    if not (module or subject.is_tensor(owner) or owner is subject.module.Tensor):
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    where = str(trace.tb_frame.f_globals.get("__name__", ""))
    return where.startswith(("autograd_conformance.", "torch.testing."))
