"""What torch composes to compare pairs and triples of vectors: the same calls in the same order."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..dtypes import LEGACY_NAMES
from ..engine.modes import modes
from ..engine.views import seen_whole
from ..sizes import broadcast_shapes
from ..tensor import GivenDims, Tensor, wrap_dim
from ..type_promotion import result_dtype
from .loss import reduced_loss

LEAST_SQUARE = 1e-12
"""What torch adds to the square of a length in cosine_embedding_loss."""


@seen_whole
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int, eps: float) -> Tensor:
    """Return the product of the vectors along a dim, each divided by its length or ``eps``.

    Raises:
        RuntimeError: the vectors are not of real floating-point numbers (torch's text).
    """
    pair = (x1, x2)
    dtype = result_dtype(
        [x._dtype for x in pair if x.ndim], [x._dtype for x in pair if not x.ndim], []
    )
    if not dtype.is_floating_point:
        raise RuntimeError(
            f"expected common dtype to be floating point, yet common dtype is {LEGACY_NAMES[dtype]}"
        )
    x1, x2 = (x if x._dtype.is_inexact else ops.to_dtype(x, dtype) for x in pair)
    if x1._array.shape != x2._array.shape:  # torch expands both, also the one that is wide already
        common = broadcast_shapes(x1._array.shape, x2._array.shape)
        x1, x2 = ops.expand(x1, common), ops.expand(x2, common)
    dims = (wrap_dim(dim, x1.ndim),) if x1.ndim else GivenDims((), (dim,))
    lengths = [ops.clone(ops.vector_norm(x, 2, dims, True)) for x in (x1, x2)]
    previous, modes.grad_enabled = modes.grad_enabled, False
    try:
        for length in lengths:
            ops.clamp_min.inplace(length, eps)
    finally:
        modes.grad_enabled = previous
    second = ops.div(x2, lengths[1])  # comes first in torch
    return ops.sum(ops.mul(ops.div(x1, lengths[0]), second), dims)


@seen_whole
def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float, reduction: int
) -> Tensor:
    """Return 1 - cos for pairs of target 1 and max(0, cos - margin) for those of target -1.

    Raises:
        RuntimeError: the shapes do not fit together (torch's texts).
    """
    rank = target.ndim
    if rank > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if (input1.ndim, input2.ndim) != (rank + 1, rank + 1):
        raise RuntimeError(
            f"{rank}D target tensor expects {rank + 1}D input tensors, but found inputs with sizes "
            f"{list(input1._array.shape)} and {list(input2._array.shape)}."
        )
    product = ops.mul(input1, input2).sum(rank)
    square1 = ops.add_scalar(ops.mul(input1, input1).sum(rank), LEAST_SQUARE)
    square2 = ops.add_scalar(ops.mul(input2, input2).sum(rank), LEAST_SQUARE)
    cosine = ops.div(product, ops.sqrt.inplace(ops.mul(square1, square2)))
    zeros = ops.zeros_like(cosine)
    alike = ops.sub(1, cosine)
    unlike = ops.clamp_min.inplace(ops.sub_scalar(cosine, margin), 0)
    output = ops.add(
        ops.where(ops.eq(target, 1), alike, zeros), ops.where(ops.eq(target, -1), unlike, zeros)
    )
    return reduced_loss(output, reduction)


def pairwise_distance(x1: Tensor, x2: Tensor, p: float, eps: float, keepdim: bool) -> Tensor:
    """Return the ``p`` norm of x1 - x2 + eps over the last dim."""
    rank = max(x1.ndim, x2.ndim)
    difference = ops.add_scalar(ops.sub(x1, x2), eps)
    dims = (rank - 1,) if rank else ()
    return ops.norm_dim(difference, float(p), dims, keepdim)


@seen_whole
def hinge_embedding_loss(input: Tensor, target: Tensor, margin: float, reduction: int) -> Tensor:
    """Return x for targets 1 and max(0, margin - x) for targets -1."""
    zeros = ops.zeros_like(input)
    if not input._dtype.is_inexact:
        margin = int(margin)  # torch subtracts from a tensor of the input's dtype
    short = ops.clamp_min.inplace(ops.sub(margin, input), 0)
    output = ops.add(
        ops.where(ops.ne(target, 1), short, zeros), ops.where(ops.ne(target, -1), input, zeros)
    )
    return reduced_loss(output, reduction)


@seen_whole
def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float, reduction: int
) -> Tensor:
    """Return max(0, -target * (input1 - input2) + margin)."""
    difference = ops.sub(input1, input2)
    order = ops.mul(ops.neg(target), difference)
    return reduced_loss(ops.clamp_min.inplace(ops.add_scalar(order, margin), 0), reduction)


def check_triplet(anchor: Tensor, positive: Tensor, negative: Tensor) -> None:
    """Refuse tensors of unequal numbers of dims (torch's text)."""
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of "
            f"dimensions, but got: anchor {anchor.ndim}D, positive {positive.ndim}D, and negative "
            f"{negative.ndim}D inputs"
        )


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float,
    p: float,
    eps: float,
    swap: bool,
    reduction: int,
) -> Tensor:
    """Return max(0, margin + the distance of anchor and positive - that of anchor and negative).

    With ``swap`` the negative may be nearer to the positive than to the anchor.
    """
    check_triplet(anchor, positive, negative)
    near = pairwise_distance(anchor, positive, p, eps, False)
    far = pairwise_distance(anchor, negative, p, eps, False)
    if swap:
        far = ops.minimum(far, pairwise_distance(positive, negative, p, eps, False))
    loss = ops.clamp_min(ops.sub(ops.add_scalar(near, margin), far), 0)
    return reduced_loss(loss, reduction)


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    distance_function: Any,
    margin: float,
    swap: bool,
    reduction: str,
) -> Tensor:
    """Return ``triplet_margin_loss`` with the user's distance."""
    check_triplet(anchor, positive, negative)
    near = distance_function(anchor, positive)
    far = distance_function(anchor, negative)
    if swap:
        far = ops.minimum(far, distance_function(positive, negative))
    loss: Tensor = ops.clamp_min(margin + near - far, 0)
    if reduction == "sum":
        return loss.sum()
    return loss.mean() if reduction == "mean" else loss
