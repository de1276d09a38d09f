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
    "compiled": lambda: _with_compile(importlib.import_module("autograd_core")),
    "HIPS autograd": lambda: importlib.import_module("autograd"),
    "mygrad": lambda: importlib.import_module("mygrad"),
    "jax": lambda: importlib.import_module("jax"),
    "jax.jit": lambda: importlib.import_module("jax"),
    "micrograd": lambda: importlib.import_module("micrograd.engine"),
}
"""By name, what imports them: the first is what the others are compared with."""

TENSORS = ("torch", "autograd_core", "compiled")
"""Those that take torch's names."""


def _with_compile(library: Any) -> Any:
    if not hasattr(library, "compile"):
        raise Skipped("this version compiles no tapes")
    return library


def prepared(library: Any, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function as a peer runs it: compiled first, where that is what is measured."""
    if name == "compiled":
        return library.compile(function)  # type: ignore[no-any-return]
    return library.jit(function) if name == "jax.jit" else function  # type: ignore[no-any-return]


def peer(name: str) -> Any:
    """Return a library.

    Raises:
        Skipped: it is not installed.
    """
    try:
        return PEERS[name]()
    except ImportError as error:
        raise Skipped(f"not installed: {error}") from error
