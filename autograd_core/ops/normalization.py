"""Softmax and layer norm, and the nodes of their backward kernels: kernel, gradient, tangent."""

from __future__ import annotations

from ..derivatives import AS_GIVEN, JOINT, op
from .normalization_formulas import (
    layer_norm_backward,
    layer_norm_backward_tangent,
    layer_norm_double_backward,
    layer_norm_tangent,
    log_softmax_backward_data_grad_backward,
    log_softmax_backward_data_output_backward,
    log_softmax_backward_data_tangent,
    log_softmax_tangent,
    softmax_backward_data_output_backward,
    softmax_backward_data_tangent,
    softmax_tangent,
)

softmax = op(
    "SoftmaxBackward0",
    "softmax(self, dim)",
    self=lambda xp, grad, result, dim: xp.softmax_backward_data(grad, result, dim),
    tangent=softmax_tangent,
)
softmax_backward_data = op(
    "SoftmaxBackwardDataBackward0",
    "softmax_backward_data(grad_output, output, dim)",
    grad_output=lambda xp, grad, output, dim: xp.softmax_backward_data(grad, output, dim),
    output=softmax_backward_data_output_backward,
    tangent=softmax_backward_data_tangent,
)
log_softmax = op(
    "LogSoftmaxBackward0",
    "log_softmax(self, dim)",
    self=lambda xp, grad, result, dim: xp.log_softmax_backward_data(grad, result, dim),
    tangent=log_softmax_tangent,
)
log_softmax_backward_data = op(
    "LogSoftmaxBackwardDataBackward0",
    "log_softmax_backward_data(grad_output, output, dim)",
    grad_output=log_softmax_backward_data_grad_backward,
    output=log_softmax_backward_data_output_backward,
    tangent=log_softmax_backward_data_tangent,
)
native_layer_norm = op(
    "NativeLayerNormBackward0",
    "native_layer_norm(input, normalized_shape, weight, bias, eps)",
    promote=AS_GIVEN,
    outputs="result mean rstd",
    fixed_outputs="mean rstd",
    joint=layer_norm_backward,
    input=JOINT,
    weight=JOINT,
    bias=JOINT,
    tangent=layer_norm_tangent,
)
native_layer_norm_backward = op(
    "NativeLayerNormBackwardBackward0",
    "native_layer_norm_backward(grad_out, input, normalized_shape, mean, rstd, weight, bias, "
    "output_mask)",
    promote=AS_GIVEN,
    outputs="grad_input grad_weight grad_bias",
    joint=layer_norm_double_backward,
    grad_out=JOINT,
    input=JOINT,
    mean=JOINT,
    rstd=JOINT,
    weight=JOINT,
    bias=JOINT,
    tangent=layer_norm_backward_tangent,
)
