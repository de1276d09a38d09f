"""Formulas written into the code that calls them, where they are one expression without a branch.

What a call of a formula costs is saved, 30 ns and the look-ups, and of real numbers nothing need be
conjugated: the formula is run once on names in place of arrays, which puts its expression together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

_STRAIGHT = {
    *("RESUME", "CACHE", "NOP", "PUSH_NULL", "PRECALL", "KW_NAMES", "CALL", "CALL_KW"),
    *("LOAD_FAST", "LOAD_FAST_LOAD_FAST", "LOAD_CONST", "LOAD_SMALL_INT", "LOAD_ATTR"),
    *("LOAD_FAST_BORROW", "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "LOAD_METHOD"),
    *("BINARY_OP", "UNARY_NEGATIVE", "RETURN_VALUE", "RETURN_CONST"),
}
"""Instructions of code that does the same whatever it is given: nothing is asked, nothing global is
read. Code with others, which a new version of the interpreter may have, is called as ever."""


def expression(
    formula: Callable[..., Any], arguments: Sequence[str], namespace: type[Text]
) -> str | None:
    """Return the text of what a formula computes of arguments, None where it must be called.

    Args:
        formula: the formula.
        arguments: the text of each of its arguments.
        namespace: what stands for the backend.
    """
    if type(formula) is not FunctionType or not _is_straight(formula):
        return None
    try:
        made = formula(*[namespace(a) if a == "xp" else Text(a) for a in arguments])
    except (KeyError, TypeError, ValueError):  # something that is not written down here
        return None
    return made.written_ if type(made) is Text else None


def conjugates(formula: Callable[..., Any]) -> bool:
    """Whether a formula says what is conjugated."""
    code = getattr(formula, "__code__", None)
    return code is not None and "conj" in code.co_names


def _is_straight(formula: FunctionType) -> bool:
    from opcode import opname  # which only programs that differentiate need

    code = formula.__code__.co_code
    return all(opname[number] in _STRAIGHT for number in code[::2]) and not formula.__closure__


class Text:
    """The text of a value: whatever is done with it is written down."""

    __slots__ = ("written_",)  # no name that a backend has

    def __init__(self, text: str) -> None:
        self.written_ = text

    def __getattr__(self, name: str) -> Text:
        return Text(f"{self.written_}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Text:
        given = [_text(value) for value in args]
        given += [f"{name}={_text(value)}" for name, value in kwargs.items()]
        return Text(f"{self.written_}({', '.join(given)})")

    def __neg__(self) -> Text:
        return Text(f"(-{self.written_})")


class Reals(Text):
    """The backend where all numbers are real: it leaves the conjugates out."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        return (lambda value: value) if name == "conj" else super().__getattr__(name)


class Rows(Text):
    """The backend for gradients that have a dim of rows before their own, and for no other arrays.

    It has the kernels that say which dims they mean.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        kinds, kernel = _DIMS_AND_SIZES[name], super().__getattr__(name)
        moved = {"d": "{} + 1", "s": "(g.shape[0], *{})", ".": "{}"}
        return lambda array, *options: kernel(
            array,
            *[Text(moved[k].format(_text(o))) for k, o in zip(kinds, options, strict=True)],
        )


_DIMS_AND_SIZES = {
    "diagonal": ".dd",
    "diagonal_backward": "s.dd",
    "reshape": "s",
    "select": "d.",
    "select_backward": "sd.",
    "slice": "d...",
    "slice_backward": "sd...",
    "squeeze_dim": "d",
    "unfold_backward": "sd..",
}
"""Which options of kernels are dims, which are sizes."""


def _text(value: Any) -> str:
    return value.written_ if isinstance(value, Text) else repr(value)


def _operator(symbol: str) -> tuple[Callable[..., Text], Callable[..., Text]]:
    def written(self: Text, other: Any) -> Text:
        return Text(f"({self.written_} {symbol} {_text(other)})")

    def reflected(self: Text, other: Any) -> Text:
        return Text(f"({_text(other)} {symbol} {self.written_})")

    return written, reflected


for _name, _symbol in {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "pow": "**",
    "matmul": "@",
}.items():
    _written, _reflected = _operator(_symbol)
    setattr(Text, f"__{_name}__", _written)
    setattr(Text, f"__r{_name}__", _reflected)
