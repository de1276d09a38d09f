"""Sample calls of sampling by a grid."""

from __future__ import annotations

from .rows import inside, leaf, real_row, without_forward

ROWS = [
    real_row(
        "grid_sampler_2d",
        lambda t, x, g: t.grid_sampler_2d(x, g, 0, 0, False),
        leaf(1, 2, 3, 3),
        inside(1, 2, 2, 2),
        **without_forward(),
    ),
    real_row(
        "grid_sampler_2d bicubic",
        lambda t, x, g: t.grid_sampler_2d(x, g, 2, 1, True),
        leaf(1, 1, 4, 3),
        inside(1, 1, 2, 2),
        **without_forward(),
    ),
    real_row(
        "grid_sampler_3d",
        lambda t, x, g: t.grid_sampler_3d(x, g, 0, 2, False),
        leaf(1, 1, 2, 3, 2),
        inside(1, 1, 1, 2, 3),
        **without_forward(),
    ),
]
