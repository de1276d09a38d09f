"""Batching of softmaxes, gated units and layer norms."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..tensor import Tensor
from .arrays import Batch, front, is_batched
from .rules import along, composed, give, rule

give(along("dim", scalars=True), "softmax log_softmax safe_softmax softmax_backward_data")
give(along("dim", scalars=True), "log_softmax_backward_data")
give(along("dim"), "glu", "glu_backward")


@rule("native_layer_norm")
def _layer_norm(batch: Batch, values: list[Any]) -> Any:
    input, shape, weight, bias, eps = values
    if any(given is not None and is_batched(given) for given in (weight, bias)):
        return composed(_affine)(batch, values)
    plain = [None if given is None else given._array.value for given in (weight, bias)]
    return batch.run([front(input), shape, *plain, eps])


def _affine(input: Tensor, shape: Any, weight: Any, bias: Any, eps: float) -> tuple[Tensor, ...]:
    made, mean, rstd = ops.native_layer_norm(input, shape, None, None, eps)
    if weight is not None:
        made = ops.mul(made, weight)
    if bias is not None:
        made = ops.add(made, bias)
    return made, mean, rstd
