"""Calls of ops of pooling with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import i, x

MEAN = [(2, 2), (2, 1), (1, 0), False, True, None]
MAXIMUM = [(2, 2), (2, 1), (1, 0), (1, 1), False]
MEAN_3D = [(1, 2, 2), (1, 2, 1), (0, 0, 0), False, True, None]
MAXIMUM_3D = [(1, 2, 2), (1, 2, 1), (0, 0, 0), (1, 1, 1), False]

CALLS: dict[str, list[list[Any]]] = {
    "avg_pool2d": [[x(2, 3, 4), *MEAN], [x(1, 2, 3, 4), *MEAN]],
    "avg_pool2d_backward": [[x(2, 2, 3), x(2, 3, 4), *MEAN]],
    "avg_pool3d": [[x(2, 2, 3, 4), *MEAN_3D]],
    "avg_pool3d_backward": [[x(2, 2, 1, 3), x(2, 2, 3, 4), *MEAN_3D]],
    "adaptive_avg_pool2d": [[x(2, 3, 4), (2, 3)]],
    "adaptive_avg_pool2d_backward": [[x(2, 2, 3), x(2, 3, 4)]],
    "adaptive_avg_pool3d": [[x(2, 2, 3, 4), (1, 2, 3)]],
    "adaptive_avg_pool3d_backward": [[x(2, 1, 2, 3), x(2, 2, 3, 4)]],
    "max_pool1d": [[x(2, 4), (2,), (2,), (0,), (1,), False]],
    "max_pool2d_with_indices": [[x(2, 3, 4), *MAXIMUM], [x(1, 2, 3, 4), *MAXIMUM]],
    "max_pool2d_with_indices_backward": [
        [x(2, 2, 3), x(2, 3, 4), *MAXIMUM, i(12, 2, 2, 3)],
    ],
    "max_pool3d_with_indices": [[x(2, 2, 3, 4), *MAXIMUM_3D]],
    "max_pool3d_with_indices_backward": [
        [x(2, 2, 1, 3), x(2, 2, 3, 4), *MAXIMUM_3D, i(24, 2, 2, 1, 3)],
    ],
    "adaptive_max_pool2d": [[x(2, 3, 4), (2, 3)]],
    "adaptive_max_pool2d_backward": [[x(2, 2, 3), x(2, 3, 4), i(12, 2, 2, 3)]],
    "adaptive_max_pool3d": [[x(2, 2, 3, 4), (1, 2, 3)]],
    "adaptive_max_pool3d_backward": [[x(2, 1, 2, 3), x(2, 2, 3, 4), i(24, 2, 1, 2, 3)]],
    "fractional_max_pool2d": [[x(2, 4, 4), (2, 2), (2, 2), x(1, 2, 2)]],
    "fractional_max_pool2d_backward": [
        [x(2, 2, 2), x(2, 4, 4), (2, 2), (2, 2), i(16, 2, 2, 2)],
    ],
    "fractional_max_pool3d": [[x(1, 4, 4, 4), (2, 2, 2), (2, 2, 2), x(1, 1, 3)]],
    "fractional_max_pool3d_backward": [
        [x(1, 2, 2, 2), x(1, 4, 4, 4), (2, 2, 2), (2, 2, 2), i(64, 1, 2, 2, 2)],
    ],
    "max_unpool2d": [[x(2, 2, 2), i(12, 2, 2, 2), (3, 4)]],
    "max_unpool3d": [[x(2, 1, 2, 2), i(24, 2, 1, 2, 2), (2, 3, 4), (1, 1, 1), (0, 0, 0)]],
}
