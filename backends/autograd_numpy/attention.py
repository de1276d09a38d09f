"""Attention with one array of scores, which is written over step by step."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any


def _scores(
    query: Array, key: Array, is_causal: bool, attn_mask: Array | None, scale: float | None
) -> Array:
    """query @ key.mT * scale + mask in a new array (N, K, H / K * L, S)."""
    count, heads, length, width = query.shape
    shared, source = key.shape[1:3]
    scores = np.matmul(_grouped(query, shared), key.swapaxes(-1, -2))
    scores *= scores.dtype.type(1.0 / math.sqrt(width) if scale is None else scale)
    if is_causal or attn_mask is not None:
        apart = scores.reshape(count, heads, length, source)
        if is_causal:
            hidden = np.arange(source) > np.arange(length)[:, None]
            np.copyto(apart, -np.inf, where=hidden)
        if attn_mask is not None:
            apart += attn_mask
    return scores


def _grouped(input: Array, shared: int) -> Array:
    """(N, H, L, E) as (N, K, H / K * L, E): the heads of one key below each other."""
    count, heads, length, width = input.shape
    if heads == shared:
        return input
    return input.reshape(count, shared, heads // shared * length, width)


def _heads_last(shape: tuple[int, ...], dtype: Any) -> Array:
    """An array (N, H, L, E) in memory as (N, L, H, E)."""
    count, heads, length, width = shape
    return np.empty((count, length, heads, width), dtype).transpose(0, 2, 1, 3)


def _product(left: Array, right: Array, shape: tuple[int, ...]) -> Array:
    """A product of grouped matrices as (N, H, L, E), in memory as (N, L, H, E)."""
    made = _heads_last(shape, left.dtype)
    if left.shape[1] == shape[1]:
        return np.matmul(left, right, out=made)
    made[...] = np.matmul(left, right).reshape(shape)
    return made


class Attention:
    """Attention and its gradients."""

    def scaled_dot_product_flash_attention_for_cpu(
        self: Any,
        query: Array,
        key: Array,
        value: Array,
        dropout_p: float,
        is_causal: bool,
        attn_mask: Array | None,
        scale: float | None,
    ) -> tuple[Array, Array]:
        if query.dtype.itemsize < 4:
            return super().scaled_dot_product_flash_attention_for_cpu(  # type: ignore[misc,no-any-return]
                query, key, value, dropout_p, is_causal, attn_mask, scale
            )
        shares = _scores(query, key, is_causal, attn_mask, scale)
        largest = self.amax(shares, (3,), True)
        hides = is_causal or attn_mask is not None
        if hides:
            largest[np.isneginf(largest)] = 0
        shares -= largest
        np.exp(shares, out=shares)
        total = shares.sum(-1, keepdims=True)
        if hides:
            total[total == 0] = 1
        mixed = np.matmul(shares, value)
        mixed /= total
        output = self.full_in_layout(query, 0)
        output[...] = mixed.reshape(query.shape)
        count, heads, length, _ = query.shape
        logsumexp = np.empty((count, length, heads), shares.dtype).transpose(0, 2, 1)
        logsumexp[...] = (np.log(total) + largest).reshape(count, heads, length)
        return output, logsumexp

    def scaled_dot_product_flash_attention_for_cpu_backward(
        self: Any,
        grad_out: Array,
        query: Array,
        key: Array,
        value: Array,
        out: Array,
        logsumexp: Array,
        dropout_p: float,
        is_causal: bool,
        attn_mask: Array | None,
        scale: float | None,
    ) -> tuple[Array, Array, Array]:
        if query.dtype.itemsize < 4:
            return super().scaled_dot_product_flash_attention_for_cpu_backward(  # type: ignore[misc,no-any-return]
                grad_out,
                query,
                key,
                value,
                out,
                logsumexp,
                dropout_p,
                is_causal,
                attn_mask,
                scale,
            )
        shared = key.shape[1]
        shares = _scores(query, key, is_causal, attn_mask, scale)
        shares -= logsumexp.reshape(*shares.shape[:3], 1)
        np.exp(shares, out=shares)
        total = shares.sum(-1, keepdims=True)
        total[total == 0] = 1
        shares /= total
        grad = _grouped(grad_out, shared)
        slope = np.matmul(grad, value.swapaxes(-1, -2))
        slope -= np.einsum("...ij,...ij->...i", shares, slope)[..., None]
        slope *= shares
        slope *= slope.dtype.type(1.0 / math.sqrt(query.shape[3]) if scale is None else scale)
        rows = _grouped(query, shared)
        return (
            _product(slope, key, query.shape),
            _product(slope.swapaxes(-1, -2), rows, key.shape),
            _product(shares.swapaxes(-1, -2), grad, value.shape),
        )
