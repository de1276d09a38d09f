"""Derived kernels of resizing in literals."""

from __future__ import annotations

from typing import Any

from autograd_core.default_kernels.resampling import Taps

HALVES = Taps(((0, 1), (1, 2)), ((0.5, 0.5), (0.25, 0.75)))
PICKED = Taps(((2,), (0,), (2,)), None)
LINE = [[[1.0, 3.0]]]
SQUARE = [[[[1.0, 3.0], [5.0, 7.0]]]]

ROWS: list[tuple[str, list[Any], Any]] = [
    ("weighted_taps", [[[1.0, 3.0, 5.0]], 1, HALVES], [[2.0, 4.5]]),
    ("weighted_taps", [[[1.0], [3.0], [5.0]], 0, PICKED], [[5.0], [1.0], [5.0]]),
    ("weighted_taps", [[[1.0, 4.0]], 1, HALVES.transposed(3)], [[0.5, 1.5, 3.0]]),
    ("weighted_taps", [[[1.0], [2.0], [4.0]], 0, PICKED.transposed(3)], [[2.0], [0.0], [5.0]]),
    ("resampled", [LINE, "nearest", (3,), False, (None,)], [[[1.0, 1.0, 3.0]]]),
    ("resampled", [LINE, "linear", (3,), True, (None,)], [[[1.0, 2.0, 3.0]]]),
    ("resampled", [LINE, "linear", (4,), False, (2.0,)], [[[1.0, 1.5, 2.5, 3.0]]]),
    ("resampled", [SQUARE, "bilinear-antialias", (1, 1), False, (None, None)], [[[[4.0]]]]),
    ("resampled_backward", [LINE, "nearest", (2,), (1, 1, 1), False, (None,)], [[[4.0]]]),
    (
        "resampled_backward",
        [[[[1.0, 2.0, 4.0]]], "linear", (3,), (1, 1, 2), True, (None,)],
        [[[2.0, 5.0]]],
    ),
]
