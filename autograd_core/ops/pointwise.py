"""Pointwise arithmetic, comparison and elementary functions: kernel, gradients, tangent."""

from __future__ import annotations

from ..derivatives import INT_TO_FLOAT, LINEAR, NON_DIFFERENTIABLE, OPERAND, POINTWISE, op
from .pointwise_formulas import (
    div_other_backward,
    pow_exponent_backward,
    pow_scalar_backward,
    pow_self_backward,
)

# Arithmetic ---------------------------------------------------------------------------------------

add = op(
    "AddBackward0",
    "add(self, other)",
    self=lambda grad: grad,
    other=lambda grad: grad,
    tangent=lambda self_t, other_t: self_t + other_t,
)
add_scaled = op(
    "AddBackward0",
    "add_scaled(self, other, alpha)",
    kernel=lambda xp, self, other, alpha: xp.add(self, xp.mul(other, alpha)),
    self=lambda grad: grad,
    other=lambda grad, alpha: grad * alpha.conjugate(),
    tangent=lambda self_t, other_t, alpha: self_t + other_t * alpha,
)
sub = op(
    "SubBackward0",
    "sub(self, other)",
    self=lambda grad: grad,
    other=lambda grad: -grad,
    tangent=lambda self_t, other_t: self_t - other_t,
)
sub_scaled = op(
    "SubBackward0",
    "sub_scaled(self, other, alpha)",
    kernel=lambda xp, self, other, alpha: xp.sub(self, xp.mul(other, alpha)),
    self=lambda grad: grad,
    other=lambda grad, alpha: -grad * alpha.conjugate(),
    tangent=lambda self_t, other_t, alpha: self_t - other_t * alpha,
)
rsub = op(
    "RsubBackward1",
    "rsub(self, other)",
    kernel=lambda xp, self, other: xp.sub(other, self),
    self=lambda grad: -grad,
    other=lambda grad: grad,
    tangent=lambda self_t, other_t: other_t - self_t,
)
mul = op(
    "MulBackward0",
    "mul(self, other)",
    self=lambda xp, grad, other: grad * xp.conj(other),
    other=lambda xp, grad, self: grad * xp.conj(self),
    tangent=lambda self, other, self_t, other_t: self_t * other + other_t * self,
)
div = op(
    "DivBackward0",
    "div(self, other)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, other: grad / xp.conj(other),
    other=div_other_backward,
    tangent=lambda self_t, other_t, other, result: (self_t - other_t * result) / other,
)
neg = op("NegBackward0", "neg(self)", self=lambda grad: -grad, tangent=LINEAR)
pow = op(
    "PowBackward1",
    "pow(self, exponent)",
    self=pow_self_backward,
    exponent=pow_exponent_backward,
    tangent=POINTWISE,
)
pow_scalar = op(
    "PowBackward0",
    "pow_scalar(self, exponent)",
    self=pow_scalar_backward,
    tangent=POINTWISE,
)

# Elementary functions -----------------------------------------------------------------------------

exp = op(
    "ExpBackward0",
    "exp(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, result: grad * xp.conj(result),
    tangent=POINTWISE,
)
log = op(
    "LogBackward0",
    "log(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, self: grad / xp.conj(self),
    tangent=POINTWISE,
)
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

# Comparison: no gradient --------------------------------------------------------------------------

eq = op("", "eq(self, other)", self=OPERAND, other=OPERAND)
ne = op("", "ne(self, other)", self=OPERAND, other=OPERAND)

where = op(
    "WhereBackward0",
    "where(condition, self, other)",
    condition=NON_DIFFERENTIABLE,
    self=lambda xp, grad, condition: xp.where(condition, grad, 0),
    other=lambda xp, grad, condition: xp.where(condition, 0, grad),
    tangent=lambda xp, condition, self_t, other_t: xp.where(condition, self_t, other_t),
)

conj_complex = op(
    "ConjBackward0",
    "conj_physical(self)",
    self=lambda xp, grad: xp.conj(grad),
    tangent=lambda xp, self_t: xp.conj(self_t),
)
