"""Sample calls of the loss of sequences, whose gradient takes a softmax before it for granted."""

from __future__ import annotations

from typing import Any

from .rows import NO_DERIVATIVE, leaf, real_row, without_forward

REDUCTIONS = ("none", "mean", "sum")


def _call(reduction: str, targets: list[Any]) -> Any:
    return lambda t, x: t.nn.functional.ctc_loss(
        x.log_softmax(-1), t.tensor(targets), (4, 3), (2, 1), reduction=reduction
    )


ROWS = [
    real_row(
        f"ctc_loss {reduction} {len(targets)}",
        _call(reduction, targets),
        leaf(4, 2, 3),
        second=NO_DERIVATIVE,
        **without_forward(),
    )
    for reduction in REDUCTIONS
    for targets in ([[1, 1], [2, 0]], [1, 2, 1])
]
