"""Calls of ops of sorting with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import i, x

CALLS: dict[str, list[list[Any]]] = {
    "sort": [[x(2, 3), 1], [x(), 0]],
    "topk": [[x(2, 4), 2, 1]],
    "histc": [[x(2, 3), 4, -1.0, 1.0]],
    "bincount": [[i(4, 3), x(3), 4]],
    "kthvalue": [[x(2, 3), 2, 1], [x(2, 3), 1, 0, True]],
}
