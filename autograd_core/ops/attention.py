"""Attention in one kernel: forward, gradient."""

from __future__ import annotations

from ..derivatives import op
from ..derivatives.entry import AS_GIVEN, JOINT, NON_DIFFERENTIABLE
from .attention_formulas import flash_attention_backward
from .pointwise_formulas import not_implemented

__all__ = [
    "scaled_dot_product_flash_attention_for_cpu",
    "scaled_dot_product_flash_attention_for_cpu_backward",
]

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
    joint=flash_attention_backward,
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
