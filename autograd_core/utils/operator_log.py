"""A log of the operators that run, with where in the program each was called."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from ..engine.modes import DispatchMode
from ..tensor import Tensor

_ABBREVIATIONS = {
    "bfloat16": "bf16",
    "bool": "b8",
    "complex64": "c64",
    "complex128": "c128",
    "float16": "f16",
    "float32": "f32",
    "float64": "f64",
    "int8": "i8",
    "int16": "i16",
    "int32": "i32",
    "int64": "i64",
    "uint8": "u8",
}


class OperatorLog(DispatchMode):
    """Writes one line per op: ``$1: f32[2] = torch._ops.aten.sin.default($0)``."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.stacks: list[list[str]] = []
        self._numbers: WeakKeyDictionary[Tensor, int] = WeakKeyDictionary()

    def dispatch(
        self, op: Any, run: Callable[[], Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        named = [f"{name}={self._shown(value)}" for name, value in kwargs.items()]
        shown = ", ".join([*map(self._shown, args), *named])
        result = run()
        results = result if isinstance(result, tuple) else (result,)
        names = ", ".join(self._typed(tensor) for tensor in results)
        self.lines.append(f"{names} = torch._ops.{op}({shown})")
        self.stacks.append(
            [
                f"{frame.filename}:{frame.lineno}:{frame.name}"
                for frame in reversed(traceback.extract_stack())
            ]
        )
        return result

    def traces(self, label: str) -> str:
        """Return all lines, each with where it was called, innermost first."""
        return "".join(
            f"{line}   ({k} of {len(self.lines)} in {label})\n\n" + "\n".join(stack) + "\n\n\n"
            for k, (line, stack) in enumerate(zip(self.lines, self.stacks, strict=True), 1)
        )

    def _shown(self, value: Any) -> str:
        if isinstance(value, Tensor):
            return f"${self._numbers.setdefault(value, len(self._numbers))}"
        if isinstance(value, (list, tuple)):
            return "[" + ", ".join(self._shown(member) for member in value) + "]"
        return repr(value)

    def _typed(self, tensor: Any) -> str:
        if not isinstance(tensor, Tensor):
            return repr(tensor)
        lengths = ", ".join(map(str, tensor.shape))
        return f"{self._shown(tensor)}: {_ABBREVIATIONS[tensor.dtype.name]}[{lengths}]"
