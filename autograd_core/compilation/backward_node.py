"""The node of a compiled function's outputs: its whole backward is one straight-line function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from ..engine.modes import modes
from ..engine.node import Node, like, next_sequence_nr
from ..engine.saved import FREED, refuse_modified
from ..tensor import Tensor, wrap

NO_DOUBLE_BACKWARD = "torch.compile with aot_autograd does not currently support double backward"


class CompiledFunctionBackward(Node):
    """Gives the gradients of a compiled function's inputs; torch's name, and torch's limits."""

    __slots__ = ("checked", "compiled", "saved")

    compiled: Callable[[Sequence[Any], Sequence[Any]], Sequence[Any]]
    """``(saved arrays, gradients of the outputs) -> gradients of the inputs``."""
    saved: tuple[Any, ...] | None
    """The arrays that the backward takes; None when the graph was freed."""
    checked: tuple[tuple[Any, int], ...]
    """Which Tensors those are of that others may write, and their versions."""

    def apply_raw(self, grads: list[Any]) -> Sequence[Any]:
        saved = self.saved
        if saved is None:
            raise RuntimeError(FREED)
        if all(grad is None for grad in grads):
            return (None,) * len(self.next_edges)
        for tensor, version in self.checked:
            if tensor._version_counter[0] != version:
                refuse_modified(self, tensor, version)
        return self.compiled(saved, grads)

    def apply_tensors(self, grads: list[Tensor | None]) -> Sequence[Tensor | None]:
        backend = self._backend
        arrays = self.apply_raw([None if grad is None else grad._array for grad in grads])
        results = [
            None if array is None else wrap(array, backend.dtype(array), backend)
            for array in arrays
        ]
        if modes.grad_enabled:
            for result in results:
                if result is not None:
                    refusing = CompiledFunctionBackwardBackward()
                    refusing._backend = backend
                    refusing.sequence_nr = next_sequence_nr()
                    refusing._outputs = like(result._array.shape, result._array.dtype)
                    refusing.next_edges = self.next_edges
                    result._requires_grad, result._grad_fn = True, refusing
        return results

    def release(self) -> None:
        self.saved = None


class CompiledFunctionBackwardBackward(Node):
    """The node of those gradients when they are recorded: it refuses to run (torch's text)."""

    __slots__ = ()

    def apply_raw(self, grads: list[Any]) -> NoReturn:
        raise RuntimeError(NO_DOUBLE_BACKWARD)

    def apply_tensors(self, grads: list[Tensor | None]) -> NoReturn:
        raise RuntimeError(NO_DOUBLE_BACKWARD)
