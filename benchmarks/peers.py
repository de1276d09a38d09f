"""The libraries that are measured, by name; one that is not installed says so."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

from .measuring import Work


class Skipped(Exception):
    """Why a peer does not run a workload."""


PEERS: dict[str, Callable[[], Any]] = {
    "torch": lambda: importlib.import_module("torch"),
    "autograd_core": lambda: importlib.import_module("autograd_core"),
    "compiled": lambda: importlib.import_module("autograd_core"),
    "by hand": lambda: importlib.import_module("numpy"),
    "bare tape": lambda: importlib.import_module("benchmarks.bare_tape"),
    "HIPS autograd": lambda: importlib.import_module("autograd"),
    "mygrad": lambda: importlib.import_module("mygrad"),
    "jax": lambda: importlib.import_module("jax"),
    "jax.jit": lambda: importlib.import_module("jax"),
    "micrograd": lambda: importlib.import_module("micrograd.engine"),
}
"""By name, what imports them: the first is what the others are compared with.

"by hand" is the arithmetic of a workload and of its gradients alone, written out on NumPy without a
tape: what a tape on NumPy cannot be faster than. "bare tape" is the least that such a tape can be.
"""


DEEPEST = 200_000
"""How many calls within calls the libraries get whose backward recurses, micrograd and MyGrad."""


def work_of(workload: Any, name: str, arguments: dict[str, Any]) -> Work:
    """Return a workload as a peer runs it; "compiled" is this project's, compiled as a whole.

    Raises:
        Skipped: the peer is not installed, or does not run it.
    """
    library = peer(name)
    if name != "compiled":
        work: Work = workload.work(library, name, **arguments)
        return work
    compiled: Any = library.compile(workload.work(library, "autograd_core", **arguments))
    for _ in range(3):  # an optimizer makes its state in the first step
        compiled()
    if not compiled.specializations:
        raise Skipped(f"not traced: {dict(compiled.reasons)}")
    return compiled  # type: ignore[no-any-return]


def jitted(library: Any, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function as JAX runs it."""
    return library.jit(function) if name == "jax.jit" else function  # type: ignore[no-any-return]


def peer(name: str) -> Any:
    """Return a library.

    Raises:
        Skipped: it is not installed.
    """
    if name in ("micrograd", "mygrad"):
        sys.setrecursionlimit(DEEPEST)
    try:
        return PEERS[name]()
    except ImportError as error:
        raise Skipped(f"not installed: {error}") from error
