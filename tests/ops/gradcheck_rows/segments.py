"""Sample calls of reductions of segments."""

from __future__ import annotations

from typing import Any

from .rows import NO_DERIVATIVE, NO_FORWARD, Row, positive, real_row


def _row(reduce: str) -> Row:
    def call(torch: Any, x: Any) -> Any:
        return torch.segment_reduce(x, reduce, lengths=torch.tensor([2, 3]))

    return real_row(
        f"segment_reduce {reduce}",
        call,
        positive(5, 2),
        second=NO_DERIVATIVE,
        forward=NO_FORWARD,
        forward_over_backward=NO_FORWARD,
    )


ROWS = [_row(reduce) for reduce in ("sum", "mean", "max", "min", "prod")]
