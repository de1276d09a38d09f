"""Calls of ops of segments with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import i, x

CALLS: dict[str, list[list[Any]]] = {
    "segment_reduce": [[x(6), "sum", i(3, 3, low=2), None, 0, None]],
    "segment_reduce_backward": [[x(3), x(3), x(6), "sum", i(3, 3, low=2), None, 0, None]],
}
