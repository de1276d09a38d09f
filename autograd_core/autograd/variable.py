"""torch.autograd.variable: the legacy name of Tensor, and the engine as an object."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ..engine.modes import running
from ..namespaces import NAMESPACES
from ..tensor import Tensor


class _EngineBase:
    """The engine as ``Variable._execution_engine`` shows it."""

    def queue_callback(self, callback: Callable[[], Any]) -> None:
        """Call ``callback()`` when the running backward has finished.

        Raises:
            RuntimeError: no backward runs in this thread.
        """
        if running.task is None:
            raise RuntimeError("Final callbacks can only be installed during backward pass.")
        running.task.callbacks.append(callback)

    def is_checkpoint_valid(self) -> bool:
        """Whether all of the graph is differentiated here, and no ``inputs`` only."""
        return running.checkpoint_valid


class VariableMeta(type):
    """Every Tensor is an instance of Variable."""

    def __instancecheck__(cls, other: object) -> bool:
        return isinstance(other, Tensor)


class Variable(metaclass=VariableMeta):
    """What Tensors were once wrapped in: ``Variable(tensor)`` is the tensor outside the graph."""

    _execution_engine = _EngineBase()

    def __new__(cls, data: Any = None, requires_grad: bool = False, volatile: Any = None) -> Any:
        """Return a Tensor on the memory of ``data``, or an empty one.

        Raises:
            TypeError: ``data`` is no Tensor (torch's text).
        """
        if volatile:
            warnings.warn(
                "volatile was removed and now has no effect. Use `with torch.no_grad():` instead.",
                UserWarning,
                stacklevel=2,
            )
        if data is None:
            data = NAMESPACES[""]["empty"](0)
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        made = data.detach()
        if requires_grad and not made._dtype.is_inexact:
            raise RuntimeError(
                "Only Tensors of floating point and complex dtype can require gradients"
            )
        made._requires_grad = requires_grad
        return made
