"""The text of the Array API standard, and the special cases in it as predicates.

The distribution `array-api` holds the docstrings of the standard. (It also brings stubs of
array-api-compat: install that beside it, or tests take the stubs for it.) A line of them such as
"If ``x1_i`` is ``+0`` and ``x2_i`` is less than ``0``, the result is ``-0``." becomes two
functions: of the operands, whether the case is theirs, and of result and operands, whether that is
right.
"""

import cmath
import importlib.metadata
import math
import re
from collections.abc import Callable
from typing import NamedTuple

VERSION = "2024_12"


class Case(NamedTuple):
    """A special case of a function."""

    function: str
    text: str
    holds: Callable[..., bool]
    expected: Callable[..., bool]


_SENTENCE = r"If (.*?),? the result (?:is|has) (?:equal to |equivalent to )?(.*)"


def text() -> str | None:
    """The standard as a module of protocols, for Python 3.12, or None if it is not installed."""
    try:
        files = importlib.metadata.files("array-api") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    return next(f.read_text() for f in files if f.name == f"_{VERSION}.py")


def definitions(standard: str) -> dict[str, str]:
    """The text of each function, by name."""
    found = re.finditer(
        r"^class (\w+)\[.*?(?=^@runtime_checkable|^class |\Z)", standard, re.S | re.M
    )
    return {match[1]: match[0] for match in found}


def special_cases(standard: str) -> list[Case]:
    """The special cases of elementwise functions that a sentence states in full."""
    cases = []
    for function, definition in definitions(standard).items():
        for line in re.findall(r"^ *- +(If .*)$", definition, re.M):
            sentence = line.replace("``", "").split(" (**note**")[0].removesuffix(".")
            match = re.fullmatch(
                r"If (.*?),? the result (?:is|has) (?:equal to |equivalent to )?(.*)", sentence
            )
            if match is None or not re.search(r"\bx[12]?_i\b|\b[ab]\b", match[1]):
                continue
            holds, expected = _condition(match[1]), _result(match[2])
            if holds and expected:
                cases.append(Case(function, sentence, holds, expected))
    return cases


# Conditions ---------------------------------------------------------------------------------------

_VALUES = {"+0": 0.0, "-0": -0.0, "0": 0.0, "+infinity": math.inf, "-infinity": -math.inf, "1": 1.0}
_VALUES |= {"-1": -1.0, "+1": 1.0}
_WORDS = [
    (r"(?:is )?NaN", math.isnan),
    (r"is (either )?a finite number or NaN", lambda v: not math.isinf(v)),
    (r"is any value(,? \(?including NaN\)?)?", lambda v: True),
    (r"is not NaN", lambda v: not math.isnan(v)),
    (r"is a finite number", math.isfinite),
    (r"is finite", math.isfinite),
    (r"is a nonzero finite number", lambda v: math.isfinite(v) and v != 0),
    (r"is a nonzero number", lambda v: v != 0 and not math.isnan(v)),
    (r"is a positive( \(i\.e\., greater than 0\))? finite number", lambda v: 0 < v < math.inf),
    (r"is a negative( \(i\.e\., less than 0\))? finite number", lambda v: -math.inf < v < 0),
    (r"is an odd integer value", lambda v: v % 2 == 1),
    (r"is not an odd integer value", lambda v: v % 2 != 1),
    (r"is not an integer value", lambda v: v % 1 != 0),
    (r"is already integer-valued", lambda v: v % 1 == 0),
]


def _same(value: float, other: float) -> bool:
    if math.isnan(other):
        return math.isnan(value)
    return value == other and math.copysign(1, value) == math.copysign(1, other)


def _atom(words: str) -> Callable[[float], bool] | None:
    """What is said of one value."""
    for pattern, predicate in _WORDS:
        if re.fullmatch(pattern, words):
            return predicate
    match = re.fullmatch(r"is (?:either )?(\S+) or (\S+)", words)
    if match and {match[1], match[2]} <= set(_VALUES):
        one, two = _VALUES[match[1]], _VALUES[match[2]]
        return lambda v: _same(v, one) or _same(v, two)
    match = re.fullmatch(r"is (not equal to |greater than |less than |)(\S+)", words)
    if match and match[2] in _VALUES:
        limit = _VALUES[match[2]]
        return {
            "": lambda v: _same(v, limit) if limit != 1 else v == limit,
            "not equal to ": lambda v: v != limit,
            "greater than ": lambda v: v > limit,
            "less than ": lambda v: v < limit,
        }[match[1]]
    return None


def _of(name: str, predicate: Callable[[float], bool]) -> Callable[..., bool]:
    """A predicate of one of the operands, or of a part of the only one."""

    def holds(*operands: complex) -> bool:
        value = {
            "x_i": lambda: operands[0],
            "x1_i": lambda: operands[0],
            "x2_i": lambda: operands[1],
            "abs(x1_i)": lambda: abs(operands[0]),
            "a": lambda: operands[0].real,
            "b": lambda: operands[0].imag,
        }[name]()
        return predicate(value)

    return holds


_NAME = r"(x_i|x1_i|x2_i|abs\(x1_i\)|a|b)"


