"""Derived kernels of margin_loss in literals."""

from __future__ import annotations

from typing import Any

from .values import LN2, zero_d

ROWS: list[tuple[str, list[Any], Any]] = [
    ("soft_margin_loss", [[0.0, 0.0], [1.0, -1.0], 0], [LN2, LN2]),
    ("soft_margin_loss", [[0.0, 0.0], [1.0, -1.0], 2], zero_d(2 * LN2)),
    ("soft_margin_loss_backward", [zero_d(2.0), [0.0, 0.0], [1.0, -1.0], 1], [-0.5, 0.5]),
    (
        "multi_margin_loss",
        [[[1.0, 0.5], [0.0, 2.0]], [0, 0], 1, 1.0, None, 0],
        [0.25, 1.5],
    ),
    (
        "multi_margin_loss",
        [[[1.0, 0.5], [0.0, 2.0]], [0, 0], 2, 1.0, [2.0, 1.0], 1],
        zero_d(4.625),
    ),
    ("multi_margin_loss", [[1.0, 0.5], zero_d(1), 1, 1.0, None, 0], zero_d(0.75)),
    (
        "multi_margin_loss_backward",
        [[1.0, 2.0], [[1.0, 0.5], [0.0, 2.0]], [0, 0], 1, 1.0, None, 0],
        [[-0.5, 0.5], [-1.0, 1.0]],
    ),
    (
        "multi_margin_loss_backward",
        [zero_d(1.0), [[1.0, 0.5], [0.0, 2.0]], [0, 0], 2, 1.0, [2.0, 1.0], 1],
        [[-0.5, 0.5], [-3.0, 3.0]],
    ),
    (
        "multilabel_margin_loss_forward",
        [[[0.5, 0.0, 1.0, 2.0]], [[3, 0, -1, 1]], 0],
        ([0.5], [[1.0, 0.0, 0.0, 1.0]]),
    ),
    (
        "multilabel_margin_loss_backward",
        [
            zero_d(4.0),
            [[0.5, 0.0, 1.0, 2.0]],
            [[3, 0, -1, 1]],
            2,
            [[1.0, 0.0, 0.0, 1.0]],
        ],
        [[-2.0, 1.0, 1.0, 0.0]],
    ),
]
