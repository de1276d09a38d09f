"""Reductions of runs of neighbouring elements, and the op of their backward kernel."""

from __future__ import annotations

from ..derivatives import NON_DIFFERENTIABLE, no_kernel, op
from .pointwise import NOT_IMPLEMENTED
from .pointwise_formulas import not_implemented

segment_reduce = op(
    "SegmentReduceBackward0",
    "segment_reduce(data, reduce, lengths, offsets, axis, initial)",
    refuses={"bic": no_kernel("_segment_reduce_cpu")},
    shown={"reduce": lambda node: node._read("reduce").removeprefix("a")},
    data=lambda xp, grad, result, data, reduce, lengths, offsets, axis, initial: (
        xp.segment_reduce_backward(grad, result, data, reduce, lengths, offsets, axis, initial)
    ),
    lengths=NON_DIFFERENTIABLE,
    offsets=NON_DIFFERENTIABLE,
)
segment_reduce_backward = op(
    NOT_IMPLEMENTED,
    "segment_reduce_backward(grad, output, data, reduce, lengths, offsets, axis, initial)",
    aten="_segment_reduce_backward",
    elementwise=False,
    grad=not_implemented("_segment_reduce_backward"),
    output=not_implemented("_segment_reduce_backward"),
    data=not_implemented("_segment_reduce_backward"),
    lengths=NON_DIFFERENTIABLE,
    offsets=NON_DIFFERENTIABLE,
)
