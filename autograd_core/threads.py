"""How many threads a kernel may use: what was set, else the environment's, else one per core."""

from __future__ import annotations

import os
import warnings

VARIABLES = ("AUTOGRAD_NUM_THREADS", "OMP_NUM_THREADS")
"""The environment variables that are asked, in this order; torch asks the second."""

_number: int | None = None


def get_num_threads() -> int:
    """Return the number of threads that a kernel may use, the calling one included."""
    if _number is None:
        set_num_threads(_of_environment() or _cores())
    return _number or 1


def set_num_threads(number: int, /) -> None:
    """Let kernels use this many threads from now on.

    Raises:
        RuntimeError: no int, or none above 0 (torch's texts).
        ValueError: more than a C int holds (torch's text).
    """
    global _number
    if type(number) is not int:
        kind = type(number).__name__
        raise RuntimeError(f"set_num_threads expects an int, but got {kind}")
    if number >= 1 << 31:
        raise ValueError("Overflow when unpacking long")
    if number <= 0:
        raise RuntimeError("set_num_threads expects a positive integer")
    _number = number


def _of_environment() -> int | None:
    """The first variable's number; what is none is warned of and passed over."""
    for variable in VARIABLES:
        text = os.environ.get(variable, "").strip()
        if text.isdecimal() and int(text) > 0:
            return int(text)
        if text and variable == VARIABLES[0]:  # of the other one its own library warns
            warnings.warn(
                f"environment variable {variable} must be a positive integer, got {text!r}",
                stacklevel=3,
            )
    return None


def _cores() -> int:
    """The cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
