"""Activation ops and their gradients, which torch differentiates as ops of their own."""

from __future__ import annotations

from ..derivatives import INT_TO_FLOAT, JOINT, NON_DIFFERENTIABLE, POINTWISE, Refusal, no_kernel, op
from ..sizes import pointwise_strides, row_major_strides, strides_by_second, strides_of_first
from .activation_formulas import (
    elu_backward_tangent,
    elu_double_backward,
    gelu_double_backward,
    glu_backward_grad_output,
    glu_backward_self,
    glu_backward_tangent,
    glu_tangent,
    hardswish_slope_tangent,
    inverse_in_single,
    log_sigmoid_double_backward,
    mish_derivative,
    prelu_backward_gradients,
    prelu_backward_tangents,
    rrelu_backward,
    rrelu_written_backward,
    sigmoid_output_backward,
    silu_derivative,
    softplus_double_backward,
    tanh_output_backward,
)
from .pointwise import NOT_IMPLEMENTED
from .pointwise_formulas import not_implemented

# Sigmoid and tanh ---------------------------------------------------------------------------------

sigmoid = op(
    "SigmoidBackward0",
    "sigmoid(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, result: xp.sigmoid_backward(grad, result),
    tangent=POINTWISE,
)
sigmoid_backward = op(
    "SigmoidBackwardBackward0",
    "sigmoid_backward(grad_output, output)",
    grad_output=lambda xp, grad, output: xp.sigmoid_backward(grad, xp.conj(output)),
    output=sigmoid_output_backward,
    tangent=lambda xp, grad_output, output, grad_output_t, output_t: (
        xp.sigmoid_backward(grad_output_t, output)
        + sigmoid_output_backward(xp, output_t, grad_output, output)
    ),
)
tanh = op(
    "TanhBackward0",
    "tanh(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, result: xp.tanh_backward(grad, result),
    tangent=POINTWISE,
)
tanh_backward = op(
    "TanhBackwardBackward0",
    "tanh_backward(grad_output, output)",
    grad_output=lambda xp, grad, output: xp.tanh_backward(grad, xp.conj(output)),
    output=tanh_output_backward,
    tangent=lambda xp, grad_output, output, grad_output_t, output_t: (
        xp.tanh_backward(grad_output_t, output)
        + tanh_output_backward(xp, output_t, grad_output, output)
    ),
)

# Piecewise linear ---------------------------------------------------------------------------------

CLAMP_COMPLEX = Refusal(NotImplementedError, "clamp is not supported for complex types")

