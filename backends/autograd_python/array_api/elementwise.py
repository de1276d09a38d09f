"""The elementwise functions: what `pointwise` computes, of array objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import pointwise
from .array import Array, own, raw
from .kernels import Scalar

Operand = Array | Scalar


def _unary(name: str) -> Callable[[Array], Array]:
    def function(x: Array, /) -> Array:
        return Array(pointwise.apply(name, own(name, x)))

    return _named(function, name)  # type: ignore[no-any-return]


def _binary(name: str) -> Callable[[Operand, Operand], Array]:
    def function(x1: Operand, x2: Operand, /) -> Array:
        return Array(pointwise.apply(name, raw(x1), raw(x2)))

    return _named(function, name)  # type: ignore[no-any-return]


def _named(function: Any, name: str) -> Any:
    function.__name__ = function.__qualname__ = name
    taken = ", ".join(dtype.name for dtype in pointwise.OPERATIONS[name].dtypes)
    function.__doc__ = f"The standard's ``{name}``, of {taken}."
    return function


abs = _unary("abs")
acos = _unary("acos")
acosh = _unary("acosh")
asin = _unary("asin")
asinh = _unary("asinh")
atan = _unary("atan")
atanh = _unary("atanh")
bitwise_invert = _unary("bitwise_invert")
ceil = _unary("ceil")
conj = _unary("conj")
cos = _unary("cos")
cosh = _unary("cosh")
exp = _unary("exp")
expm1 = _unary("expm1")
floor = _unary("floor")
imag = _unary("imag")
isfinite = _unary("isfinite")
isinf = _unary("isinf")
isnan = _unary("isnan")
log = _unary("log")
log10 = _unary("log10")
log1p = _unary("log1p")
log2 = _unary("log2")
logical_not = _unary("logical_not")
negative = _unary("negative")
positive = _unary("positive")
real = _unary("real")
reciprocal = _unary("reciprocal")
round = _unary("round")
sign = _unary("sign")
signbit = _unary("signbit")
sin = _unary("sin")
sinh = _unary("sinh")
sqrt = _unary("sqrt")
square = _unary("square")
tan = _unary("tan")
tanh = _unary("tanh")
trunc = _unary("trunc")

add = _binary("add")
atan2 = _binary("atan2")
bitwise_and = _binary("bitwise_and")
bitwise_left_shift = _binary("bitwise_left_shift")
bitwise_or = _binary("bitwise_or")
bitwise_right_shift = _binary("bitwise_right_shift")
bitwise_xor = _binary("bitwise_xor")
copysign = _binary("copysign")
divide = _binary("divide")
equal = _binary("equal")
floor_divide = _binary("floor_divide")
greater = _binary("greater")
greater_equal = _binary("greater_equal")
hypot = _binary("hypot")
less = _binary("less")
less_equal = _binary("less_equal")
logaddexp = _binary("logaddexp")
logical_and = _binary("logical_and")
logical_or = _binary("logical_or")
logical_xor = _binary("logical_xor")
maximum = _binary("maximum")
minimum = _binary("minimum")
multiply = _binary("multiply")
nextafter = _binary("nextafter")
not_equal = _binary("not_equal")
pow = _binary("pow")
remainder = _binary("remainder")
subtract = _binary("subtract")


def clip(x: Array, /, min: Operand | None = None, max: Operand | None = None) -> Array:
    """Return each element, or the bound that it is beyond, in the dtype of ``x``."""
    low = None if min is None else raw(min)
    high = None if max is None else raw(max)
    return Array(pointwise.clamp(own("clip", x), low, high))


def where(condition: Array, x1: Operand, x2: Operand, /) -> Array:
    """Return the elements of ``x1`` where the condition (bool) holds, else those of ``x2``."""
    return Array(pointwise.select(own("where", condition), raw(x1), raw(x2)))
