"""Calls of ops of interpolation with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import x

CALLS: dict[str, list[list[Any]]] = {
    "grid_sampler_2d": [[x(1, 2, 3, 3), x(1, 2, 2, 2), 0, 0, False]],
    "grid_sampler_2d_backward": [
        [x(1, 2, 2, 2), x(1, 2, 3, 3), x(1, 2, 2, 2), 0, 0, False, (True, True)]
    ],
    "grid_sampler_3d": [[x(1, 2, 2, 3, 3), x(1, 2, 2, 2, 3), 0, 0, False]],
    "grid_sampler_3d_backward": [
        [x(1, 2, 2, 2, 2), x(1, 2, 2, 3, 3), x(1, 2, 2, 2, 3), 0, 0, False, (True, True)]
    ],
    "affine_grid_generator": [[x(2, 2, 3), (2, 1, 2, 3), False]],
}
