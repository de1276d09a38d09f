"""Pairs: what the user's program holds in place of a tensor, a module, a dtype, a function ...

A pair holds torch's object and the subject's. Classes are paired by classes of Python's own, so
that ``isinstance`` answers and a program may subclass them (``nn.Module``, ``autograd.Function``).
"""

from __future__ import annotations

import collections
import copy
import functools
import inspect
import operator
import weakref
from collections.abc import Callable, Iterator, KeysView, Mapping, ValuesView
from types import FunctionType, ModuleType
from typing import Any

from autograd_conformance.lockstep.session import SESSION, call, trampolines
from autograd_conformance.subjects import MissingInSubject, attribute

#: The pair of an object of torch's, by the object's id, while somebody has the pair.
_PAIRS: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
_CLASSES: dict[tuple[type, type], Any] = {}
_PLAIN = (bool, int, float, complex, str, bytes)
_SLOT = "_lockstep_pair"


class PairedClass(type):
    """The class of the classes that stand for one of torch's and one of the subject's."""

    _sides: tuple[type, type] | None
    _of_user: bool

    def __new__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], sides: Any = None
    ) -> Any:
        of_user = False
        if sides is None:
            parents = [b for b in bases if isinstance(b, PairedClass) and b._sides]
            of_user = bool(parents)
            if of_user:
                sides = _subclasses(name, bases, namespace)
        made: Any = super().__new__(cls, name, bases, namespace)
        made._sides = sides
        made._of_user = of_user
        if of_user:
            _CLASSES[sides] = made
        return made

    def __init__(cls, name: str, bases: Any, namespace: Any, sides: Any = None) -> None:
        super().__init__(name, bases, namespace)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """An object: both sides are made, and initialised by the user's class if there is one."""
        if cls._sides is None:
            return super().__call__(*args, **kwargs)
        sides: tuple[Any, Any] = cls._sides
        expected, actual = sides
        if not cls._of_user:
            return call(f"{cls.__name__}()", expected, actual, *args, **kwargs)
        pair = _made(cls, expected.__new__(expected), actual.__new__(actual))
        object.__setattr__(pair._expected, _SLOT, pair)  # lives as long as torch's half
        pair.__init__(*args, **kwargs)
        return pair

    def __getattr__(cls, name: str) -> Any:
        sides = cls.__dict__.get("_sides")
        if sides is None or name.startswith("__"):
            raise AttributeError(name)
        return call(f"{cls.__name__}.{name}", *(functools.partial(getattr, s, name) for s in sides))

    def __instancecheck__(cls, instance: Any) -> bool:
        if super().__instancecheck__(instance):
            return True
        if cls.__dict__.get("_sides") is None:
            return False
        held = instance._expected if isinstance(instance, Pair) else instance
        return isinstance(held, cls._sides[0])  # type: ignore[index]


class Pair(metaclass=PairedClass):
    """Torch's object and the subject's."""

    _expected: Any
    _actual: Any

    def __getattr__(self, name: str) -> Any:
        if name in ("_expected", "_actual"):
            raise AttributeError(name)
        what = f"{type(self).__name__}.{name}"
        sides = (self._expected, self._actual)
        return call(what, *(functools.partial(getattr, side, name) for side in sides))

    def __setattr__(self, name: str, value: Any) -> None:
        known = hasattr(self._expected, name)
        sides = (self._expected, self._actual)
        what = f"setting {type(self).__name__}.{name}"
        call(what, *(functools.partial(setattr, side, name) for side in sides), value)
        if type(self)._of_user and not known and not isinstance(value, Pair):
            object.__setattr__(self, name, value)  # the very object: a list grows, say

    def __delattr__(self, name: str) -> None:
        self.__dict__.pop(name, None)
        sides = (self._expected, self._actual)
        call(f"deleting {name}", *(functools.partial(delattr, side, name) for side in sides))

    def __hash__(self) -> int:
        return id(self._expected)

    def __dir__(self) -> list[str]:
        return dir(self._expected)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        made = object.__new__(type(self))
        memo[id(self)] = made
        for side in ("_expected", "_actual"):
            object.__setattr__(made, side, copy.deepcopy(getattr(self, side), memo))
        _PAIRS[id(made._expected)] = made
        for name, value in self.__dict__.items():
            if name not in ("_expected", "_actual"):
                object.__setattr__(made, name, copy.deepcopy(value, memo))
        return made


