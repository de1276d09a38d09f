"""Grad mode and forward-AD level: what the calling thread records, and the contexts that set it."""

from __future__ import annotations

import functools
import inspect
import threading
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])


class _Modes(threading.local):
    """The modes of one thread."""

    grad_enabled: bool = True
    forward_enabled: bool = True
    """Whether tangents are seen; asked only while a forward-AD level is open."""


modes = _Modes()


class _Detours:
    """How many features are in use, by any thread, that the short calls do not look after.

    Forward-AD levels and saved-tensor hooks are such; calls ask for all of them with one look.
    """

    open: int = 0

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def enter(self) -> None:
        """Send calls the general way, until as many features are left again."""
        with self._lock:
            self.open += 1

    def leave(self) -> None:
        """Note that a feature is out of use."""
        with self._lock:
            self.open -= 1


detours = _Detours()


class ForwardLevels:
    """The open forward-AD levels, the same for all threads, as in torch.

    Users open one at a time; transforms of functions nest. Every level has a number of its own, and
    a tangent belongs to the level it was made at: once that is closed, nothing sees it again.
    """

    current: int | None = None
    """The number of the innermost open level; None when none is."""

    def __init__(self) -> None:
        self.open: list[int] = []
        self._holders: dict[int, weakref.WeakSet[TangentsByLevel]] = {}
        self._opened = 0

    def enter(self) -> int:
        """Open a level inside those that are open, and return its number."""
        self._opened += 1
        self.current = self._opened
        self.open.append(self.current)
        self._holders[self.current] = weakref.WeakSet()
        detours.enter()
        return self.current

    def exit(self) -> None:
        """Close the innermost level; its tangents are gone."""
        level = self.open.pop()
        detours.leave()
        self.current = self.open[-1] if self.open else None
        for tangents in self._holders.pop(level):
            tangents.pop(level, None)

    def hold(self, level: int, tangents: TangentsByLevel) -> None:
        """Note that a tensor has a tangent at a level, to be dropped when that closes."""
        self._holders[level].add(tangents)


class TangentsByLevel(dict[int, Any]):
    """The tangents of one tensor, by the number of the level they belong to."""

    __slots__ = ("__weakref__",)
    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__


forward_level = ForwardLevels()


def is_grad_enabled() -> bool:
    """Return whether operations are recorded in this thread."""
    return modes.grad_enabled


class _DecoratorContext:
    """A context that also decorates functions and generator functions."""

    def __call__(self, func: _Function) -> _Function:
        if inspect.isgeneratorfunction(func):

            @functools.wraps(func)
            def generator(*args: Any, **kwargs: Any) -> Any:
                inner = func(*args, **kwargs)
                step: Callable[[], Any] = functools.partial(next, inner)
                while True:
                    try:
                        with self._clone():
                            item = step()
                    except StopIteration as stop:
                        return stop.value
                    try:
                        sent = yield item
                        step = functools.partial(inner.send, sent)
                    except GeneratorExit:
                        with self._clone():
                            inner.close()
                        raise
                    except BaseException as error:  # noqa: BLE001 - handed to the generator
                        step = functools.partial(inner.throw, error)

            return generator  # type: ignore[return-value]

        @functools.wraps(func)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self._clone():
                return func(*args, **kwargs)

        return wrapper  # type: ignore[return-value]

    def _clone(self) -> Any:
        return type(self)()

    def __enter__(self) -> None:
        raise NotImplementedError

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        raise NotImplementedError


class _SettingGrad(_DecoratorContext):
    """Sets grad mode on entry and restores it on exit."""

    enabled: bool

    def __init__(self) -> None:
        self.prev = False

    def __enter__(self) -> None:
        self.prev = modes.grad_enabled
        modes.grad_enabled = self.enabled

    def __exit__(self, *_: object) -> None:
        modes.grad_enabled = self.prev


class no_grad(_SettingGrad):  # noqa: N801 - torch's name
    """Nothing is recorded inside; also a decorator, with or without parentheses."""

    enabled = False

    def __new__(cls, orig_func: Any = None) -> Any:
        instance = super().__new__(cls)
        if orig_func is None:
            return instance
        instance.prev = False
        return instance(orig_func)

    def __init__(self, orig_func: Any = None) -> None:
        super().__init__()


class enable_grad(_SettingGrad):  # noqa: N801 - torch's name
    """Operations are recorded inside, also within ``no_grad``; also a decorator."""

    enabled = True

    def __new__(cls, orig_func: Any = None) -> Any:
        instance = super().__new__(cls)
        if orig_func is None:
            return instance
        instance.prev = False
        return instance(orig_func)

    def __init__(self, orig_func: Any = None) -> None:
        super().__init__()


class set_grad_enabled(_DecoratorContext):  # noqa: N801 - torch's name
    """Sets grad mode at once, and restores it when used as a context or decorator."""

    def __init__(self, mode: bool) -> None:
        self.prev = modes.grad_enabled
        self.mode = mode
        modes.grad_enabled = bool(mode)

    def __call__(self, func: _Function) -> _Function:
        modes.grad_enabled = self.prev
        return super().__call__(func)

    def _clone(self) -> set_grad_enabled:
        return set_grad_enabled(self.mode)

    def __enter__(self) -> None:
        modes.grad_enabled = bool(self.mode)

    def __exit__(self, *_: object) -> None:
        modes.grad_enabled = self.prev

    def __repr__(self) -> str:
        return f"{type(self).__name__}(mode={self.mode})"
