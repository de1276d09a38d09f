"""The handle that removes a hook."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from .modes import refuse_in_trace

_numbering = threading.Lock()


class RemovableHandle:
    """Removes a hook; also a context manager that removes it on exit.

    It refers to the hooks weakly, so a kept handle keeps no graph alive.

    Args:
        hooks_dict: the hooks by number, of which the handle takes the next one.
        extra_dict: a dict, or a list of dicts, whose item of that number goes, too.
    """

    id: int
    next_id: int = 0

    def __init__(self, hooks_dict: Any, *, extra_dict: Any = None) -> None:
        refuse_in_trace("a hook is registered")
        self.hooks_dict_ref = weakref.ref(hooks_dict)
        with _numbering:  # two threads with one number would overwrite each other's hook
            self.id = RemovableHandle.next_id
            RemovableHandle.next_id += 1
        extra = [extra_dict] if isinstance(extra_dict, dict) else extra_dict or ()
        self.extra_dict_ref: tuple[Any, ...] = tuple(weakref.ref(d) for d in extra)

    @classmethod
    def add(cls, hooks: OrderedDict[int, Any], hook: Callable[..., Any]) -> RemovableHandle:
        """Put ``hook`` at the end of ``hooks`` and return its handle."""
        handle = cls(hooks)
        hooks[handle.id] = hook
        return handle

    def remove(self) -> None:
        """Remove the hook; a second call does nothing."""
        for reference in (self.hooks_dict_ref, *self.extra_dict_ref):
            hooks = reference()
            if hooks is not None:
                hooks.pop(self.id, None)

    def __getstate__(self) -> Any:
        return (self.hooks_dict_ref(), self.id, tuple(ref() for ref in self.extra_dict_ref))

    def __setstate__(self, state: Any) -> None:
        hooks, self.id, extra = state
        self.hooks_dict_ref = weakref.ref(OrderedDict() if hooks is None else hooks)
        self.extra_dict_ref = tuple(weakref.ref(d) for d in extra)
        with _numbering:
            RemovableHandle.next_id = max(RemovableHandle.next_id, self.id + 1)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
