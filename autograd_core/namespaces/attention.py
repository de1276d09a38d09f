"""torch's attention: the kernel where it has one, else the same composition."""

from __future__ import annotations

import math
from typing import Any

from .. import ops
from ..composites.movement import repeat_interleave
from ..dtypes import bool_, float32
from ..tensor import C_NAMES, Given, Tensor, wrap_dim
from .dropout import dropped_out
from .registration import function


def _check(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None) -> None:
    """Refuse operands that do not fit together (torch's texts)."""
    names = [C_NAMES[tensor._dtype.name] for tensor in (query, key, value)]
    if len(set(names)) > 1:
        raise RuntimeError(
            "Expected query, key, and value to have the same dtype, but got query.dtype: "
            f"{names[0]} key.dtype: {names[1]} and value.dtype: {names[2]} instead."
        )
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise RuntimeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{query.ndim} key.dim: {key.ndim} and value.dim: {value.ndim} instead."
        )
    if attn_mask is not None and attn_mask._dtype not in (bool_, float32, query._dtype):
        raise RuntimeError(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got "
            f"attn_mask.dtype: {C_NAMES[attn_mask._dtype.name]} and  query.dtype: {names[0]} "
            "instead."
        )


def _takes_kernel(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None,
    dropout_p: float,
    enable_gqa: bool,
) -> bool:
    """Whether torch has a kernel for these operands on the CPU."""
    if dropout_p > 0.0 or not query.ndim == key.ndim == value.ndim == 4:
        return False
    (batch, heads, length, width), keys, values = (
        tensor._array.shape for tensor in (query, key, value)
    )
    if not keys[0] == values[0] == batch or keys[1] != values[1] or keys[2] != values[2]:
        return False
    grouped = enable_gqa and keys[1] > 0 and heads % keys[1] == 0
    if keys[1] != heads and not grouped:
        return False
    if attn_mask is not None and not _fits(attn_mask, (batch, heads, length, keys[2])):
        return False
    if not keys[3] == values[3] == width or length == 0 or keys[2] == 0:
        return False
    return (
        all(tensor.stride(-1) == 1 for tensor in (query, key, value))
        and query._dtype.is_floating_point
        and query.numel() > 0
    )


def _fits(attn_mask: Tensor, scores: tuple[int, ...]) -> bool:
    """Whether the kernel takes a mask for scores of a shape."""
    if attn_mask.requires_grad:
        return False
    if attn_mask.ndim < 2:
        wrap_dim(-2, attn_mask.ndim)
    shape = tuple(attn_mask._array.shape)
    alike = [n in (1, m) for n, m in zip(shape[::-1], scores[::-1], strict=False)]
    return len(shape) in (2, 4) and all(alike)


def _additive(attn_mask: Tensor | None, like: Tensor) -> Tensor | None:
    """Return a mask to be added: -inf where a bool mask is False."""
    if attn_mask is None or attn_mask._dtype is not bool_:
        return attn_mask
    zeros: Tensor = ops.to_dtype(ops.zeros_like(attn_mask), like._dtype)
    return ops.masked_fill(zeros, attn_mask.logical_not(), -math.inf)


@function(under="nn.functional")
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(query @ key.mT * scale + mask) @ value of (..., L, E), (..., S, E) and (..., S, V).

    Args:
        query: what asks.
        key: what is compared with it.
        value: what is averaged.
        attn_mask: bool, True where a score counts, or numbers to add to the scores.
        dropout_p: the probability that a share is dropped.
        is_causal: position i of the query sees those up to i; without ``attn_mask``.
        scale: 1 / sqrt(E) if None.
        enable_gqa: keys and values may have fewer heads (dim -3), a divisor of the query's.

    Raises:
        RuntimeError: the operands do not fit together (torch's texts).
    """
    _check(query, key, value, attn_mask)
    if query.numel() == 0 or value.numel() == 0:
        zeros = ops.new_zeros(query, (*query._array.shape[:-1], value._array.shape[-1]))
        total = query.sum() + key.sum() + value.sum()
        return ops.add(zeros, ops.mul_scalar(total, 0))
    if _takes_kernel(query, key, value, attn_mask, dropout_p, enable_gqa):
        mask = _additive(attn_mask, query)
        made: Tensor = _flash(query, key, value, dropout_p, is_causal, attn_mask=mask, scale=scale)[
            0
        ]
        return made
    mask = _additive(attn_mask, query)
    return _composed(query, key, value, mask, dropout_p, is_causal, scale, enable_gqa)


@function(name="_scaled_dot_product_flash_attention_for_cpu")
def _flash(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    attn_mask: Tensor | None = None,
    scale: float | None = None,
) -> Any:
    """Attention by the kernel: the mixtures, and the logarithms of the sums of exponentials."""
    name = "scaled_dot_product_attention_flash_attention"
    if not query.ndim == key.ndim == value.ndim == 4:
        raise RuntimeError(f"{name}: Accept only 4 dims inputs shape of {{B, H, T, K}}")
    if dropout_p != 0.0:
        raise RuntimeError(f"{name}: Currently do not support dropout > 0")
    if not query._array.shape[3] == key._array.shape[3] == value._array.shape[3]:
        raise RuntimeError(f"{name}: Q/K/V should have the same head size")
    return ops.scaled_dot_product_flash_attention_for_cpu(
        query, key, value, dropout_p, is_causal, attn_mask, scale
    )


def _composed(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None,
    dropout_p: float,
    is_causal: bool,
    scale: float | None,
    enable_gqa: bool,
) -> Tensor:
    """Return attention as torch composes it: query and key take a root of the scale each."""
    dtype = query._dtype
    if dtype.itemsize == 2:
        query, key, value = (ops.to_dtype(tensor, float32) for tensor in (query, key, value))
    factor = 1.0 / math.sqrt(query._array.shape[-1]) if scale is None else scale
    root = math.sqrt(abs(factor))
    query = ops.mul_scalar(query, -root if factor < 0.0 else root)
    if is_causal:
        if attn_mask is not None:
            raise RuntimeError(
                "_scaled_dot_product_attention: Explicit attn_mask should not be set when "
                "is_causal=True"
            )
        shape = (query._array.shape[-2], key._array.shape[-2])
        seen = ops.tril(ops.to_dtype(ops.new_zeros(query, shape).eq(0), bool_), 0)
        attn_mask = _additive(seen, query)
    if enable_gqa:
        key, value = _repeated(query, key, value)
    scaled_key = ops.mul_scalar(key.transpose(-2, -1), root)
    attn = query.matmul(scaled_key)
    if attn_mask is not None:
        attn = ops.add.inplace(attn, attn_mask)
    attn = ops.safe_softmax(attn, Given(attn.ndim - 1, -1))
    if dropout_p > 0.0:
        attn = dropped_out(attn, dropout_p, True)
    made: Tensor = attn.matmul(value)
    return made if made._dtype is dtype else ops.to_dtype(made, dtype)


def _repeated(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """Return keys and values with as many heads as the query has."""
    heads, keys, values = (
        tensor._array.shape[wrap_dim(-3, tensor.ndim)] for tensor in (query, key, value)
    )
    if heads == keys == values:
        return key, value
    if heads % keys or heads % values:
        raise RuntimeError("Number of heads in key and value must divide the number of heads in ")
    return (
        repeat_interleave(key, heads // keys, key.ndim - 3),
        repeat_interleave(value, heads // values, value.ndim - 3),
    )
