"""The text in which torch says that no overload of a function takes the arguments given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def no_overload(name: str, given: Sequence[Any], signatures: Sequence[str]) -> TypeError:
    """Return torch's error: what was given, and the signatures there are.

    A signature with just as many parameters as there are arguments, or none, says which of them do
    not fit.
    """
    types = [type(value).__name__ for value in given]
    lines = [
        f"{name}() received an invalid combination of arguments - got ({', '.join(types)}), "
        "but expected one of:"
    ]
    for signature in signatures:
        lines.append(f" * ({signature})")
        parameters = [
            parameter for parameter in signature.split(", ") if parameter not in ("*", "")
        ]
        wanted = [parameter.split()[0] for parameter in parameters]
        if len(wanted) in (0, len(types)):
            marked = [f"!{have}!" for have in types]
            for k, want in enumerate(wanted):
                marked[k] = want if types[k] == want else marked[k]
            lines.append(
                "      didn't match because some of the arguments have invalid types: "
                f"({', '.join(marked)})"
            )
    return TypeError("\n".join(lines) + "\n")
