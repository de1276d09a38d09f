"""Modes that see every op between its recording and its kernel, as torch's dispatch modes do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from .modes import interposed


class _Stack(threading.local):
    """The modes that one thread has entered, innermost last."""

    def __init__(self) -> None:
        self.modes: list[DispatchMode] = []


stack = _Stack()


class DispatchMode:
    """Inside, ``dispatch`` is called in the place of every op's kernel; it does not see itself."""

    def __enter__(self) -> DispatchMode:
        stack.modes.append(self)
        interposed.add()
        return self

    def __exit__(self, *_: object) -> None:
        stack.modes.pop()
        interposed.remove()

    def dispatch(
        self, op: Any, run: Callable[[], Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Return the output of an op, a Tensor or a tuple of them.

        Args:
            op: the overload that was called, as ``ops.aten`` names it.
            run: computes it.
            args: its arguments.
            kwargs: those that torch hands on by name.
        """
        raise NotImplementedError


def through_innermost(
    op: Any, run: Callable[[], Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Return what the innermost mode gives for an op; modes outside of it see what it runs."""
    mode = stack.modes.pop()
    try:
        return mode.dispatch(op, run, args, kwargs)
    finally:
        stack.modes.append(mode)
