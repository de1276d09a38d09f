"""100 in-place writes through views of one tensor, and the gradient behind them."""

from __future__ import annotations

from typing import Any

from ..measuring import Work
from ..peers import TENSORS, Skipped, prepared

ROWS = [("100 in-place writes through views", 0.40, 15, {})]


def work(library: Any, name: str) -> Work:
    """Return one forward and backward."""
    if name not in TENSORS:
        raise Skipped("does not record writes through views")
    weight = library.tensor([[0.5] * 10] * 10, requires_grad=True)

    def written(weight: Any) -> Any:
        y = weight * 2
        for i in range(10):
            for j in range(10):
                y[i, j:].mul_(1.01)
        return y.sum()

    function = prepared(library, name, written)

    def run() -> None:
        weight.grad = None
        function(weight).backward()

    return run
