"""Calls of ops of bags of rows with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import i, x

_STARTS = i(1, 1)

CALLS: dict[str, list[list[Any]]] = {
    "embedding_bag": [
        [x(4, 2), i(4, 3), _STARTS, False, 0, False, x(3), False, -1],
        [x(4, 2), i(4, 3), _STARTS, False, 1, False, None, False, -1],
    ],
    "embedding_bag_backward": [
        [x(1, 2), i(4, 3), _STARTS, i(1, 3), i(1, 1), i(1, 1), 4, False, 0, False, None, -1]
    ],
    "embedding_bag_per_sample_weights_backward": [
        [x(1, 2), x(4, 2), i(4, 3), _STARTS, i(1, 3), 0, -1]
    ],
}
