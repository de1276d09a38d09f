"""Calls of ops of convolution with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import x

_ONE = ((2,), (1,), (1,), False, (0,), 1)
_TWO = ((1, 2), (1, 0), (2, 1), False, (0, 0), 2)
_BACK = ((2, 1), (0, 1), (1, 2), True, (1, 0), 2)
_ALL = (True, True, True)

CALLS: dict[str, list[list[Any]]] = {
    "convolution": [
        [x(2, 2, 5), x(3, 2, 3), x(3), *_ONE],
        [x(2, 4, 5, 6), x(4, 2, 2, 3), None, *_TWO],
        [x(2, 4, 3, 3), x(4, 3, 2, 2), x(6), *_BACK],
        [x(1, 2, 3, 3, 3), x(2, 3, 2, 2, 2), None, (1,) * 3, (0,) * 3, (1,) * 3, True, (0,) * 3, 1],
    ],
    "convolution_with_flags": [[x(2, 2, 5), x(3, 2, 3), x(3), *_ONE]],
    "convolution_backward": [
        [x(2, 3, 3), x(2, 2, 5), x(3, 2, 3), (3,), *_ONE, _ALL],
        [x(2, 4, 5, 2), x(2, 4, 5, 6), x(4, 2, 2, 3), (0,), *_TWO, (True, True, False)],
        [x(2, 6, 7, 3), x(2, 4, 3, 3), x(4, 3, 2, 2), (6,), *_BACK, _ALL],
        [x(2, 6, 7, 3), x(2, 4, 3, 3), x(4, 3, 2, 2), (6,), *_BACK, (True, False, False)],
    ],
    "conv_tbc": [[x(4, 2, 3), x(2, 3, 2), x(2), 1]],
    "im2col": [
        [x(2, 2, 4, 5), (2, 3), (1, 1), (1, 0), (2, 1)],
        [x(2, 4, 5), (2, 2), (2, 1), (0, 0), (1, 2)],
    ],
    "col2im": [
        [x(2, 12, 9), (4, 5), (2, 3), (1, 1), (0, 0), (1, 1)],
        [x(4, 12), (4, 5), (2, 2), (1, 1), (0, 0), (1, 1)],
    ],
    "pixel_shuffle": [[x(2, 8, 2, 3), 2], [x(4, 2, 3), 2]],
    "pixel_unshuffle": [[x(2, 1, 4, 6), 2], [x(1, 2, 4), 2]],
    "native_channel_shuffle": [[x(2, 4, 3), 2]],
    "channel_shuffle": [[x(2, 4, 3), 2]],
}
