"""Calls of ops of attention with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import x

Q, K = x(1, 2, 3, 2), x(1, 2, 2, 2)

CALLS: dict[str, list[list[Any]]] = {
    "scaled_dot_product_flash_attention_for_cpu": [
        [Q, K, K, 0.0, False, mask, None] for mask in (None, x(3, 2))
    ],
    "scaled_dot_product_flash_attention_for_cpu_backward": [
        [Q, Q, K, K, Q, x(1, 2, 3), 0.0, True, None, 0.5]
    ],
}
