"""torch's pointwise functions and methods: overloads by kind of operand, and checks."""

from __future__ import annotations

from typing import Any

from .. import dtypes, ops
from ..batching import DYNAMIC, NO_FALLBACK, member_by_member
from ..composites import pointwise as composites
from ..dtypes import LEGACY_NAMES, float32, not_implemented_for
from ..engine.levels import refuse_in_batch
from ..engine.modes import no_grad
from ..return_types import return_type
from ..sizes import broadcast_shapes
from ..tensor import C_NAMES, Tensor
from ..versions import bump_version
from .overloads import no_overload
from .registration import (
    PUBLISHED,
    accepts_out,
    alias,
    binary,
    function,
    method,
    require_tensor,
    unary,
)

FREXP = return_type("frexp", "mantissa exponent")

# One operand --------------------------------------------------------------------------------------

for _name in [
    "abs",
    "neg",
    "sgn",
    "sign",
    "reciprocal",
    "sqrt",
    "rsqrt",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "sinc",
    "deg2rad",
    "rad2deg",
    "frac",
    "sigmoid",
    "erf",
    "erfc",
    "erfinv",
    "lgamma",
    "digamma",
    "i0",
    "logical_not",
    "bitwise_not",
]:
    unary(_name, getattr(ops, _name))
for _name in ["signbit", "isnan", "isposinf", "isneginf", "angle"]:
    unary(_name, getattr(ops, _name), inplace=False)
method(function(composites.isfinite))
method(function(composites.isinf))


def _abs_(input: Tensor) -> Tensor:
    """Absolute value in place; not for complex."""
    if input._dtype.is_complex:
        raise RuntimeError("In-place abs is not supported for complex tensors.")
    return ops.abs.inplace(input)


function(_abs_, name="abs_")
method(_abs_, name="abs_")


@function
@method
@accepts_out(elementwise=True)
def square(input: Tensor) -> Tensor:
    """input ** 2."""
    require_tensor("square", input)
    return ops.square(input)


@function
@method
@member_by_member("square_", inplace=True)
def square_(input: Tensor) -> Tensor:
    """Square in place."""
    return ops.pow_scalar.inplace(input, 2)


def _unchanged(input: Tensor) -> Tensor:
    """Count an in-place call on integers, which are whole already."""
    bump_version(input)
    return input


def _rounding(name: str) -> None:
    """Publish a rounding function, which gives a copy of integers."""
    op = getattr(ops, name)

    def rounded(input: Tensor) -> Tensor:
        require_tensor(name, input)
        return ops.pow_scalar(input, 1) if input._dtype.category == 1 else op(input)

    def rounded_(input: Tensor) -> Tensor:
        return _unchanged(input) if input._dtype.category == 1 else op.inplace(input)

    rounded.__name__ = rounded.__qualname__ = name
    rounded_.__name__ = rounded_.__qualname__ = f"{name}_"
    function(accepts_out(rounded))
    method(rounded)
    function(rounded_)
    method(rounded_)


for _name in ("ceil", "floor", "trunc"):
    _rounding(_name)


@function
@method
@accepts_out(elementwise=True)
def round(input: Tensor, *, decimals: int | None = None) -> Tensor:
    """The nearest integer, halves to even; or to a number of decimals."""
    require_tensor("round", input)
    if decimals is not None:
        return ops.round_decimals(input, decimals)
    return ops.pow_scalar(input, 1) if input._dtype.category == 1 else ops.round(input)


@function
@method
def round_(input: Tensor, *, decimals: int | None = None) -> Tensor:
    """Round in place."""
    if decimals is not None:
        return ops.round_decimals.inplace(input, decimals)
    return _unchanged(input) if input._dtype.category == 1 else ops.round.inplace(input)


@function
@method
def positive(input: Tensor) -> Tensor:
    """The tensor itself."""
    if input._dtype is dtypes.bool_:
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


