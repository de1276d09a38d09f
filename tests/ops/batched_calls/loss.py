"""Calls of ops of loss with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import i, x

CALLS: dict[str, list[list[Any]]] = {
    **{
        name: [[x(2, 3), x(2, 3), reduction, *rest] for reduction in (0, 1, 2)]
        for name, rest in (("mse_loss", []), ("huber_loss", [0.3]), ("smooth_l1_loss", [0.3]))
    },
    **{
        f"{name}_backward": [
            [x(2, 3), x(2, 3), x(2, 3), 0, *rest],
            [x(), x(2, 3), x(2, 3), 1, *rest],
        ]
        for name, rest in (("mse_loss", []), ("huber_loss", [0.3]), ("smooth_l1_loss", [0.3]))
    },
    "binary_cross_entropy": [[x(2, 3), x(2, 3), weight, 1] for weight in (None, x(2, 3))],
    "binary_cross_entropy_backward": [[x(), x(2, 3), x(2, 3), None, 1]],
    "binary_cross_entropy_with_logits": [
        [x(2, 3), x(2, 3), None, None, 1],
        [x(2, 3), x(2, 3), x(3), x(3), 0],
    ],
    **{
        f"nll_loss{kind}_forward": [
            [x(2, 3, *spatial), i(3, 2, *spatial), None, 1, -100],
            [x(2, 3, *spatial), i(3, 2, *spatial), x(3), 0, 1],
        ]
        for kind, spatial in (("", ()), ("2d", (2, 2)))
    },
    **{
        f"nll_loss{kind}_backward": [
            [x(), x(2, 3, *spatial), i(3, 2, *spatial), x(3), 1, -100, x()],
            [x(2, *spatial), x(2, 3, *spatial), i(3, 2, *spatial), None, 0, 1, x()],
        ]
        for kind, spatial in (("", ()), ("2d", (2, 2)))
    },
}
