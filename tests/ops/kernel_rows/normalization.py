"""Derived kernels of normalization in literals."""

from __future__ import annotations

from typing import Any

from .values import INF, LN2, SIG1, SIG2, zero_d

ALL = (True, True, True)
BATCH = [[1.0], [3.0]]

ROWS: list[tuple[str, list[Any], Any]] = [
    ("softmax", [[[0.0, 0.0], [1000.0, 1001.0]], 1], [[0.5, 0.5], [1 - SIG1, SIG1]]),
    ("softmax", [[[1.0, 2.0], [1.0, 4.0]], 0], [[0.5, 1 - SIG2], [0.5, SIG2]]),
    ("softmax", [zero_d(3.0), 0], zero_d(1.0)),
    ("log_softmax", [[0.0, 0.0], 0], [-LN2, -LN2]),
    ("softmax_backward_data", [[1.0, 3.0], [0.5, 0.5], 0], [-0.5, 0.5]),
    ("log_softmax_backward_data", [[1.0, 3.0], [-LN2, -LN2], 0], [-1.0, 1.0]),
    (
        "native_layer_norm",
        [[[1.0, 3.0]], (2,), [2.0, 2.0], [10.0, 10.0], 0.0],
        ([[8.0, 12.0]], [[2.0]], [[1.0]]),
    ),
    (
        "native_layer_norm_backward",
        [[[1.0, 2.0]], [[1.0, 3.0]], (2,), [[2.0]], [[1.0]], None, None, (True, True, False)],
        ([[0.0, 0.0]], None, None),
    ),
    ("safe_softmax", [[[-INF, -INF], [0.0, 0.0]], 1], [[0.0, 0.0], [0.5, 0.5]]),
    ("row_moments", [[[1.0, 3.0]], (1,)], ([[1.0]], [[2.0]])),
    ("row_moments", [[[1.0, 2.0, 3.0, 4.0]], (1,)], ([[1.25]], [[2.5]])),
    (
        "native_batch_norm",
        [BATCH, [2.0], [1.0], None, None, True, 0.1, 0.0],
        ([[-1.0], [3.0]], [2.0], [1.0]),
    ),
    (
        "native_batch_norm",
        [BATCH, None, None, [2.0], [4.0], False, 0.1, 0.0],
        ([[-0.5], [0.5]], [], []),
    ),
    (
        "native_batch_norm_backward",
        [[[1.0], [2.0]], BATCH, [2.0], None, None, [2.0], [1.0], True, 0.0, ALL],
        ([[0.0], [0.0]], [1.0], [3.0]),
    ),
    (
        "batch_norm_update_backward",
        [[[1.0], [2.0]], BATCH, [2.0], None, None, [2.0], [1.0], True, 0.0, ALL, []],
        ([[0.0], [0.0]], [1.0], [3.0]),
    ),
    (
        "native_group_norm",
        [[[[1.0], [3.0]]], [2.0, 2.0], None, 1, 2, 1, 1, 0.0],
        ([[[-2.0], [2.0]]], [[2.0]], [[1.0]]),
    ),
]
