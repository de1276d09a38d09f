"""Comparing two tensors attribute by attribute, and the error that names the user's line."""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from autograd_conformance.checks.scenario import differences
from autograd_conformance.scenarios.recording import Raised, TensorFacts

_ADDRESS = re.compile(r"0x[0-9a-f]+")
_SHOWN = 600


@dataclass(frozen=True)
class Line:
    """A line of the user's source."""

    path: str
    number: int
    source: str

    def __str__(self) -> str:
        text = f"\n    {self.source}" if self.source else ""
        return f"{self.path}:{self.number}{text}"


class Divergence(AssertionError):
    """The first thing in which torch and the subject part; `line` is where the user asked for it.

    Attributes:
        what: what differs, in words.
        expected: what torch has.
        got: what the subject has.
        line: file, number and source text of the user's line.
    """

    def __init__(self, what: str, expected: Any, got: Any, subject: str, line: Line) -> None:
        super().__init__(
            f"{what}\n  at {line}\n  torch: {_short(expected)}\n  {subject}: {_short(got)}"
        )
        self.what = what
        self.expected = expected
        self.got = got
        self.line = line


def _short(value: Any) -> str:
    text = f"{value.type}: {value.text}" if isinstance(value, Raised) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."


def users_line(libraries: tuple[str, ...]) -> Line:
    """The innermost line being run that is none of the kit's, torch's or the subject's."""
    frame = sys._getframe(1)
    outermost = frame
    while frame is not None:
        outermost = frame
        if not _is_of(str(frame.f_globals.get("__name__", "")), libraries):
            break
        frame = frame.f_back  # type: ignore[assignment]
    path, number = outermost.f_code.co_filename, outermost.f_lineno
    return Line(path, number, linecache.getline(path, number).strip())


def _is_of(module: str, libraries: tuple[str, ...]) -> bool:
    return any(module == library or module.startswith(f"{library}.") for library in libraries)


def _node(tensor: Any) -> str | None:
    return None if tensor.grad_fn is None else tensor.grad_fn.name()


def _edges(tensor: Any) -> list[Any]:
    if tensor.grad_fn is None:
        return []
    following = tensor.grad_fn.next_functions
    return [(None if node is None else node.name(), int(number)) for node, number in following]


def _values(tensor: Any) -> tuple[Any, ...]:
    found: list[Any] = []
    waiting = [tensor.detach().tolist()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += reversed(value)
        else:
            found.append(value)
    return tuple(found)


#: What is asked of every tensor, in the order in which a difference is told.
QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "type": lambda t: type(t).__name__,
    "dtype": lambda t: str(t.dtype),
    "shape": lambda t: tuple(int(n) for n in t.shape),
    "requires_grad": lambda t: bool(t.requires_grad),
    "is_leaf": lambda t: bool(t.is_leaf),
    "grad_fn": _node,
    "next_functions of grad_fn": _edges,
    "output_nr": lambda t: int(t.output_nr),
    "_version": lambda t: int(t._version),
    "_is_view()": lambda t: bool(t._is_view()),
    "stride()": lambda t: tuple(int(n) for n in t.stride()),
    "storage_offset()": lambda t: int(t.storage_offset()),
    "is_contiguous()": lambda t: bool(t.is_contiguous()),
    "retains_grad": lambda t: bool(t.retains_grad),
    "is_inference()": lambda t: bool(t.is_inference()),
    "is_conj()": lambda t: bool(t.is_conj()),
    "is_neg()": lambda t: bool(t.is_neg()),
    "values": _values,
}


def tensor_differences(expected: Any, actual: Any, ulps: float) -> Iterator[tuple[str, Any, Any]]:
    """What differs of two tensors: (attribute, torch's, the subject's).

    What torch does not answer (inside of a transform, say) is not asked of the subject.
    """
    for name, question in QUESTIONS.items():
        ours = _answer(question, expected)
        if isinstance(ours, Raised):
            continue
        theirs = _answer(question, actual)
        if name == "values" and not isinstance(theirs, Raised):
            dtype = str(expected.dtype)
            pair = _only_values(dtype, ours), _only_values(dtype, theirs)
            if any(True for _ in differences("", pair[0], pair[1], ulps)):
                yield name, ours, theirs
        elif ours != theirs:
            yield name, ours, theirs
    if expected.is_leaf or expected.retains_grad:
        yield from _of_gradients(expected.grad, actual.grad, ulps)


def _of_gradients(expected: Any, actual: Any, ulps: float) -> Iterator[tuple[str, Any, Any]]:
    if expected is None or actual is None:
        if expected is not actual:
            yield "grad", expected, actual
        return
    for name, ours, theirs in tensor_differences(expected, actual, ulps):
        yield f"grad.{name}", ours, theirs


def _answer(question: Callable[[Any], Any], tensor: Any) -> Any:
    try:
        return question(tensor)
    except Exception as error:  # an answer like any other
        return Raised(type(error).__name__, str(error))


def _only_values(dtype: str, values: tuple[Any, ...]) -> TensorFacts:
    return TensorFacts("", dtype, (), (), values, False, False, None, 0, False)


def plain_differs(expected: Any, actual: Any, dtype: str, ulps: float) -> bool:
    """Whether two plain values (numbers, texts, sizes) differ.

    Numbers are those of a tensor of ``dtype``; addresses in texts do not count.
    """
    if isinstance(expected, str) and isinstance(actual, str):
        return _ADDRESS.sub("", expected) != _ADDRESS.sub("", actual)
    if isinstance(expected, float | complex) and type(expected) is type(actual):
        expected, actual = _only_values(dtype, (expected,)), _only_values(dtype, (actual,))
    return any(True for _ in differences("", expected, actual, ulps))
