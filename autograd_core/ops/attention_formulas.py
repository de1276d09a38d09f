"""The derivative of attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Array = Any


def flash_attention_backward(
    xp: Any,
    grad: Array,
    query: Array,
    key: Array,
    value: Array,
    output: Array,
    logsumexp: Array,
    dropout_p: float,
    is_causal: bool,
    attn_mask: Array | None,
    scale: float | None,
    needs: Sequence[bool],
) -> list[Array | None]:
    """Return the gradients of query, key and value."""
    gradients = xp.scaled_dot_product_flash_attention_for_cpu_backward(
        grad, query, key, value, output, logsumexp, dropout_p, is_causal, attn_mask, scale
    )
    return [g if need else None for g, need in zip(gradients, needs, strict=True)]