@function
@method
@accepts_out(elementwise=True)
def nan_to_num(
    input: Tensor,
    nan: float | None = None,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Tensor:
    """NaN and infinities replaced."""
    return ops.nan_to_num(input, nan, posinf, neginf)


@function
@method
def nan_to_num_(
    input: Tensor,
    nan: float | None = None,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Tensor:
    """Replace NaN and infinities in place."""
    return ops.nan_to_num.inplace(input, nan, posinf, neginf)


@function
@method
@accepts_out(elementwise=True)
def logit(input: Tensor, eps: float | None = None) -> Tensor:
    """log(x / (1 - x))."""
    require_tensor("logit", input)
    return ops.logit(input, eps)


@function
@method
def logit_(input: Tensor, eps: float | None = None) -> Tensor:
    """log(x / (1 - x)) in place."""
    return ops.logit.inplace(input, eps)


@function
@accepts_out(elementwise=True)
def polygamma(n: int, input: Tensor) -> Tensor:
    """The n-th derivative of digamma."""
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    _refuse_polygamma(n, input)
    return ops.polygamma(n, input)


def _refuse_polygamma(n: int, input: Tensor) -> None:
    """Refuse complex numbers by the name of the kernel that torch has for the derivative."""
    if n < 2 and input._dtype.is_complex:
        raise not_implemented_for("trigamma" if n else "digamma", input._dtype)


@method(name="polygamma")
def _polygamma(input: Tensor, n: int) -> Tensor:
    return polygamma(n, input)


@method
def polygamma_(input: Tensor, n: int) -> Tensor:
    """The n-th derivative of digamma in place."""
    _refuse_polygamma(n, input)
    return ops.polygamma_written.inplace(input, n)


def _check_p(p: int) -> None:
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")


@function
@method
@accepts_out
def mvlgamma(input: Tensor, p: int) -> Tensor:
    """Logarithm of the p-variate gamma function."""
    _check_p(p)
    return ops.mvlgamma(input, p)


@method
def mvlgamma_(input: Tensor, p: int) -> Tensor:
    """Logarithm of the p-variate gamma function in place."""
    _check_p(p)
    if not input._dtype.is_inexact:
        raise RuntimeError(
            f"mvlgamma: result type {LEGACY_NAMES[input._dtype]} can't be cast to the desired "
            f"output type {LEGACY_NAMES[dtypes.get_default_dtype()]}"
        )
    return ops.mvlgamma.inplace(input, p)


@function
@method
@accepts_out
def frexp(input: Tensor) -> Any:
    """Mantissa and exponent."""
    return FREXP(ops.frexp(input))


@function
@method
def isreal(input: Tensor) -> Tensor:
    """Bool tensor: the imaginary part is zero."""
    return composites.isreal(input)


# Two operands -------------------------------------------------------------------------------------


def _check_alpha(input: Any, other: Any, alpha: Any) -> None:
    """Refuse an alpha that does not go with the operands, once their shapes do (torch's texts)."""
    if isinstance(input, Tensor) and isinstance(other, Tensor):
        broadcast_shapes(input._array.shape, other._array.shape)
        if type(alpha) is float and input._dtype.is_floating_point:
            return
    kinds = [
        value._dtype.category
        if isinstance(value, Tensor)
        else dtypes.dtype_of_number(value).category
        for value in (input, other)
    ]
    kind = max(kinds)
    if isinstance(alpha, bool) and kind != 0:
        raise RuntimeError("Boolean alpha only supported for Boolean results.")
    if isinstance(alpha, float) and kind < 2:
        raise RuntimeError(
            "For integral input tensors, argument alpha must not be a floating point number."
        )
    if isinstance(alpha, complex) and kind < 3:
        raise RuntimeError(
            "For non-complex input tensors, argument alpha must not be a complex number."
        )


@function
@method
@accepts_out(elementwise=True)
def add(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """input + alpha * other."""
    if type(alpha) is int and alpha == 1:
        return ops.add(input, other)
    _check_alpha(input, other, alpha)
    return ops.add_scaled(input, other, alpha)


@method
def add_(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """Add alpha * other in place."""
    if type(alpha) is int and alpha == 1:
        return ops.add.inplace(input, other)
    _check_alpha(input, other, alpha)
    return ops.add_scaled.inplace(input, other, alpha)


@function
@method
@accepts_out(elementwise=True)
def sub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """input - alpha * other."""
    if type(alpha) is int and alpha == 1:
        return ops.sub(input, other)
    _check_alpha(input, other, alpha)
    return ops.sub_scaled(input, other, alpha)


@method
def sub_(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """Subtract alpha * other in place."""
    if type(alpha) is int and alpha == 1:
        return ops.sub.inplace(input, other)
    _check_alpha(input, other, alpha)
    return ops.sub_scaled.inplace(input, other, alpha)


@function
def rsub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """other - alpha * input."""
    if not isinstance(input, Tensor):
        signatures = [
            "Tensor input, Tensor other, *, Number alpha = 1",
            "Tensor input, Number other, Number alpha = 1",
        ]
        raise no_overload("rsub", (input, other), signatures)
    if alpha != 1 or isinstance(alpha, bool):
        _check_alpha(other, input, alpha)
    if isinstance(other, Tensor):
        return ops.rsub(input, other, alpha)
    return ops.rsub_scalar(input, other, alpha)


def _divided(rounding_mode: Any) -> Any:
    """Return the op that divides in a rounding mode; "" says that none was given."""
    if rounding_mode == "":
        return ops.div
    if rounding_mode is None:
        return ops.div_true
    if rounding_mode == "floor":
        return ops.div_floor
    if rounding_mode == "trunc":
        return ops.div_trunc
    raise RuntimeError(
        "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found "
        f"'{rounding_mode}'"
    )


@function
@method
@accepts_out(elementwise=True)
def div(input: Any, other: Any, *, rounding_mode: str | None = "") -> Tensor:
    """input / other, rounded when asked."""
    return _divided(rounding_mode)(input, other)


@method
def div_(input: Tensor, other: Any, *, rounding_mode: str | None = "") -> Tensor:
    """Divide in place."""
    return _divided(rounding_mode).inplace(input, other)


binary("mul", ops.mul, numbers=True)
binary("true_divide", ops.div, numbers=True)
binary("floor_divide", ops.floor_divide, numbers=True)
binary(
    "remainder",
    ops.remainder,
    number=ops.remainder_scalar,
    of_number=ops.remainder_of_number,
    of_number_out=False,
)
binary("fmod", ops.fmod, number=ops.fmod_scalar)
binary("pow", ops.pow, number=ops.pow_scalar, of_number=ops.pow_base, second="exponent")
binary("copysign", ops.copysign, number=ops.copysign_scalar)
binary("xlogy", ops.xlogy, number=ops.xlogy_scalar, of_number=ops.xlogy_of_number)
for _name in ["atan2", "hypot", "nextafter", "gcd", "lcm"]:
    binary(_name, getattr(ops, _name))
binary("heaviside", ops.heaviside, second="values")
for _name in ["maximum", "minimum", "fmax", "fmin", "logaddexp", "logaddexp2"]:
    binary(_name, getattr(ops, _name), inplace=False)
for _name in ["eq", "ne", "lt", "le", "gt", "ge"]:
    binary(_name, getattr(ops, _name), number=getattr(ops, _name))
for _name in ["logical_and", "logical_or", "logical_xor"]:
    binary(_name, getattr(ops, _name))
for _name in [
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "bitwise_left_shift",
    "bitwise_right_shift",
]:
    _op = getattr(ops, _name)
    binary(_name, _op, number=_op, of_number=_op, of_number_out=False)


def _ldexp_of(input: Tensor, other: Tensor) -> Any:
    """Return the op: powers of two to integers are not rounded by themselves beside floats.

    Torch takes the 2 of other powers as a tensor of the first operand's dtype, unless that is
    float32 or counts, and lays the powers out as their exponents then.
    """
    if input._dtype.category == 2 and other._dtype.category < 2:
        return ops.ldexp_whole
    as_number = input._dtype is float32 or not input._dtype.is_inexact
    return ops.ldexp if as_number else ops.ldexp_of_kind


@function
@method
@accepts_out(elementwise=True)
def ldexp(input: Tensor, other: Tensor) -> Tensor:
    """input * 2 ** other."""
    require_tensor("ldexp", input)
    require_tensor("ldexp", other, "other", 2)
    return _ldexp_of(input, other)(input, other)


@method
def ldexp_(input: Tensor, other: Tensor) -> Tensor:
    """Multiply by a power of two in place."""
    require_tensor("ldexp_", other, "other", 1)
    if not input._dtype.is_inexact:
        raise RuntimeError(
            f"ldexp can't be cast to the desired output type {LEGACY_NAMES[input._dtype]}"
        )
    return _ldexp_of(input, other).inplace(input, other)


@function
@method
@accepts_out
def float_power(input: Any, exponent: Any) -> Tensor:
    """Power computed in float64 or complex128."""
    if not (isinstance(input, Tensor) or isinstance(exponent, Tensor)):
        signatures = [
            "Tensor input, Tensor exponent, *, Tensor out = None",
            "Number self, Tensor exponent, *, Tensor out = None",
            "Tensor input, Number exponent, *, Tensor out = None",
        ]
        raise no_overload("float_power", (input, exponent), signatures)
    return composites.float_power(input, exponent)


@method
@member_by_member(
    lambda _, exponent: f"float_power_.{'Tensor' if isinstance(exponent, Tensor) else 'Scalar'}",
    inplace=True,
)
def float_power_(input: Tensor, exponent: Any) -> Tensor:
    """Power in place; the tensor must have the double dtype already."""
    wanted = composites.float_power_dtype(input, exponent)
    if input._dtype is not wanted:
        raise RuntimeError(
            f"the base given to float_power_ has dtype {LEGACY_NAMES[input._dtype]} but the "
            f"operation's result requires dtype {LEGACY_NAMES[wanted]}"
        )
    return input.pow_(exponent.to(wanted) if isinstance(exponent, Tensor) else exponent)


@function
@method
def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor:
    """Bool tensor: equal, or no further apart than atol + rtol * |other|."""
    require_tensor("isclose", other, "other", 2)
    if input._dtype is not other._dtype:
        raise RuntimeError(
            f"{LEGACY_NAMES[input._dtype]} did not match {LEGACY_NAMES[other._dtype]}"
        )
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance < 0:
            raise RuntimeError(
                f"{name} must be greater than or equal to zero, but got {tolerance:g}"
            )
    return composites.isclose(input, other, rtol, atol, equal_nan)


@function
@method
def allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Whether all elements are close."""
    refuse_in_batch(
        (input, other),
        "vmap over torch.allclose isn't supported yet. Please file an issue at "
        "https://github.com/pytorch/pytorch/issues if you need this feature.",
    )
    with no_grad():  # one op in torch, that records nothing
        return bool(isclose(input, other, rtol, atol, equal_nan).all().item())


@function
@method
def equal(input: Tensor, other: Tensor) -> bool:
    """Whether both tensors have the same shape and elements."""
    refuse_in_batch((input, other), NO_FALLBACK.format("equal"))
    if input._array.shape != other._array.shape:
        return False
    return bool(ops.eq(input, other).all().item())


# Three operands -----------------------------------------------------------------------------------


def _check_addcdiv(tensor1: Tensor, tensor2: Tensor) -> None:
    if not (tensor1._dtype.is_inexact or tensor2._dtype.is_inexact):
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported, and in a future  release "
            "addcdiv will perform a true division of tensor1 and tensor2. The historic addcdiv "
            "behavior can be implemented as (input + value * torch.trunc(tensor1 / tensor2))"
            ".to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for "
            "float inputs. The future addcdiv behavior is just the latter implementation: "
            "(input + value * tensor1 / tensor2), for all dtypes."
        )


@function
@method
@accepts_out(elementwise=True)
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """input + value * tensor1 * tensor2."""
    return ops.addcmul(input, tensor1, tensor2, value)


@method
def addcmul_(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """Add value * tensor1 * tensor2 in place."""
    return ops.addcmul.inplace(input, tensor1, tensor2, value)


@function
@method
@accepts_out(elementwise=True)
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """input + value * tensor1 / tensor2."""
    _check_addcdiv(tensor1, tensor2)
    return ops.addcdiv(input, tensor1, tensor2, value)


@method
def addcdiv_(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """Add value * tensor1 / tensor2 in place."""
    _check_addcdiv(tensor1, tensor2)
    return ops.addcdiv.inplace(input, tensor1, tensor2, value)


def _check_lerp(input: Tensor, end: Tensor, weight: Any) -> None:
    """Refuse operands of another dtype than the first's (torch's text); a 0-d weight may be any."""
    for name, value in (("end", end), ("weight", weight)):
        if name == "weight" and isinstance(value, Tensor) and not value.ndim:
            continue
        if isinstance(value, Tensor) and value._dtype is not input._dtype:
            raise RuntimeError(
                f"expected dtype {_c_name(input)} for `{name}` but got dtype {_c_name(value)}"
            )


def _c_name(tensor: Tensor) -> str:
    return C_NAMES[tensor._dtype.name]


@function
@method
@accepts_out(elementwise=True)
def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """input + weight * (end - input)."""
    _check_lerp(input, end, weight)
    if isinstance(weight, Tensor):
        return ops.lerp(input, end, weight)
    return ops.lerp_scalar(input, end, weight)


@method
def lerp_(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """Move toward end in place."""
    _check_lerp(input, end, weight)
    if isinstance(weight, Tensor):
        return ops.lerp.inplace(input, end, weight)
    return ops.lerp_scalar.inplace(input, end, weight)


def check_condition(condition: Tensor) -> Tensor:
    """Return a condition as bool; uint8 is taken, others are refused with torch's text."""
    if condition._dtype is dtypes.bool_:
        return condition
    if condition._dtype is dtypes.uint8:
        return ops.to_dtype(condition, dtypes.bool_)
    raise RuntimeError(
        "where expected condition to be a boolean tensor, but got a tensor with dtype "
        f"{LEGACY_NAMES[condition._dtype]}"
    )


@function
@accepts_out(elementwise=True)
def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """input where the condition holds, else other; without them the positions where it holds."""
    if input is None and other is None:
        refuse_in_batch((condition,), DYNAMIC.format("where"))
        return condition.nonzero(as_tuple=True)
    return ops.where(check_condition(condition), input, other)


@method(name="where")
def _where(self: Tensor, condition: Tensor, other: Any) -> Tensor:
    return ops.where(check_condition(condition), self, other)


# Other names of the same functions ----------------------------------------------------------------

for _name in ["xlogy_", "gcd_", "lcm_", "ldexp_"]:
    function(PUBLISHED["Tensor"][_name])

for _new, _old in {
    "absolute": "abs",
    "negative": "neg",
    "fix": "trunc",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctanh": "atanh",
    "arctan2": "atan2",
    "multiply": "mul",
    "subtract": "sub",
    "divide": "div",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "not_equal": "ne",
}.items():
    alias(_new, _old)
