"""torch's bags of rows of a matrix: sums, means and maxima of runs of indices."""

from __future__ import annotations

import warnings
from typing import Any

from .. import ops
from ..batching import member_by_member
from ..dtypes import LEGACY_NAMES, bfloat16, float16, float32, float64, int32, int64
from ..tensor import Tensor
from .indexing_checks import as_int64, first_outside, require_dtype
from .indexing_queries import renormalized
from .registration import function

_MODES = {"sum": 0, "mean": 1, "max": 2}
_INDICES = (
    "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, "
    "Int; but got torch.{}Tensor instead (while checking arguments for embedding_bag)"
)


def _check_offsets(indices: Tensor, offsets: Tensor, include_last_offset: bool) -> None:
    """Refuse offsets that are not places among the indices (torch's texts)."""
    if include_last_offset and not offsets.numel():
        raise RuntimeError("include_last_offset: number of offset should be at least 1")
    length = indices.numel()
    if length and offsets.numel() <= include_last_offset:  # torch reads beyond its memory
        raise IndexError("index out of range in self")
    if not offsets.numel():
        return
    xp = offsets._backend
    given = xp.elements(offsets._array)
    if given[0] != 0:
        raise RuntimeError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from "
            f"position 0. However, got {given[0]}\n[ torch.LongTensor{{}} ]"
        )
    if given[-1] > length:
        raise RuntimeError(
            f"offsets[-1] can not be greater than input's length {length} but got offsets[-1] of "
            f"{given[-1]}"
        )
    if first_outside(offsets, 0, length + 1) is not None:
        raise IndexError("index out of range in self")


def _check_weights(weight: Tensor, per_sample_weights: Tensor | None) -> None:
    """Refuse dtypes that torch has no kernel for (torch's texts)."""
    if weight._dtype not in (float16, bfloat16, float32, float64):
        name = LEGACY_NAMES[weight._dtype]
        got = f"CPU{name}Type" if weight._dtype.is_complex else f"torch.{name}Tensor"
        raise RuntimeError(
            "Expected tensor for argument #1 'weight' to have one of the following scalar types: "
            f"Half, BFloat16, Float, Double; but got {got} instead (while checking arguments for "
            "embedding_bag)"
        )
    if per_sample_weights is not None and per_sample_weights._dtype is not weight._dtype:
        raise RuntimeError(
            "Expected tensor for argument #1 'weight' to have the same type as tensor for argument "
            f"#1 'per_sample_weights'; but type torch.{LEGACY_NAMES[weight._dtype]}Tensor does not "
            f"equal torch.{LEGACY_NAMES[per_sample_weights._dtype]}Tensor (while checking "
            "arguments for embedding_bag)"
        )


@function
def _embedding_bag(
    weight: Tensor,
    indices: Tensor,
    offsets: Tensor,
    scale_grad_by_freq: bool = False,
    mode: int = 0,
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int = -1,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Reduce the rows of runs of indices; also the bag of each, and sizes and rows of bags."""
    for index in (indices, offsets):
        require_dtype(index, _INDICES, int32, int64)
    indices, offsets = as_int64(indices), as_int64(offsets)
    _check_weights(weight, per_sample_weights)
    _check_offsets(indices, offsets, include_last_offset)
    wrong = first_outside(indices, 0, weight._array.shape[0])
    if wrong is not None:
        raise RuntimeError(
            f"embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be {wrong}"
        )
    made: tuple[Tensor, Tensor, Tensor, Tensor] = ops.embedding_bag(
        weight,
        indices,
        offsets,
        scale_grad_by_freq,
        mode,
        sparse,
        per_sample_weights,
        include_last_offset,
        padding_idx,
    )
    return made


@function
@member_by_member("embedding_bag.padding_idx")
def embedding_bag(
    weight: Tensor,
    indices: Tensor,
    offsets: Tensor,
    scale_grad_by_freq: bool = False,
    mode: int = 0,
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """``_embedding_bag`` with the padding's row counted from the end where it is negative."""
    rows = weight._array.shape[0]
    if padding_idx is None:
        padding_idx = -1
    elif not -rows <= padding_idx < rows:
        raise RuntimeError(
            f"padding_idx must be within the number of embeddings, {-rows} through {rows - 1}, but "
            f"got {padding_idx}"
        )
    else:
        padding_idx %= rows
    return _embedding_bag(
        weight,
        indices.contiguous(),
        offsets.contiguous(),
        scale_grad_by_freq,
        mode,
        sparse,
        per_sample_weights,
        include_last_offset,
        padding_idx,
    )


def _bags(input: Tensor, offsets: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return indices and offsets, which the rows of a matrix of indices have by themselves."""
    if input.ndim == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch "
                "of fixed length sequences. However, found offsets of type "
                f"{type(offsets)}"
            )
        count, width = input._array.shape
        if count and not width:
            raise RuntimeError("step must be nonzero")
        starts = ops.mul_scalar(ops.new_positions(input, count), width)
        return ops.reshape(input, (-1,)), starts
    if input.ndim != 1:
        raise ValueError(
            f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}"
        )
    if offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    if offsets.ndim != 1:
        raise ValueError("offsets has to be a 1D Tensor")
    return input, offsets


@function(under="nn.functional", name="embedding_bag")
def functional_embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """Reduce the rows of ``weight`` that bags of indices name.

    Args:
        input: the indices, (n,) with ``offsets`` or (bags, n) of bags of one size.
        weight: (rows, width).
        offsets: where the bags begin; with ``include_last_offset`` also where the last ends.
        max_norm: rows that are read are scaled down, in place, to this ``norm_type``-norm.
        norm_type: see there.
        scale_grad_by_freq: divide gradients by how often their row is read.
        mode: "sum", "mean" or "max".
        sparse: accepted; gradients are dense.
        per_sample_weights: a factor for each index, in sums.
        include_last_offset: see ``offsets``.
        padding_idx: a row that counts for nothing.
    """
    if weight._dtype is int64 and input._dtype.is_floating_point:
        warnings.warn(
            "Argument order of nn.functional.embedding_bag was changed. Usage "
            "`embedding_bag(weight, input, ...)` is deprecated, and should now be "
            "`embedding_bag(input, weight, ...)`.",
            stacklevel=2,
        )
        weight, input = input, weight
    if per_sample_weights is not None and input.shape != per_sample_weights.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then "
            f"it must have the same shape as the input ({input.shape})"
        )
    if weight.ndim != 2:
        raise ValueError(f"weight has to be a 2D Tensor, but got Tensor of dimension {weight.ndim}")
    if input.ndim == 2:
        include_last_offset = False
    indices, starts = _bags(input, offsets)
    if per_sample_weights is not None and input.ndim == 2:
        per_sample_weights = ops.reshape(per_sample_weights, (-1,))
    _check_mode(mode, scale_grad_by_freq, sparse)
    if max_norm is not None:
        renormalized(weight, indices, max_norm, norm_type)
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported "
            f"for mode='sum' (got mode='{mode}'). Please open a feature request on GitHub."
        )
    made: tuple[Tensor, ...] = embedding_bag(
        weight,
        indices,
        starts,
        scale_grad_by_freq,
        _MODES[mode],
        sparse,
        per_sample_weights,
        include_last_offset,
        padding_idx,
    )
    return made[0]


def _check_mode(mode: Any, scale_grad_by_freq: bool, sparse: bool) -> None:
    if mode not in _MODES:
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if mode == "max" and sparse:
        raise ValueError("max mode does not support sparse weights")
