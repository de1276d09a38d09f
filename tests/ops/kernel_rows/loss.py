"""Derived kernels of loss in literals."""

from __future__ import annotations

from typing import Any

from .values import LN2, zero_d

ROWS: list[tuple[str, list[Any], Any]] = [
    ("reduce_loss", [[1.0, 3.0], 0], [1.0, 3.0]),
    ("reduce_loss", [[1.0, 3.0], 1], zero_d(2.0)),
    ("reduce_loss", [[1.0, 3.0], 2], zero_d(4.0)),
    ("loss_slope", [[1.0, 3.0], [2.0, 2.0], 1], [1.0, 3.0]),
    ("mse_loss", [[1.0, 3.0], [0.0, 0.0], 1], zero_d(5.0)),
    ("mse_loss_backward", [zero_d(1.0), [1.0, 3.0], [0.0, 0.0], 2], [2.0, 6.0]),
    ("smooth_l1_loss", [[0.5, 3.0], [0.0, 0.0], 0, 1.0], [0.125, 2.5]),
    ("smooth_l1_loss_backward", [zero_d(1.0), [0.5, -3.0], [0.0, 0.0], 2, 1.0], [0.5, -1.0]),
    ("huber_loss", [[0.5, 3.0], [0.0, 0.0], 2, 2.0], zero_d(4.125)),
    ("huber_loss_backward", [zero_d(1.0), [0.5, -3.0], [0.0, 0.0], 2, 2.0], [0.5, -2.0]),
    ("binary_cross_entropy", [[0.5, 0.0], [1.0, 1.0], None, 0], [LN2, 100.0]),
    ("binary_cross_entropy", [[0.5, 0.5], [1.0, 0.0], [1.0, 2.0], 1], zero_d(1.5 * LN2)),
    ("binary_cross_entropy_backward", [[1.0], [0.5], [1.0], None, 0], [-2.0]),
    ("binary_cross_entropy_backward", [zero_d(1.0), [0.5, 0.5], [1.0, 0.0], None, 1], [-1.0, 1.0]),
    ("binary_cross_entropy_with_logits", [[0.0, 0.0], [1.0, 0.0], None, None, 2], zero_d(2 * LN2)),
    ("binary_cross_entropy_with_logits", [[0.0], [1.0], [2.0], [3.0], 0], [6 * LN2]),
    (
        "class_weights",
        [[[0.0, 0.0], [0.0, 0.0]], [1, 0], [2.0, 3.0], 0],
        ([[1], [0]], [3.0, 0.0], [True, False]),
    ),
    (
        "nll_loss_forward",
        [[[-1.0, -2.0], [-3.0, -4.0]], [1, 0], [1.0, 3.0], 1, -100],
        (zero_d(2.25), zero_d(4.0)),
    ),
    (
        "nll_loss_forward",
        [[[-1.0, -2.0], [-3.0, -4.0]], [1, 0], None, 0, 0],
        ([2.0, 0.0], zero_d(0.0)),
    ),
    (
        "nll_loss_backward",
        [zero_d(1.0), [[0.0, 0.0], [0.0, 0.0]], [1, 0], [1.0, 3.0], 1, -100, zero_d(4.0)],
        [[0.0, -0.75], [-0.25, 0.0]],
    ),
    (
        "nll_loss2d_forward",
        [[[[[-1.0, -2.0]], [[-3.0, -4.0]]]], [[[0, 1]]], None, 2, -100],
        (zero_d(5.0), zero_d(2.0)),
    ),
    (
        "nll_loss2d_backward",
        [zero_d(1.0), [[[[0.0, 0.0]], [[0.0, 0.0]]]], [[[0, 1]]], None, 2, -100, zero_d(2.0)],
        [[[[-1.0, 0.0]], [[0.0, -1.0]]]],
    ),
]
