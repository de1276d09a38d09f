"""Calls OpInfo's callables on a subject.

A torch function is resolved by its public path; a function of OpInfo's own (a lambda, a wrapper)
is run as it is written with `torch` in its globals and closure replaced by the subject.
"""

from __future__ import annotations

import functools
import operator
import types
from collections.abc import Callable
from typing import Any

import torch

from autograd_conformance.subjects import Namespace, Subject

_NAMESPACES = ("", "nn.functional", "linalg", "fft", "special", "sparse", "masked", "Tensor")
_INTERNAL = "torch.testing."


def _walk(path: str) -> Any:
    return functools.reduce(getattr, path.split("."), torch) if path else torch


@functools.cache
def _public_paths() -> dict[int, str]:
    """Public path of every function object in torch's public namespaces, by object identity."""
    paths: dict[int, str] = {}
    for namespace in _NAMESPACES:
        owner = _walk(namespace)
        for name in dir(owner):
            value = getattr(owner, name, None)
            if callable(value) and not isinstance(value, type):
                paths.setdefault(id(value), f"{namespace}.{name}".lstrip("."))
    return paths


def public_path(function: Any, hint: str = "") -> str | None:
    """The public path of a torch function, `hint` first (OpInfo's name), or None if it has none."""
    if isinstance(function, torch._ops.OpOverload):
        return f"ops.aten.{function._opname}.{function._overloadname}"
    if isinstance(function, torch._ops.OpOverloadPacket):
        return f"ops.aten.{function._qualified_op_name.split('::')[-1]}"
    if hint:
        try:
            if _walk(hint) is function:
                return hint
        except AttributeError:
            pass
    return _public_paths().get(id(function))


def bind(function: Any, subject: Subject, hint: str = "") -> Callable[..., Any]:
    """`function`, a callable out of OpInfo, as a callable on the subject's tensors.

    Raises MissingInSubject when the subject has no such public name.
    """
    if subject.is_torch and "wrapper_set_seed" not in _names(getattr(function, "__code__", None)):
        return function  # type: ignore[no-any-return]
    bound: Callable[..., Any] = _translate(function, subject, hint, {})
    return bound


def _seeded(subject: Subject) -> Callable[..., Any]:
    """OpInfo's `wrapper_set_seed` on the subject, which puts back what the op does to the stream.

    Here that stays, to be seen.
    """

    def wrapper_set_seed(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        subject.seed(42)
        return op(*args, **kwargs)

    return wrapper_set_seed


def _translate(value: Any, subject: Subject, hint: str, done: dict[int, Any]) -> Any:
    """What stands for `value` on the subject: module, dtype, function; other things unchanged."""
    if id(value) in done:
        return done[id(value)]
    if isinstance(value, types.ModuleType):
        if value.__name__ == "torch":
            return subject.namespace
        if value.__name__.startswith("torch.") and not value.__name__.startswith(_INTERNAL):
            name = value.__name__.removeprefix("torch.")
            return Namespace(subject.resolve(name), name)
        return value
    if isinstance(value, torch.dtype | torch.memory_format | torch.layout):
        return subject.resolve(str(value).removeprefix("torch."))
    if isinstance(value, type):
        if value.__module__ == "torch" or value is torch.Tensor:
            return subject.resolve(value.__name__)
        return value
    if isinstance(value, functools.partial):
        return functools.partial(
            _translate(value.func, subject, "", done),
            *(_translate(a, subject, "", done) for a in value.args),
            **{k: _translate(v, subject, "", done) for k, v in value.keywords.items()},
        )
    if not callable(value) or getattr(operator, getattr(value, "__name__", ""), None) is value:
        return value
    path = public_path(value, hint)
    if path is not None:
        return subject.resolve(path)
    if isinstance(value, types.FunctionType) and value.__module__.startswith(_INTERNAL):
        if value.__name__ == "wrapper_set_seed":
            return _seeded(subject)
        return _rebound(value, subject, done)
    return value


def _names(code: types.CodeType | None) -> set[str]:
    """Every global name that a code object or one nested in it may read."""
    if code is None:
        return set()
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names(constant)
    return names


def _rebound(function: types.FunctionType, subject: Subject, done: dict[int, Any]) -> Any:
    """A copy of `function` whose globals, closure and defaults speak of the subject."""
    namespace = {"__builtins__": __builtins__, "__name__": function.__module__}
    cells = tuple(types.CellType() for _ in function.__closure__ or ())
    copy = types.FunctionType(function.__code__, namespace, function.__name__, None, cells)
    done[id(function)] = copy
    for name in _names(function.__code__) & function.__globals__.keys():
        namespace[name] = _translate(function.__globals__[name], subject, "", done)
    for cell, original in zip(cells, function.__closure__ or (), strict=True):
        cell.cell_contents = _translate(original.cell_contents, subject, "", done)
    copy.__defaults__ = _translated_tuple(function.__defaults__, subject, done)
    if function.__kwdefaults__:
        copy.__kwdefaults__ = {
            k: _translate(v, subject, "", done) for k, v in function.__kwdefaults__.items()
        }
    return copy


def _translated_tuple(
    values: tuple[Any, ...] | None, subject: Subject, done: dict[int, Any]
) -> tuple[Any, ...] | None:
    return None if values is None else tuple(_translate(v, subject, "", done) for v in values)