class CallablePair(Pair):
    """A pair of functions, of modules: what may be called."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = getattr(self._expected, "__name__", type(self._expected).__name__)
        return call(name, self._expected, self._actual, *args, **kwargs)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """A decorated function in a class is a method, as it was."""
        return self if instance is None else functools.partial(self, instance)


def _forwarded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def forward(self: Any, *args: Any) -> Any:
        return call(name, function, function, self, *args)

    forward.__name__ = name
    return forward


def _reflected(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda self, other: function(other, self)


_UNARY = ("neg", "pos", "abs", "invert")
_REFLECTED = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
    *("and", "or", "xor", "lshift", "rshift"),
)
_BINARY = (*_REFLECTED, "eq", "ne", "lt", "le", "gt", "ge")


def _operator_named(name: str) -> Any:
    return getattr(operator, f"__{name}__")


def _add_operators(cls: Any) -> None:
    for name in (*_UNARY, *_BINARY):
        setattr(cls, f"__{name}__", _forwarded(f"__{name}__", _operator_named(name)))
    for name in _REFLECTED:
        reflected = _reflected(_operator_named(name))
        setattr(cls, f"__r{name}__", _forwarded(f"__r{name}__", reflected))
        setattr(cls, f"__i{name}__", _forwarded(f"__i{name}__", _operator_named(f"i{name}")))
    functions: dict[str, Callable[..., Any]] = {
        "len": len,
        "bool": bool,
        "int": int,
        "float": float,
        "complex": complex,
        "index": operator.index,
        "repr": repr,
        "str": str,
        "format": format,
        "iter": lambda value: list(iter(value)),
        "next": next,
        "contains": operator.contains,
        "getitem": operator.getitem,
        "setitem": operator.setitem,
        "delitem": operator.delitem,
        "enter": lambda value: value.__enter__(),
        "array": lambda value, *rest: value.__array__(*rest),
    }
    for name, function in functions.items():
        setattr(cls, f"__{name}__", _forwarded(f"__{name}__", function))


_add_operators(Pair)
_listed = Pair.__iter__
Pair.__iter__ = lambda self: iter(_listed(self))  # type: ignore[attr-defined]


def _leave(self: Any, *exception: Any) -> Any:
    """Both sides leave the block, with the exception that leaves it as it is."""
    sides = (self._expected, self._actual)
    return call("__exit__", *(lambda s=side: s.__exit__(*exception) for side in sides))


Pair.__exit__ = _leave  # type: ignore[attr-defined]


def _subclasses(name: str, bases: Any, namespace: dict[str, Any]) -> tuple[type, type]:
    """A subclass on each side: what the user overrides calls back, all else is the library's."""
    sides = []
    for side in (0, 1):
        parents = tuple(
            b._sides[side] if isinstance(b, PairedClass) and b._sides else b for b in bases
        )
        members: dict[str, Any] = {"__module__": namespace.get("__module__", __name__)}
        members["__qualname__"] = namespace.get("__qualname__", name)
        for key, value in namespace.items():
            overrides = any(hasattr(parent, key) for parent in parents)
            if key.startswith("__") or key == "_sides" or not overrides:
                continue
            members[key] = _on_side(value, side)
        sides.append(type(parents[0])(name, parents, members))
    return sides[0], sides[1]


def _on_side(value: Any, side: int) -> Any:
    if isinstance(value, staticmethod | classmethod):
        made = trampolines(value.__func__)[side]
        return type(value)(made)
    if isinstance(value, FunctionType):
        return trampolines(value)[side]
    return split(value)[side]


