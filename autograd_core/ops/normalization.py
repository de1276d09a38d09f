"""Softmax, normalizations and the nodes of their backward kernels: kernel, gradient, tangent."""

from __future__ import annotations

from typing import Any

from ..derivatives import AS_GIVEN, INT_TO_FLOAT, JOINT, NON_DIFFERENTIABLE, no_kernel, op
from ..dtypes import uint8
from .batch_norm_formulas import (
    batch_norm_backward,
    batch_norm_backward_tangent,
    batch_norm_double_backward,
    batch_norm_of_batch_backward,
    batch_norm_of_batch_tangent,
    batch_norm_tangent,
    batch_norm_update_backward_tangent,
    batch_norm_update_double_backward,
    batch_norm_with_update_backward,
)
from .normalization_formulas import (
    dropout_backward,
    group_norm_backward,
    group_norm_tangent,
    layer_norm_backward,
    layer_norm_backward_tangent,
    layer_norm_double_backward,
    layer_norm_tangent,
    log_softmax_backward_data_grad_backward,
    log_softmax_backward_data_output_backward,
    log_softmax_backward_data_tangent,
    log_softmax_tangent,
    safe_softmax_tangent,
    softmax_backward_data_output_backward,
    softmax_backward_data_tangent,
    softmax_tangent,
)
from .pointwise_formulas import no_derivative

