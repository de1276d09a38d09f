"""Derived kernels of convolution in literals."""

from __future__ import annotations

from typing import Any

from .values import GRID, filled

_LINE = [[[1.0, 2.0, 3.0]]]
_PAIR = [[[1.0, 10.0]]]
_PLAIN = ((1,), (0,), (1,))
_COLUMNS = [[1.0, 3.0], [2.0, 4.0]]

ROWS: list[tuple[str, list[Any], Any]] = [
    ("convolution", [_LINE, _PAIR, [0.5], *_PLAIN, False, (0,), 1], [[[21.5, 32.5]]]),
    ("convolution", [_LINE, _PAIR, None, (2,), (1,), (1,), False, (0,), 1], [[[10.0, 32.0]]]),
    ("convolution", [_LINE, _PAIR, None, (1,), (0,), (2,), False, (0,), 1], [[[31.0]]]),
    (
        "convolution",
        [[[[1.0, 2.0], [3.0, 4.0]]], [[[1.0, 10.0]], [[2.0, 1.0]]], None, *_PLAIN, False, (0,), 2],
        [[[21.0], [10.0]]],
    ),
    ("convolution", [_LINE, _PAIR, [0.5], *_PLAIN, True, (0,), 1], [[[1.5, 12.5, 23.5, 30.5]]]),
    (
        "convolution",
        [_PAIR, _PAIR, None, (2,), (0,), (1,), True, (1,), 1],
        [[[1.0, 10.0, 10.0, 100.0, 0.0]]],
    ),
    (
        "convolution_backward",
        [[[[1.0, 5.0]]], _LINE, _PAIR, (1,), *_PLAIN, False, (0,), 1, (True, True, True)],
        ([[[1.0, 15.0, 50.0]]], [[[11.0, 17.0]]], [6.0]),
    ),
    ("correlate", [_LINE, _PAIR, (2,), *_PLAIN, 1], [[[21.0, 32.0]]]),
    ("correlate_input_backward", [[[[1.0, 5.0]]], _PAIR, (3,), *_PLAIN, 1], [[[1.0, 15.0, 50.0]]]),
    ("correlate_overlapped", [[[[1.0, 5.0]]], _PAIR, (3,), *_PLAIN, 1], [[[1.0, 15.0, 50.0]]]),
    ("correlate_weight_backward", [[[[1.0, 5.0]]], _LINE, (2,), *_PLAIN, 1], [[[11.0, 17.0]]]),
    ("turned_kernels", [[[[1.0, 2.0]], [[3.0, 4.0]]], 1], [[[2.0, 1.0], [4.0, 3.0]]]),
    ("overlapped", [[[_COLUMNS]], (3,), (2,), *_PLAIN], [[[1.0, 5.0, 4.0]]]),
    ("im2col", [[GRID], (1, 2), (1, 1), (0, 0), (1, 1)], [[1.0, 3.0], [2.0, 4.0]]),
    ("im2col", [[[GRID]], (2, 1), (1, 1), (0, 0), (1, 1)], [[[1.0, 2.0], [3.0, 4.0]]]),
    ("col2im", [_COLUMNS, (1, 3), (1, 2), (1, 1), (0, 0), (1, 1)], [[[1.0, 5.0, 4.0]]]),
    ("col2im", [[_COLUMNS], (3, 1), (2, 1), (1, 1), (0, 0), (1, 1)], [[[[1.0], [5.0], [4.0]]]]),
    ("pixel_shuffle", [filled(4, 1, 2), 2], [[[1.0, 3.0, 2.0, 4.0], [5.0, 7.0, 6.0, 8.0]]]),
    ("pixel_unshuffle", [[GRID], 2], [[[1.0]], [[2.0]], [[3.0]], [[4.0]]]),
    ("channel_shuffle", [filled(1, 4, 1), 2], [[[1.0], [3.0], [2.0], [4.0]]]),
]
