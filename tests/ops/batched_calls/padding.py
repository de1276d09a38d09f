"""Calls of ops of padding with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import x

CALLS: dict[str, list[list[Any]]] = {
    "constant_pad_nd": [[x(2, 3), (1, 2), 0.5], [x(2, 3), (1, 0, 0, 1), 0.5]],
}
for _kind in ("reflection", "replication"):
    for _axes in (1, 2, 3):
        _pad = (1, 0, 2, 1, 0, 1)[: 2 * _axes]
        _shapes = [(2, *(3,) * _axes), (2, 1, *(3,) * _axes)]
        CALLS[f"{_kind}_pad{_axes}d"] = [[x(*shape), _pad] for shape in _shapes]
        CALLS[f"{_kind}_pad{_axes}d_backward"] = [
            [x(*shape[:-_axes], *(4, 6, 4)[:_axes][::-1]), x(*shape), _pad] for shape in _shapes
        ]
