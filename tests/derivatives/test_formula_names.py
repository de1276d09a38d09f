"""Formulas name only functions that both interpreters have: the backend's and the tensors'."""

from __future__ import annotations

import dis
import types
from collections.abc import Iterator
from typing import Any

import pytest

from autograd_core import ops
from autograd_core.backend import Backend

INTERPRETER = "xp"


def is_interpreter(loaded: Any) -> bool:
    """Whether an instruction loads the interpreter last; some load two variables at once."""
    return loaded == INTERPRETER or (isinstance(loaded, tuple) and loaded[-1] == INTERPRETER)


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A code object and those of the functions and comprehensions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def called(function: types.FunctionType) -> Iterator[types.FunctionType]:
    """A function and all functions it names, at any depth, that take the interpreter too."""
    waiting, seen = [function], {function}
    while waiting:
        function = waiting.pop()
        yield function
        found = [cell.cell_contents for cell in function.__closure__ or ()]
        for code in codes(function.__code__):
            found += [function.__globals__.get(name) for name in code.co_names]
        for other in found:
            if isinstance(other, types.FunctionType) and other not in seen:
                code = other.__code__
                if INTERPRETER in code.co_varnames[: code.co_argcount]:
                    seen.add(other)
                    waiting.append(other)


def names(formula: types.FunctionType) -> set[str]:
    """What a formula and its helpers take from the interpreter."""
    found = set()
    for function in called(formula):
        for code in codes(function.__code__):
            before: Any = None
            for instruction in dis.get_instructions(code):
                if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and is_interpreter(before):
                    found.add(instruction.argval)
                before = instruction.argval
    return found


def formulas() -> dict[str, set[str]]:
    """For every entry what its gradient and tangent formulas take from the interpreter."""
    found = {}
    for name, entries in ops.table().items():
        for entry in entries:
            own = [*entry.formulas, entry.joint, entry.tangent]
            functions = [formula for formula in own if isinstance(formula, types.FunctionType)]
            found[f"{name}-{entry.kernel_name}"] = set().union(*map(names, functions))
    return found


FORMULAS = formulas()


def test_names_are_found() -> None:
    def outer(xp: Any, grad: Any) -> Any:
        return [xp.mul(grad, part) for part in helper(grad, xp)]

    def helper(grad: Any, xp: Any) -> Any:
        return (xp.conj(x) for x in (grad, xp.exp(grad)))

    assert names(outer) == {"mul", "conj", "exp"}
    assert sum(map(bool, FORMULAS.values())) > 150


@pytest.mark.parametrize("entry", FORMULAS)
def test_both_interpreters_have_every_name(entry: str) -> None:
    assert {name for name in FORMULAS[entry] if not hasattr(Backend, name)} == set()
    assert {name for name in FORMULAS[entry] if not hasattr(ops, name)} == set()
