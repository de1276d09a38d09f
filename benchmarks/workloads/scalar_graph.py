"""A graph of 999 operations on single numbers; this project on its pure-Python backend."""

from __future__ import annotations

from typing import Any

from ..measuring import Work
from ..peers import Skipped

ROWS = [("scalar graph, 999 0-d ops, pure Python", (0.25, 0.012), 9, {"length": 333})]


def work(library: Any, name: str, length: int) -> Work:
    """Return one forward and backward of ``y = tanh(y * w + x)``, again and again."""
    if name == "micrograd":
        return _of_micrograd(library, length)
    if name not in ("torch", "autograd_core"):
        raise Skipped("measured on arrays")
    options = {"backend": "python"} if name == "autograd_core" else {}
    x, w = (library.tensor(n, requires_grad=True, **options) for n in (0.5, 0.25))

    def run() -> None:
        x.grad = w.grad = None
        y = x
        for _ in range(length):
            y = (y * w + x).tanh()
        y.backward()

    return run


def _of_micrograd(library: Any, length: int) -> Work:
    def run() -> None:
        x, w = library.Value(0.5), library.Value(0.25)
        y = x
        for _ in range(length):
            y = (y * w + x).relu()  # it has no tanh
        y.backward()

    return run
