"""How calls of kernels are written in compiled functions: as the NumPy that the kernel comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from .arrays import _row_major
from .element_types import WIDE

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


PLAIN = frozenset(map(np.dtype, "?bBhHiIlLqQfdFD"))


class StraightLines:
    """What the writer of compiled functions asks of a backend, answered for NumPy."""

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

    def as_derived(self, natives: Sequence[Any]) -> bool:
        """Whether derived kernels, which round 16-bit floats once, are as derived for dtypes."""
        return not any(native in WIDE for native in natives)

    def operand(self, number: Any, native: Any) -> Any:
        """A number as a 0-d array, which a ufunc takes in half the time; None if it is none."""
        if native.kind != "f" or not isinstance(number, (int, float, np.floating)):
            return None
        if isinstance(number, np.floating) and number.dtype != native:
            return None
        return np.array(number, native)

    def text(
        self, name: str, args: Sequence[str], values: Sequence[Any], result: Any, first: Any
    ) -> str | None:
        """The expression that a call of a kernel comes to, None where that is the call.

        ``result`` and ``first`` are the facts of the result and of the first argument.
        """
        if name == "full" and values[1] == 0 and type(values[1]) is int and result.native in PLAIN:
            return f"zeros({args[0]}, {result.native.char!r})"
        if name == "stack" and values[1] == 0 and len(result.shape) > 1 and 0 not in result.shape:
            return f"concatenate({args[0]}).reshape({result.shape!r})"
        if first is None or first.kind is not np.ndarray or not first.shape or 0 in result.shape:
            return None
        if name in ("select", "slice"):
            dim, *rest = values[1:]
            index = [":"] * dim
            if name == "select":
                index += [str(int(rest[0])), "..."]
            else:
                start, end, step = map(int, rest)
                index.append(f"{start}:{end}" + (f":{step}" if step != 1 else ""))
            return f"{args[0]}[{', '.join(index)}]"
        if name == "permute":
            return f"{args[0]}.transpose({args[1]})"
        if name in ("clone", "view") and 1 not in (*first.shape, *result.shape):
            row_major = first.strides == tuple(_row_major(first.shape))
            if row_major and name == "clone" and len(values) == 1:
                return f"{args[0]}.copy()"
            if row_major and name == "view":
                return f"{args[0]}.reshape({args[1]})"
        return None

    scope: ClassVar[Mapping[str, Any]] = {"concatenate": np.concatenate, "zeros": np.zeros}

    def write(self, target: str, source: str, facts: Any) -> str | None:
        """The statement that writes an array into another, None where that is the call."""
        into, of = facts
        if into.native == of.native and into.kind is np.ndarray:
            return f"{target}[...] = {source}"
        return None
