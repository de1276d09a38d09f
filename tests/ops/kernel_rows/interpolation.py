"""Derived kernels of interpolation in literals."""

from __future__ import annotations

from typing import Any

SQUARE = [[[[1.0, 2.0], [3.0, 4.0]]]]
CENTER = [[[[0.0, 0.0]]]]
LINE = [[[[[1.0, 2.0]]]]]
MIDDLE = [[[[[0.0, 0.0, 0.0]]]]]

ROWS: list[tuple[str, list[Any], Any]] = [
    ("grid_sampler_2d", [SQUARE, CENTER, 0, 0, True], [[[[2.5]]]]),
    ("grid_sampler_2d", [SQUARE, [[[[-1.0, -0.9]]]], 1, 0, True], [[[[1.0]]]]),
    ("grid_sampler_2d", [SQUARE, CENTER, 2, 1, True], [[[[2.5]]]]),
    ("grid_sampler_2d", [SQUARE, [[[[3.0, -1.0]]]], 0, 2, True], [[[[1.0]]]]),
    ("grid_sampler_2d", [SQUARE, [[[[3.0, -1.0]]]], 0, 0, True], [[[[0.0]]]]),
    (
        "grid_sampler_2d_backward",
        [[[[[1.0]]]], SQUARE, CENTER, 0, 0, True, (True, True)],
        ([[[[0.25, 0.25], [0.25, 0.25]]]], [[[[0.5, 1.0]]]]),
    ),
    ("grid_sampler_3d", [LINE, MIDDLE, 0, 0, True], [[[[[1.5]]]]]),
    (
        "grid_sampler_3d_backward",
        [[[[[[1.0]]]]], LINE, MIDDLE, 0, 0, True, (True, True)],
        ([[[[[0.5, 0.5]]]]], [[[[[0.5, 0.0, 0.0]]]]]),
    ),
    (
        "grid_sampler_slope_backward",
        [
            [[[[1.0, 0.0]]]],
            [[[[1.0]]]],
            [[[[1.0, 2.0], [3.0, 5.0]]]],
            CENTER,
            0,
            0,
            True,
            (True, True, True),
        ],
        ([[[[0.75]]]], [[[[-0.25, 0.25], [-0.25, 0.25]]]], [[[[0.0, 0.25]]]]),
    ),
    (
        "affine_grid_generator",
        [[[[2.0, 0.0, 1.0], [0.0, 1.0, 0.0]]], (1, 1, 2, 2), True],
        [[[[-1.0, -1.0], [3.0, -1.0]], [[-1.0, 1.0], [3.0, 1.0]]]],
    ),
    (
        "affine_grid_generator",
        [[[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]], (1, 1, 1, 2), False],
        [[[[-0.5, 0.0], [0.5, 0.0]]]],
    ),
]
