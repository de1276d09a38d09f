"""Sample calls of bags of rows of a matrix."""

from __future__ import annotations

from typing import Any

from .rows import NO_FORWARD, Refused, leaf, real_row

NO_SECOND = {
    "second": Refused("derivative for .* is not implemented", "no second derivative in torch"),
    "forward": NO_FORWARD,
    "forward_over_backward": NO_FORWARD,
}


def _bags(torch: Any, weight: Any, mode: str, **options: Any) -> Any:
    indices, offsets = torch.tensor([1, 2, 0, 1, 3]), torch.tensor([0, 2, 2])
    return torch.nn.functional.embedding_bag(indices, weight, offsets, mode=mode, **options)


ROWS = [
    real_row(
        "embedding_bag sum",
        lambda t, w, p: _bags(t, w, "sum", per_sample_weights=p),
        leaf(4, 2),
        leaf(5),
        **NO_SECOND,
    ),
    real_row("embedding_bag mean", lambda t, w: _bags(t, w, "mean"), leaf(4, 2), **NO_SECOND),
    real_row("embedding_bag max", lambda t, w: _bags(t, w, "max"), leaf(4, 2), **NO_SECOND),
]
