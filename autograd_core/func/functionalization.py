"""``functionalize``, whose way of running a function without writes is not built here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def functionalize(func: Callable[..., Any], *, remove: str = "mutations") -> Callable[..., Any]:
    """Refuse: nothing here takes writes out of a function.

    Raises:
        RuntimeError: ``remove`` is no option (torch's text).
        NotImplementedError: always otherwise.
    """
    if remove not in ("mutations", "mutations_and_views"):
        raise RuntimeError(
            f"functionalize(f, remove='mutations'): received invalid argument for remove={remove}. "
            "Valid options are:\n     remove='mutations': all inplace and out= operators will be "
            "removed from the program, and replaced with their out-of-place equivalents.\n     "
            "remove='mutations_and_views': In addition to the above, all aliasing operators {view} "
            "will be replaced with their non-aliasing counterparts, {view}_copy.\n"
        )
    raise NotImplementedError("functionalize() is not supported: writes are not taken out")
