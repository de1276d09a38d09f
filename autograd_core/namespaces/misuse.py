"""What torch says of a call that fits no signature; asked only after a call has failed.

``signatures.txt`` holds the signatures of torch's compiled functions, a line each, the first behind
the names of all functions that have them; ``(hidden)`` stands for one that torch does not show.
They are tried in torch's order and by its rules.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..tensor import Tensor
from .overloads import no_overload

_HIDDEN = "hidden"
_TAKE_NUMBERS = {
    *("add", "sub", "subtract", "mul", "multiply", "remainder"),
    *("div", "divide", "true_divide", "floor_divide"),
}
"""The functions whose tensors may be numbers."""


class _Parameter(NamedTuple):
    """One parameter of a signature, in torch's words."""

    kind: str
    name: str
    required: bool
    takes_none: bool
    keyword_only: bool


@functools.cache
def _signatures() -> Mapping[str, list[str]]:
    table: dict[str, list[str]] = {}
    # importlib.resources would find it, too, after 10 ms of imports.
    with open(os.path.join(os.path.dirname(__file__), "signatures.txt"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    alike: list[str] = []
    for line in lines:
        names, _, rest = line.partition("(")
        if names:
            alike = []
            table.update(dict.fromkeys(names.split(), alike))
        alike.append(rest[:-1])
    return table


def _parameters(signature: str) -> list[_Parameter]:
    found = []
    keyword_only = False
    for part in signature.split(", ") if signature else ():
        if part == "*":
            keyword_only = True
            continue
        declared, _, default = part.partition(" = ")
        kind, _, name = declared.rpartition(" ")
        found.append(_Parameter(kind, name, not default, default == "None", keyword_only))
    return found


def is_known(path: str) -> bool:
    """Whether torch's function of that path is compiled, and its signatures are known."""
    return path in _signatures()


def misuse(path: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> TypeError | None:
    """Return torch's error for a call; None if it fits a signature, or torch's are not known."""
    signatures = _signatures().get(path)
    if signatures is None:
        return None
    under, _, name = path.rpartition(".")
    if under in ("linalg", "special", "fft"):
        name = f"{under}_{name}"
    shown = [signature for signature in signatures if signature != _HIDDEN]
    complaints = [_complaint(name, _parameters(s), args, kwargs) for s in shown]
    if None in complaints:
        return None
    if len(signatures) == 1:
        return TypeError(complaints[0])
    count = len(args) + len(kwargs)
    plausible = [
        complaint
        for complaint, signature in zip(complaints, shown, strict=True)
        if sum(p.required for p in _parameters(signature)) <= count <= len(_parameters(signature))
    ]
    if len(plausible) == 1:
        return TypeError(plausible[0])
    return no_overload(name, args, shown, kwargs)


def raise_misuse(path: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Raise torch's error for a call that has failed, if it fits no signature."""
    error = misuse(path, args, kwargs)
    if error is not None:
        raise error from None


def _complaint(
    name: str, parameters: Sequence[_Parameter], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> str | None:
    """Return what does not fit one signature, None if all does."""
    places = [p for p in parameters if not p.keyword_only]
    least = sum(p.required for p in places)
    numbers_one_by_one = len(places) == 1 and places[0].kind == "tuple of ints"
    too_many = (
        f"{name}() takes "
        + (f"from {least} to {len(places)}" if least != len(places) else f"{len(places)}")
        + f" positional argument{'s' if len(places) > 1 else ''} but {len(args)} were given"
    )
    if len(args) > len(places) and not numbers_one_by_one:
        return too_many
    used = 0
    for k, parameter in enumerate(parameters):
        by_place = k < len(args) and not parameter.keyword_only
        if by_place:
            value = args[k]
        elif parameter.name in kwargs:
            value = kwargs[parameter.name]
            used += 1
        elif parameter.required:
            return _missing(name, parameters[k:], kwargs)
        else:
            continue
        if _fits(parameter, value, name):
            continue
        if by_place and numbers_one_by_one and all(map(_is_int, args)):
            break
        where = f" (position {k + 1})" if by_place else ""
        wrong = f"not {type(value).__name__}"
        if parameter.kind == "tuple of ints" and isinstance(value, list | tuple):
            wrong = f"but found element of type {type(value[0]).__name__} at pos 0"
        return f"{name}(): argument '{parameter.name}'{where} must be {parameter.kind}, {wrong}"
    if used < len(kwargs):
        known = {p.name: k for k, p in enumerate(parameters)}
        for key in kwargs:
            if key not in known:
                return f"{name}() got an unexpected keyword argument '{key}'"
            if known[key] < len(args):
                return f"{name}() got multiple values for argument '{key}'"
    return None


def _missing(name: str, rest: Sequence[_Parameter], kwargs: Mapping[str, Any]) -> str:
    by_keyword = rest[0].keyword_only
    names = [
        f'"{p.name}"'
        for p in rest
        if p.required and p.keyword_only is by_keyword and p.name not in kwargs
    ]
    plural = "s" if len(names) == 1 else ""  # torch has it the other way round
    return f"{name}() missing {len(names)} required positional argument{plural}: {', '.join(names)}"


def _fits(parameter: _Parameter, value: Any, name: str) -> bool:
    if value is None:
        return parameter.takes_none
    check = _CHECKS.get(parameter.kind)
    if check is None or check(value):
        return True
    return parameter.kind == "Tensor" and name in _TAKE_NUMBERS and _is_number(value)


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Tensor)


def _is_single(value: Any) -> bool:
    return isinstance(value, Tensor) and value.ndim == 0


def _is_int(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.ndim == 0 and not value._dtype.is_inexact
    return hasattr(value, "__index__") and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float | complex) or hasattr(value, "__float__")


def _is_float(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.ndim == 0
    return hasattr(value, "__float__")


def _are_ints(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return not value or _is_int(value[0])  # torch looks at the others when it reads them
    return _is_int(value)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "Tensor": _is_tensor,
    "Number": lambda value: _is_single(value) or _is_number(value),
    "int": _is_int,
    "float": _is_float,
    "bool": lambda value: isinstance(value, bool) or type(value).__name__ == "bool_",
    "str": lambda value: isinstance(value, str),
    "tuple of ints": _are_ints,
    "tuple of Tensors": lambda value: isinstance(value, list | tuple),
}
