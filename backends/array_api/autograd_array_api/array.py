"""Strided arrays over values that never change: a box, and views of it.

A native array that is once in a box is never written to, so that any number of boxes may hold it,
which makes a clone free. A write makes a new value and puts it into the box; views are read from
the box, again when it holds another value than the one they have seen. That gives in-place writes
and shared memory to libraries whose arrays are immutable, and the same to all others.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, ClassVar

from autograd_core.dtypes import DType

Shape = tuple[int, ...]


class Array:
    """A box that holds all of a storage: a dense native array, ``value``."""

    __slots__ = ("dtype", "shape", "steps", "value")
    __hash__ = None  # type: ignore[assignment]  # == is elementwise

    backend: ClassVar[Any] = None
    """The backend; each has classes of its own."""

    dtype: DType
    shape: Shape
    steps: Shape | None
    """The strides in elements; None stands for row-major ones."""

    def __init__(self, value: Any, dtype: DType, steps: Shape | None = None) -> None:
        self.value = value
        self.dtype = dtype
        self.shape = tuple(value.shape)
        self.steps = steps

    def __bool__(self) -> bool:
        return bool(self.backend.is_nonzero(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


class View(Array):
    """Elements of a box's storage, which may be seen as another dtype."""

    __slots__ = ("current", "offset", "root", "seen")

    def __init__(self, root: Array, dtype: DType, shape: Shape, steps: Shape, offset: int) -> None:
        self.root = root
        self.dtype = dtype
        self.shape = shape
        self.steps = steps
        self.offset = offset
        self.seen: Any = None
        self.current: Any = None

    @property
    def value(self) -> Any:
        """The elements as a native array."""
        whole = self.root.value
        if self.seen is not whole:
            self.current = self.backend.read(self)
            self.seen = whole
        return self.current


def _operator(name: str) -> Callable[..., Any]:
    def method(self: Array, other: Any) -> Any:
        if isinstance(other, Array | bool | int | float | complex):
            return getattr(self.backend, name)(self, other)
        return NotImplemented

    return method


def _reflected(name: str) -> Callable[..., Any]:
    def method(self: Array, other: Any) -> Any:
        if isinstance(other, bool | int | float | complex):
            return getattr(self.backend, name)(other, self)
        return NotImplemented

    return method


def _unary(name: str) -> Callable[..., Any]:
    return lambda self: getattr(self.backend, name)(self)


_KERNELS = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "truediv": "div",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "pow",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "lshift": "bitwise_left_shift",
    "rshift": "bitwise_right_shift",
}
for _symbol, _kernel in _KERNELS.items():
    setattr(Array, f"__{_symbol}__", _operator(_kernel))
    setattr(Array, f"__r{_symbol}__", _reflected(_kernel))
for _symbol in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Array, f"__{_symbol}__", _operator(_symbol))
for _symbol, _kernel in {"neg": "neg", "invert": "bitwise_not", "abs": "abs"}.items():
    setattr(Array, f"__{_symbol}__", _unary(_kernel))
Array.__index__ = lambda self: operator.index(self.backend.item(self))  # type: ignore[attr-defined]
