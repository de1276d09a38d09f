"""Exponentials, logarithms, trigonometric and hyperbolic functions: kernel, gradients, tangent."""

from __future__ import annotations

import math
from typing import Any

from ..derivatives import INT_TO_FLOAT, JOINT, POINTWISE, Refusal, no_kernel, op
from ..sizes import strides_of_first
from .pointwise_formulas import (
    acosh_backward,
    atan2_backward,
    atan2_tangent,
    no_derivative,
    sinc_backward,
)

# Exponentials and logarithms ----------------------------------------------------------------------

exp = op(
    "ExpBackward0",
    "exp(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, result: grad * xp.conj(result),
    tangent=POINTWISE,
)
exp2 = op(
    "Exp2Backward0",
    "exp2(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, result: grad * xp.conj(result) * math.log(2),
    tangent=POINTWISE,
)
expm1 = op(
    "Expm1Backward0",
    "expm1(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, result: grad * (xp.conj(result) + 1),
    tangent=POINTWISE,
)
log = op(
    "LogBackward0",
    "log(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad / xp.conj(self),
    tangent=POINTWISE,
)
log2 = op(
    "Log2Backward0",
    "log2(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad / (xp.conj(self) * math.log(2)),
    tangent=POINTWISE,
)
log10 = op(
    "Log10Backward0",
    "log10(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad / (xp.conj(self) * math.log(10)),
    tangent=POINTWISE,
)
log1p = op(
    "Log1PBackward0",
    "log1p(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad / xp.conj(self + 1),
    tangent=POINTWISE,
)
logaddexp = op(
    "LogaddexpBackward0",
    "logaddexp(self, other)",
    refuses={"bi": no_kernel("logaddexp_cpu")},
    self=lambda xp, grad, self, other: grad / xp.conj(1 + xp.exp(other - self)),
    other=lambda xp, grad, self, other: grad / xp.conj(1 + xp.exp(self - other)),
    tangent=lambda xp, self, other, self_t, other_t: (
        self_t / (1 + xp.exp(other - self)) + other_t / (1 + xp.exp(self - other))
    ),
)
logaddexp2 = op(
    "Logaddexp2Backward0",
    "logaddexp2(self, other)",
    refuses={"bic": no_kernel("logaddexp2_cpu")},
    self=lambda xp, grad, self, other: grad / (1 + xp.pow_base(2, other - self)),
    other=lambda xp, grad, self, other: grad / (1 + xp.pow_base(2, self - other)),
    tangent=lambda xp, self, other, self_t, other_t: (
        self_t / (1 + xp.pow_base(2, other - self)) + other_t / (1 + xp.pow_base(2, self - other))
    ),
)

# Trigonometric and hyperbolic functions -----------------------------------------------------------

sin = op(
    "SinBackward0",
    "sin(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad * xp.conj(xp.cos(self)),
    tangent=POINTWISE,
)
cos = op(
    "CosBackward0",
    "cos(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad * xp.conj(-xp.sin(self)),
    tangent=POINTWISE,
)
tan = op(
    "TanBackward0",
    "tan(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, result: grad * xp.conj(1 + xp.pow_scalar(result, 2)),
    tangent=POINTWISE,
)
asin = op(
    "AsinBackward0",
    "asin(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad * xp.conj(xp.rsqrt(-self * self + 1)),
    tangent=POINTWISE,
)
acos = op(
    "AcosBackward0",
    "acos(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad * xp.conj(-xp.rsqrt(-self * self + 1)),
    tangent=POINTWISE,
)
atan = op(
    "AtanBackward0",
    "atan(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad / xp.conj(self * self + 1),
    tangent=POINTWISE,
)
atan2 = op(
    "Atan2Backward0",
    "atan2(self, other)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("atan2_cpu")},
    joint=atan2_backward,
    self=JOINT,
    other=JOINT,
    tangent=atan2_tangent,
)
sinh = op(
    "SinhBackward0",
    "sinh(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad * xp.conj(xp.cosh(self)),
    tangent=POINTWISE,
)
cosh = op(
    "CoshBackward0",
    "cosh(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad * xp.conj(xp.sinh(self)),
    tangent=POINTWISE,
)
asinh = op(
    "AsinhBackward0",
    "asinh(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad * xp.conj(xp.rsqrt(xp.pow_scalar(self, 2) + 1)),
    tangent=POINTWISE,
)
acosh = op(
    "AcoshBackward0",
    "acosh(self)",
    promote=INT_TO_FLOAT,
    self=acosh_backward,
    tangent=POINTWISE,
)
atanh = op(
    "AtanhBackward0",
    "atanh(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad * 1 / xp.conj(1 - xp.pow_scalar(self, 2)),
    tangent=POINTWISE,
)


def _without_derivative(name: str, node: str) -> Any:
    """Return the in-place form of a function that torch cannot differentiate in place."""
    return op(
        node,
        f"{name}_written(self)",
        aten=f"{name}_",
        kernel=lambda xp, self: getattr(xp, name)(self),
        promote=INT_TO_FLOAT,
        self=no_derivative(f"inplace version of {name}"),
    ).inplace


asinh.inplace = _without_derivative("asinh", "AsinhBackward1")
acosh.inplace = _without_derivative("acosh", "AcoshBackward1")
atanh.inplace = _without_derivative("atanh", "AtanhBackward1")
sinc = op(
    "SincBackward0",
    "sinc(self)",
    promote=INT_TO_FLOAT,
    self=sinc_backward,
    tangent=POINTWISE,
)
deg2rad = op(
    "Deg2RadBackward0",
    "deg2rad(self)",
    layout=strides_of_first,
    promote=INT_TO_FLOAT,
    refuses={"c": Refusal(RuntimeError, "deg2rad is not supported for complex tensors.")},
    self=lambda grad: grad * (math.pi / 180),
    tangent=POINTWISE,
)
rad2deg = op(
    "Rad2DegBackward0",
    "rad2deg(self)",
    layout=strides_of_first,
    promote=INT_TO_FLOAT,
    refuses={"c": Refusal(RuntimeError, "rad2deg is not supported for complex tensors.")},
    self=lambda grad: grad * (180 / math.pi),
    tangent=POINTWISE,
)
