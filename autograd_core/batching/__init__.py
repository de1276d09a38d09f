"""The batching interpreter: what ``vmap`` makes of every op, one file per family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy_imports import Families, on_demand
from .whole_functions import DYNAMIC, NO_FALLBACK, NO_VIEWS, member_by_member, refuse_undivided

if TYPE_CHECKING:
    from .level import VmapLevel
else:
    __getattr__, __dir__ = on_demand(__name__, (), Families(__name__, {"level": "VmapLevel"}))

__all__ = [
    "DYNAMIC",
    "NO_FALLBACK",
    "NO_VIEWS",
    "VmapLevel",
    "member_by_member",
    "refuse_undivided",
]
