"""How compiled functions compute with 0-d arrays: as Python's own numbers, outside of arrays."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from autograd_core import dtypes
from autograd_core.dtypes import DType

from .array import Array, number
from .scalars import BINARY, UNARY

_RULES = {**UNARY, **BINARY}
SYMBOLS: dict[str, str] = {
    **{name: rule.text for name, rule in _RULES.items() if rule.text},
    "truediv": BINARY["div"].text,
    "clone": "{0}",
    "conj": "{0}",
    "square": "{0} * {0}",
}
"""Kernels that come to an expression; what they raise the careful functions answer."""
FUNCTIONS: dict[str, Any] = {
    name: rule.fast[2]
    for name, rule in _RULES.items()
    if rule.result == "same" and name not in SYMBOLS and rule.fast[0] is not None
}
EXACT = frozenset(("clone", "conj", "neg"))
REAL = (dtypes.float64, dtypes.float32)


class StraightLines:
    """What the writer of compiled functions asks of a backend, answered for Python's numbers."""

    strides_attribute: ClassVar[str] = "stride"
    scope: ClassVar[Mapping[str, Any]] = {
        "Array": Array,
        "array": array,
        **{f"number_{name}": function for name, function in FUNCTIONS.items()},
    }
    """What the expressions name."""
    prologue: ClassVar[str] = "r = array('f', (0.0,))"
    """Makes the place where numbers are rounded to float32, one per call."""

    def takes_memory(self, name: str) -> bool:
        """Whether a kernel's result can be computed in memory that is there."""
        return False

    def raw_strides(self, strides: Sequence[int], itemsize: int) -> tuple[int, ...]:
        """The attribute of an array that has these strides in elements."""
        return tuple(strides)

    def as_derived(self, natives: Sequence[DType]) -> bool:
        """Whether derived kernels that are adapted to some dtypes are as derived for these."""
        return False

    def text(
        self, name: str, args: Sequence[str], values: Sequence[Any], result: Any, first: Any
    ) -> str | None:
        """The expression that a call of a kernel comes to: the call."""
        return None

    def write(self, target: str, source: str, facts: Any) -> str | None:
        """The statement that writes an array into another: the call."""
        return None

    def is_number(self, native: DType) -> bool:
        """Whether a 0-d array of a dtype is computed with as a number."""
        return native in REAL

    def computed(self, name: str, args: Sequence[str]) -> str | None:
        """The expression of a kernel on numbers, None where there is none."""
        form = SYMBOLS.get(name)
        if form is not None:
            return form.format(*args)
        return f"number_{name}({', '.join(args)})" if name in FUNCTIONS else None

    def is_exact(self, name: str, native: DType) -> bool:
        """Whether what the expression gives needs no rounding."""
        return native is dtypes.float64 or name in EXACT

    def literal(self, value: Any, native: DType) -> float | None:
        """A Python number as the element of a dtype that it is computed with as."""
        if isinstance(value, complex):
            return None
        found = number(value, native).storage[0]
        return float(found) if math.isfinite(found) else None

    def unboxed(self, array: str) -> str:
        """The expression of a 0-d array's number."""
        return f"{array}.storage[{array}.offset]"

    def boxed(self, number: str, native: str) -> str:
        """The expression of a new 0-d array."""
        return f"Array([{number}], (), (), 0, {native})"
