"""In-place writes: graphs, versions, saved values written since, ``data``, ``set_`` and sizes."""

from __future__ import annotations

from typing import Any


def leaf(torch: Any) -> Any:
    return torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
