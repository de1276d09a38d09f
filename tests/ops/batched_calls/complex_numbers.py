"""Calls of ops of complex numbers with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import x, z

CALLS: dict[str, list[list[Any]]] = {
    "complex": [[x(2, 3), x(2, 3)]],
    "conj_complex": [[z(2, 3)]],
    "conj_written": [[z(2, 3)]],
    "view_as_real": [[z(2, 3)]],
    "view_as_complex": [[x(3, 2)]],
}
