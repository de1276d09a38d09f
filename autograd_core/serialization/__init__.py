"""torch.serialization: ``save`` and ``load`` in torch's own file format, safe by default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy_imports import Families, on_demand

if TYPE_CHECKING:
    from . import rebuilding, storage
    from .files import DEFAULT_PROTOCOL, load, save
    from .global_names import (
        SAFE_GLOBALS,
        add_safe_globals,
        clear_safe_globals,
        get_safe_globals,
        safe_globals,
    )
    from .storage import UntypedStorage
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        (
            *("archive", "files", "global_names", "old_format", "pickler", "rebuilding"),
            *("storage", "unpickler"),
        ),
        Families(
            __name__,
            {
                "files": "DEFAULT_PROTOCOL load save",
                "global_names": (
                    "SAFE_GLOBALS add_safe_globals clear_safe_globals get_safe_globals safe_globals"
                ),
                "storage": "UntypedStorage",
            },
        ),
    )

__all__ = [
    "DEFAULT_PROTOCOL",
    "SAFE_GLOBALS",
    "UntypedStorage",
    "add_safe_globals",
    "clear_safe_globals",
    "get_safe_globals",
    "load",
    "rebuilding",
    "safe_globals",
    "save",
    "storage",
]
