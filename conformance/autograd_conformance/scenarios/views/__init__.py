"""Views: bases, shared versions, histories after writes, and what torch refuses and when."""

from __future__ import annotations

from typing import Any


def matrix(torch: Any, requires_grad: bool = True) -> Any:
    return torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=requires_grad)


def result(torch: Any) -> Any:
    """A non-leaf that views may be cut from and written through."""
    return matrix(torch) * 1
