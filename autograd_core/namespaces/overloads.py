"""The text in which torch says that no overload of a function takes the arguments given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def no_overload(name: str, given: Sequence[Any], signatures: Sequence[str]) -> TypeError:
    """Return torch's error: what was given, and the signatures there are.

    A signature with just as many parameters as there are arguments says which of them do not fit.
    """
    types = [type(value).__name__ for value in given]
    lines = [
        f"{name}() received an invalid combination of arguments - got ({', '.join(types)}), "
        "but expected one of:"
    ]
    for signature in signatures:
        lines.append(f" * ({signature})")
        wanted = [parameter.split()[0] for parameter in signature.split(", ") if parameter != "*"]
        if len(wanted) == len(types):
            marked = [
                have if have == want else f"!{have}!"
                for have, want in zip(types, wanted, strict=True)
            ]
            lines.append(
                "      didn't match because some of the arguments have invalid types: "
                f"({', '.join(marked)})"
            )
    return TypeError("\n".join(lines) + "\n")
