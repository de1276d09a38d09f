"""What ``vmap`` makes of functions: batch dims, randomness, writes in place, refusals."""

from __future__ import annotations

from typing import Any


def numbers(torch: Any, *shape: int, start: float = 1.0) -> Any:
    count = 1
    for length in shape:
        count *= length
    return (torch.arange(count, dtype=torch.float32) + start).reshape(shape)
