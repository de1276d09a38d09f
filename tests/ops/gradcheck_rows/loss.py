"""Sample calls of the losses, in every reduction."""

from __future__ import annotations

from typing import Any

from .rows import NO_FORWARD, Row, leaf, real_row, row

REDUCTIONS = ("none", "mean", "sum")


def _rows(name: str, **options: Any) -> list[Row]:
    def call(reduction: str) -> Any:
        return lambda t, x, y: getattr(t.nn.functional, name)(x, y, reduction=reduction, **options)

    return [
        (row if name == "l1_loss" else real_row)(
            f"{name} {reduction}",
            call(reduction),
            leaf(2, 2),
            leaf(2, 2),
            forward_over_backward=NO_FORWARD if name == "huber_loss" else None,
        )
        for reduction in REDUCTIONS
    ]


ROWS = [
    *_rows("mse_loss"),
    *_rows("l1_loss"),
    *_rows("smooth_l1_loss", beta=0.9),
    *_rows("huber_loss", delta=0.9),
]
