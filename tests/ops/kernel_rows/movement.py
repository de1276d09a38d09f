"""Derived kernels of movement in literals."""

from __future__ import annotations

from typing import Any

from .values import GRID, NAN, arrays, filled, zero_d

ROWS: list[tuple[str, list[Any], Any]] = [
    ("stack", [arrays([1.0, 2.0], [3.0, 4.0]), 1], [[1.0, 3.0], [2.0, 4.0]]),
    ("diag_embed", [[8.0], 1, 0, 1], [[0.0, 8.0], [0.0, 0.0]]),
    ("tril", [GRID, 0], [[1.0, 0.0], [3.0, 4.0]]),
    ("tril", [[[NAN, 2.0], [3.0, NAN]], -1], [[0.0, 0.0], [3.0, 0.0]]),
    ("triu", [GRID, 1], [[0.0, 2.0], [0.0, 0.0]]),
    ("trace", [filled(2, 3)], zero_d(6.0)),
    ("roll", [[1.0, 2.0, 3.0], (1,), (0,)], [3.0, 1.0, 2.0]),
    ("roll", [GRID, (1,), ()], [[4.0, 1.0], [2.0, 3.0]]),
    ("rot90", [GRID, 1, (0, 1)], [[2.0, 4.0], [1.0, 3.0]]),
    ("rot90", [GRID, 2, (0, 1)], [[4.0, 3.0], [2.0, 1.0]]),
    ("rot90", [GRID, -1, (0, 1)], [[3.0, 1.0], [4.0, 2.0]]),
    ("repeat", [[1.0, 2.0], (2, 2)], [[1.0, 2.0, 1.0, 2.0], [1.0, 2.0, 1.0, 2.0]]),
    ("block_diag", [arrays([[1.0], [2.0]], [3.0])], [[1.0, 0.0], [2.0, 0.0], [0.0, 3.0]]),
]
