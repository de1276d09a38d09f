"""Derived kernels of pooling in literals."""

from __future__ import annotations

from typing import Any

from autograd_core.pooling_windows import adaptive, stepping

from .values import INF, NAN

PLANE = [[[1.0, 5.0, 2.0], [4.0, 3.0, 6.0]]]  # two rows, three columns
SPACE = [PLANE]
WINDOWS = (stepping(2, 1, 1, 0, 1, False), stepping(3, 2, 1, 0, 1, False))
PADDED = (stepping(2, 2, 2, 1, 1, False), stepping(3, 3, 3, 1, 1, False))
UNEVEN = (adaptive(2, 1), adaptive(3, 2))
GAPS = (stepping(1, 1, 1, 0, 1, False), stepping(2, 2, 1, 1, 3, False))  # a window of padding only
MEAN = [(1, 2), (1, 1), (0, 0), False, True, None]
MAXIMUM = [(1, 2), (), (0, 0), (1, 1), True]
MEAN_3D = [(1, 1, 2), (1,), (0,), False, True, None]
MAXIMUM_3D = [(1, 1, 2), (1,), (0,), (1,), False]
SAMPLES = [[[0.9, 0.5]]]
FOUR = [[[1.0, 5.0, 2.0, 0.0], [4.0, 3.0, 6.0, 7.0]]]

