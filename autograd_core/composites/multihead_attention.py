"""What torch composes to attend with several heads: checks, projections, masks."""

from __future__ import annotations

import math
import warnings
from typing import Any

from .. import ops
from ..dtypes import DType, bool_
from ..tensor import Tensor
from .matmul import linear


def canonical_mask(
    mask: Tensor | None,
    name: str,
    other: Tensor | None,
    other_name: str,
    dtype: DType,
) -> Tensor | None:
    """Return a mask to be added, of ``dtype`` where it was bool: -inf where that was True.

    Raises:
        AssertionError: the mask is of integers (torch's text).
    """
    if mask is None:
        return None
    if mask._dtype is not bool_ and not mask._dtype.is_floating_point:
        raise AssertionError(f"only bool and floating types of {name} are supported")
    if other is not None and other._dtype is not mask._dtype:
        warnings.warn(
            f"Support for mismatched {name} and {other_name} is deprecated. Use same type for both "
            "instead.",
            stacklevel=4,
        )
    if mask._dtype is bool_:
        zeros = ops.to_dtype(ops.zeros_like(mask), dtype)
        return ops.masked_fill(zeros, mask, -math.inf)
    return mask


def check_ranks(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    key_padding_mask: Tensor | None,
    attn_mask: Tensor | None,
    num_heads: int,
) -> None:
    """Refuse operands whose numbers of dims do not go together (torch's texts)."""
    if query.ndim not in (2, 3):
        raise AssertionError(
            "query should be unbatched 2D or batched 3D tensor but received "
            f"{query.ndim}-D query tensor"
        )
    kind = "batched (3-D)" if query.ndim == 3 else "unbatched (2-D)"
    if key.ndim != query.ndim or value.ndim != query.ndim:
        raise AssertionError(
            f"For {kind} `query`, expected `key` and `value` to be {query.ndim}-D but found "
            f"{key.ndim}-D and {value.ndim}-D tensors respectively"
        )
    if key_padding_mask is not None and key_padding_mask.ndim != query.ndim - 1:
        raise AssertionError(
            f"For {kind} `query`, expected `key_padding_mask` to be `None` or {query.ndim - 1}-D "
            f"but found {key_padding_mask.ndim}-D tensor instead"
        )
    if attn_mask is None:
        return
    if attn_mask.ndim not in (2, 3):
        raise AssertionError(
            f"For {kind} `query`, expected `attn_mask` to be `None`, 2-D or 3-D but found "
            f"{attn_mask.ndim}-D tensor instead"
        )
    if query.ndim == 2 and attn_mask.ndim == 3:
        expected = (num_heads, query.shape[0], key.shape[0])
        if tuple(attn_mask.shape) != expected:
            raise AssertionError(
                f"Expected `attn_mask` shape to be {expected} but got {attn_mask.shape}"
            )


def _parts(projected: Any, count: int, width: int) -> tuple[Tensor, ...]:
    """Return the ``count`` projections that lie side by side in the last dim."""
    apart = projected.unflatten(-1, (count, width)).unsqueeze(0).transpose(0, -2).squeeze(-2)
    apart = apart.contiguous()
    return tuple(apart[i] for i in range(count))


def project_packed(
    query: Tensor, key: Tensor, value: Tensor, weight: Tensor, bias: Tensor | None
) -> tuple[Tensor, ...]:
    """Return the projections of query, key and value by one weight, (3E, E)."""
    width = query._array.shape[-1]
    if key is value:
        if query is key:
            return _parts(linear(query, weight, bias), 3, width)
        sizes = [width, width * 2]
        own, shared = weight.split(sizes)
        own_bias, shared_bias = (None, None) if bias is None else bias.split(sizes)
        projected = linear(query, own, own_bias)
        return projected, *_parts(linear(key, shared, shared_bias), 2, width)
    biases = (None, None, None) if bias is None else bias.chunk(3)
    pairs = zip((query, key, value), weight.chunk(3), biases, strict=True)
    return tuple(linear(x, w, b) for x, w, b in pairs)


def project(
    operands: tuple[Tensor, Tensor, Tensor],
    weights: tuple[Tensor, Tensor, Tensor],
    bias: Tensor | None,
) -> tuple[Tensor, ...]:
    """Return the projections of query, key and value by a weight each.

    Raises:
        AssertionError: a weight does not fit (torch's texts).
    """
    biases = (None, None, None) if bias is None else bias.chunk(3)
    width = operands[0]._array.shape[-1]
    names = ("query", "key", "value")
    for name, operand, weight in zip(names, operands, weights, strict=True):
        expected = (width, operand._array.shape[-1])
        if tuple(weight.shape) != expected:
            raise AssertionError(
                f"expecting {name} weights shape of {expected}, but got {weight.shape}"
            )
    for name, part in zip(names, biases, strict=True):
        if part is not None and tuple(part.shape) != (width,):
            raise AssertionError(f"expecting {name} bias shape of {(width,)}, but got {part.shape}")
    return tuple(linear(x, w, b) for x, w, b in zip(operands, weights, biases, strict=True))


def fitting_mask(attn_mask: Tensor, heads: int, length: int, source: int) -> Tensor:
    """Return a mask of two or three dims as one of three.

    Raises:
        RuntimeError: it has another shape than the scores (torch's texts).
    """
    if attn_mask.ndim == 2:
        if tuple(attn_mask.shape) != (length, source):
            raise RuntimeError(
                f"The shape of the 2D attn_mask is {attn_mask.shape}, but should be "
                f"{(length, source)}."
            )
        return ops.unsqueeze(attn_mask, 0)
    if attn_mask.ndim != 3:
        raise RuntimeError(f"attn_mask's dimension {attn_mask.ndim} is not supported")
    if tuple(attn_mask.shape) != (heads, length, source):
        raise RuntimeError(
            f"The shape of the 3D attn_mask is {attn_mask.shape}, but should be "
            f"{(heads, length, source)}."
        )
    return attn_mask


def split_heads(projected: Any, heads: int, width: int) -> Tensor:
    """Return (L, N, E) as (N * heads, L, E / heads)."""
    parted: Tensor = projected.view(projected.shape[0], heads, width).transpose(0, 1)
    return parted


def checked_static(name: str, static: Tensor, heads: int, width: int) -> Tensor:
    """Return a key or value given as it is.

    Raises:
        AssertionError: it does not fit (torch's texts).
    """
    shape = static._array.shape
    if shape[0] != heads:
        raise AssertionError(f"expecting {name}.size(0) of {heads}, but got {shape[0]}")
    if shape[2] != width:
        raise AssertionError(f"expecting {name}.size(2) of {width}, but got {shape[2]}")
    return static


def padded(mask: Tensor | None) -> Tensor | None:
    """Return a mask with a last entry that hides nothing."""
    return None if mask is None else ops.constant_pad_nd(mask, (0, 1), 0)
