"""Convolutions of any number of dims, transposed ones, and the node of their backward kernel."""

from __future__ import annotations

from typing import Any

from ..derivatives import AS_GIVEN, JOINT, op
from .convolution_formulas import (
    convolution_backward_tangent,
    convolution_double_backward,
    convolution_gradients,
    convolution_tangent,
)

_OPTIONS = "stride, padding, dilation, transposed, output_padding, groups"


def _convolution(node: str, name: str, kernel: Any = None) -> Any:
    """Return the op of convolution under one of torch's two nodes."""
    return op(
        node,
        f"{name}(input, weight, bias, {_OPTIONS})",
        kernel=kernel,
        promote=AS_GIVEN,
        joint=convolution_gradients,
        input=JOINT,
        weight=JOINT,
        bias=JOINT,
        tangent=convolution_tangent,
    )


convolution = _convolution("ConvolutionBackward0", "convolution")
convolution_with_flags = _convolution(
    "ConvolutionBackward1",
    "convolution_with_flags",
    kernel=lambda xp, *arguments: xp.convolution(*arguments),
)
convolution_backward = op(
    "ConvolutionBackwardBackward0",
    f"convolution_backward(grad_output, input, weight, bias_sizes, {_OPTIONS}, output_mask)",
    promote=AS_GIVEN,
    outputs="grad_input grad_weight grad_bias",
    joint=convolution_double_backward,
    grad_output=JOINT,
    input=JOINT,
    weight=JOINT,
    tangent=convolution_backward_tangent,
)
