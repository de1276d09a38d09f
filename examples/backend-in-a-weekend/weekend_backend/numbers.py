"""Functions of single numbers, with IEEE's results where Python raises."""

from __future__ import annotations

import cmath
import math
import operator
from collections.abc import Callable
from typing import Any

NAN, INF = math.nan, math.inf
Function = Callable[..., Any]


def ieee(real: Function, complex_: Function | None = None, poles: Any = None) -> Function:
    """A function of one number: at ``poles`` the value there, NaN outside of the domain.

    What overflows is infinite, with the sign of the argument for odd functions.
    """

    def function(x: Any) -> Any:
        if isinstance(x, complex):
            try:
                return (complex_ or getattr(cmath, real.__name__))(x)
            except (ValueError, ArithmeticError):
                return complex(NAN, NAN)
        if poles and x in poles:
            return poles[x]
        try:
            return real(x)
        except OverflowError:
            return -INF if x < 0 and real is math.sinh else INF
        except ValueError:
            return NAN

    return function


def _complex_expm1(z: complex) -> complex:
    half = math.sin(z.imag / 2)
    real = math.expm1(z.real) * math.cos(z.imag) - 2 * half * half
    return complex(real, math.exp(z.real) * math.sin(z.imag))


def _complex_log1p(z: complex) -> complex:
    squares = z.real * (2 + z.real) + z.imag * z.imag
    return complex(math.log1p(squares) / 2, math.atan2(z.imag, 1 + z.real))


def _whole(function: Function) -> Function:
    return lambda x: math.copysign(float(function(x)), x) if math.isfinite(x) else x


def digamma(x: float) -> float:
    """Logarithmic derivative of gamma: upward recurrence, then the asymptotic series."""
    if x == 0:
        return math.copysign(INF, -x)
    if x < 0:
        if x == math.floor(x):
            return NAN
        return digamma(1 - x) - math.pi / math.tan(math.pi * math.fmod(x, 1.0))
    shift = 0.0
    while x < 12:
        shift -= 1 / x
        x += 1
    y = 1 / (x * x)
    terms = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)
    series = 0.0
    for term in reversed(terms):
        series = (series + term) * y
    return shift + math.log(x) - 0.5 / x - series


def polygamma(n: int, x: float) -> float:
    """n-th derivative of digamma: n! times Hurwitz's zeta, by Euler's summation."""
    if n == 0:
        return digamma(x)
    if x <= 0 and x == math.floor(x):
        return INF
    s, total = n + 1, 0.0
    while x < 16:
        total += x**-s
        x += 1
    total += x ** (1 - s) / (s - 1) + x**-s / 2
    term = s * x ** (-s - 1)
    for k, bernoulli in enumerate((1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730), 1):
        total += bernoulli / math.factorial(2 * k) * term
        term *= (s + 2 * k - 1) * (s + 2 * k) / (x * x)
    return (-1) ** (n + 1) * math.factorial(n) * total


def erfinv(y: float) -> float:
    """Inverse error function: a start from Winitzki's formula, then Newton's steps."""
    if not -1 < y < 1:
        return math.copysign(INF, y) if abs(y) == 1 else NAN
    logarithm = math.log1p(-y * y)
    half = 2 / (math.pi * 0.147) + logarithm / 2
    x = math.copysign(math.sqrt(math.sqrt(half * half - logarithm / 0.147) - half), y)
    for _ in range(4):
        x -= (math.erf(x) - y) / (2 / math.sqrt(math.pi) * math.exp(-x * x))
    return x


def i0(x: float) -> float:
    """Modified Bessel function of order 0, by its power series."""
    if math.isinf(x):
        return INF
    total = term = 1.0
    k = 0
    while term > total * 1e-17:
        k += 1
        term *= (x / 2 / k) ** 2
        total += term
    return total


def _angle(x: Any) -> float:
    if isinstance(x, complex):
        return cmath.phase(x)
    return float(x) if math.isnan(x) else math.pi if x < 0 else 0.0


