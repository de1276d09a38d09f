"""Whether this thread is tracing a function for ``compile``, and what refuses to be traced.

What a compiled function could not do again (a hook, a custom Function) says so when it is met.
"""

from __future__ import annotations

import threading
from typing import Any


class Untraceable(BaseException):
    """What keeps a function from being compiled; it passes through the user's ``except``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Tracing(threading.local):
    """The trace that this thread is taking, None outside."""

    trace: Any = None


tracing = _Tracing()


def refuse_in_trace(reason: str) -> None:
    """Give up the trace that this thread is taking, if it is."""
    if tracing.trace is not None:
        tracing.trace.refuse(reason)
