"""Calls of ops of normalization with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import x

CALLS: dict[str, list[list[Any]]] = {
    "softmax": [[x(2, 3), 1], [x(), 0]],
    "log_softmax": [[x(2, 3), 0], [x(), 0]],
    "softmax_backward_data": [[x(2, 3), x(2, 3), 1]],
    "log_softmax_backward_data": [[x(2, 3), x(2, 3), 1]],
    "native_layer_norm": [[x(2, 3), (3,), x(3), x(3), 1e-5], [x(2, 3), (2, 3), None, None, 1e-5]],
    "native_layer_norm_backward": [
        [x(2, 3), x(2, 3), (3,), x(2, 1), x(2, 1), x(3), x(3), (True, True, True)]
    ],
    "native_batch_norm": [
        [x(4, 3), x(3), x(3), None, None, True, 0.1, 1e-5],
        [x(4, 3), x(3), x(3), x(3), x(3), False, 0.1, 1e-5],
    ],
    "native_batch_norm_legit": [[x(4, 3), x(3), x(3), x(3), x(3), False, 0.1, 1e-5]],
    "native_batch_norm_of_batch": [[x(4, 3), x(3), x(3), True, 0.1, 1e-5]],
    "batch_norm_with_update": [[x(4, 3), x(3), x(3), x(3), x(3), 0.1, 1e-5]],
    "native_batch_norm_backward": [
        [x(4, 3), x(4, 3), x(3), x(3), x(3), x(3), x(3), True, 1e-5, (True, True, True)]
    ],
    "batch_norm_update_backward": [
        [*(x(4, 3), x(4, 3), x(3), x(3), x(3), x(3), x(3)), True, 1e-5, (True,) * 3, x(0)]
    ],
    "native_group_norm": [[x(2, 4, 3), x(4), x(4), 2, 4, 3, 2, 1e-5]],
}
