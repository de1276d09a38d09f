"""Calls of ops of ctc_loss with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import i, x

CALLS: dict[str, list[list[Any]]] = {
    "ctc_loss": [[x(4, 2, 3), i(3, 2, 2, low=1), (4, 3), (2, 1), 0, False]],
    "ctc_loss_backward": [
        [x(2), x(4, 2, 3), i(3, 2, 2, low=1), (4, 3), (2, 1), x(2), x(2, 4, 5), 0, False]
    ],
}
