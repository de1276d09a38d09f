"""Memory that arrays leave stays with the process for the next ones.

glibc hands what is freed at the end of its heap, and every large piece, back to the system, which
gives it out again page by page, each with a fault: two thirds of a step's time on arrays of 4 MB.
A pool of arrays would save the same, but each kernel would have to ask it, and know when one dies.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping

VARIABLE = "AUTOGRAD_KEEP_MEMORY"
"""The environment variable that is 0 where the process's allocator is to be left alone."""

KEPT = 1 << 28
"""Bytes that stay at the end of the heap, at most."""
LARGE = 1 << 25
"""Bytes from which on a piece of memory is the system's own; glibc takes no more."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of malloc.h


def keep_freed_memory(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell glibc to keep freed memory; return whether it does so.

    It is left alone where the environment says so, or sets its thresholds itself.
    """
    tuned = "glibc.malloc" in environment.get("GLIBC_TUNABLES", "") or any(
        name.startswith("MALLOC_") for name in environment
    )
    if environment.get(VARIABLE) == "0" or tuned or not _is_glibc():
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_MMAP_THRESHOLD, LARGE) and mallopt(_TRIM_THRESHOLD, KEPT))


def _is_glibc() -> bool:
    if sys.platform != "linux" or "CS_GNU_LIBC_VERSION" not in os.confstr_names:
        return False
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (OSError, ValueError):
        return False