ROWS: list[tuple[str, list[Any], Any]] = [
    # On planes
    ("window_sums", [PLANE, WINDOWS], [[[6.0, 7.0], [7.0, 9.0]]]),
    ("window_sums", [PLANE, PADDED], [[[6.0], [7.0]]]),
    ("window_sums", [PLANE, UNEVEN], [[[13.0, 16.0]]]),
    (
        "window_sums_backward",
        [[[[1.0, 2.0], [3.0, 4.0]]], WINDOWS],
        [[[1.0, 3.0, 2.0], [3.0, 7.0, 4.0]]],
    ),
    ("window_sums_backward", [[[[1.0, 2.0]]], UNEVEN], [[[1.0, 3.0, 2.0]] * 2]),
    ("window_maxima", [PLANE, WINDOWS], ([[[5.0, 5.0], [4.0, 6.0]]], [[[1, 1], [3, 5]]])),
    ("window_maxima", [PLANE, UNEVEN], ([[[5.0, 6.0]]], [[[1, 5]]])),
    (
        "window_maxima",
        [[[[NAN, 1.0, NAN]]], (adaptive(1, 1), adaptive(3, 1))],
        ([[[NAN]]], [[[2]]]),
    ),
    ("window_maxima", [[[[-INF, -INF]]], (adaptive(1, 1), adaptive(2, 1))], ([[[-INF]]], [[[0]]])),
    ("window_maxima", [[[[1.0, 2.0]]], GAPS], ([[[-INF]]], [[[2]]])),
    ("window_maxima_backward", [[[[2.0, 3.0]]], [[[1, 1]]], (2, 2)], [[[0.0, 5.0], [0.0, 0.0]]]),
    ("largest", [[[[1.0, 3.0, 3.0], [NAN, 4.0, NAN]]]], ([[3.0, NAN]], [[1, 2]])),
    # Means
    ("avg_pool2d", [PLANE, *MEAN], [[[3.0, 3.5], [3.5, 4.5]]]),
    ("avg_pool2d", [[[[-3, -4]]], (1, 2), (), (0,), False, True, None], [[[-3]]]),
    (
        "avg_pool2d_backward",
        [[[[2.0, 4.0], [6.0, 8.0]]], PLANE, *MEAN],
        [[[1.0, 3.0, 2.0], [3.0, 7.0, 4.0]]],
    ),
    ("avg_pool3d", [SPACE, *MEAN_3D], [[[[3.0, 3.5], [3.5, 4.5]]]]),
    (
        "avg_pool3d_backward",
        [[[[[2.0, 4.0], [6.0, 8.0]]]], SPACE, *MEAN_3D],
        [[[[1.0, 3.0, 2.0], [3.0, 7.0, 4.0]]]],
    ),
    ("adaptive_avg_pool2d", [PLANE, (1, 2)], [[[3.25, 4.0]]]),
    ("adaptive_avg_pool2d_backward", [[[[4.0, 8.0]]], PLANE], [[[1.0, 3.0, 2.0]] * 2]),
    ("adaptive_avg_pool3d", [SPACE, (1, 1, 2)], [[[[3.25, 4.0]]]]),
    ("adaptive_avg_pool3d_backward", [[[[[4.0, 8.0]]]], SPACE], [[[[1.0, 3.0, 2.0]] * 2]]),
    # Maxima
    (
        "max_pool2d_with_indices",
        [PLANE, *MAXIMUM],
        ([[[5.0, 2.0], [4.0, 6.0]]], [[[1, 2], [3, 5]]]),
    ),
    (
        "max_pool2d_with_indices_backward",
        [[[[1.0, 2.0], [3.0, 4.0]]], PLANE, *MAXIMUM, [[[1, 2], [3, 5]]]],
        [[[0.0, 1.0, 2.0], [3.0, 0.0, 4.0]]],
    ),
    (
        "max_pool3d_with_indices",
        [SPACE, *MAXIMUM_3D],
        ([[[[5.0, 5.0], [4.0, 6.0]]]], [[[[1, 1], [3, 5]]]]),
    ),
    (
        "max_pool3d_with_indices_backward",
        [[[[[1.0, 2.0], [3.0, 4.0]]]], SPACE, *MAXIMUM_3D, [[[[1, 1], [3, 5]]]]],
        [[[[0.0, 3.0, 0.0], [3.0, 0.0, 4.0]]]],
    ),
    ("adaptive_max_pool2d", [PLANE, (1, 2)], ([[[5.0, 6.0]]], [[[1, 5]]])),
    (
        "adaptive_max_pool2d_backward",
        [[[[1.0, 2.0]]], PLANE, [[[1, 5]]]],
        [[[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]]],
    ),
    ("adaptive_max_pool3d", [SPACE, (1, 1, 2)], ([[[[5.0, 6.0]]]], [[[[1, 5]]]])),
    (
        "adaptive_max_pool3d_backward",
        [[[[[1.0, 2.0]]]], SPACE, [[[[1, 5]]]]],
        [[[[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]]]],
    ),
    # Windows at random places: at columns 0, 1 and 3 of four
    (
        "fractional_max_pool2d",
        [FOUR, (1, 1), (1, 3), SAMPLES],
        ([[[4.0, 3.0, 7.0]]], [[[4, 5, 7]]]),
    ),
    (
        "fractional_max_pool2d_backward",
        [[[[1.0, 2.0, 3.0]]], FOUR, (1, 1), (1, 3), [[[4, 6, 6]]]],
        [[[0.0] * 4, [1.0, 0.0, 5.0, 0.0]]],
    ),
    (
        "fractional_max_pool3d",
        [[FOUR], (1, 2, 1), (1, 1, 2), [[[0.5, 0.5, 0.5]]]],
        ([[[[4.0, 7.0]]]], [[[[4, 7]]]]),
    ),
    (
        "fractional_max_pool3d_backward",
        [[[[[1.0, 2.0]]]], [FOUR], (1, 2, 1), (1, 1, 2), [[[[4, 7]]]]],
        [[[[0.0] * 4, [1.0, 0.0, 0.0, 2.0]]]],
    ),
    # Unpooling
    ("max_unpool2d", [[[[5.0, 6.0]]], [[[1, 5]]], (2, 3)], [[[0.0, 5.0, 0.0], [0.0, 0.0, 6.0]]]),
    (
        "max_unpool3d",
        [[[[[5.0, 6.0]]]], [[[[1, 5]]]], (1, 2, 3), (1, 1, 1), (0, 0, 0)],
        [[[[0.0, 5.0, 0.0], [0.0, 0.0, 6.0]]]],
    ),
]
