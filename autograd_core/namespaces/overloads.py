"""The text in which torch says that no overload of a function takes the arguments given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def no_overload(
    name: str,
    given: Sequence[Any],
    signatures: Sequence[str],
    named: Mapping[str, Any] | None = None,
) -> TypeError:
    """Return torch's error: what was given, and the signatures there are.

    A signature with just as many parameters as there are arguments, or none, says which of them do
    not fit.
    """
    types = [type_text(value) for value in given]
    by_name = {key: type_text(value) for key, value in (named or {}).items()}
    got = ", ".join([*types, *(f"{key}={kind}" for key, kind in by_name.items())])
    if by_name and not types:
        got += ", "
    start = f"{name}() received an invalid combination of arguments - "
    if len(signatures) == 1:
        known = [part.split(" = ")[0].rpartition(" ")[2] for part in signatures[0].split(", ")]
        strange = [key for key in by_name if key not in known]
        if strange:
            return TypeError(f"{start}got unrecognized keyword arguments: {', '.join(strange)}")
        return TypeError(f"{start}got ({got}), but expected ({signatures[0]})")
    lines = [f"{start}got ({got}), but expected one of:"]
    for signature in signatures:
        lines.append(f" * ({signature})")
        parameters = signature.split(", ") if signature else []
        wanted = [p.split(" = ")[0].rpartition(" ")[0] for p in parameters]
        names = [p.split(" = ")[0].rpartition(" ")[2] for p in parameters]
        if len(wanted) not in (0, len(types) + len(by_name)):
            continue
        strange = [key for key in by_name if key not in names]
        if strange:
            lines.append(
                "      didn't match because some of the keywords were incorrect: "
                f"{', '.join(strange)}"
            )
        else:
            marked = [f"!{have}!" for have in types]
            for k, want in enumerate(wanted[: len(types)]):
                marked[k] = want if types[k] == want else marked[k]
            for key, kind in by_name.items():
                fits = wanted[names.index(key)] == kind
                marked.append(f"{key}={kind}" if fits else f"!{key}={kind}!")
            lines.append(
                "      didn't match because some of the arguments have invalid types: "
                f"({', '.join(marked)})"
            )
    return TypeError("\n".join(lines) + "\n")


def type_text(value: Any) -> str:
    """Return the type of an argument in torch's words: of a list or tuple those of its members."""
    if isinstance(value, tuple):
        inner = ", ".join(map(type_text, value))
        return f"tuple of ({inner}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"list of [{', '.join(map(type_text, value))}]"
    return type(value).__name__