UNARY: dict[str, Function] = {
    "neg": operator.neg,
    "sign": lambda x: type(x)((x > 0) - (x < 0)),
    "exp": ieee(math.exp),
    "expm1": ieee(math.expm1, _complex_expm1),
    "log": ieee(math.log, poles={0: -INF}),
    "log1p": ieee(math.log1p, _complex_log1p, poles={-1: -INF}),
    "sqrt": ieee(math.sqrt),
    "sin": ieee(math.sin),
    "cos": ieee(math.cos),
    "tan": ieee(math.tan),
    "asin": ieee(math.asin),
    "acos": ieee(math.acos),
    "atan": ieee(math.atan),
    "sinh": ieee(math.sinh),
    "cosh": ieee(math.cosh),
    "tanh": ieee(math.tanh),
    "asinh": ieee(math.asinh),
    "acosh": ieee(math.acosh),
    "atanh": ieee(math.atanh, poles={1: INF, -1: -INF}),
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
    "trunc": _whole(math.trunc),
    "round": _whole(round),
    "bitwise_not": lambda x: not x if isinstance(x, bool) else ~x,
    "conj_physical": lambda z: z.conjugate(),
    "erf": math.erf,
    "erfc": math.erfc,
    "erfinv": erfinv,
    "lgamma": ieee(math.lgamma, poles={float(-n): INF for n in range(200)}),
    "digamma": digamma,
    "i0": i0,
}
"""Results have the dtype of the operand."""

TESTS: dict[str, Function] = {
    "isnan": cmath.isnan,
    "isinf": cmath.isinf,
    "logical_not": operator.not_,
}
"""Results are bool."""

PARTS: dict[str, Function] = {"abs": abs, "angle": _angle}
"""Results are real."""


def _add(x: Any, y: Any) -> Any:
    return x or y if isinstance(x, bool) else x + y


def _div(x: Any, y: Any) -> Any:
    if y:
        return x / y
    if isinstance(y, complex):
        return complex(_div(x.real, abs(y.real)), _div(x.imag, abs(y.real)))
    return NAN if x == 0 or x != x else math.copysign(INF, x) * math.copysign(1.0, y)


def _floor_divide(x: Any, y: Any) -> Any:
    if isinstance(x, float):
        return x // y if y and math.isfinite(x) else _div(x, y)
    if not y:
        raise RuntimeError("ZeroDivisionError")
    return x // y


def _remainder(x: Any, y: Any) -> Any:
    if isinstance(x, float):
        return (x % y or math.copysign(0.0, x)) if y and math.isfinite(x) else NAN
    if not y:
        raise RuntimeError("ZeroDivisionError")
    return x % y


def _fmod(x: Any, y: Any) -> Any:
    if isinstance(x, float):
        return math.fmod(x, y) if y and math.isfinite(x) else NAN
    if not y:
        raise RuntimeError("ZeroDivisionError")
    return int(math.copysign(1, x)) * (abs(x) % abs(y))


def _pow(x: Any, y: Any) -> Any:
    if isinstance(x, bool | int):
        if y >= 0:
            return pow(x, y, 1 << 64)  # wraps
        return {1: 1, -1: 1 - 2 * (y % 2)}.get(x, 0)
    odd = not isinstance(y, complex) and y % 2 == 1
    try:
        return x**y if isinstance(x, complex) else math.pow(x, y)
    except OverflowError:
        return -INF if odd and x < 0 else INF
    except ZeroDivisionError:
        return complex(NAN, NAN)
    except ValueError:
        if x == 0:
            return math.copysign(INF, x) if odd else INF
        return NAN


def _bits(function: Function) -> Function:
    return lambda x, y: function(x, y) if 0 <= y < 64 else (0 if x >= 0 else -1)


BINARY: dict[str, Function] = {
    "add": _add,
    "sub": operator.sub,
    "mul": lambda x, y: x and y if isinstance(x, bool) else x * y,
    "div": _div,
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "fmod": _fmod,
    "pow": _pow,
    "atan2": math.atan2,
    "copysign": math.copysign,
    "maximum": lambda x, y: x if x >= y or x != x else y,
    "minimum": lambda x, y: x if x <= y or x != x else y,
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
    "bitwise_left_shift": _bits(operator.lshift),
    "bitwise_right_shift": _bits(operator.rshift),
}
COMPARISONS: dict[str, Function] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "logical_and": lambda x, y: bool(x) and bool(y),
    "logical_or": lambda x, y: bool(x) or bool(y),
    "logical_xor": lambda x, y: bool(x) is not bool(y),
}
"""Results are bool."""