softmax = op(
    "SoftmaxBackward0",
    "softmax(self, dim)",
    aten="_softmax",
    complex_gradient=False,
    self=lambda xp, grad, result, dim: xp.softmax_backward_data(grad, result, dim),
    tangent=softmax_tangent,
)
safe_softmax = op(
    "SafeSoftmaxBackward0",
    "safe_softmax(self, dim)",
    refuses={"c": no_kernel("softmax_lastdim_kernel_impl")},
    self=lambda xp, grad, result, dim: xp.softmax_backward_data(grad, result, dim),
    tangent=safe_softmax_tangent,
)
softmax_backward_data = op(
    "SoftmaxBackwardDataBackward0",
    "softmax_backward_data(grad_output, output, dim)",
    elementwise=False,
    grad_output=lambda xp, grad, output, dim: xp.softmax_backward_data(grad, output, dim),
    output=softmax_backward_data_output_backward,
    tangent=softmax_backward_data_tangent,
)
log_softmax = op(
    "LogSoftmaxBackward0",
    "log_softmax(self, dim)",
    aten="_log_softmax",
    complex_gradient=False,
    self=lambda xp, grad, result, dim: xp.log_softmax_backward_data(grad, result, dim),
    tangent=log_softmax_tangent,
)
log_softmax_backward_data = op(
    "LogSoftmaxBackwardDataBackward0",
    "log_softmax_backward_data(grad_output, output, dim)",
    elementwise=False,
    grad_output=log_softmax_backward_data_grad_backward,
    output=log_softmax_backward_data_output_backward,
    tangent=log_softmax_backward_data_tangent,
)
native_layer_norm = op(
    "NativeLayerNormBackward0",
    "native_layer_norm(input, normalized_shape, weight, bias, eps)",
    promote=AS_GIVEN,
    outputs="result0 result1 result2",
    fixed_outputs="result1 result2",
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

# Batch norm ---------------------------------------------------------------------------------------


def _batch_norm(node: str, name: str, kernel: Any = None) -> Any:
    """Return an op of batch norm with running statistics, under one of torch's two nodes."""
    return op(
        node,
        f"{name}(input, weight, bias, running_mean, running_var, training, momentum, eps)",
        kernel=kernel,
        promote=AS_GIVEN,
        outputs="result0 result1 result2",
        fixed_outputs="result1 result2",
        joint=batch_norm_backward,
        input=JOINT,
        weight=JOINT,
        bias=JOINT,
        running_mean=NON_DIFFERENTIABLE,
        running_var=NON_DIFFERENTIABLE,
        tangent=batch_norm_tangent,
    )


native_batch_norm = _batch_norm("NativeBatchNormBackward0", "native_batch_norm")
native_batch_norm_legit = _batch_norm(
    "NativeBatchNormLegitBackward0",
    "native_batch_norm_legit",
    kernel=lambda xp, *arguments: xp.native_batch_norm(*arguments),
)
native_batch_norm_of_batch = op(
    "NativeBatchNormLegitBackward1",
    "native_batch_norm_of_batch(input, weight, bias, training, momentum, eps)",
    kernel=lambda xp, input, weight, bias, training, momentum, eps: xp.native_batch_norm(
        input, weight, bias, None, None, training, momentum, eps
    ),
    promote=AS_GIVEN,
    outputs="result0 result1 result2",
    fixed_outputs="result1 result2",
    joint=batch_norm_of_batch_backward,
    input=JOINT,
    weight=JOINT,
    bias=JOINT,
    tangent=batch_norm_of_batch_tangent,
)
batch_norm_with_update = op(
    "BatchNormWithUpdateBackward0",
    "batch_norm_with_update(input, weight, bias, running_mean, running_var, momentum, eps)",
    kernel=lambda xp, input, weight, bias, running_mean, running_var, momentum, eps: (
        *xp.native_batch_norm(input, weight, bias, running_mean, running_var, True, momentum, eps),
        xp.full((0,), 0, uint8),
    ),
    promote=AS_GIVEN,
    outputs="result0 result1 result2 result3",
    fixed_outputs="result1 result2 result3",
    joint=batch_norm_with_update_backward,
    input=JOINT,
    weight=JOINT,
    bias=JOINT,
    running_mean=NON_DIFFERENTIABLE,
    running_var=NON_DIFFERENTIABLE,
    tangent=batch_norm_of_batch_tangent,
)
native_batch_norm_backward = op(
    "NativeBatchNormBackwardBackward0",
    "native_batch_norm_backward(grad_out, input, weight, running_mean, running_var, save_mean, "
    "save_invstd, train, eps, output_mask)",
    promote=AS_GIVEN,
    outputs="grad_input grad_weight grad_bias",
    joint=batch_norm_double_backward,
    grad_out=JOINT,
    input=JOINT,
    weight=JOINT,
    running_mean=NON_DIFFERENTIABLE,
    running_var=NON_DIFFERENTIABLE,
    save_mean=JOINT,
    save_invstd=JOINT,
    tangent=batch_norm_backward_tangent,
)
batch_norm_update_backward = op(
    "BatchNormBackwardBackward0",
    "batch_norm_update_backward(grad_out, input, weight, running_mean, running_var, save_mean, "
    "save_var, update, eps, output_mask, reserve)",
    promote=AS_GIVEN,
    outputs="grad_input grad_weight grad_bias",
    joint=batch_norm_update_double_backward,
    grad_out=JOINT,
    input=JOINT,
    weight=JOINT,
    running_mean=NON_DIFFERENTIABLE,
    running_var=NON_DIFFERENTIABLE,
    save_mean=JOINT,
    save_var=JOINT,
    reserve=JOINT,
    tangent=batch_norm_update_backward_tangent,
)

# Group norm ---------------------------------------------------------------------------------------

native_group_norm = op(
    "NativeGroupNormBackward0",
    "native_group_norm(input, weight, bias, N, C, HxW, group, eps)",
    promote=AS_GIVEN,
    outputs="result0 result1 result2",
    joint=group_norm_backward,
    input=JOINT,
    weight=JOINT,
    bias=JOINT,
    tangent=group_norm_tangent,
)

# Dropout ------------------------------------------------------------------------------------------

native_dropout_backward = op(
    "NativeDropoutBackwardBackward0",
    "native_dropout_backward(grad_output, mask, scale)",
    complex_gradient=False,
    kernel=dropout_backward,
    promote=INT_TO_FLOAT,
    grad_output=lambda xp, grad, grad_output, mask, scale: dropout_backward(xp, grad, mask, scale),
    mask=no_derivative("native_dropout_backward: mask"),
)
