"""torch's attention with several heads."""

from __future__ import annotations

import math
from typing import Any

from .. import ops
from ..composites import multihead_attention as composites
from ..composites.matmul import linear
from ..tensor import Tensor
from .attention import scaled_dot_product_attention
from .dropout import dropout
from .registration import function


@function(under="nn.functional")
def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Project, attend head by head, project back.

    Args:
        query: (L, N, E) or (L, E).
        key: (S, N, E) or (S, E).
        value: likewise.
        embed_dim_to_check: E.
        num_heads: the number of heads, a divisor of E.
        in_proj_weight: (3E, E), for query, key and value.
        in_proj_bias: (3E) or None.
        bias_k: (1, 1, E), one more key; or None.
        bias_v: its value.
        add_zero_attn: one more key and value of zeros.
        dropout_p: the probability that a share is dropped in training.
        out_proj_weight: (E, E).
        out_proj_bias: (E) or None.
        training: whether to drop.
        key_padding_mask: (N, S), True or -inf at keys that do not count.
        need_weights: return the shares, too.
        attn_mask: (L, S) or (N * heads, L, S), likewise.
        use_separate_proj_weight: project by the three following weights.
        q_proj_weight: (E, E).
        k_proj_weight: (E, width of the keys).
        v_proj_weight: (E, width of the values).
        static_k: keys as they are, (N * heads, S, E / heads).
        static_v: values as they are.
        average_attn_weights: return the shares' mean over the heads.
        is_causal: the mask is a causal one.

    Returns:
        (L, N, E), and the shares (N, L, S), or (N, heads, L, S), or None.
    """
    composites.check_ranks(query, key, value, key_padding_mask, attn_mask, num_heads)
    batched = query.ndim == 3
    if not batched:
        query, key, value = (ops.unsqueeze(x, 1) for x in (query, key, value))
        if key_padding_mask is not None:
            key_padding_mask = ops.unsqueeze(key_padding_mask, 0)
    length, batch, width = query._array.shape
    source = key._array.shape[0]
    key_padding_mask = composites.canonical_mask(
        key_padding_mask, "key_padding_mask", attn_mask, "attn_mask", query._dtype
    )
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module "
            "method `generate_square_subsequent_mask` to create this mask."
        )
    if is_causal and key_padding_mask is None and not need_weights:
        attn_mask = None
    else:
        attn_mask = composites.canonical_mask(attn_mask, "attn_mask", None, "", query._dtype)
        if key_padding_mask is not None:
            is_causal = False
    if width != embed_dim_to_check:
        raise AssertionError(
            f"was expecting embedding dimension of {embed_dim_to_check}, but got {width}"
        )
    head_width = width // num_heads
    if head_width * num_heads != width:
        raise AssertionError(f"embed_dim {width} not divisible by num_heads {num_heads}")
    heads = batch * num_heads
    weights = (q_proj_weight, k_proj_weight, v_proj_weight)
    q, k, v = _projected(
        (query, key, value), in_proj_weight, in_proj_bias, weights, use_separate_proj_weight
    )
    if attn_mask is not None:
        attn_mask = composites.fitting_mask(attn_mask, heads, length, source)
    if bias_k is not None and bias_v is not None:
        if static_k is not None:
            raise AssertionError("bias cannot be added to static key.")
        if static_v is not None:
            raise AssertionError("bias cannot be added to static value.")
        k = ops.cat([k, bias_k.repeat(1, batch, 1)], 0)
        v = ops.cat([v, bias_v.repeat(1, batch, 1)], 0)
        attn_mask, key_padding_mask = (
            composites.padded(mask) for mask in (attn_mask, key_padding_mask)
        )
    elif bias_k is not None:
        raise AssertionError("bias_k is set but bias_v is None")
    elif bias_v is not None:
        raise AssertionError("bias_v is set but bias_k is None")
    q = composites.split_heads(q, heads, head_width)
    k, v = (
        composites.split_heads(projected, heads, head_width)
        if static is None
        else composites.checked_static(name, static, heads, head_width)
        for projected, static, name in ((k, static_k, "static_k"), (v, static_v, "static_v"))
    )
    if add_zero_attn:
        k, v = (ops.cat([x, ops.new_zeros(x, (heads, 1, head_width))], 1) for x in (k, v))
        attn_mask, key_padding_mask = (
            composites.padded(mask) for mask in (attn_mask, key_padding_mask)
        )
    source = k._array.shape[1]
    if key_padding_mask is not None:
        if key_padding_mask.shape[1] != source:
            raise AssertionError(
                f"Expected key_padded_mask.shape[1] to be {source}, but got "
                f"{key_padding_mask.shape[1]}"
            )
        padding = ops.expand(
            ops.view(key_padding_mask, (batch, 1, 1, source)), (batch, num_heads, 1, source)
        )
        padding = ops.reshape(padding, (heads, 1, source))
        attn_mask = padding if attn_mask is None else ops.add(attn_mask, padding)
    if not training:
        dropout_p = 0.0
    shape = (length, batch, num_heads, head_width)
    attend = _attend_with_weights if need_weights else _attend
    mixed, shares = attend(q, k, v, attn_mask, dropout_p, is_causal, shape)
    output: Any = linear(mixed, out_proj_weight, out_proj_bias)
    output = ops.view(output, (length, batch, output._array.shape[1]))
    if shares is not None:
        shares = ops.view(shares, (batch, num_heads, length, source))
        if average_attn_weights:
            shares = ops.mean(shares, (1,))
    if not batched:
        output = ops.squeeze_dim(output, 1)
        shares = None if shares is None else ops.squeeze_dim(shares, 0)
    return output, shares


def _projected(
    operands: tuple[Tensor, Tensor, Tensor],
    weight: Tensor | None,
    bias: Tensor | None,
    weights: tuple[Tensor | None, Tensor | None, Tensor | None],
    separate: bool,
) -> tuple[Tensor, ...]:
    key, value = operands[1:]
    if not separate:
        if key.shape != value.shape:
            raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
        if weight is None:
            raise AssertionError("use_separate_proj_weight is False but in_proj_weight is None")
        return composites.project_packed(*operands, weight, bias)
    if key.shape[:2] != value.shape[:2]:
        raise AssertionError(
            f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}"
        )
    given = []
    for name, part in zip("qkv", weights, strict=True):
        if part is None:
            raise AssertionError(f"use_separate_proj_weight is True but {name}_proj_weight is None")
        given.append(part)
    return composites.project(operands, (given[0], given[1], given[2]), bias)


def _attend_with_weights(
    q: Any,
    k: Any,
    v: Any,
    attn_mask: Tensor | None,
    dropout_p: float,
    is_causal: bool,
    shape: tuple[int, int, int, int],
) -> tuple[Tensor, Tensor]:
    """Return the mixture (L * N, E) and the shares (N * heads, L, S)."""
    length, batch, heads, width = shape
    scaled = q * math.sqrt(1.0 / float(width))
    if is_causal and attn_mask is None:
        raise AssertionError("FIXME: is_causal not implemented for need_weights")
    if attn_mask is not None:
        scores = attn_mask.baddbmm(scaled, k.transpose(-2, -1))
    else:
        scores = scaled.bmm(k.transpose(-2, -1))
    shares = scores.softmax(-1)
    if dropout_p > 0.0:
        shares = dropout(shares, p=dropout_p)
    mixed = shares.bmm(v).transpose(0, 1)
    return mixed.reshape(length * batch, heads * width), shares


def _attend(
    q: Any,
    k: Any,
    v: Any,
    attn_mask: Any,
    dropout_p: float,
    is_causal: bool,
    shape: tuple[int, int, int, int],
) -> tuple[Tensor, None]:
    """Return the mixture (L * N, E) alone."""
    length, batch, heads, width = shape
    if attn_mask is not None:
        if attn_mask.shape[0] == 1 and attn_mask.ndim == 3:
            attn_mask = attn_mask.unsqueeze(0)
        else:
            attn_mask = attn_mask.view(batch, heads, -1, k.shape[1])
    q = q.view(batch, heads, length, width)
    k, v = (x.view(batch, heads, x.shape[1], width) for x in (k, v))
    mixed: Any = scaled_dot_product_attention(q, k, v, attn_mask, dropout_p, is_causal)
    return mixed.permute(2, 0, 1, 3).reshape(length * batch, heads * width), None
