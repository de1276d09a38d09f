"""Calls of ops of movement with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import x

CALLS: dict[str, list[list[Any]]] = {
    "pack_padded_sequence": [[x(3, 2, 2), (3, 1), False]],
    "diag_embed": [[x(2, 3), 1, 0, 2], [x(3), 0, 0, 1]],
    "flip": [[x(2, 3), (0, 1)]],
    "roll": [[x(2, 3), (1,), (1,)], [x(2, 3), (2,), ()]],
    "rot90": [[x(2, 3), 1, (0, 1)]],
    "repeat": [[x(2, 3), (2, 1, 2)]],
    "cat": [[[x(2, 3), x(2, 2)], 1]],
    "stack": [[[x(2, 3), x(2, 3)], 1], [[x(), x()], 0]],
    "block_diag": [[[x(2, 3), x(1, 2)]]],
    "trace": [[x(3, 4)]],
    "tril": [[x(3, 4), 1]],
}