relu = op(
    "ReluBackward0",
    "relu(self)",
    refuses={
        "b": Refusal(RuntimeError, "Boolean inputs not supported for relu"),
        "c": CLAMP_COMPLEX,
    },
    self=lambda xp, grad, result: xp.threshold_backward(grad, result, 0),
    tangent=POINTWISE,
)
threshold = op(
    "ThresholdBackward0",
    "threshold(self, threshold, value)",
    refuses={"bc": no_kernel("threshold_cpu")},
    self=lambda xp, grad, self, threshold: xp.threshold_backward(grad, self, threshold),
    tangent=POINTWISE,
)
threshold_written = op(
    "ThresholdBackward1",
    "threshold_written(self, threshold, value)",
    kernel=lambda xp, self, threshold, value: xp.threshold(self, threshold, value),
    refuses={"bc": no_kernel("threshold_cpu")},
    self=lambda xp, grad, self, threshold: xp.threshold_backward(grad, self, threshold),
    tangent=POINTWISE,
)
threshold_backward = op(
    "ThresholdBackwardBackward0",
    "threshold_backward(grad_output, self, threshold)",
    layout=strides_by_second,
    grad_output=lambda xp, grad, self, threshold: xp.threshold_backward(grad, self, threshold),
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, grad_output_t, self, self_t, threshold: (
        xp.zeros_like(self_t) + xp.threshold_backward(grad_output_t, self, threshold)
    ),
)
leaky_relu = op(
    "LeakyReluBackward0",
    "leaky_relu(self, negative_slope)",
    refuses={"bic": no_kernel("leaky_relu_cpu")},
    self=lambda xp, grad, self, negative_slope: xp.leaky_relu_backward(grad, self, negative_slope),
    tangent=POINTWISE,
)
leaky_relu_written = op(
    "LeakyReluBackward1",
    "leaky_relu_written(self, negative_slope)",
    kernel=lambda xp, self, negative_slope: xp.leaky_relu(self, negative_slope),
    refuses={"bic": no_kernel("leaky_relu_cpu")},
    self=lambda xp, grad, result, negative_slope: xp.leaky_relu_backward(
        grad, result, negative_slope
    ),
    tangent=POINTWISE,
)
leaky_relu_backward = op(
    "LeakyReluBackwardBackward0",
    "leaky_relu_backward(grad_output, self, negative_slope)",
    layout=strides_by_second,
    grad_output=lambda xp, grad, self, negative_slope: xp.leaky_relu_backward(
        grad, self, negative_slope
    ),
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, grad_output_t, self, negative_slope: xp.leaky_relu_backward(
        grad_output_t, self, negative_slope
    ),
)
rrelu = op(
    "RreluWithNoiseBackward0",
    "rrelu(self, noise, lower, upper, training)",
    layout=row_major_strides,
    kernel=lambda xp, self, noise, lower, upper, training: xp.leaky_relu(self, (lower + upper) / 2),
    refuses={"bic": no_kernel("leaky_relu_cpu")},
    self=rrelu_backward,
    noise=NON_DIFFERENTIABLE,
    tangent=POINTWISE,
)
rrelu_written = op(
    "RreluWithNoiseBackward1",
    "rrelu_written(self, noise, lower, upper, training)",
    aten="rrelu_with_noise_",
    kernel=lambda xp, self, noise, lower, upper, training: xp.leaky_relu(self, (lower + upper) / 2),
    refuses={"bic": no_kernel("leaky_relu_cpu")},
    self=rrelu_written_backward,
    noise=NON_DIFFERENTIABLE,
)
rrelu_with_noise = op(
    "RreluWithNoiseBackward0",
    "rrelu_with_noise(self, noise, lower, upper, training)",
    layout=row_major_strides,
    kernel=lambda xp, self, noise, lower, upper, training: xp.mul(self, noise),
    refuses={
        "bic": no_kernel("rrelu_with_noise_out_cpu"),
        "float16": no_kernel("rrelu_with_noise_out_cpu"),
    },
    self=rrelu_backward,
    noise=NON_DIFFERENTIABLE,
    tangent=POINTWISE,
)
rrelu_with_noise_written = op(
    "RreluWithNoiseBackward1",
    "rrelu_with_noise_written(self, noise, lower, upper, training)",
    aten="rrelu_with_noise_",
    kernel=lambda xp, self, noise, lower, upper, training: xp.mul(self, noise),
    refuses={
        "bic": no_kernel("rrelu_with_noise_out_cpu"),
        "float16": no_kernel("rrelu_with_noise_out_cpu"),
    },
    self=rrelu_written_backward,
    noise=NON_DIFFERENTIABLE,
)
rrelu_with_noise_backward = op(
    "RreluWithNoiseBackwardBackward0",
    "rrelu_with_noise_backward(grad_output, self, noise, lower, upper, training)",
    grad_output=rrelu_backward,
    self=lambda xp, grad: xp.zeros_like(grad),
    noise=NON_DIFFERENTIABLE,
    tangent=lambda xp, grad_output_t, self, noise, lower, upper, training: (
        xp.rrelu_with_noise_backward(grad_output_t, self, noise, lower, upper, training)
    ),
)
prelu_kernel = op(
    "PreluKernelBackward0",
    "prelu_kernel(self, weight)",
    layout=strides_of_first,
    refuses={"bic": no_kernel("prelu_cpu")},
    joint=lambda xp, grad, self, weight: xp.prelu_kernel_backward(grad, self, weight),
    self=JOINT,
    weight=JOINT,
    tangent=lambda xp, self, weight, self_t, weight_t: xp.where(
        self >= 0, self_t, weight * self_t + weight_t * self
    ),
)
prelu_kernel_backward = op(
    "PreluKernelBackwardBackward0",
    "prelu_kernel_backward(grad_output, self, weight)",
    outputs="of_self of_weight",
    joint=prelu_backward_gradients,
    grad_output=JOINT,
    self=JOINT,
    weight=JOINT,
    tangent=prelu_backward_tangents,
)
hardtanh = op(
    "HardtanhBackward0",
    "hardtanh(self, min_val, max_val)",
    layout=strides_of_first,
    refuses={
        "b": Refusal(RuntimeError, "Bool inputs not supported for hardtanh"),
        "c": CLAMP_COMPLEX,
    },
    self=lambda xp, grad, self, min_val, max_val: xp.hardtanh_backward(
        grad, self, min_val, max_val
    ),
    tangent=POINTWISE,
)
hardtanh_backward = op(
    "HardtanhBackwardBackward0",
    "hardtanh_backward(grad_output, self, min_val, max_val)",
    grad_output=lambda xp, grad, self, min_val, max_val: xp.hardtanh_backward(
        grad, self, min_val, max_val
    ),
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, grad_output_t, self, min_val, max_val: xp.hardtanh_backward(
        grad_output_t, self, min_val, max_val
    ),
)
hardsigmoid = op(
    "HardsigmoidBackward0",
    "hardsigmoid(self)",
    refuses={"bic": no_kernel("hardsigmoid_cpu")},
    self=lambda xp, grad, self: xp.hardsigmoid_backward(grad, self),
    tangent=POINTWISE,
)
hardsigmoid_backward = op(
    NOT_IMPLEMENTED,
    "hardsigmoid_backward(grad_output, self)",
    grad_output=not_implemented("hardsigmoid_backward"),
    self=not_implemented("hardsigmoid_backward"),
)
hardswish = op(
    "HardswishBackward0",
    "hardswish(self)",
    refuses={"bic": no_kernel("hardswish_cpu")},
    self=lambda xp, grad, self: xp.hardswish_backward(grad, self),
    tangent=POINTWISE,
)
hardswish_backward = op(
    "HardswishBackwardBackward0",
    "hardswish_backward(grad_output, self)",
    grad_output=lambda xp, grad, self: xp.hardswish_backward(grad, self),
    self=hardswish_slope_tangent,
    tangent=lambda xp, grad_output, self, grad_output_t, self_t: (
        xp.hardswish_backward(grad_output_t, self)
        + hardswish_slope_tangent(xp, self_t, grad_output, self)
    ),
)
hardshrink = op(
    "HardshrinkBackward0",
    "hardshrink(self, lambd)",
    refuses={"bic": no_kernel("hardshrink_cpu")},
    self=lambda xp, grad, self, lambd: xp.shrink_backward(grad, self, lambd),
    tangent=POINTWISE,
)
softshrink = op(
    "SoftshrinkBackward0",
    "softshrink(self, lambd)",
    refuses={"bic": no_kernel("softshrink_check")},
    self=lambda xp, grad, self, lambd: xp.softshrink_backward(grad, self, lambd),
    tangent=POINTWISE,
)
shrink_backward = op(
    "HardshrinkBackwardBackward0",
    "shrink_backward(grad_output, self, lambd)",
    grad_output=lambda xp, grad, self, lambd: xp.shrink_backward(grad, self, lambd),
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, grad_output_t, self, lambd: xp.shrink_backward(grad_output_t, self, lambd),
)
softshrink_backward = op(
    "SoftshrinkBackwardBackward0",
    "softshrink_backward(grad_output, self, lambd)",
    grad_output=lambda xp, grad, self, lambd: xp.softshrink_backward(grad, self, lambd),
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, grad_output_t, self, lambd: xp.softshrink_backward(
        grad_output_t, self, lambd
    ),
)