def _class_of(expected: type, actual: type) -> Any:
    """The class that stands for two: made once, with the functions that Python's classes have."""
    found = _CLASSES.get((expected, actual))
    if found is not None:
        return found
    bases = []
    for base in expected.__bases__:
        twin = next((c for c in actual.__mro__[1:] if c.__name__ == base.__name__), None)
        if base is not object and twin is not None:
            bases.append(_class_of(base, twin))
    is_called = "__call__" in dir(expected)
    plain = CallablePair if is_called and not _is_tensor(expected) else Pair
    if not any(issubclass(base, plain) for base in bases):
        bases.append(plain)
    members: dict[str, Any] = {}
    if not _is_tensor(expected):
        for name, value in vars(expected).items():
            if isinstance(value, FunctionType) and (
                name == "__init__" or not (name.startswith("__") or name in vars(Pair))
            ):
                members[name] = _method(expected, actual, name)
    made = PairedClass(expected.__name__, tuple(bases), members, sides=(expected, actual))
    _CLASSES[expected, actual] = made
    return made


def _is_tensor(cls: type) -> bool:
    return issubclass(cls, SESSION.torch.Tensor)


def _method(expected: type, actual: type, name: str) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        what = f"{expected.__name__}.{name}"
        ours, theirs = getattr(expected, name), getattr(actual, name)
        return call(what, ours, theirs, self, *args, **kwargs)

    method.__name__ = name
    return method


# From two to one ----------------------------------------------------------------------------------


def paired(what: str, expected: Any, actual: Any, dtype: str = "") -> Any:
    """What the user's program gets for two results, which are compared first.

    Plain numbers are compared as those of a tensor of ``dtype``.
    """
    if expected is actual:
        return expected
    torch = SESSION.torch
    if isinstance(expected, torch.Tensor) and SESSION.subject.is_tensor(actual):
        pair = _made(_class_of(type(expected), type(actual)), expected, actual)
        SESSION.check_pair(what, pair)
        SESSION.live[id(pair)] = pair
        return pair
    original = getattr(expected, "__lockstep__", None)
    if original and original[0] is expected:  # a decorator copies the mark
        return original[1]
    if expected is None or isinstance(expected, _PLAIN):
        SESSION.check_plain(what, expected, actual, dtype)
        return expected
    if isinstance(expected, torch.Size):
        SESSION.check_plain(what, tuple(expected), tuple(actual))
        return expected
    if isinstance(expected, ModuleType):
        return Namespace(expected.__name__, expected, actual)
    if isinstance(expected, type) and isinstance(actual, type):
        return _class_of(expected, actual)
    if isinstance(expected, tuple | list) and isinstance(actual, tuple | list):
        return _sequence(what, expected, actual, dtype)
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        SESSION.check_plain(f"keys of {what}", _texts(expected), _texts(actual))
        values = zip(expected.items(), actual.values(), strict=True)
        members = [(key, paired(f"{what}[{key!r}]", e, a)) for (key, e), a in values]
        return (
            collections.OrderedDict(members)
            if isinstance(expected, collections.OrderedDict)
            else dict(members)
        )
    if isinstance(expected, Iterator) and isinstance(actual, Iterator):
        return _pairs(what, expected, actual)
    if isinstance(expected, KeysView | ValuesView) or type(expected).__name__ == "odict_values":
        return _sequence(what, list(expected), list(actual), dtype)
    if type(expected).__module__ == "numpy":
        SESSION.check_plain(what, expected.tolist(), actual.tolist(), f"torch.{expected.dtype}")
        return expected
    return _object(what, expected, actual)


def _texts(mapping: Any) -> list[str]:
    return [str(key) for key in mapping]


def _sequence(what: str, expected: Any, actual: Any, dtype: str) -> Any:
    SESSION.check_plain(f"number of members of {what}", len(expected), len(actual))
    members = [
        paired(f"{what}[{i}]", e, a, dtype)
        for i, (e, a) in enumerate(zip(expected, actual, strict=True))
    ]
    names = getattr(expected, "_fields", None) or getattr(expected, "__match_args__", None)
    if names:  # a named tuple, or one of torch's return types
        return collections.namedtuple(type(expected).__name__, names)(*members)
    return members if isinstance(expected, list) else tuple(members)


def _pairs(what: str, expected: Any, actual: Any) -> Iterator[Any]:
    end = object()
    while True:
        ours, theirs = next(expected, end), next(actual, end)
        if (ours is end) != (theirs is end):
            raise SESSION.differ(f"number of members of {what} differs", ours, theirs)
        if ours is end:
            return
        yield paired(what, ours, theirs)


