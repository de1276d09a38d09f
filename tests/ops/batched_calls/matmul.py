"""Calls of ops of matmul with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import x, z

CALLS: dict[str, list[list[Any]]] = {
    "mm": [[x(2, 3), x(3, 4)]],
    "bmm": [[x(2, 2, 3), x(2, 3, 2)]],
    "mv": [[x(2, 3), x(3)]],
    "dot": [[x(3), x(3)]],
    "vdot": [[x(3), x(3)], [z(3), z(3)]],
    "addmm": [[x(2, 4), x(2, 3), x(3, 4), 0.5, 1.5], [x(4), x(2, 3), x(3, 4), 1, 1]],
    "addmv": [[x(2), x(2, 3), x(3), 0.5, 1.5]],
    "addr": [[x(2, 3), x(2), x(3), 0.5, 1.5]],
    "addbmm": [[x(2, 4), x(2, 2, 3), x(2, 3, 4), 0.5, 1.5]],
    "baddbmm": [[x(2, 2, 4), x(2, 2, 3), x(2, 3, 4), 0.5, 1.5]],
    "linalg_cross": [[x(2, 3), x(2, 3), 1]],
    "trilinear": [[x(2, 3), x(4, 3, 3), x(2, 3), (1, 3), (0,), (1, 2), (2, 3)]],
    "cdist": [[x(2, 3), x(4, 3), 2.0]],
    "cdist_backward": [[x(2, 4), x(2, 3), x(4, 3), 2.0, x(2, 4)]],
    "euclidean_dist": [[x(2, 3), x(4, 3)]],
    "pdist": [[x(4, 3), 2.0]],
    "pdist_backward": [[x(6), x(4, 3), 2.0, x(6)]],
}
