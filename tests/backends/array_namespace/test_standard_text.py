"""The namespace and the text of the standard: names, signatures, special cases."""

from __future__ import annotations

import ast
import inspect
import itertools
import math
import re

import pytest

import autograd_python.array_api as xp

from . import standard_text

STANDARD = standard_text.text()
pytestmark = pytest.mark.skipif(
    STANDARD is None, reason="needs array-api, the text of the standard"
)

DEFINITIONS = standard_text.definitions(STANDARD) if STANDARD else {}
CASES = standard_text.special_cases(STANDARD) if STANDARD else []
NUMBERS = [0.0, 1.0, 2.0, 3.0, 0.5, 1.5, 2.5, math.inf, math.nan]
NUMBERS += [-number for number in NUMBERS]

DIFFERENCES = {
    "sqrt: If a is +infinity and b is a positive (i.e., greater than 0) finite number, "
    "the result is +0 + infinity j": "the text has the parts the wrong way round",
    "sqrt: If a is NaN and b is any value, the result is NaN + NaN j": "the text also says that "
    "any value with +infinity above it has the root +infinity + infinity j",
    "tanh: If a is +infinity and b is a positive (i.e., greater than 0) finite number, "
    "the result is 1 + 0j": "the zero has the sign of sin(2 b), as C has it",
}
"""The special cases that the namespace does not have, and why."""


def function(name):
    """The function of a name, wherever it is; `fft` is one within the extension."""
    for namespace in (xp.linalg, xp.fft, xp):
        if hasattr(namespace, name):
            return getattr(namespace, name)
    return None


def parameters(name):
    """The parameters of a function in the standard: name (unless by place only), kind, default."""
    (words,) = re.findall(r"^    def __call__\(self, (.*)\) -> ", DEFINITIONS[name], re.M)
    arguments = ast.parse(f"def f({re.sub('^/(, )?', '', words)}): ...").body[0].args
    required = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(required) - len(arguments.defaults)) + arguments.defaults
    found = [
        (
            "_" if one in arguments.posonlyargs else one.arg,
            "place",
            default and ast.unparse(default),
        )
        for one, default in zip(required, defaults, strict=True)
    ]
    if arguments.vararg:
        found.append((arguments.vararg.arg, "rest", None))
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append((one.arg, "name", default and ast.unparse(default)))
    return found


def own_parameters(found):
    kinds = {"VAR_POSITIONAL": "rest", "KEYWORD_ONLY": "name"}
    return [
        (
            "_" if one.kind is one.POSITIONAL_ONLY else one.name,
            kinds.get(one.kind.name, "place"),
            None if one.default is one.empty else repr(one.default),
        )
        for one in inspect.signature(found).parameters.values()
    ]


@pytest.mark.parametrize(
    "name", [name for name, text in DEFINITIONS.items() if "__call__(self, " in text]
)
def test_functions_have_the_parameters_of_the_standard(name):
    assert function(name) is not None
    assert own_parameters(function(name)) == parameters(name)


def test_array_objects_have_the_attributes_of_the_standard():
    names = re.findall(r"^    def (\w+)\(", DEFINITIONS["Array"], re.M)
    assert len(names) > 40
    for name in names:
        assert hasattr(xp.Array, name), name
        for reflected in ("r", "i"):
            if name in ARITHMETIC:
                assert hasattr(xp.Array, f"__{reflected}{name.strip('_')}__")


ARITHMETIC = "__add__ __sub__ __mul__ __matmul__ __truediv__ __floordiv__ __mod__ __pow__ "
ARITHMETIC += "__and__ __or__ __xor__ __lshift__ __rshift__"


def test_nothing_of_the_standard_is_missing():
    for namespace, owner in (
        (xp, "ArrayNamespace"),
        (xp.linalg, "LinalgNamespace"),
        (xp.fft, "FftNamespace"),
    ):
        names = re.findall(r"^    (\w+): ", DEFINITIONS[owner], re.M)
        assert names
        for name in names:
            assert hasattr(namespace, name), f"{owner}.{name}"


def test_most_special_cases_are_read():
    assert len(CASES) > 440


@pytest.mark.parametrize("dtypes", [("float32", "complex64"), ("float64", "complex128")])
@pytest.mark.parametrize("name", sorted({case.function for case in CASES}))
def test_special_cases(name, dtypes):
    for case in CASES:
        if case.function == name:
            title = f"{name}: {case.text}"
            wrong = list(_wrong(case, *dtypes))
            assert bool(wrong) is (title in DIFFERENCES), f"{title}: {wrong[:3]}"


def _wrong(case, real, complex_dtype):
    """The operands of a case, and the result where that is not the standard's."""
    count = 2 if "x2_i" in case.text else 1
    of_parts = "x_i" not in case.text and count == 1 and "x1_i" not in case.text
    dtype = getattr(xp, complex_dtype if of_parts else real)
    tried = 0
    for operands in itertools.product(NUMBERS, repeat=2 if of_parts else count):
        if of_parts:
            operands = (complex(*operands),)
        if case.holds(*operands):
            tried += 1
            out = function(case.function)(*[xp.asarray(value, dtype=dtype) for value in operands])
            number = complex(out) if "complex" in out.dtype.name else float(out)
            if not case.expected(number, *operands):
                yield operands, number
    assert tried, f"no operands for {case.text}"
