"""Derived kernels of bags of rows in literals."""

from __future__ import annotations

from typing import Any

ROWS_OF = [[1.0, 2.0], [3.0, 4.0], [5.0, 0.0]]
INDICES = [0, 2, 1]
STARTS = [0, 2]

ROWS: list[tuple[str, list[Any], Any]] = [
    (
        "embedding_bag",
        [ROWS_OF, INDICES, STARTS, False, 0, False, [1.0, 2.0, 10.0]],
        ([[11.0, 2.0], [30.0, 40.0]], [0, 0, 1], [0, 0], [0, 0]),
    ),
    (
        "embedding_bag",
        [ROWS_OF, INDICES, STARTS, False, 1, False, None, False, 2],
        ([[1.0, 2.0], [3.0, 4.0]], [0, 0, 1], [1, 1], [1, 1]),
    ),
    (
        "embedding_bag",
        [ROWS_OF, INDICES, [0, 2, 3], False, 2, False, None, True, -1],
        ([[5.0, 2.0], [3.0, 4.0]], [0, 0, 1], [2, 1], [[2, 0], [1, 1]]),
    ),
    (
        "embedding_bag_backward",
        [
            *([[1.0, 2.0], [4.0, 8.0]], INDICES, STARTS, [0, 0, 1], [2, 1], [2, 1]),
            *(3, False, 1, False, None, -1),
        ],
        [[0.5, 1.0], [4.0, 8.0], [0.5, 1.0]],
    ),
    (
        "embedding_bag_backward",
        [[[1.0, 2.0]], [0, 2], [0], [0, 0], [2], [[2, 0]], 3, False, 2, False, None, -1],
        [[0.0, 2.0], [0.0, 0.0], [1.0, 0.0]],
    ),
    (
        "embedding_bag_per_sample_weights_backward",
        [[[1.0, 2.0], [4.0, 8.0]], ROWS_OF, INDICES, STARTS, [0, 0, 1], 0, 2],
        [5.0, 0.0, 44.0],
    ),
]
