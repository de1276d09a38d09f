"""Pointwise arithmetic, powers, signs and roundings: kernel, gradients, tangent."""

from __future__ import annotations

import math
from typing import Any

from ..derivatives import ANY_BOOL, HIDDEN, INT_TO_FLOAT, NUMBER, POINTWISE, Refusal, no_kernel, op
from ..sizes import (
    Layout,
    Shape,
    pointwise_strides,
    row_major,
    row_major_strides,
    strides_beside_number,
)
from .pointwise_formulas import (
    copysign_backward,
    div_mode_other_backward,
    div_mode_self_backward,
    div_other_backward,
    not_implemented,
    pow_base_backward,
    pow_exponent_backward,
    pow_scalar_backward,
    pow_self_backward,
    sgn_backward,
)

NOT_IMPLEMENTED = "torch::autograd::NotImplemented"
NEGATED_BOOL = Refusal(
    RuntimeError,
    "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a "
    "mask, use the `~` or `logical_not()` operator instead.",
)
NO_BOOL_SUBTRACTION = {
    "b": Refusal(
        RuntimeError,
        "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
        "`logical_xor()` operator instead.",
    ),
    ANY_BOOL: Refusal(
        RuntimeError,
        "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to "
        "invert a mask, use the `~` or `logical_not()` operator instead.",
    ),
}

# Arithmetic ---------------------------------------------------------------------------------------

add = op(
    "AddBackward0",
    "add(self, other)",
    shown={"alpha": 1},
    self=lambda grad: grad,
    other=lambda grad: grad,
    tangent=lambda self_t, other_t: self_t + other_t,
)
add_scaled = op(
    "AddBackward0",
    "add_scaled(self, other, alpha)",
    self=lambda grad: grad,
    other=lambda grad, alpha: grad * alpha.conjugate(),
    tangent=lambda self_t, other_t, alpha: self_t + other_t * alpha,
)
add_scalar = op(
    "AddBackward1",
    "add_scalar(self, other)",
    layout=strides_beside_number,
    other=NUMBER,
    self=lambda grad: grad,
    tangent=POINTWISE,
)
sub = op(
    "SubBackward0",
    "sub(self, other)",
    shown={"alpha": 1},
    refuses=NO_BOOL_SUBTRACTION,
    self=lambda grad: grad,
    other=lambda grad: -grad,
    tangent=lambda self_t, other_t: self_t - other_t,
)
sub_scaled = op(
    "SubBackward0",
    "sub_scaled(self, other, alpha)",
    refuses=NO_BOOL_SUBTRACTION,
    self=lambda grad: grad,
    other=lambda grad, alpha: -grad * alpha.conjugate(),
    tangent=lambda self_t, other_t, alpha: self_t - other_t * alpha,
)
sub_scalar = op(
    "SubBackward1",
    "sub_scalar(self, other)",
    layout=strides_beside_number,
    kernel=lambda xp, self, other: xp.sub(self, xp.scalar_like(self, other)),
    other=NUMBER,
    self=lambda grad: grad,
    tangent=POINTWISE,
)
rsub = op(
    "RsubBackward0",
    "rsub(self, other, alpha=1)",
    refuses=NO_BOOL_SUBTRACTION,
    self=lambda grad, alpha: -grad if alpha == 1 else -grad * alpha.conjugate(),
    other=lambda grad: grad,
    tangent=lambda self_t, other_t, alpha: (
        other_t - self_t if alpha == 1 else other_t - self_t * alpha
    ),
)
rsub_scalar = op(
    "RsubBackward1",
    "rsub_scalar(self, other, alpha=1)",
    layout=strides_beside_number,
    other=NUMBER,
    refuses=NO_BOOL_SUBTRACTION,
    self=lambda grad, alpha: -grad if alpha == 1 else -grad * alpha.conjugate(),
    tangent=POINTWISE,
)
mul = op(
    "MulBackward0",
    "mul(self, other)",
    self=lambda xp, grad, other: grad * xp.conj(other),
    other=lambda xp, grad, self: grad * xp.conj(self),
    tangent=lambda self, other, self_t, other_t: other_t * self + self_t * other,
)
mul_scalar = op(
    "MulBackward1",
    "mul_scalar(self, other)",
    layout=strides_beside_number,
    other=NUMBER,
    self=lambda grad, other: grad * other.conjugate(),
    tangent=lambda xp, self_t, other: xp.mul_scalar(self_t, other),
)
div = op(
    "DivBackward0",
    "div(self, other)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, other: grad / xp.conj(other),
    other=div_other_backward,
    tangent=lambda self_t, other_t, other, result: (self_t - other_t * result) / other,
)
div_scalar = op(
    "DivBackward1",
    "div_scalar(self, other)",
    layout=strides_beside_number,
    other=NUMBER,
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, other: xp.div_scalar(grad, other.conjugate()),
    tangent=lambda xp, self_t, other: xp.div_scalar(self_t, other),
)
div_true = op(
    "DivBackward2",
    "div_true(self, other)",
    shown={"rounding_mode": None},
    kernel=lambda xp, self, other: xp.div(self, other),
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, other: grad / xp.conj(other),
    other=div_other_backward,
    tangent=lambda self_t, other_t, self, other: self_t / other - other_t * (self / other) / other,
)
div_floor = op(
    "DivBackward2",
    "div_floor(self, other)",
    shown={"rounding_mode": "floor"},
    kernel=lambda xp, self, other: xp.floor_divide(self, other),
    refuses={"bc": no_kernel("div_floor_cpu")},
    self=div_mode_self_backward,
    other=div_mode_other_backward,
    tangent=lambda xp, result: xp.zeros_like(result),
)
div_trunc = op(
    "DivBackward2",
    "div_trunc(self, other)",
    shown={"rounding_mode": "trunc"},
    refuses={"bc": no_kernel("div_trunc_cpu")},
    self=div_mode_self_backward,
    other=div_mode_other_backward,
    tangent=lambda xp, result: xp.zeros_like(result),
)


