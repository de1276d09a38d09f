"""Functions of single Python numbers with C's results where Python raises.

``Rule`` names, per kind of dtype, the function that a pointwise kernel maps over its operands and
the careful one it falls back to when that raises; the careful ones hold the IEEE special cases.
"""

from __future__ import annotations

import cmath
import math
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

Function = Callable[..., Any]
ComplexFunction = Callable[[complex], complex]
NAN = math.nan
INF = math.inf


class Rule(NamedTuple):
    """A pointwise function: by category (bool, integer, floating, complex) fast and careful."""

    fast: tuple[Function, ...]
    careful: tuple[Function, ...]
    result: str
    """The dtype of the result: "same", "bool", or "real" (same, or of the parts)."""
    exact: bool
    """Whether results are elements of the dtype already, so that rounding can be left out."""
    text: str
    """The expression that the function of floats comes to, where there is one."""


def _missing(*operands: Any) -> Any:
    raise TypeError("this function is not defined for this dtype")


def rule(
    boolean: Function | None = None,
    integer: Function | None = None,
    real: Function | None = None,
    complex: Function | None = None,
    *,
    careful_integer: Function | None = None,
    careful_real: Function | None = None,
    careful_complex: Function | None = None,
    result: str = "same",
    exact: bool = False,
    text: str = "",
) -> Rule:
    """Return the rule with these functions; the careful ones default to the fast ones."""
    fast = tuple(function or _missing for function in (boolean, integer, real, complex))
    careful = (
        fast[0],
        careful_integer or fast[1],
        careful_real or fast[2],
        careful_complex or fast[3],
    )
    return Rule(fast, careful, result, exact, text)


def everywhere(
    function: Function,
    boolean: Function | None = None,
    *,
    result: str = "same",
    exact: bool = False,
) -> Rule:
    """Return the rule that has one function for every dtype; bool may have a quicker one."""
    return rule(boolean or function, function, function, function, result=result, exact=exact)


def _or(function: Function, domain: Function, overflow: Function | None = None) -> Function:
    """Return ``function`` with what it is where Python raises, for bad domain and overflow."""

    def careful(*operands: Any) -> Any:
        try:
            return function(*operands)
        except OverflowError:
            return overflow(*operands) if overflow is not None else INF
        except (ValueError, ZeroDivisionError):
            return domain(*operands)

    return careful


def _nan(*operands: Any) -> float:
    return NAN


def _complex_nan(*operands: Any) -> complex:
    return complex(NAN, NAN)


def _signed_inf(x: float) -> float:
    return math.copysign(INF, x)


# Real functions, right at every double -----------------------------------------------------------

exp = _or(math.exp, _nan)
expm1 = _or(math.expm1, _nan)
log = _or(math.log, lambda x: -INF if x == 0 else NAN)
log1p = _or(math.log1p, lambda x: -INF if x == -1 else NAN)
sin = _or(math.sin, _nan)
cos = _or(math.cos, _nan)
sinh = _or(math.sinh, _nan, _signed_inf)
cosh = _or(math.cosh, _nan)


def divide(x: float, y: float) -> float:
    """x / y, also at zero."""
    if y:
        return x / y
    if x == 0 or math.isnan(x):
        return NAN
    return math.copysign(INF, x) * math.copysign(1.0, y)


def _sign(x: Any) -> Any:
    return (x > 0) - (x < 0)


def _real_sign(x: float) -> float:
    return float((x > 0) - (x < 0))


def _floor(x: float) -> float:
    return x // 1.0 if x - x == 0 else x


