"""Derived kernels of storage in literals."""

from __future__ import annotations

from typing import Any

from autograd_core import dtypes

ROWS: list[tuple[str, list[Any], Any]] = [
    ("to_bytes", [[1, -2]], (1).to_bytes(8, "little") + (-2).to_bytes(8, "little", signed=True)),
    ("to_bytes", [[True, False]], b"\x01\x00"),
    ("from_bytes", [bytes(6) + b"\xf8\x3f", dtypes.float64], [1.5]),
    ("from_bytes", [bytes(14) + b"\x00\x40", dtypes.complex128], [2j]),
]
