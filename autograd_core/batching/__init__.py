"""The batching interpreter: what ``vmap`` makes of every op, one file per family."""

from __future__ import annotations

from .level import VmapLevel
from .whole_functions import NO_FALLBACK, NO_VIEWS, member_by_member, refuse_undivided

__all__ = [
    "NO_FALLBACK",
    "NO_VIEWS",
    "VmapLevel",
    "member_by_member",
    "refuse_undivided",
]
