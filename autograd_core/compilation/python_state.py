"""What a function sees of Python besides its Tensors: walked before a trace, guarded afterwards.

From the arguments, and from what the function's code names (closures, globals, ``self``), the walk
goes through containers, objects and functions. Numbers and the like are guarded by value, objects
by identity, Tensors are found. What containers held is kept, so that a run can be taken back, and
it can be seen whether it changed anything.
"""

from __future__ import annotations

import builtins
import functools
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from ..dtypes import DType
from ..engine.modes import Untraceable
from ..generator import Generator
from ..sizes import Size
from ..tensor import Tensor, device, layout

LIBRARY = __name__.partition(".")[0]
STATEFUL = (f"{LIBRARY}.nn", f"{LIBRARY}.optim")
"""Where the library's own objects with a state of Python come from."""
MOST = 20_000
"""Objects that are looked at."""
EQUAL = (int, float, complex, str, bytes)
SAME = (type(None), bool, DType, device, layout, type, type(Ellipsis), type(NotImplemented))
CONTAINERS = (list, tuple, dict, OrderedDict, defaultdict, set, deque, Size)


class PythonState:
    """What was found in a walk.

    Attributes:
        binds: lines that give names to parts of the arguments.
        guards: expressions, each true while what they say holds.
        scope: the objects that lines and guards name.
        tensors: each Tensor with the expression that gets it.
    """

    def __init__(self) -> None:
        self.binds: list[str] = []
        self.guards: list[str] = []
        self.scope: dict[str, Any] = {}
        self.tensors: list[tuple[Tensor, str]] = []
        self.generators: list[Generator] = []
        self._accesses: dict[int, str] = {}
        self._seen: dict[int, Any] = {}
        self._kept: list[tuple[Any, Any]] = []
        self._count = 0

    def walk(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Look at a function and the arguments that it is to be called with."""
        self.guards.append(f"len(args) == {len(args)}")
        self.guards.append(
            f"kwargs.keys() == {self.named(set(kwargs))}" if kwargs else "not kwargs"
        )
        for k, value in enumerate(args):
            self._look(value, f"args[{k}]", True)
        for key, value in kwargs.items():
            self._look(value, f"kwargs[{key!r}]", True)
        self._inside(function)

    def named(self, value: Any, letter: str = "k") -> str:
        """Return a name for an object."""
        name = f"{letter}{len(self.scope)}"
        self.scope[name] = value
        return name

    def _look(self, value: Any, path: str, given: bool) -> None:
        """Guard what is at a path; ``given`` is for arguments, which are others at each call."""
        self._count += 1
        if self._count > MOST:
            raise Untraceable("more Python state is in reach than can be guarded")
        kind = type(value)
        if isinstance(value, Tensor):
            self._tensor(value, path, given)
        elif isinstance(value, SAME):
            constant = repr(value) if value is None or kind is bool else self.named(value)
            self.guards.append(f"{path} is {constant}")
        elif isinstance(value, EQUAL):
            self._equal(value, path)
        elif given and kind in CONTAINERS and kind is not set:
            self._container(value, path, True)
        else:
            if isinstance(value, Generator):
                self.generators.append(value)
            name = self.named(value)
            self.guards.append(f"{path} is {name}")
            self._inside(value, name)

    def _equal(self, value: Any, path: str) -> None:
        name = self.named(value)
        kind = self.named(type(value))
        if value != value or (type(value) in (float, complex) and not value):
            self.guards.append(f"(type({path}) is {kind} and repr({path}) == {repr(value)!r})")
            return
        self.guards.append(f"({path} is {name} or type({path}) is {kind} and {path} == {name})")

    def _tensor(self, value: Tensor, path: str, given: bool) -> None:
        known = self._accesses.get(id(value))
        if known is not None:
            self.guards.append(f"{path} is {known}")
            return
        if given:
            name = f"t{len(self.tensors)}"
            self.guards.append(f"isinstance({name} := {path}, Tensor)")
        else:
            name = self.named(value, "t_")
            self.guards.append(f"{path} is {name}")
        self._accesses[id(value)] = name
        self.tensors.append((value, name))

    def _container(self, value: Any, path: str, given: bool) -> None:
        kind = type(value)
        if given:
            self.guards.append(f"type({path}) is {self.named(kind)}")
        self.guards.append(f"len({path}) == {len(value)}")
        if isinstance(value, dict):
            keys = list(value)
            if given:
                self.guards.append(f"list({path}) == {self.named(keys)}")
            elif not all(isinstance(key, str) for key in keys):
                self.guards.append(f"all(map(is_, {path}, {self.named(keys)}))")
            for key in keys:
                index = repr(key) if isinstance(key, (str, int)) else self.named(key)
                self._look(value[key], f"{path}[{index}]", given)
        else:
            for k, member in enumerate(value):
                self._look(member, f"{path}[{k}]", given)
        self._keep(value)

    def _inside(self, value: Any, name: str = "") -> None:
        """Look into an object that is known by identity."""
        if id(value) in self._seen:
            return
        self._seen[id(value)] = value
        kind = type(value)
        if kind in CONTAINERS:
            name = name or self.named(value)
            if kind is set:
                self._keep(value)
                self.guards.append(f"len({name}) == {len(value)}")
            elif kind is tuple or kind is Size:
                for k, member in enumerate(value):
                    self._look(member, f"{name}[{k}]", False)
            else:
                self._container(value, name, False)
        elif isinstance(value, FunctionType):
            self._function(value)
        elif isinstance(value, MethodType):
            self._inside(value.__func__)
            self._inside(value.__self__)
        elif isinstance(value, functools.partial):
            self._inside(value.func)
            self._inside(value.args)
            self._inside(value.keywords)
        elif not isinstance(value, (type, ModuleType)) and _is_stateful(kind):
            self._object(value)

    def _object(self, value: Any) -> None:
        members = getattr(value, "__dict__", None)
        if type(members) is dict:
            self._inside(members)
        for kind in type(value).__mro__:
            if not _is_foreign(kind.__module__):
                for member in vars(kind).values():
                    function = getattr(member, "__func__", member)
                    if isinstance(function, FunctionType):
                        self._inside(function)

    def _function(self, function: FunctionType) -> None:
        if _is_foreign(function.__module__ or ""):
            wrapped = getattr(function, "__wrapped__", None)
            if wrapped is not None:
                self._inside(wrapped)
            return
        for cell in function.__closure__ or ():
            self._cell(cell)
        for default in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self._inside(default)
            if isinstance(default, Tensor):
                self._look(default, self.named(default), False)
        scope = function.__globals__
        names = _names(function.__code__)
        known = [name for name in names if name in scope]
        if not known:
            return
        path = self.named(scope, "g")
        for name in known:
            value = scope[name]
            if isinstance(value, ModuleType):
                self._module(value, names)
            elif not isinstance(value, type):
                self._look(value, f"{path}[{name!r}]", False)
        self._keep_names(scope, known)

    def _module(self, module: ModuleType, names: frozenset[str]) -> None:
        """Look at what code may name of a module of the user's."""
        if _is_foreign(module.__name__) or id(module) in self._seen:
            return
        self._seen[id(module)] = module
        scope = vars(module)
        path = self.named(scope, "g")
        for name in names:
            value = scope.get(name)
            if name in scope and not isinstance(value, (ModuleType, type)):
                self._look(value, f"{path}[{name!r}]", False)

    def _cell(self, cell: CellType) -> None:
        if id(cell) in self._seen:
            return
        self._seen[id(cell)] = cell
        try:
            value = cell.cell_contents
        except ValueError:  # empty as yet
            return
        self._kept.append((cell, value))
        self._look(value, f"{self.named(cell, 'cell')}.cell_contents", False)

    # What the run changes -----------------------------------------------------------------------

    def _keep(self, value: Any) -> None:
        if type(value) not in (tuple, Size):
            self._kept.append((value, _copied(value)))

    def _keep_names(self, scope: dict[str, Any], names: list[str]) -> None:
        self._kept.append((_Names(scope, names), [scope[name] for name in names]))

    def changed(self) -> bool:
        """Whether something in reach is not what it was."""
        return any(not _is_same(_contents(holder), before) for holder, before in self._kept)

    def restore(self) -> None:
        """Make everything in reach what it was."""
        for holder, before in self._kept:
            if _is_same(_contents(holder), before):
                continue
            if isinstance(holder, CellType):
                holder.cell_contents = before
            elif isinstance(holder, _Names):
                holder.scope.update(zip(holder.names, before, strict=True))
            elif isinstance(holder, list):
                holder[:] = before
            else:
                holder.clear()
                (holder.extend if isinstance(holder, deque) else holder.update)(before)


class _Names:
    """Some names of a scope."""

    def __init__(self, scope: dict[str, Any], names: list[str]) -> None:
        self.scope = scope
        self.names = names


def _contents(holder: Any) -> Any:
    if isinstance(holder, CellType):
        try:
            return holder.cell_contents
        except ValueError:
            return _contents
    if isinstance(holder, _Names):
        return [holder.scope.get(name) for name in holder.names]
    return holder


def _copied(value: Any) -> Any:
    return (
        dict(value) if isinstance(value, dict) else set(value) if type(value) is set else [*value]
    )


def _is_same(now: Any, before: Any) -> bool:
    """Whether the members of a container, or an object itself, are the ones from before."""
    if isinstance(before, dict) and isinstance(now, dict):
        return list(now) == list(before) and all(
            _is_equal(now[key], value) for key, value in before.items()
        )
    if isinstance(before, list) and isinstance(now, (list, deque)):
        return len(now) == len(before) and all(map(_is_equal, now, before))
    if isinstance(before, set) and isinstance(now, set):
        return len(now) == len(before) and now == before
    return _is_equal(now, before)


def _is_equal(now: Any, before: Any) -> bool:
    return now is before or (
        type(now) is type(before) and isinstance(before, EQUAL) and repr(now) == repr(before)
    )


@functools.lru_cache(maxsize=4096)
def _names(code: CodeType) -> frozenset[str]:
    """Return the globals and attributes that code names, that of functions inside of it, too."""
    inner = [_names(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return frozenset(code.co_names).union(*inner)


def _is_foreign(module: str) -> bool:
    """Whether a module is the library's, or Python's own."""
    root = module.partition(".")[0]
    return root == LIBRARY or root in sys.stdlib_module_names or root == builtins.__name__


def _is_stateful(kind: type) -> bool:
    module = kind.__module__
    if module.startswith(STATEFUL):
        return True
    return not _is_foreign(module) and module.partition(".")[0] not in ("numpy", "scipy")
