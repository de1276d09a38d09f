"""Derived kernels of sorting in literals."""

from __future__ import annotations

from typing import Any

from .values import NAN, zero_d

ROWS: list[tuple[str, list[Any], Any]] = [
    ("sort_unstable", [[3.0, 1.0, 2.0], 0], ([1.0, 2.0, 3.0], [1, 2, 0])),
    ("topk", [[3.0, 1.0, 2.0], 2, 0], ([3.0, 2.0], [0, 2])),
    ("topk", [[3.0, 1.0, NAN], 2, 0, False], ([1.0, 3.0], [1, 0])),
    ("kthvalue", [[3.0, 1.0, 2.0], 2, 0], (zero_d(2.0), zero_d(2))),
    ("kthvalue", [zero_d(3.0), 1, 0], (zero_d(3.0), zero_d(0))),
    ("median_dim", [[[4.0, 1.0, 3.0, 2.0]], 1], ([2.0], [3])),
    ("median_dim", [[1.0, NAN, NAN], 0], (zero_d(NAN), zero_d(1))),
    ("nanmedian_dim", [[3.0, NAN, 1.0], 0, True], ([1.0], [2])),
    ("median", [[[4.0, 1.0], [3.0, 2.0]]], zero_d(2.0)),
    ("median", [[]], zero_d(NAN)),
    ("nanmedian", [[NAN, 5.0]], zero_d(5.0)),
    ("mode", [[2.0, 1.0, 2.0, 1.0], 0], (zero_d(1.0), zero_d(3))),
    ("histc", [[0.5, -1.25, 2.0, NAN, 9.0], 4, -1.25, 2.0], [1.0, 0.0, 1.0, 1.0]),
    ("unique", [[3, 1, 3]], ([1, 3], [1, 0, 1], [1, 2])),
    ("unique_consecutive", [[3, 3, 1, 3]], ([3, 1, 3], [0, 0, 1, 2], [2, 1, 1])),
]
