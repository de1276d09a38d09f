"""Padding as modules: by a constant, zeros, the reflection, the edge, around."""

from __future__ import annotations

from typing import Any, ClassVar

from ...sizes import ntuple
from ...tensor import Tensor
from .. import functional
from .module import Module


class _Padding(Module):
    """Pads the last ``_axes`` dims by ``padding``: one amount, or (before, after) of each dim."""

    __constants__: ClassVar[tuple[str, ...]] = ("padding",)
    _axes: ClassVar[int]
    _mode: ClassVar[str]

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = ntuple(padding, 2 * self._axes)

    def forward(self, input: Tensor) -> Any:
        return functional.pad(input, self.padding, self._mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _CircularPad(_Padding):
    _mode = "circular"

    def forward(self, input: Tensor) -> Any:
        axes, rank = self._axes, input.ndim
        if rank not in (axes + 1, axes + 2):
            raise ValueError(f"expected {axes + 1}D or {axes + 2}D input (got {rank}D input)")
        return super().forward(input)


class _ConstantPad(_Padding):
    __constants__ = ("padding", "value")

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Any:
        return functional.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class _ReflectionPad(_Padding):
    _mode = "reflect"


class _ReplicationPad(_Padding):
    _mode = "replicate"


class _ZeroPad(_ConstantPad):
    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class CircularPad1d(_CircularPad):
    """Pads the last dim, each with what lies at its other end."""

    _axes = 1


class CircularPad2d(_CircularPad):
    """Pads the last two dims, each with what lies at its other end."""

    _axes = 2


class CircularPad3d(_CircularPad):
    """Pads the last three dims, each with what lies at its other end."""

    _axes = 3


class ConstantPad1d(_ConstantPad):
    """Pads the last dim, each with one value."""

    _axes = 1


class ConstantPad2d(_ConstantPad):
    """Pads the last two dims, each with one value."""

    _axes = 2


class ConstantPad3d(_ConstantPad):
    """Pads the last three dims, each with one value."""

    _axes = 3


class ReflectionPad1d(_ReflectionPad):
    """Pads the last dim, each with its reflection."""

    _axes = 1


class ReflectionPad2d(_ReflectionPad):
    """Pads the last two dims, each with its reflection."""

    _axes = 2


class ReflectionPad3d(_ReflectionPad):
    """Pads the last three dims, each with its reflection."""

    _axes = 3


class ReplicationPad1d(_ReplicationPad):
    """Pads the last dim, each with its first or last element."""

    _axes = 1


class ReplicationPad2d(_ReplicationPad):
    """Pads the last two dims, each with its first or last element."""

    _axes = 2


class ReplicationPad3d(_ReplicationPad):
    """Pads the last three dims, each with its first or last element."""

    _axes = 3


class ZeroPad1d(_ZeroPad, ConstantPad1d):
    """Pads the last dim, each with zeros."""

    _axes = 1


class ZeroPad2d(_ZeroPad, ConstantPad2d):
    """Pads the last two dims, each with zeros."""

    _axes = 2


class ZeroPad3d(_ZeroPad, ConstantPad3d):
    """Pads the last three dims, each with zeros."""

    _axes = 3
