"""Derived kernels of padding in literals."""

from __future__ import annotations

from typing import Any

from .values import GRID

_LINE = [[1.0, 2.0, 3.0]]

ROWS: list[tuple[str, list[Any], Any]] = [
    ("constant_pad_nd", [[1.0, 2.0], (1, 2), 9], [9.0, 1.0, 2.0, 9.0, 9.0]),
    ("constant_pad_nd", [GRID, (-1, 0, 0, 1), 9], [[2.0], [4.0], [9.0]]),
    ("reflection_pad1d", [_LINE, (2, 1)], [[3.0, 2.0, 1.0, 2.0, 3.0, 2.0]]),
    ("reflection_pad1d", [_LINE, (-1, 2)], [[2.0, 3.0, 2.0, 1.0]]),
    (
        "reflection_pad2d",
        [[GRID], (1, 0, 0, 1)],
        [[[2.0, 1.0, 2.0], [4.0, 3.0, 4.0], [2.0, 1.0, 2.0]]],
    ),
    ("reflection_pad3d", [[[GRID]], (0, 1, 0, 0, 0, 0)], [[[[1.0, 2.0, 1.0], [3.0, 4.0, 3.0]]]]),
    ("replication_pad1d", [_LINE, (2, 1)], [[1.0, 1.0, 1.0, 2.0, 3.0, 3.0]]),
    ("replication_pad1d", [_LINE, (-4, 2)], [[3.0]]),
    ("replication_pad1d", [_LINE, (1, -3)], [[1.0]]),
    (
        "replication_pad2d",
        [[GRID], (1, 0, 0, 1)],
        [[[1.0, 1.0, 2.0], [3.0, 3.0, 4.0], [3.0, 3.0, 4.0]]],
    ),
    ("replication_pad3d", [[[GRID]], (0, 1, 0, 0, 0, 0)], [[[[1.0, 2.0, 2.0], [3.0, 4.0, 4.0]]]]),
    (
        "reflection_pad1d_backward",
        [[[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]], _LINE, (2, 1)],
        [[4.0, 42.0, 17.0]],
    ),
    (
        "reflection_pad2d_backward",
        [[[[1.0, 2.0, 4.0]] * 2], [GRID], (1, 0, 0, 0)],
        [[[2.0, 5.0]] * 2],
    ),
    (
        "reflection_pad3d_backward",
        [[[[[1.0, 2.0, 4.0]] * 2]], [[GRID]], (0, 1, 0, 0, 0, 0)],
        [[[[5.0, 2.0]] * 2]],
    ),
    (
        "replication_pad1d_backward",
        [[[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]], _LINE, (2, 1)],
        [[7.0, 8.0, 48.0]],
    ),
    ("replication_pad1d_backward", [[[1.0]], _LINE, (-4, 2)], [[0.0, 0.0, 1.0]]),
    (
        "replication_pad2d_backward",
        [[[[1.0, 2.0, 4.0]] * 2], [GRID], (1, 0, 0, 0)],
        [[[3.0, 4.0]] * 2],
    ),
    (
        "replication_pad3d_backward",
        [[[[[1.0, 2.0, 4.0]] * 2]], [[GRID]], (0, 1, 0, 0, 0, 0)],
        [[[[1.0, 6.0]] * 2]],
    ),
]