def _floor_divide(name: str) -> Any:
    function = op(
        NOT_IMPLEMENTED,
        f"{name}(self, other)",
        kernel=lambda xp, self, other: xp.floor_divide(self, other),
        refuses={"bc": no_kernel("div_floor_cpu")},
        self=not_implemented(name),
        other=not_implemented(name),
    )
    function.entry.exact_number = True
    return function


floor_divide = _floor_divide("floor_divide")
floor_divide.inplace = _floor_divide("floor_divide_").inplace
remainder = op(
    "RemainderBackward1",
    "remainder(self, other)",
    refuses={"bc": no_kernel("remainder_cpu")},
    self=lambda grad: grad,
    other=lambda xp, grad, self, other: -grad * xp.div_floor(self, other),
    tangent=lambda xp, self, other, self_t, other_t: self_t - other_t * xp.div_floor(self, other),
)
remainder_scalar = op(
    "RemainderBackward0",
    "remainder_scalar(self, other)",
    layout=strides_beside_number,
    kernel=lambda xp, self, other: xp.remainder(self, xp.scalar_like(self, other)),
    other=NUMBER,
    refuses={"bc": no_kernel("remainder_cpu")},
    self=lambda grad: grad,
    tangent=POINTWISE,
)
remainder_of_number = op(
    NOT_IMPLEMENTED,
    "remainder_of_number(self, other)",
    layout=strides_beside_number,
    aten="remainder",
    kernel=lambda xp, self, other: xp.remainder(xp.scalar_like(other, self), other),
    self=NUMBER,
    refuses={"bc": no_kernel("remainder_cpu")},
    other=not_implemented("remainder"),
)
fmod = op(
    "FmodBackward1",
    "fmod(self, other)",
    refuses={"bc": no_kernel("fmod_cpu")},
    self=lambda grad: grad,
    other=lambda xp, grad, self, other: -grad * xp.div_trunc(self, other),
    tangent=lambda xp, self, other, self_t, other_t: self_t - other_t * xp.div_trunc(self, other),
)
fmod_scalar = op(
    "FmodBackward0",
    "fmod_scalar(self, other)",
    layout=strides_beside_number,
    kernel=lambda xp, self, other: xp.fmod(self, xp.scalar_like(self, other)),
    other=NUMBER,
    refuses={"bc": no_kernel("fmod_cpu")},
    self=lambda grad: grad,
    tangent=POINTWISE,
)
for _function in (mul, mul_scalar, div, div_scalar, div_true, div_floor, div_trunc):
    _function.entry.exact_number = True
for _of_tensors, _of_number in (
    (add, add_scalar),
    (sub, sub_scalar),
    (mul, mul_scalar),
    (div, div_scalar),
):
    _of_tensors.entry.of_number_in_formulas = _of_number
