"""The libraries that are measured, by name; one that is not installed says so."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


class Skipped(Exception):
    """Why a peer does not run a workload."""


PEERS: dict[str, Callable[[], Any]] = {
    "torch": lambda: importlib.import_module("torch"),
    "autograd_core": lambda: importlib.import_module("autograd_core"),
    "HIPS autograd": lambda: importlib.import_module("autograd"),
    "mygrad": lambda: importlib.import_module("mygrad"),
    "jax": lambda: importlib.import_module("jax"),
    "micrograd": lambda: importlib.import_module("micrograd.engine"),
}
"""By name, what imports them: the first is what the others are compared with."""


def peer(name: str) -> Any:
    """Return a library.

    Raises:
        Skipped: it is not installed.
    """
    try:
        return PEERS[name]()
    except ImportError as error:
        raise Skipped(f"not installed: {error}") from error