def _object(what: str, expected: Any, actual: Any) -> Any:
    if actual is None or isinstance(actual, _PLAIN):
        raise SESSION.differ(f"{what}: kind differs", expected, actual)
    if type(expected).__name__ == type(actual).__name__ and hasattr(type(expected), "__mro__"):
        return _made(_class_of(type(expected), type(actual)), expected, actual)
    if hasattr(expected, "next_functions"):
        SESSION.check_plain(f"{what}: node", expected.name(), actual.name())
    return _made(CallablePair if callable(expected) else Pair, expected, actual)


def _made(cls: Any, expected: Any, actual: Any) -> Any:
    """The pair of two objects: the one there is, or a new one."""
    pair = _PAIRS.get(id(expected))
    if pair is not None and pair._expected is expected and pair._actual is actual:
        return pair
    pair = object.__new__(cls)
    object.__setattr__(pair, "_expected", expected)
    object.__setattr__(pair, "_actual", actual)
    _PAIRS[id(expected)] = pair
    return pair


# From one to two ----------------------------------------------------------------------------------


class Split:
    """Takes arguments apart into both sides', and remembers the tensors among them."""

    def __init__(self) -> None:
        self.tensors: list[Any] = []

    def __call__(self, value: Any) -> tuple[Any, Any]:
        if isinstance(value, Pair):
            if isinstance(value._expected, SESSION.torch.Tensor):
                self.tensors.append(value)
            return value._expected, value._actual
        if isinstance(value, PairedClass):
            return value._sides or (value, value)
        if isinstance(value, Namespace):
            return value._expected, value._actual
        if value is None or isinstance(value, _PLAIN):
            return value, value
        if isinstance(value, SESSION.torch.Size):
            return value, SESSION.subject.module.Size(value)
        if isinstance(value, tuple | list):
            both = [self(member) for member in value]
            sides = [[pair[side] for pair in both] for side in (0, 1)]
            if hasattr(value, "_fields"):
                return type(value)(*sides[0]), type(value)(*sides[1])
            return type(value)(sides[0]), type(value)(sides[1])
        if isinstance(value, dict):
            pairs = {key: self(member) for key, member in value.items()}
            keys = {key: self(key) for key in value}
            made = [{keys[k][side]: pair[side] for k, pair in pairs.items()} for side in (0, 1)]
            if isinstance(value, collections.OrderedDict):
                return collections.OrderedDict(made[0]), collections.OrderedDict(made[1])
            return made[0], made[1]
        if isinstance(value, set | frozenset):
            both = [self(member) for member in value]
            return type(value)(p[0] for p in both), type(value)(p[1] for p in both)
        if isinstance(value, slice):
            parts = [self(part) for part in (value.start, value.stop, value.step)]
            return slice(*(p[0] for p in parts)), slice(*(p[1] for p in parts))
        if isinstance(value, Iterator):
            return self(list(value))
        if type(value).__module__ == "numpy" and hasattr(value, "copy"):
            return value, value.copy()  # or both would write to one array
        if isinstance(value, type) or not callable(value):
            return value, value
        return trampolines(value)


def split(value: Any) -> tuple[Any, Any]:
    """Both sides of a value."""
    return Split()(value)


class Namespace(ModuleType):
    """A module of torch's and the subject's: its names are pairs, found when they are used."""

    def __init__(self, name: str, expected: Any, actual: Any) -> None:
        super().__init__(name)
        self._expected = expected
        self._actual = actual
        self.__path__: list[str] = []  # modules below are found as members

    def __getattr__(self, name: str) -> Any:
        return member(self, name)

    def __dir__(self) -> list[str]:
        return dir(self._expected)


def member(space: Any, name: str) -> Any:
    """A name of a pair of modules.

    Raises:
        AttributeError: torch has no such name, or the subject has not.
    """
    if name.startswith("__"):
        raise AttributeError(name)
    where = f"{space._expected.__name__}.{name}"
    try:
        expected = attribute(space._expected, name, where)
    except MissingInSubject:
        raise AttributeError(f"torch has no {where}") from None
    try:
        actual = attribute(space._actual, name, where)
    except MissingInSubject:
        raise AttributeError(f"{SESSION.subject.label} has no {where}") from None
    if inspect.isfunction(expected) or inspect.isbuiltin(expected):
        return _made(CallablePair, expected, actual)
    return paired(where, expected, actual)