neg = op(
    "NegBackward0",
    "neg(self)",
    refuses={"b": NEGATED_BOOL},
    self=lambda grad: -grad,
    tangent=POINTWISE,
)
reciprocal = op(
    "ReciprocalBackward0",
    "reciprocal(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, result: -grad * xp.conj(result * result),
    tangent=POINTWISE,
)
addcmul = op(
    "AddcmulBackward0",
    "addcmul(self, tensor1, tensor2, value=1)",
    refuses={"b": no_kernel("addcmul_cpu_out")},
    self=lambda grad: grad,
    tensor1=lambda xp, grad, tensor2, value: grad * xp.conj(tensor2 * value),
    tensor2=lambda xp, grad, tensor1, value: grad * xp.conj(tensor1 * value),
    tangent=lambda self_t, tensor1_t, tensor2_t, tensor1, tensor2, value: (
        self_t + tensor1_t * tensor2 * value + tensor2_t * tensor1 * value
    ),
)
addcdiv = op(
    "AddcdivBackward0",
    "addcdiv(self, tensor1, tensor2, value=1)",
    self=lambda grad: grad,
    tensor1=lambda xp, grad, tensor2, value: grad * xp.conj(value / tensor2),
    tensor2=lambda xp, grad, tensor1, tensor2, value: (
        -grad * xp.conj(tensor1 * value / (tensor2 * tensor2))
    ),
    tangent=lambda self_t, tensor1_t, tensor2_t, tensor1, tensor2, value: (
        self_t + tensor1_t / tensor2 * value - tensor2_t * (tensor1 / tensor2) / tensor2 * value
    ),
)
lerp = op(
    "LerpBackward1",
    "lerp(self, end, weight)",
    refuses={"bi": no_kernel("lerp_kernel_tensor")},
    self=lambda xp, grad, weight: grad * xp.conj(1 - weight),
    end=lambda xp, grad, weight: grad * xp.conj(weight),
    weight=lambda xp, grad, self, end: grad * xp.conj(end - self),
    tangent=lambda xp, self, end, weight, self_t, end_t, weight_t: (
        xp.lerp(self_t, end_t, weight) + weight_t * (end - self)
    ),
)
lerp_scalar = op(
    "LerpBackward0",
    "lerp_scalar(self, end, weight)",
    refuses={"bi": no_kernel("lerp_kernel_scalar")},
    self=lambda grad, weight: grad * (1 - weight.conjugate()),
    end=lambda grad, weight: grad * weight.conjugate(),
    tangent=lambda xp, self_t, end_t, weight: xp.lerp_scalar(self_t, end_t, weight),
)

# Powers -------------------------------------------------------------------------------------------

pow = op(
    "PowBackward1",
    "pow(self, exponent)",
    refuses={"b": no_kernel("pow")},
    self=pow_self_backward,
    exponent=pow_exponent_backward,
    tangent=POINTWISE,
)
pow_scalar = op(
    "PowBackward0",
    "pow_scalar(self, exponent)",
    exponent=NUMBER,
    self=pow_scalar_backward,
    tangent=POINTWISE,
)
pow_base = op(
    "PowBackward2",
    "pow_base(self, exponent)",
    layout=row_major_strides,
    kernel=lambda xp, self, exponent: xp.pow(xp.scalar_like(exponent, self), exponent),
    self=NUMBER,
    refuses={"b": no_kernel("pow")},
    exponent=pow_base_backward,
    tangent=POINTWISE,
)
sqrt = op(
    "SqrtBackward0",
    "sqrt(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, result: grad / xp.mul_scalar(xp.conj(result), 2),
    tangent=POINTWISE,
)
rsqrt = op(
    "RsqrtBackward0",
    "rsqrt(self)",
    promote=INT_TO_FLOAT,
    self=lambda xp, grad, result: -0.5 * grad * xp.conj(xp.pow_scalar(result, 3)),
    tangent=POINTWISE,
)
hypot = op(
    "HypotBackward0",
    "hypot(self, other)",
    refuses={"bic": no_kernel("hypot_cpu")},
    self=lambda grad, self, result: grad * self / result,
    other=lambda grad, other, result: grad * other / result,
    tangent=lambda self, other, self_t, other_t, result: (
        self_t * self / result + other_t * other / result
    ),
)


def _beside_rows(shape: Shape, shapes: tuple[Shape, ...], strides: tuple[Shape, ...]) -> Shape:
    """Return the strides of a product with a power of a number, which is row-major."""
    return pointwise_strides(shape, shapes, (strides[0], row_major(shapes[1])))


def _ldexp(
    name: str,
    kernel: Any = None,
    layout: Layout = pointwise_strides,
    refuses: dict[str, Refusal] | None = None,
) -> Any:
    return op(
        "LdexpBackward0",
        f"{name}(self, other)",
        kernel=kernel,
        aten="ldexp",
        layout=layout,
        refuses=refuses,
        promote=INT_TO_FLOAT,
        self=lambda xp, grad, other: grad * xp.conj(xp.pow_base(2.0, other)),
        other=lambda xp, grad, result: grad * xp.conj(result) * math.log(2),
        tangent=lambda xp, self_t, other_t, other, result: (
            self_t * xp.pow_base(2.0, other) + other_t * result * math.log(2)
        ),
    )


