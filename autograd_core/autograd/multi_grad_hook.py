"""Hooks on several tensors: called when the gradients of all have come, or of the first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from ..engine.graph_task import GraphTask
from ..engine.hooks import RemovableHandle
from ..engine.modes import running
from ..engine.node import gradient_edge
from ..tensor import Tensor


class _MultiHandle(RemovableHandle):
    """Removes the hooks of all its handles."""

    handles: tuple[RemovableHandle, ...]

    def __init__(self, handles: tuple[RemovableHandle, ...]) -> None:
        self.handles = handles

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()

    def __getstate__(self) -> tuple[RemovableHandle, ...]:
        return self.handles

    def __setstate__(self, state: tuple[RemovableHandle, ...]) -> None:
        self.handles = state


def register_multi_grad_hook(
    tensors: Sequence[Tensor], fn: Callable[[Any], None], *, mode: str = "all"
) -> RemovableHandle:
    """Call a hook once per backward for several tensors.

    Args:
        tensors: whose gradients it is about.
        fn: in mode ``"all"`` called with the list of gradients when all have come that the run
            computes, None for the others; in mode ``"any"`` with the first that comes.
        mode: ``"all"`` or ``"any"``.

    Returns:
        a handle that removes the hook.

    Raises:
        ValueError: the mode is neither.
        AssertionError: in mode ``"all"``, a tensor does not require a gradient.
    """
    if mode == "all":
        return _MultiHandle(_hooks_for_all(tensors, fn))
    if mode == "any":
        hook = _hook_for_first(fn)
        return _MultiHandle(tuple(t.register_hook(hook) for t in tensors if t.requires_grad))
    raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")


def _running_task() -> GraphTask:
    if running.task is None:
        raise AssertionError("expected this hook to be called inside a backward call")
    return running.task


class _Collected:
    """The gradients of one run that have come so far."""

    def __init__(self, count: int, expected: int) -> None:
        self.gradients: list[Tensor | None] = [None] * count
        self.expected = expected
        self.came = 0


def _hooks_for_all(
    tensors: Sequence[Tensor], fn: Callable[[Any], None]
) -> tuple[RemovableHandle, ...]:
    nodes = []
    for tensor in tensors:
        edge = gradient_edge(tensor)
        if edge is None:
            raise AssertionError("Expected gradient function to be set")
        nodes.append(edge[0])
    runs: dict[int, _Collected] = {}
    lock = threading.Lock()

    def hook_of(place: int) -> Callable[[Tensor], None]:
        def hook(gradient: Tensor) -> None:
            task = _running_task()
            with lock:
                run = runs.get(task.id)
                if run is None:
                    expected = sum(map(task.will_execute, nodes))
                    run = runs[task.id] = _Collected(len(nodes), expected)
                run.came += 1
                run.gradients[place] = gradient
                complete = run.came == run.expected
            if complete:
                fn(run.gradients)
                del runs[task.id]

        return hook

    return tuple(tensor.register_hook(hook_of(k)) for k, tensor in enumerate(tensors))


def _hook_for_first(fn: Callable[[Any], None]) -> Callable[[Tensor], None]:
    seen: set[int] = set()
    lock = threading.Lock()

    def hook(gradient: Tensor) -> None:
        number = _running_task().id
        with lock:
            if number in seen:
                return
            seen.add(number)
        fn(gradient)

    return hook
