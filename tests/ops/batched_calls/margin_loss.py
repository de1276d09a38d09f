"""Calls of ops of margin_loss with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import i, x

CALLS: dict[str, list[list[Any]]] = {
    "norm_dim": [[x(2, 3), 2.0, (1,), False], [x(2, 3), 1.0, (0,), True]],
    "soft_margin_loss": [[x(2, 3), x(2, 3), reduction] for reduction in (0, 1)],
    "soft_margin_loss_backward": [[x(), x(2, 3), x(2, 3), 1]],
    "multi_margin_loss": [[x(2, 3), i(3, 2), 1, 0.5, weight, 1] for weight in (None, x(3))],
    "multi_margin_loss_backward": [[x(), x(2, 3), i(3, 2), 1, 0.5, None, 1]],
    "multilabel_margin_loss_forward": [[x(2, 3), i(3, 2, 3, low=-1), 1]],
    "multilabel_margin_loss_backward": [[x(), x(2, 3), i(3, 2, 3, low=-1), 1, i(2, 2, 3)]],
}
