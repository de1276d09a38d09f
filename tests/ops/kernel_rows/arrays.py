"""Derived kernels of arrays in literals."""

from __future__ import annotations

from typing import Any

from autograd_core import dtypes

from .values import GRID, zero_d

ROWS: list[tuple[str, list[Any], Any]] = [
    ("dtype_of_native", [dtypes.int8], dtypes.int8),
    ("is_conj", [[1.0j]], False),
    ("is_neg", [[1.0]], False),
    ("resolve_conj", [[1.0j]], [1.0j]),
    ("resolve_neg", [[1.0]], [1.0]),
    ("scalar_like", [[1, 2], 7], zero_d(7)),
    ("as_dtype_of", [[1, 2], [0.5]], [1.0, 2.0]),
    ("item", [[2.5]], 2.5),
    ("is_nonzero", [[0.0]], False),
    ("is_nonzero", [[3]], True),
    ("truth", [[0.5], False], True),
    ("truth", [[0.0], True], False),
    ("anywhere", [[False, True]], True),
    ("anywhere", [[0, 0]], False),
    ("are_row_major", [GRID, GRID], True),
    ("following", [GRID, GRID, GRID], GRID),
    ("elements", [GRID], [1.0, 2.0, 3.0, 4.0]),
    ("are_row_major", [GRID, [1.0], None], True),
    ("is_uniform", [GRID], True),
    ("may_repeat", [GRID], False),
    ("detached", [GRID], GRID),
]
