"""Attention in one kernel: forward, gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..derivatives import op
from ..derivatives.entry import AS_GIVEN, JOINT, NON_DIFFERENTIABLE
from .pointwise_formulas import not_implemented

__all__ = [
    "scaled_dot_product_flash_attention_for_cpu",
    "scaled_dot_product_flash_attention_for_cpu_backward",
]

Array = Any


def _flash_attention_backward(
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


_NO_DERIVATIVE = not_implemented("_scaled_dot_product_flash_attention_for_cpu_backward")

scaled_dot_product_flash_attention_for_cpu = op(
    "ScaledDotProductFlashAttentionForCpuBackward0",
    "scaled_dot_product_flash_attention_for_cpu"
    "(query, key, value, dropout_p, is_causal, attn_mask, scale)",
    aten="_scaled_dot_product_flash_attention_for_cpu",
    promote=AS_GIVEN,
    outputs="output logsumexp",
    fixed_outputs="logsumexp",
    query=JOINT,
    key=JOINT,
    value=JOINT,
    attn_mask=NON_DIFFERENTIABLE,
    joint=_flash_attention_backward,
)
scaled_dot_product_flash_attention_for_cpu_backward = op(
    "torch::autograd::NotImplemented",
    "scaled_dot_product_flash_attention_for_cpu_backward"
    "(grad_out, query, key, value, out, logsumexp, dropout_p, is_causal, attn_mask, scale)",
    aten="_scaled_dot_product_flash_attention_for_cpu_backward",
    promote=AS_GIVEN,
    outputs="grad_query grad_key grad_value",
    logsumexp=NON_DIFFERENTIABLE,
    attn_mask=NON_DIFFERENTIABLE,
    grad_out=_NO_DERIVATIVE,
    query=_NO_DERIVATIVE,
    key=_NO_DERIVATIVE,
    value=_NO_DERIVATIVE,
    out=_NO_DERIVATIVE,
)