# Exponential --------------------------------------------------------------------------------------

elu = op(
    "EluBackward0",
    "elu(self, alpha, scale, input_scale)",
    refuses={"bic": no_kernel("elu_cpu")},
    self=lambda xp, grad, self, alpha, scale, input_scale: xp.elu_backward(
        grad, alpha, scale, input_scale, False, self
    ),
    tangent=POINTWISE,
)
elu_written = op(
    "EluBackward1",
    "elu_written(self, alpha, scale, input_scale)",
    kernel=lambda xp, self, alpha, scale, input_scale: xp.elu(self, alpha, scale, input_scale),
    refuses={"bic": no_kernel("elu_cpu")},
    self=lambda xp, grad, result, alpha, scale, input_scale: xp.elu_backward(
        grad, alpha, scale, input_scale, True, result
    ),
    tangent=POINTWISE,
)
celu = op(
    "CeluBackward0",
    "celu(self, alpha)",
    kernel=lambda xp, self, alpha: xp.elu(self, alpha, 1, 1 / alpha),
    refuses={"bic": no_kernel("elu_cpu")},
    self=lambda xp, grad, self, alpha: xp.elu_backward(
        grad, alpha, 1, inverse_in_single(alpha), False, self
    ),
    tangent=POINTWISE,
)
celu_written = op(
    "CeluBackward1",
    "celu_written(self, alpha)",
    kernel=lambda xp, self, alpha: xp.elu(self, alpha, 1, 1 / alpha),
    refuses={"bic": no_kernel("elu_cpu")},
    self=lambda xp, grad, result, alpha: xp.elu_backward(
        grad, alpha, 1, inverse_in_single(alpha), True, result
    ),
    tangent=POINTWISE,
)
elu_backward = op(
    "EluBackwardBackward0",
    "elu_backward(grad_output, alpha, scale, input_scale, is_result, self_or_result)",
    grad_output=lambda xp, grad, alpha, scale, input_scale, is_result, self_or_result: (
        xp.elu_backward(grad, alpha, scale, input_scale, is_result, self_or_result)
    ),
    self_or_result=elu_double_backward,
    tangent=elu_backward_tangent,
)
gelu = op(
    "GeluBackward0",
    "gelu(self, approximate)",
    refuses={"bic": no_kernel("GeluKernelImpl")},
    self=lambda xp, grad, self, approximate: xp.gelu_backward(grad, self, approximate),
    tangent=POINTWISE,
)
gelu_backward = op(
    "GeluBackwardBackward0",
    "gelu_backward(grad_output, self, approximate)",
    grad_output=lambda xp, grad, self, approximate: xp.gelu_backward(grad, self, approximate),
    self=gelu_double_backward,
    tangent=lambda xp, grad_output, self, grad_output_t, self_t, approximate: (
        xp.gelu_backward(grad_output_t, self, approximate)
        + gelu_double_backward(xp, self_t, grad_output, self, approximate)
    ),
)
silu = op(
    "SiluBackward0",
    "silu(self)",
    complex_gradient=False,
    refuses={"bi": no_kernel("silu_cpu")},
    self=silu_derivative,
    tangent=POINTWISE,
)
mish = op(
    "MishBackward0",
    "mish(self)",
    refuses={"bic": no_kernel("mish_cpu")},
    self=mish_derivative,
    tangent=POINTWISE,
)
softplus = op(
    "SoftplusBackward0",
    "softplus(self, beta=1, threshold=20)",
    refuses={"bic": no_kernel("softplus_cpu")},
    self=lambda xp, grad, self, beta, threshold: xp.softplus_backward(grad, self, beta, threshold),
    tangent=POINTWISE,
)
softplus_backward = op(
    "SoftplusBackwardBackward0",
    "softplus_backward(grad_output, self, beta, threshold)",
    grad_output=lambda xp, grad, self, beta, threshold: xp.softplus_backward(
        grad, self, beta, threshold
    ),
    self=lambda xp, grad, grad_output, self, beta, threshold: softplus_double_backward(
        xp, grad * grad_output, self, beta, threshold
    ),
    tangent=lambda xp, grad_output, self, grad_output_t, self_t, beta, threshold: (
        xp.softplus_backward(grad_output_t, self, beta, threshold)
        + softplus_double_backward(xp, self_t * grad_output, self, beta, threshold)
    ),
)
log_sigmoid_forward = op(
    "LogSigmoidBackward0",
    "log_sigmoid_forward(self)",
    outputs="output buffer",
    fixed_outputs="buffer",
    refuses={"bic": no_kernel("log_sigmoid_cpu")},
    self=lambda xp, grad, self, buffer: xp.log_sigmoid_backward(grad, self, buffer),
    tangent=lambda xp, self, self_t, buffer: xp.log_sigmoid_backward(self_t, self, buffer),
)
log_sigmoid_backward = op(
    "LogSigmoidBackwardBackward0",
    "log_sigmoid_backward(grad_output, self, buffer)",
    layout=strides_of_first,
    grad_output=lambda xp, grad, self, buffer: xp.log_sigmoid_backward(grad, self, buffer),
    self=lambda xp, grad, grad_output, self: log_sigmoid_double_backward(
        xp, grad * grad_output, self
    ),
    buffer=NON_DIFFERENTIABLE,
    tangent=lambda xp, grad_output, self, buffer, grad_output_t, self_t: (
        xp.log_sigmoid_backward(grad_output_t, self, buffer)
        + log_sigmoid_double_backward(xp, self_t * grad_output, self)
    ),
)

# Gated --------------------------------------------------------------------------------------------

glu = op(
    "GluBackward0",
    "glu(self, dim)",
    layout=lambda shape, shapes, strides: pointwise_strides(shape, (shape, shape), strides * 2),
    refuses={"bic": no_kernel("glu_cpu")},
    self=lambda xp, grad, self, dim: xp.glu_backward(grad, self, dim),
    tangent=glu_tangent,
)
glu_backward = op(
    "GluBackwardBackward0",
    "glu_backward(grad_output, self, dim)",
    elementwise=False,
    grad_output=glu_backward_grad_output,
    self=glu_backward_self,
    tangent=glu_backward_tangent,
)
