"""Compiled functions: which specialisation holds for a call, and which calls go the usual way."""

from __future__ import annotations

import functools
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, overload

from ..engine import anomaly, levels
from ..engine.modes import Untraceable, dispatching, forward_level, interposed, modes, tracing
from ..engine.saved import default_hooks
from .program import traced_program
from .writing import FAILED, MISSED, Specialisation

MOST_MISSES = 16
"""Traces in a row of which none was used again before a function is run the usual way."""
MOST_FAILURES = 3
"""Traces in a row that may fail before a function is run the usual way without another try."""


class CompiledFunction:
    """A function that is traced when it is called, and from then on runs as straight-line code.

    Attributes:
        specializations: what it was compiled to, the latest used first.
        reasons: why calls went the usual way, and how many of them.
    """

    def __init__(self, function: Callable[..., Any], cache_size: int) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._cache_size = cache_size
        self._lock = threading.Lock()
        self._failures = self._misses = 0
        self.specializations: list[Specialisation] = []
        self._runs: tuple[Callable[[Any, Any], Any], ...] = ()
        self.reasons: Counter[str] = Counter()

    @property
    def source(self) -> str:
        """The Python source of the specialisation used last; empty when there is none."""
        return self.specializations[0].source if self.specializations else ""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if (interposed.count or anomaly.mode.enabled) and (reason := _watched()):
            return self._as_usual(reason, args, kwargs)
        for run in self._runs:
            result = run(args, kwargs)
            if result is not MISSED:
                if result is FAILED:
                    return self._as_usual("a kernel raises", args, kwargs)
                if self._misses or run is not self._runs[0]:
                    self._note_use(run)
                return result
        return self._compiled(args, kwargs)

    def _as_usual(self, reason: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if reason != _INNER:
            self.reasons[reason] += 1
        return self._function(*args, **kwargs)

    def _compiled(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Compile the function for such a call, and run it."""
        if modes.grad_enabled is None:
            return self._as_usual("inference mode is on", args, kwargs)
        if self._failures >= MOST_FAILURES:
            return self._as_usual("tracing failed too often", args, kwargs)
        if self._misses >= MOST_MISSES:
            return self._as_usual("no trace was used again", args, kwargs)
        try:
            made = Specialisation(traced_program(self._function, args, kwargs))
        except Untraceable as untraceable:
            self._failures += 1
            return self._as_usual(untraceable.reason, args, kwargs)
        with self._lock:
            self._failures = 0
            self._misses += 1
            self.specializations = [made, *self.specializations][: self._cache_size]
            self._runs = tuple([kept.run for kept in self.specializations])
        result = made.run(args, kwargs)
        if result is FAILED:
            return self._as_usual("a kernel raises", args, kwargs)
        return (
            self._as_usual("it changes while it runs", args, kwargs) if result is MISSED else result
        )

    def _note_use(self, run: Callable[[Any, Any], Any]) -> None:
        with self._lock:
            self._misses = 0
            self.specializations.sort(key=lambda kept: kept.run is not run)
            self._runs = tuple([kept.run for kept in self.specializations])

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __repr__(self) -> str:
        return f"<compiled {getattr(self._function, '__qualname__', self._function)!s}>"


_INNER = "a function that is being traced calls it"


def _watched() -> str:
    """Return what of this thread looks on at every op, so that nothing may be left out."""
    if tracing.trace is not None:
        return _INNER
    if anomaly.mode.enabled:
        return "anomaly mode is on"
    if dispatching.modes:
        return "a dispatch mode is on"
    if levels.stack.current is not None:
        return "a transform calls it"
    if forward_level.current is not None:
        return "a forward-AD level is open"
    if default_hooks.stack:
        return "saved-tensor hooks are set"
    return ""


@overload
def compile(function: Callable[..., Any], *, cache_size: int = ...) -> CompiledFunction: ...
@overload
def compile(
    function: None = ..., *, cache_size: int = ...
) -> Callable[[Callable[..., Any]], CompiledFunction]: ...
def compile(function: Callable[..., Any] | None = None, *, cache_size: int = 8) -> Any:
    """Return a function that does the same, traced once and run as straight-line code.

    Also a decorator, with or without arguments. What holds for the trace is guarded; a call for
    which nothing compiled holds is traced anew, and one that cannot be traced runs as usual.

    Args:
        function: takes and returns (trees of) Tensors and plain values; it may go backward inside.
        cache_size: how many specialisations are kept.
    """
    if function is None:
        return functools.partial(compile, cache_size=cache_size)
    return CompiledFunction(function, cache_size)
