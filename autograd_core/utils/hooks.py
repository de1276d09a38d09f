"""torch.utils.hooks: the handle that removes a hook, and hooks that pickles leave out silently."""

from __future__ import annotations

from typing import Any, TypeVar

from ..engine.hooks import RemovableHandle

__all__ = ["RemovableHandle", "unserializable_hook"]

_Hook = TypeVar("_Hook", bound=Any)


def unserializable_hook(f: _Hook) -> _Hook:
    """Mark a hook so that pickling a tensor that has it does not warn; return it."""
    f.__torch_unserializable__ = True
    return f
