"""One number for every dim, or one for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def ntuple(value: Any, count: int) -> tuple[Any, ...]:
    """Return a tuple of what is given: of its members, or of ``count`` times the one thing."""
    return tuple(value) if isinstance(value, Iterable) else (value,) * count
