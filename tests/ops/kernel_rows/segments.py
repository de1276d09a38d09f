"""Derived kernels of segments in literals."""

from __future__ import annotations

from typing import Any

from .values import INF, NAN

ROWS: list[tuple[str, list[Any], Any]] = [
    ("segment_reduce", [[1.0, 2.0, 3.0], "sum", [1, 2], None, 0, None], [1.0, 5.0]),
    ("segment_reduce", [[1.0, 2.0, 4.0], "mean", None, [0, 1, 3], 0, None], [1.0, 3.0]),
    ("segment_reduce", [[1.0], "mean", [0, 1], None, 0, None], [NAN, 1.0]),
    ("segment_reduce", [[1.0, 2.0], "amax", [0, 2], None, 0, None], [-INF, 2.0]),
    (
        "segment_reduce_backward",
        [[1.0, 2.0], [1.0, 3.0], [1.0, 3.0, 3.0], "amax", [1, 2], None, 0, None],
        [1.0, 1.0, 1.0],
    ),
    (
        "segment_reduce_backward",
        [[1.0], [0.0], [0.0, 2.0], "prod", [2], None, 0, None],
        [2.0, 0.0],
    ),
    (
        "segment_reduce_backward",
        [[1.0, 6.0], [1.0, 2.0], [1.0, 1.0, 3.0], "mean", [1, 2], None, 0, None],
        [1.0, 3.0, 3.0],
    ),
]