def _times_power(xp: Any, self: Any, other: Any) -> Any:
    return xp.mul(self, xp.pow_base(2.0, other))


ldexp = _ldexp("ldexp", _times_power, layout=_beside_rows)
ldexp_of_kind = _ldexp("ldexp_of_kind", _times_power)  # of floats that are not single
for _product in (ldexp, ldexp_of_kind):
    _product.entry.streamed = ()  # torch multiplies by a power of its own
    _product.entry.exact_number = True
ldexp_whole = _ldexp(  # of floats by integers
    "ldexp_whole",
    refuses={ANY_BOOL: no_kernel("ldexp_cpu_exp")},
)

# Signs and roundings ------------------------------------------------------------------------------

abs = op(
    "AbsBackward0",
    "abs(self)",
    layout=pointwise_strides,
    refuses={"b": no_kernel("abs_cpu")},
    self=lambda xp, grad, self: xp.as_dtype_of(grad, self) * xp.sgn(self),
    tangent=lambda xp, self, self_t: xp.conj(self_t) * xp.sgn(self),
)
sign = op(
    "SignBackward0",
    "sign(self)",
    refuses={
        "c": Refusal(
            NotImplementedError,
            "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use "
            "torch.sgn instead.",
        )
    },
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=POINTWISE,
)
sgn = op(
    "SgnBackward0",
    "sgn(self)",
    layout=pointwise_strides,
    self=lambda xp, grad, self, result: sgn_backward(xp, grad, self, result),
    tangent=lambda xp, self, self_t, result: sgn_backward(xp, self_t, self, result),
)
copysign = op(
    "CopysignBackward0",
    "copysign(self, other)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("copysign_cpu")},
    self=copysign_backward,
    other=lambda xp, grad, other_shape: xp.new_zeros(grad, other_shape),
    writes={"other": 1},
    shown={"other_sym_sizes": HIDDEN},
    tangent=lambda xp, self, self_t, result: copysign_backward(xp, self_t, self, result),
)
copysign_scalar = op(
    "CopysignBackward1",
    "copysign_scalar(self, other)",
    layout=strides_beside_number,
    kernel=lambda xp, self, other: xp.copysign(self, xp.scalar_like(self, other)),
    promote=INT_TO_FLOAT,
    other=NUMBER,
    refuses={"c": no_kernel("copysign_cpu")},
    self=copysign_backward,
    tangent=POINTWISE,
)
nextafter = op(
    "NextafterBackward0",
    "nextafter(self, other)",
    refuses={"bic": no_kernel("nextafter_cpu")},
    self=lambda xp, grad, self, other: xp.where(self != other, grad, 0),
    other=lambda xp, other: xp.new_zeros(other, other.shape),
    writes={"other": 1},
    tangent=lambda xp, self, other, self_t: xp.where(self != other, self_t, 0),
)


def _rounding(name: str, kernel: str, complex_refusal: Refusal | None = None) -> Any:
    """Return the entry of a function that is constant between its steps."""
    refusal = no_kernel(kernel)
    return op(
        f"{name.capitalize()}Backward0",
        f"{name}(self)",
        refuses={"b": refusal, "c": complex_refusal or refusal},
        self=lambda xp, grad: xp.zeros_like(grad),
        tangent=POINTWISE,
    )


ceil = _rounding(
    "ceil",
    "ceil_vml_cpu",
    Refusal(NotImplementedError, "ceil is not supported for complex inputs"),
)
floor = _rounding(
    "floor",
    "floor_vml_cpu",
    Refusal(NotImplementedError, "floor is not supported for complex inputs"),
)
trunc = _rounding(
    "trunc",
    "trunc_vml_cpu",
    Refusal(NotImplementedError, "trunc is not supported for complex inputs"),
)
round = _rounding("round", "round_vml_cpu")
round_decimals = op(
    "RoundBackward1",
    "round_decimals(self, decimals)",
    refuses={"bic": no_kernel("round_cpu")},
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=POINTWISE,
)
frac = op(
    "FracBackward0",
    "frac(self)",
    refuses={"bic": no_kernel("frac_cpu")},
    self=lambda grad: grad,
    tangent=POINTWISE,
)
frexp = op(
    "FrexpBackward0",
    "frexp(self)",
    outputs="mantissa exponent",
    fixed_outputs="exponent",
    refuses={"bic": Refusal(RuntimeError, "torch.frexp() only supports floating-point dtypes")},
    self=lambda xp, grad, exponent: grad / xp.exp2(xp.as_dtype_of(exponent, grad)),
    tangent=lambda xp, self_t, exponent: self_t / xp.exp2(exponent),
)