def _ceil(x: float) -> float:
    return -(-x // 1.0) if x - x == 0 else x


def _trunc(x: float) -> float:
    return math.modf(x)[1]


def _round(x: float) -> float:
    return round(x, 0)


def remainder(x: float, y: float) -> float:
    """Rest with the sign of the divisor; a zero has the sign of x, NaN for y == 0."""
    return (x % y or math.copysign(0.0, x)) if y else NAN


def _zero_divisor(x: int, y: int) -> int:
    raise RuntimeError("ZeroDivisionError") from None


def _integer_fmod(x: int, y: int) -> int:
    rest = abs(x) % abs(y)
    return rest if x >= 0 else -rest


def _integer_power(x: int, y: int) -> int:
    if y >= 0:
        return pow(x, y, 1 << 64)
    if x == 1 or x == -1:
        return x if y % 2 else 1
    return 0


def _power_at_zero(x: float, y: float) -> float:
    if x == 0 and y < 0:
        return math.copysign(INF, x) if y % 2 == 1 else INF
    return NAN


def _power_too_large(x: float, y: float) -> float:
    return -INF if x < 0 and y % 2 == 1 else INF


def _maximum(x: Any, y: Any) -> Any:
    return x if x >= y or math.isnan(x) else y


def _minimum(x: Any, y: Any) -> Any:
    return x if x <= y or math.isnan(x) else y


def _shift_left(x: int, y: int) -> int:
    return x << y if 0 <= y < 64 else 0


def _shift_right(x: int, y: int) -> int:
    return x >> (y if 0 <= y < 64 else 63)


def _logical_and(x: Any, y: Any) -> bool:
    return bool(x and y)


def _logical_or(x: Any, y: Any) -> bool:
    return bool(x or y)


def _logical_xor(x: Any, y: Any) -> bool:
    return (not x) is not (not y)


def _real_angle(x: float) -> float:
    return x if math.isnan(x) else math.pi if x < 0 else 0.0


# Complex functions: cmath, and C's Annex G where it raises ----------------------------------------


def _complex_abs(z: complex) -> float:
    return math.hypot(z.real, z.imag)


def complex_divide(z: complex, w: complex) -> complex:
    """z / w with the divisor scaled by its larger part, IEEE at zero."""
    a, b, c, d = z.real, z.imag, w.real, w.imag
    if abs(c) >= abs(d):
        if c == 0 and d == 0:
            return complex(divide(a, abs(c)), divide(b, abs(d)))
        ratio = d / c
        rest = c + d * ratio
        return complex(divide(a + b * ratio, rest), divide(b - a * ratio, rest))
    ratio = divide(c, d)
    rest = c * ratio + d
    return complex(divide(a * ratio + b, rest), divide(b * ratio - a, rest))


def _complex_exp(z: complex) -> complex:
    x, y = z.real, z.imag
    if y == 0:
        return complex(exp(x), y)
    if math.isinf(x) and not math.isfinite(y):
        return complex(INF, NAN) if x > 0 else 0j
    half = exp(x / 2)  # twice half the exponent: a tiny sine may bring back what overflows
    return complex(half * cos(y) * half, half * sin(y) * half)


def _complex_expm1(z: complex) -> complex:
    half = sin(z.imag / 2)
    return complex(expm1(z.real) * cos(z.imag) - 2 * half * half, exp(z.real) * sin(z.imag))


def _complex_log(z: complex) -> complex:
    return complex(log(math.hypot(z.real, z.imag)), math.atan2(z.imag, z.real))


def _complex_log1p(z: complex) -> complex:
    x, y = z.real, z.imag
    if max(abs(x), abs(y)) < 0.5:
        size = 0.5 * log1p(x * (2 + x) + y * y)
    else:
        size = log(math.hypot(1 + x, y))
    if math.isnan(x) or math.isnan(y):
        return complex(NAN, NAN)
    return complex(size, math.atan2(y, 1 + x))


def _turned(function: Function) -> Function:
    """Return f(z) = -i g(iz), as sin from sinh, atan from atanh."""

    def careful(z: complex) -> complex:
        w = function(complex(-z.imag, z.real))
        return complex(w.imag, -w.real)

    return careful


def _complex_sinh(z: complex) -> complex:
    x, y = z.real, z.imag
    if y == 0:
        return complex(sinh(x), y)
    if x == 0:
        return complex(x, sin(y))
    if math.isinf(x) and not math.isfinite(y):
        return complex(x, NAN)
    if abs(x) > 700:
        w = _complex_exp(complex(abs(x), y))
        return complex(math.copysign(0.5, x) * w.real, 0.5 * w.imag)
    return complex(sinh(x) * cos(y), cosh(x) * sin(y))


def _complex_cosh(z: complex) -> complex:
    x, y = z.real, z.imag
    if x == 0 or y == 0:
        return complex(cosh(x) * cos(y), math.copysign(0.0, x) * math.copysign(1.0, y))
    if math.isinf(x) and not math.isfinite(y):
        return complex(INF, NAN)
    if abs(x) > 700:
        w = _complex_exp(complex(abs(x), y))
        return complex(0.5 * w.real, math.copysign(0.5, x) * w.imag)
    return complex(cosh(x) * cos(y), sinh(x) * sin(y))


def _complex_cos(z: complex) -> complex:
    return complex_cosh(complex(-z.imag, z.real))


def _complex_tanh(z: complex) -> complex:
    return complex(z.real, NAN) if z.real == 0 else complex(NAN, NAN)


def _complex_atanh(z: complex) -> complex:
    return complex(math.copysign(INF, z.real), z.imag)


def _complex_power(z: complex, w: complex) -> complex:
    if z == 0:  # as C's cpow, which multiplies w by -inf
        if w.real > 0:
            return complex(0.0, 0.0 if w.imag < 0 else -0.0)
        return complex(INF if w.real < 0 else NAN, NAN)
    return z**w


def _complex_power_by_logarithm(z: complex, w: complex) -> complex:
    if w == 0:
        return complex(1.0, 0.0)
    return complex_exp(w * complex_log(z))


complex_exp: ComplexFunction = _or(cmath.exp, _complex_exp, _complex_exp)
complex_log: ComplexFunction = _or(cmath.log, _complex_log, _complex_log)
complex_sinh = _or(cmath.sinh, _complex_sinh, _complex_sinh)
complex_cosh: ComplexFunction = _or(cmath.cosh, _complex_cosh, _complex_cosh)
complex_tanh = _or(cmath.tanh, _complex_tanh)
complex_atanh = _or(cmath.atanh, _complex_atanh)


# The rules ----------------------------------------------------------------------------------------


def _elementary(
    real: Function,
    complex: Function,
    *,
    domain: Function = _nan,
    overflow: Function | None = None,
    careful_complex: Function = _complex_nan,
) -> Rule:
    return rule(
        real=real,
        complex=complex,
        careful_real=_or(real, domain, overflow),
        careful_complex=_or(complex, careful_complex, careful_complex),
    )


UNARY: dict[str, Rule] = {
    "neg": rule(None, operator.neg, operator.neg, operator.neg, text="-{0}"),
    "abs": rule(bool, abs, abs, _complex_abs, result="real"),
    "sign": rule(bool, _sign, _real_sign, exact=True),
    "exp": _elementary(math.exp, cmath.exp, careful_complex=_complex_exp),
    "expm1": _elementary(math.expm1, _complex_expm1),
    "log": _elementary(math.log, cmath.log, domain=log, careful_complex=_complex_log),
    "log1p": _elementary(math.log1p, _complex_log1p, domain=log1p),
    "sqrt": _elementary(math.sqrt, cmath.sqrt),
    "sin": _elementary(math.sin, cmath.sin, careful_complex=_turned(complex_sinh)),
    "cos": _elementary(math.cos, cmath.cos, careful_complex=_complex_cos),
    "tan": _elementary(math.tan, cmath.tan, careful_complex=_turned(complex_tanh)),
    "asin": _elementary(math.asin, cmath.asin),
    "acos": _elementary(math.acos, cmath.acos),
    "atan": _elementary(math.atan, cmath.atan, careful_complex=_turned(complex_atanh)),
    "sinh": _elementary(math.sinh, cmath.sinh, overflow=_signed_inf, careful_complex=_complex_sinh),
    "cosh": _elementary(math.cosh, cmath.cosh, careful_complex=_complex_cosh),
    "tanh": _elementary(math.tanh, cmath.tanh, careful_complex=_complex_tanh),
    "asinh": _elementary(math.asinh, cmath.asinh),
    "acosh": _elementary(math.acosh, cmath.acosh),
    "atanh": _elementary(
        math.atanh,
        cmath.atanh,
        domain=lambda x: math.copysign(INF, x) if abs(x) == 1 else NAN,
        careful_complex=_complex_atanh,
    ),
    "floor": rule(real=_floor, exact=True),
    "ceil": rule(real=_ceil, exact=True),
    "trunc": rule(real=_trunc, exact=True),
    "round": rule(real=_round, exact=True),
    "isnan": rule(math.isnan, math.isnan, math.isnan, cmath.isnan, result="bool", exact=True),
    "isinf": rule(math.isinf, math.isinf, math.isinf, cmath.isinf, result="bool", exact=True),
    "logical_not": everywhere(operator.not_, result="bool", exact=True),
    "bitwise_not": rule(operator.not_, operator.invert),
    "conj_physical": rule(
        bool, operator.pos, operator.pos, operator.methodcaller("conjugate"), exact=True
    ),
    "angle": rule(
        lambda x: 0.0,
        lambda x: math.pi if x < 0 else 0.0,
        _real_angle,
        lambda z: math.atan2(z.imag, z.real),
        result="real",
    ),
    "erf": rule(real=math.erf),
    "erfc": rule(real=math.erfc),
}

BINARY: dict[str, Rule] = {
    "add": rule(operator.or_, operator.add, operator.add, operator.add, text="{0} + {1}"),
    "sub": rule(None, operator.sub, operator.sub, operator.sub, text="{0} - {1}"),
    "mul": rule(operator.and_, operator.mul, operator.mul, operator.mul, text="{0} * {1}"),
    "div": rule(
        real=operator.truediv,
        complex=operator.truediv,
        careful_real=divide,
        careful_complex=complex_divide,
        text="{0} / {1}",
    ),
    "floor_divide": rule(
        integer=operator.floordiv,
        real=operator.floordiv,
        careful_integer=_or(operator.floordiv, _zero_divisor),
        careful_real=_or(operator.floordiv, divide),
    ),
    "remainder": rule(
        integer=operator.mod,
        real=remainder,
        careful_integer=_or(operator.mod, _zero_divisor),
    ),
    "fmod": rule(
        integer=_integer_fmod,
        real=math.fmod,
        careful_integer=_or(_integer_fmod, _zero_divisor),
        careful_real=_or(math.fmod, _nan),
        exact=True,
    ),
    "pow": rule(
        integer=_integer_power,
        real=math.pow,
        complex=_complex_power,
        careful_real=_or(math.pow, _power_at_zero, _power_too_large),
        careful_complex=_or(
            _complex_power, _complex_power_by_logarithm, _complex_power_by_logarithm
        ),
    ),
    "atan2": rule(real=math.atan2),
    "hypot": rule(real=math.hypot),
    "copysign": rule(real=math.copysign, exact=True),
    "maximum": rule(operator.or_, max, _maximum, exact=True),
    "minimum": rule(operator.and_, min, _minimum, exact=True),
    "eq": everywhere(operator.eq, result="bool", exact=True),
    "ne": everywhere(operator.ne, result="bool", exact=True),
    "lt": everywhere(operator.lt, result="bool", exact=True),
    "le": everywhere(operator.le, result="bool", exact=True),
    "gt": everywhere(operator.gt, result="bool", exact=True),
    "ge": everywhere(operator.ge, result="bool", exact=True),
    "logical_and": rule(
        operator.and_, _logical_and, _logical_and, _logical_and, result="bool", exact=True
    ),
    "logical_or": rule(
        operator.or_, _logical_or, _logical_or, _logical_or, result="bool", exact=True
    ),
    "logical_xor": rule(
        operator.xor, _logical_xor, _logical_xor, _logical_xor, result="bool", exact=True
    ),
    "bitwise_and": rule(operator.and_, operator.and_, exact=True),
    "bitwise_or": rule(operator.or_, operator.or_, exact=True),
    "bitwise_xor": rule(operator.xor, operator.xor, exact=True),
    "bitwise_left_shift": rule(integer=_shift_left),
    "bitwise_right_shift": rule(integer=_shift_right, exact=True),
    "tanh_backward": rule(
        real=lambda grad, y: grad * (1.0 - y * y),
        complex=lambda grad, y: grad * (1.0 - y * y).conjugate(),
        text="{0} * (1.0 - {1} * {1})",
    ),
    "sigmoid_backward": rule(
        real=lambda grad, y: grad * ((1.0 - y) * y),
        complex=lambda grad, y: grad * ((1.0 - y) * y).conjugate(),
        text="{0} * ((1.0 - {1}) * {1})",
    ),
}
