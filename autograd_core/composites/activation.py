"""What torch composes of other activation ops: the same calls in the same order."""

from __future__ import annotations

from .. import ops
from ..dtypes import LEGACY_NAMES
from ..tensor import Tensor

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x)."""
    return ops.sub(input, ops.tanh(input))


def softsign(input: Tensor) -> Tensor:
    """x / (|x| + 1)."""
    return ops.div(input, ops.add(ops.abs(input), 1))


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """The weight laid along dim 1 of the input, then the kernel.

    Raises:
        RuntimeError: the weight's shape does not go with the input (torch's texts).
    """
    if weight._dtype is not input._dtype:
        raise RuntimeError(
            f"prelu: Type promoting not supported. Got {LEGACY_NAMES[input._dtype]} "
            f"and {LEGACY_NAMES[weight._dtype]}"
        )
    shape = input._array.shape
    if weight.numel() != 1:
        if not shape:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = shape[1] if len(shape) > 1 else 1
        if channels != weight.numel():
            raise RuntimeError(
                f"Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{weight.numel()} and channel size = {channels}."
            )
    if weight.ndim > 1:
        raise RuntimeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}"
        )
    if weight.ndim != len(shape):
        weight = ops.reshape(weight, [weight.numel() if d == 1 else 1 for d in range(len(shape))])
    return ops.prelu_kernel(input, weight)
