"""Warnings that torch issues once per process, unless it is told to issue them always."""

from __future__ import annotations

import warnings


class _State:
    always = False
    issued: set[str] = set()  # noqa: RUF012 - one for the process


_state = _State()


def set_warn_always(b: bool, /) -> None:
    """Set whether warnings that are issued once are issued each time.

    Raises:
        RuntimeError: ``b`` is no bool (torch's text).
    """
    if not isinstance(b, bool):
        raise RuntimeError(f"setWarnOnlyOnce expects a bool, but got {type(b).__name__}")
    _state.always = b


def is_warn_always_enabled() -> bool:
    """Return whether warnings that are issued once are issued each time."""
    return _state.always


def warn_once(text: str, stacklevel: int = 1, kind: str = "") -> None:
    """Issue a UserWarning unless it was issued before; by the caller's line, or one above it.

    Texts are the same warning if they are of the same ``kind``, by default if their first sentences
    are equal.
    """
    kind = kind or text.partition(".")[0]
    if kind in _state.issued and not _state.always:
        return
    _state.issued.add(kind)
    warnings.warn(text, UserWarning, stacklevel=stacklevel + 1)
