"""How calls of kernels are written in compiled functions: as the NumPy that the kernel comes to."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

UFUNCS: dict[str, Any] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.true_divide,
    "truediv": np.true_divide,
    "neg": np.negative,
    "square": np.square,
    **{
        name: getattr(np, ufunc)
        for name, ufunc in {
            "exp": "exp",
            "log": "log",
            "log1p": "log1p",
            "sqrt": "sqrt",
            "sin": "sin",
            "cos": "cos",
            "tan": "tan",
            "asin": "arcsin",
            "acos": "arccos",
            "atan": "arctan",
            "sinh": "sinh",
            "cosh": "cosh",
            "asinh": "arcsinh",
            "acosh": "arccosh",
            "atanh": "arctanh",
            "floor": "floor",
            "ceil": "ceil",
            "trunc": "trunc",
            "round": "rint",
            "maximum": "maximum",
            "minimum": "minimum",
            "abs": "absolute",
        }.items()
    },
}
"""By the kernel's name, what computes it and takes memory to write the result to."""


class StraightLines:
    """What the writer of compiled functions asks of a backend, answered for NumPy."""

    unboxed: ClassVar[Mapping[Any, str]] = {}
    strides_attribute: ClassVar[str] = "strides"

    def takes_memory(self, name: str) -> bool:
        """Whether a kernel's result can be computed in memory that is there."""
        return name in UFUNCS

    def raw_strides(self, strides: Sequence[int], itemsize: int) -> tuple[int, ...]:
        """The attribute of an array that has these strides in elements."""
        return tuple([step * itemsize for step in strides])

    def into(self, name: str) -> Any:
        """What computes a kernel with one more argument, the memory for its result."""
        return UFUNCS[name]

    def text(self, name: str, args: Sequence[str], values: Sequence[Any], facts: Any) -> str | None:
        """The expression that a call of a kernel comes to, None where that is the call.

        ``facts`` are those of the result and of the first argument.
        """
        result, first = facts
        if name in ("select", "slice") and first.shape and 0 not in result.shape:
            dim, *rest = values[1:]
            if not all(type(operator.index(number)) is int for number in (dim, *rest)):
                return None
            index = [":"] * dim
            if name == "select":
                index += [str(int(rest[0])), "..."]
            else:
                start, end, step = map(int, rest)
                index.append(f"{start}:{end}" + (f":{step}" if step != 1 else ""))
            return f"{args[0]}[{', '.join(index)}]"
        if name == "permute" and 0 not in result.shape and first.shape:
            return f"{args[0]}.transpose({args[1]})"
        return None

    def write(self, target: str, source: str, facts: Any) -> str | None:
        """The statement that writes an array into another, None where that is the call."""
        into, of = facts
        if into.native == of.native and into.kind is np.ndarray:
            return f"{target}[...] = {source}"
        return None
