"""Derived attention: softmax(query @ key.mT * scale + mask) @ value, heads in dim 1."""

from __future__ import annotations

import math
from typing import Any

Array = Any


class AttentionDefaults:
    """Derived attention of the backend contract."""

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
        """Attention of (N, H, L, E) to (N, K, S, E), where K divides H.

        Args:
            query: what asks.
            key: what is compared with it.
            value: what is averaged.
            dropout_p: 0.
            is_causal: position i of the query sees those up to i.
            attn_mask: added to the scores, broadcast to (N, H, L, S).
            scale: what scores are multiplied by; 1 / sqrt(E) if None.

        Returns:
            The averages in the query's layout, 0 where nothing is seen; the logarithms of the sums
            of the exponentials, (N, H, L) in memory as (N, L, H), 0 where nothing is seen.
            16-bit numbers are computed in float32, and rounded before each product, as in torch.
        """
        scores = self._attention_scores(query, key, is_causal, attn_mask, scale)
        low = self.scalar_like(scores, -math.inf)
        zero = self.scalar_like(scores, 0)
        largest = self.amax(scores, (3,), True)
        blind = self.eq(largest, low)
        largest = self.where(blind, zero, largest)
        shares = self.exp(self.sub(scores, largest))
        total = self.sum(shares, (3,), True)
        total = self.where(blind, self.scalar_like(scores, 1), total)
        shares = self.cast(shares, self.dtype(query))
        mixed = self.div(self._grouped_product(shares, value), total)
        output = self.full_in_layout(query, 0)
        self.copy_(output, mixed)
        logsumexp = self.squeeze_dim(self.add(self.log(total), largest), 3)
        heads_last = self.clone_row_major(self.permute(logsumexp, (0, 2, 1)))
        return output, self.permute(heads_last, (0, 2, 1))

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
        """The gradients of query, key and value, in memory as (N, L, H, E).

        Shares that sum to 1 and their own mean of the slopes lose less where one share is nearly 1
        than the saved logarithm and output do, which 16-bit numbers go by as in torch.
        """
        dtype = self.dtype(query)
        scores = self._attention_scores(query, key, is_causal, attn_mask, scale)
        shares = self.exp(self.sub(scores, self.unsqueeze(logsumexp, 3)))
        total = self.sum(shares, (3,), True)
        zero = self.scalar_like(total, 0)
        total = self.where(self.eq(total, zero), self.scalar_like(total, 1), total)
        shares = self.div(shares, total)
        slope = self._grouped_product(grad_out, self.mT(value))
        parts = self.mul(shares, slope)
        if self.dtype(slope) is not dtype:
            parts = self.mul(self.widened(grad_out), self.widened(out))
        slope = self.sub(slope, self.sum(parts, (3,), True))
        slope = self.cast(self.mul(shares, slope), dtype)
        shares = self.cast(shares, dtype)
        factor, heads = attention_scale(query, scale), key.shape[1]
        return (
            self._heads_last(self._grouped_product(slope, key), factor, dtype),
            self._heads_last(self._over_groups(slope, query, heads), factor, dtype),
            self._heads_last(self._over_groups(shares, grad_out, heads), 1, dtype),
        )

    def _attention_scores(
        self: Any,
        query: Array,
        key: Array,
        is_causal: bool,
        attn_mask: Array | None,
        scale: float | None,
    ) -> Array:
        """query @ key.mT * scale + mask, -inf where nothing is to be seen."""
        scores = self._grouped_product(query, self.mT(key))
        scores = self.mul_scalar(scores, attention_scale(query, scale))
        if is_causal:
            seen = self.tril(self.ones_like(scores), 0)
            hidden = self.eq(seen, self.scalar_like(seen, 0))
            scores = self.where(hidden, self.scalar_like(scores, -math.inf), scores)
        if attn_mask is not None:
            scores = self.add(scores, self.cast(attn_mask, self.dtype(scores)))
        return scores

    def _grouped_product(self: Any, input: Array, other: Array) -> Array:
        """Matrix products of (N, H, L, A) and (N, K, A, B), each of K for H / K heads."""
        count, heads, length, width = input.shape
        shared = other.shape[1]
        rows = self.reshape(self.widened(input), (count, shared, heads // shared * length, width))
        product = self.matmul(rows, self.widened(other))
        return self.reshape(product, (count, heads, length, other.shape[3]))

    def _over_groups(self: Any, input: Array, other: Array, shared: int) -> Array:
        """Products input.mT @ other of (N, H, L, A) and (N, H, L, B), summed over H / K heads."""
        count, heads, length, _ = input.shape
        shape = (count, shared, heads // shared * length)
        left, right = (
            self.reshape(self.widened(part), (*shape, part.shape[3])) for part in (input, other)
        )
        return self.matmul(self.mT(left), right)

    def _heads_last(self: Any, input: Array, factor: float, dtype: Any) -> Array:
        """A multiple of (N, H, L, E) with the memory of (N, L, H, E)."""
        input = self.permute(self.cast(self.mul_scalar(input, factor), dtype), (0, 2, 1, 3))
        return self.permute(self.clone_row_major(input), (0, 2, 1, 3))


def attention_scale(query: Array, scale: float | None) -> float:
    """What scores are multiplied by."""
    return 1.0 / math.sqrt(query.shape[3]) if scale is None else scale
