"""Convolutions of any number of dims, transposed ones, and the node of their backward kernel."""

from __future__ import annotations

from typing import Any

from ..derivatives import AS_GIVEN, JOINT, LINEAR, no_kernel, op
from .convolution_formulas import (
    convolution_backward_tangent,
    convolution_double_backward,
    convolution_gradients,
    convolution_tangent,
    convolved_in_time,
    convolved_in_time_backward,
    im2col_backward,
)
from .pointwise_formulas import not_implemented

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

conv_tbc = op(
    "ConvTbcBackward0",
    "conv_tbc(self, weight, bias, pad)",
    complex_gradient=False,
    kernel=convolved_in_time,
    promote=AS_GIVEN,
    joint=convolved_in_time_backward,
    self=JOINT,
    weight=JOINT,
    bias=JOINT,
)

# Windows as columns, and channels apart -----------------------------------------------------------

im2col = op(
    "Im2ColBackward0",
    "im2col(self, kernel_size, dilation, padding, stride)",
    refuses={"i": no_kernel("im2col_out_cpu")},
    self=im2col_backward,
    tangent=LINEAR,
)
col2im = op(
    "Col2ImBackward0",
    "col2im(self, output_size, kernel_size, dilation, padding, stride)",
    refuses={"i": no_kernel("col2im_out_cpu")},
    self=lambda xp, grad, kernel_size, dilation, padding, stride: xp.im2col(
        grad, kernel_size, dilation, padding, stride
    ),
    tangent=LINEAR,
)
pixel_shuffle = op(
    "PixelShuffleBackward0",
    "pixel_shuffle(self, upscale_factor)",
    self=lambda xp, grad, upscale_factor: xp.pixel_unshuffle(grad, upscale_factor),
    tangent=LINEAR,
)
pixel_unshuffle = op(
    "PixelUnshuffleBackward0",
    "pixel_unshuffle(self, downscale_factor)",
    self=lambda xp, grad, downscale_factor: xp.pixel_shuffle(grad, downscale_factor),
    tangent=LINEAR,
)
channel_shuffle = op(
    "ChannelShuffleBackward0",
    "channel_shuffle(self, groups)",
    self=lambda xp, grad, groups: xp.channel_shuffle(grad, grad.shape[1] // groups),
    tangent=LINEAR,
)
native_channel_shuffle = op(
    "torch::autograd::NotImplemented",
    "native_channel_shuffle(self, groups)",
    kernel=lambda xp, self, groups: xp.channel_shuffle(self, groups),
    self=not_implemented("native_channel_shuffle"),
)
