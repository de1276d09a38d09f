"""Derived kernels of indexing in literals."""

from __future__ import annotations

from typing import Any

from .values import GRID, arrays, filled, zero_d

NORM = 5 + 1e-7  # never zero

ROWS: list[tuple[str, list[Any], Any]] = [
    ("scatter_value", [[1.0, 2.0, 3.0], 0, [2, 0], 9], [9.0, 2.0, 9.0]),
    ("scattered_anew", [(3,), 0, [2, 0], [8.0, 9.0]], [9.0, 0.0, 8.0]),
    ("along", [[1, 0], 1, (2, 2)], [[1, 0], [1, 0]]),
    ("index_add", [[1.0, 2.0], 0, [0, 0], [10.0, 20.0], 2], [61.0, 2.0]),
    ("index_copy", [GRID, 0, [1], [[8.0, 9.0]]], [[1.0, 2.0], [8.0, 9.0]]),
    ("index_reduce", [[2.0, 3.0], 0, [0, 0], [5.0, 7.0], "prod", True], [70.0, 3.0]),
    ("index_reduce", [[2.0, 3.0], 0, [0, 0], [5.0, 7.0], "mean", False], [6.0, 3.0]),
    ("index_fill", [GRID, 1, [0], 9], [[9.0, 2.0], [9.0, 4.0]]),
    ("index_fill_tensor", [zero_d(1.0), 0, [0], zero_d(9.0)], zero_d(9.0)),
    ("unique_positions", [[3, 1, 3]], [1, 3]),
    ("take", [GRID, [[3, 0]]], [[4.0, 1.0]]),
    ("put", [GRID, [3, 0], [8.0, 9.0]], [[9.0, 2.0], [3.0, 8.0]]),
    ("put", [GRID, [0, 0], [8.0, 9.0], True], [[18.0, 2.0], [3.0, 4.0]]),
    ("places", [GRID, arrays([-1], [[0, 1]])], arrays([1], [[0, 1]])),
    ("places", [GRID, arrays([True, False])], arrays([0])),
    ("taken_at", [GRID, arrays([-1], [0])], [3.0]),
    ("put_at", [GRID, arrays([-1]), [5.0, 6.0], True], [[1.0, 2.0], [8.0, 10.0]]),
    ("index_put_impl", [[1.0, 2.0], arrays([1]), [5.0], False], [1.0, 5.0]),
    ("unsafe_index", [GRID, arrays(None, [1])], [[2.0], [4.0]]),
    ("unsafe_index_put", [[1.0, 2.0], arrays([1]), [5.0], True], [1.0, 7.0]),
    ("unsafe_masked_index", [[1.0, 2.0], [True, False], arrays([1, 9]), 7], [2.0, 7.0]),
    (
        "unsafe_masked_index_put_accumulate",
        [[1.0, 2.0], [True, False], arrays([1, 9]), [5.0, 6.0]],
        [1.0, 7.0],
    ),
    ("clamped", [[1.0, 2.0], arrays([-3, 1, 9])], arrays([0, 1, 1])),
    ("index_shape", [filled(2, 3, 4), arrays(None, [[0, 1]])], (2, 1, 2, 4)),
    ("index_laid_out", [GRID, arrays([1, 0], [0, 0])], [3.0, 1.0]),
    ("laid_out_as", [GRID, [[5.0, 6.0], [7.0, 8.0]]], [[5.0, 6.0], [7.0, 8.0]]),
    ("masked_fill", [GRID, [True, False], 9], [[9.0, 2.0], [9.0, 4.0]]),
    ("filled", [GRID, [True, False], 9], [[9.0, 2.0], [9.0, 4.0]]),
    ("lengthened", [[[1.0], [3.0]], 1, 3], [[1.0, 0.0, 0.0], [3.0, 0.0, 0.0]]),
    ("masked_fill_tensor", [[1.0, 2.0], [True, False], zero_d(9)], [9.0, 2.0]),
    ("masked_select", [GRID, [True, False]], [1.0, 3.0]),
    ("masked_sum", [GRID, [True, False]], zero_d(4.0)),
    ("where_marked", [[True, False], zero_d(1.5)], [1.5, 0.0]),
    ("mask_positions", [[[True, False], [False, True]]], [[0, 0], [1, 1]]),
    ("masked_scatter", [[1.0, 2.0, 3.0], [True, False, True], [8.0, 9.0]], [8.0, 2.0, 9.0]),
    ("masked_scatter_backward", [[1.0, 2.0], [False, True], (3,)], [2.0, 0.0, 0.0]),
    ("column_major", [GRID], GRID),
    ("among", [[1, 2, 3], [3, 1]], [True, False, True]),
    ("among", [[1, 2], []], [False, False]),
    ("embedding", [GRID, [[1, 0]]], [[[3.0, 4.0], [1.0, 2.0]]]),
    ("embedding_dense_backward", [GRID, [1, 1], 2, -1, False], [[0.0, 0.0], [4.0, 6.0]]),
    ("embedding_dense_backward", [GRID, [1, 1], 2, -1, True], [[0.0, 0.0], [2.0, 3.0]]),
    ("embedding_dense_backward", [GRID, [0, 1], 2, 0, False], [[0.0, 0.0], [3.0, 4.0]]),
    ("rows_limited", [[[3.0, 4.0], [8.0, 6.0]], [0], 1.0, 2.0], [[3 / NORM, 4 / NORM], [8.0, 6.0]]),
    ("refuse_second_order", [[1.0], [1], ""], [1.0]),
]