def _condition(words: str) -> Callable[..., bool] | None:
    match = re.fullmatch(r"either x1_i or x2_i (is .*)", words)
    if match and (predicate := _atom(match[1])):
        return lambda x, y: predicate(x) or predicate(y)
    match = re.fullmatch(rf"{_NAME} (is .*?) or {_NAME} (is .*)", words)
    if match and "either" not in words:
        one, two = _atom(match[2]), _atom(match[4])
        first, second = _of(match[1], one), _of(match[3], two)
        return lambda *operands: first(*operands) or second(*operands)
    match = re.fullmatch(r"(.*), and x1_i (equals|does not equal) x2_i", words)
    if match and (both := _condition(match[1])):
        return lambda x, y: both(x, y) and (x == y) is (match[2] == "equals")
    match = re.fullmatch(r"x1_i and x2_i have (the same|different) mathematical signs?(.*)", words)
    if match and match[2] in ("", " and are both nonzero finite numbers"):
        differs = match[1] == "different"
        finite = bool(match[2])
        return lambda x, y: (
            (math.copysign(1, x) != math.copysign(1, y)) is differs
            and not (math.isnan(x) or math.isnan(y))
            and (not finite or (x != 0 != y and math.isfinite(x) and math.isfinite(y)))
        )
    parts = []
    for part in re.split(rf",? and (?={_NAME} is)|, (?={_NAME} is)", words)[::3]:
        match = re.fullmatch(rf"{_NAME} (is .*)", part)
        predicate = match and _atom(match[2])
        if not predicate:
            return None
        parts.append(_of(match[1], predicate))
    return lambda *operands: all(holds(*operands) for holds in parts)


# Results ------------------------------------------------------------------------------------------

_ANGLES = {"π": 1.0, "π/2": 0.5, "π/4": 0.25, "3π/4": 0.75}


def _number(words: str) -> float | None:
    if words in _VALUES:
        return _VALUES[words]
    if words in ("NaN", "infinity", "-NaN"):
        return math.inf if words == "infinity" else math.nan
    sign = -1 if words.startswith("-") else 1
    share = _ANGLES.get(words.lstrip("+-"))
    return None if share is None else sign * share * math.pi


def _near(value: float, other: float, any_sign: bool = False) -> bool:
    if other != other or other in (0, math.inf, -math.inf):
        return _same(abs(value), abs(other)) if any_sign else _same(value, other)
    return math.isclose(value, other, rel_tol=1e-6)


def _result(words: str) -> Callable[..., bool] | None:
    note = re.search(r" \((signs? of .*unspecified)\)", words)
    words = words.split(" (")[0]
    free = note[1] if note else ""
    approximate = words.removeprefix("an implementation-dependent approximation to ")
    match = re.match(r"a (positive|negative) mathematical sign(, unless the result is NaN)?", words)
    if match:
        sign = 1.0 if match[1] == "positive" else -1.0
        return lambda out, *_: (
            math.copysign(1, out) == sign or (match[2] is not None and math.isnan(out))
        )
    if words in ("True", "False"):
        return lambda out, *_: bool(out) is (words == "True")
    match = re.fullmatch(r"(-?)(?:\||abs\()(x1_i|x2_i|a|b)(?:\||\))", words)
    if match:
        return lambda out, *operands: _same(
            out, (-1 if match[1] else 1) * abs(_of(match[2], lambda v: v)(*operands))
        )
    match = re.fullmatch(r"NaN with a sign bit of (0|1)", words)
    if match:
        return lambda out, *_: math.isnan(out) and (math.copysign(1, out) < 0) is (match[1] == "1")
    if words == "1, even if x1_i is NaN":
        return lambda out, *_: out == 1
    if words in ("x_i", "x1_i", "x2_i", "-x2_i", "-x1_i"):
        return lambda out, *operands: _same(
            out, (-1 if words[0] == "-" else 1) * operands["2" in words]
        )
    if words in ("+0 * cis(b)", "+infinity * cis(b)"):
        size = 0.0 if words.startswith("+0") else math.inf

        def turned(out: complex, z: complex) -> bool:
            point = cmath.exp(complex(0.0, z.imag))
            return _same(out.real, size * point.real) and _same(out.imag, size * point.imag)

        return turned
    match = re.fullmatch(r"(±?)(\S+) ([+±-]) (NaN ?|3?π|0|infinity ?)j(/\d)?", words)
    if match:
        real = _number(match[2])
        imag = _number(("-" if match[3] == "-" else "") + match[4].strip() + (match[5] or ""))
        if real is None or imag is None:
            return None
        any_real = "real" in free or match[1] == "±" or match[2] in ("infinity", "0")
        any_imag = "imaginary" in free or match[3] == "±" or math.isnan(imag)

        def both(out: complex, z: complex) -> bool:
            size = abs(out.imag) if any_imag else out.imag
            return _near(out.real, real, any_real) and _near(size, imag, any_imag)

        return both
    number = _number(approximate)
    if number is None:
        return None
    # "0" alone leaves the sign of zero open
    return lambda out, *_: out == 0 if words == "0" else _near(out, number)
