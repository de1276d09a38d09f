"""Calls of ops of activation with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import x

CALLS: dict[str, list[list[Any]]] = {
    "prelu_kernel": [[x(2, 3, low=-1.0), x(2, 3)]],
    "elu_backward": [[x(2, 3), 1.0, 1.0, 1.0, False, x(2, 3, low=-1.0)]],
    "log_sigmoid_backward": [[x(2, 3), x(2, 3), x(2, 3)]],
    "glu": [[x(2, 4), 1]],
    "glu_backward": [[x(2, 2), x(2, 4), 1]],
}
