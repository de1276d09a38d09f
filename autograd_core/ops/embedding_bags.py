"""Bags of rows of a matrix, and the nodes of the backward kernels: kernel, gradient."""

from __future__ import annotations

from typing import Any

from ..derivatives import AS_GIVEN, NON_DIFFERENTIABLE, op
from .indexing_formulas import not_differentiated
from .pointwise_formulas import no_derivative


def _weight_backward(
    xp: Any,
    grad: Any,
    indices: Any,
    offsets: Any,
    result1: Any,
    result2: Any,
    result3: Any,
    weight_argsize_0: int,
    scale_grad_by_freq: bool,
    mode: int,
    sparse: bool,
    per_sample_weights: Any,
    padding_idx: int,
) -> Any:
    return xp.embedding_bag_backward(
        grad,
        indices,
        offsets,
        result1,
        result2,
        result3,
        weight_argsize_0,
        scale_grad_by_freq,
        mode,
        sparse,
        per_sample_weights,
        padding_idx,
    )


def _per_sample_weights_backward(
    xp: Any,
    grad: Any,
    weight: Any,
    indices: Any,
    offsets: Any,
    result1: Any,
    mode: int,
    padding_idx: int,
) -> Any:
    return xp.embedding_bag_per_sample_weights_backward(
        grad, weight, indices, offsets, result1, mode, padding_idx
    )


embedding_bag = op(
    "EmbeddingBagBackward0",
    "embedding_bag(weight, indices, offsets, scale_grad_by_freq=False, mode=0, sparse=False, "
    "per_sample_weights=None, include_last_offset=False, padding_idx=-1)",
    aten="_embedding_bag",
    promote=AS_GIVEN,
    outputs="result0 result1 result2 result3",
    fixed_outputs="result1 result2 result3",
    weight=_weight_backward,
    indices=NON_DIFFERENTIABLE,
    offsets=NON_DIFFERENTIABLE,
    per_sample_weights=_per_sample_weights_backward,
)
embedding_bag_backward = op(
    "EmbeddingBagBackwardBackward0",
    "embedding_bag_backward(grad, indices, offsets, offset2bag, bag_size, maximum_indices, "
    "num_weights, scale_grad_by_freq, mode, sparse, per_sample_weights, padding_idx=-1)",
    aten="_embedding_bag_backward",
    promote=AS_GIVEN,
    grad=no_derivative("_embedding_bag_backward"),
    indices=NON_DIFFERENTIABLE,
    offsets=NON_DIFFERENTIABLE,
    offset2bag=NON_DIFFERENTIABLE,
    bag_size=NON_DIFFERENTIABLE,
    maximum_indices=NON_DIFFERENTIABLE,
    per_sample_weights=no_derivative("_embedding_bag_backward"),
)
embedding_bag_per_sample_weights_backward = op(
    "torch::autograd::NotImplemented",
    "embedding_bag_per_sample_weights_backward(grad, weight, indices, offsets, offset2bag, mode, "
    "padding_idx=-1)",
    aten="_embedding_bag_per_sample_weights_backward",
    promote=AS_GIVEN,
    grad=not_differentiated("_embedding_bag_per_sample_weights_backward"),
    weight=not_differentiated("_embedding_bag_per_sample_weights_backward"),
    indices=NON_DIFFERENTIABLE,
    offsets=NON_DIFFERENTIABLE,
    offset2bag=NON_DIFFERENTIABLE,
)
