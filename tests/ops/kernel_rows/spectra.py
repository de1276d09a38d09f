"""Derived kernels of spectra in literals."""

from __future__ import annotations

import math
from typing import Any

E = math.e
ROWS: list[tuple[str, list[Any], Any]] = [
    ("linalg_pinv", [[[2.0, 0.0], [0.0, 4.0]], None, None, False], [[0.5, 0.0], [0.0, 0.25]]),
    ("linalg_pinv", [[[3.0], [4.0]], None, None, False], [[0.12, 0.16]]),
    ("linalg_pinv", [[[0.0, 1.0], [1.0, 0.0]], None, None, True], [[0.0, 1.0], [1.0, 0.0]]),
    ("linalg_matrix_rank", [[[1.0, 2.0], [2.0, 4.0]], None, None, False], 1),
    ("linalg_matrix_rank", [[[1.0, 2.0], [2.0, -4.0]], None, None, True], 2),
    (
        "linalg_lstsq",
        [[[1.0], [1.0]], [[1.0], [3.0]], None, "gelsd"],
        ([[2.0]], [2.0], 1, [math.sqrt(2)]),
    ),
    ("linalg_lstsq", [[[1.0, 1.0]], [4.0], None, "gels"], ([2.0, 2.0], [], [], [])),
    ("linalg_matrix_exp", [[[0.0, 1.0], [0.0, 0.0]]], [[1.0, 1.0], [0.0, 1.0]]),
    ("linalg_matrix_exp", [[[1.0, 0.0], [0.0, 2.0]]], [[E, 0.0], [0.0, E * E]]),
    ("linalg_matrix_exp", [[[[0.0]], [[1.0]]]], [[[1.0]], [[E]]]),
    ("linalg_matrix_exp", [[[4.0, 0.0], [0.0, -4.0]]], [[E**4, 0.0], [0.0, E**-4]]),
]
