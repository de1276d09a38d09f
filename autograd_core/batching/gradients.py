"""Gradients of many cotangents in one backward: ``is_grads_batched``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..engine.levels import alive, opened
from ..tensor import Tensor
from .level import VmapLevel


def over_batch(
    function: Callable[[Sequence[Any]], Sequence[Any]], inputs: Sequence[Any]
) -> tuple[Any, ...]:
    """Run a function of Tensors and Nones once for all entries of their first dims.

    Raises:
        ValueError: a Tensor has no dim, there is none, or their first dims differ (torch's texts).
    """
    if any(isinstance(tensor, Tensor) and not tensor.ndim for tensor in inputs):
        raise ValueError(
            "vmap(vjp, in_dims=0, ...)(<inputs>): Got in_dim=0 for some input, but that input is a "
            "Tensor of dimensionality 0 so expected in_dim to satisfy 0 <= in_dim < 0."
        )
    lengths = [tensor.size(0) for tensor in inputs if isinstance(tensor, Tensor)]
    if not lengths:
        raise ValueError("vmap: Expected at least one Tensor to vmap over")
    if any(length != lengths[0] for length in lengths):
        raise ValueError(
            "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            f"{lengths} for the mapped dimension"
        )
    with opened(VmapLevel(lengths[0], "unsupported")) as level:
        level.transparent = True
        batched = [
            level.batched(alive(tensor), 0) if isinstance(tensor, Tensor) else tensor
            for tensor in inputs
        ]
        made = function(batched)
        return tuple(None if part is None else level.unbatched(part, 0) for part in made)
