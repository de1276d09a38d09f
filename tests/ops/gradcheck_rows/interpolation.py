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
    real_row(
        "affine_grid",
        lambda t, x: t.nn.functional.affine_grid(x, (2, 1, 2, 3), align_corners=False),
        leaf(2, 2, 3),
    ),
    real_row(
        "affine_grid of three axes",
        lambda t, x: t.nn.functional.affine_grid(x, (1, 1, 2, 1, 3), align_corners=True),
        leaf(1, 3, 4),
    ),
]
