"""The kit as a library: one's own function on torch and on any backends, and how they differ.

>>> from autograd_conformance import compare
>>> print(compare(lambda torch: torch.tensor([1.0, 2.0]).exp(), "numpy"))
numpy: 1 observation, as on torch
"""

from __future__ import annotations

import html
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_conformance.checks.scenario import Difference, differences
from autograd_conformance.commands.arguments import chosen_subjects
from autograd_conformance.execution import torch_subject
from autograd_conformance.scenarios.recording import (
    ULPS,
    Observation,
    Program,
    Recorder,
    TensorFacts,
    observe,
)
from autograd_conformance.subjects import Subject

Function = Callable[..., Any]
_RESULT = "result"
_RAISED = "raised"
_WARNINGS = "warnings"
#: Characters of a value that a text shows.
_SHOWN = 300


@dataclass(frozen=True)
class Comparison:
    """One backend beside torch: what each of them showed, and everything in which they differ.

    `error` is the exception that the backend raised and torch did not, with its traceback.
    """

    subject: str
    expected: tuple[Observation, ...]
    actual: tuple[Observation, ...]
    differences: tuple[Difference, ...]
    error: Exception | None = None

    @property
    def conforms(self) -> bool:
        return not self.differences

    def __bool__(self) -> bool:
        return self.conforms

    def __str__(self) -> str:
        count = sum(observation.label != _WARNINGS for observation in self.expected)
        seen = f"{self.subject}: {count} observation{'s' * (count != 1)}"
        if self.conforms:
            return f"{seen}, as on torch"
        lines = [f"{seen}, {len(self.differences)} different from torch"]
        for found in self.differences:
            lines.append(f"  {found}")
            lines.append(f"    expected {_short(found.expected)}")
            lines.append(f"    got      {_short(found.got)}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Comparisons(Sequence[Comparison]):
    """The comparisons of one function, a backend each; true when all conform."""

    all: tuple[Comparison, ...]

    @property
    def conforms(self) -> bool:
        return all(self.all)

    def __bool__(self) -> bool:
        return self.conforms

    def __len__(self) -> int:
        return len(self.all)

    def __getitem__(self, index: Any) -> Any:
        """By place, or by the subject's name."""
        if isinstance(index, str):
            return next(one for one in self.all if one.subject == index)
        return self.all[index]

    def __str__(self) -> str:
        return "\n".join(map(str, self.all))

    def _repr_html_(self) -> str:
        """A table for notebooks: a row per difference, green where there is none."""
        rows = "".join(_rows(one) for one in self.all)
        head = "".join(f"<th>{name}</th>" for name in ("", "where", "what", "torch", "got"))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def compare(
    function: Function, *backends: str, subjects: Sequence[str] = (), ulps: float = ULPS
) -> Comparisons:
    """Run a function on torch and on backends, and compare everything that it shows.

    Args:
        function: ``f(torch)``, whose result is compared, any nest of tensors, numbers, texts,
            nodes ...; or ``f(torch, record)``, which also tells what else to compare:
            ``record("label", value)``.
        backends: names of backends; none means all that are installed (unless there are subjects).
        subjects: names of other modules with torch's API.
        ulps: how many roundings the numbers in the result may have accumulated.

    Of every tensor the numbers, dtype, shape, strides, requires_grad, is_leaf, name of grad_fn,
    version and whether it is a view are compared, and the graph behind results; exceptions by type
    and text; warnings, too. Each side starts with a seeded generator and float32 as default dtype.
    """
    recorded = _Recorded(function, ulps)
    expected = observe(Program("function", "library", recorded), torch_subject().module)
    specs = chosen_subjects(list(backends), list(subjects))
    if not specs:
        raise ValueError("no backend is installed and none was named")
    return Comparisons(tuple(_comparison(recorded, expected, Subject(spec)) for spec in specs))


def assert_conforms(
    function: Function, *backends: str, subjects: Sequence[str] = (), ulps: float = ULPS
) -> None:
    """For tests: AssertionError with all differences unless `compare` finds none."""
    found = compare(function, *backends, subjects=subjects, ulps=ulps)
    if not found:
        errors = [one.error for one in found if one.error is not None]
        raise AssertionError(str(found)) from (errors[0] if errors else None)


class _Recorded:
    """A program whose result and exception are observations; keeps the latest exception."""

    def __init__(self, function: Function, ulps: float) -> None:
        self._function = function
        self._ulps = ulps
        self._takes_recorder = len(inspect.signature(function).parameters) > 1
        self.error: Exception | None = None

    def __call__(self, torch: Any, record: Recorder) -> None:
        self.error = None
        arguments = (torch, record) if self._takes_recorder else (torch,)
        try:
            result = self._function(*arguments)
        except Exception as error:  # what is raised is what is compared
            record(_RAISED, error)
            self.error = error
            return
        if result is not None or not self._takes_recorder:
            record(_RESULT, result, ulps=self._ulps)
            for place, tensor in enumerate(_tensors(torch, result)):
                if tensor.grad_fn is not None:
                    record.graph(f"graph of tensor {place} of the {_RESULT}", tensor)


def _tensors(torch: Any, value: Any) -> Iterator[Any]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _tensors(torch, member)
    elif isinstance(value, tuple | list):
        for member in value:
            yield from _tensors(torch, member)


def _comparison(recorded: _Recorded, expected: list[Observation], subject: Subject) -> Comparison:
    with subject.activate():
        actual = observe(Program("function", "library", recorded), subject.module)
    as_torch = any(observation.label == _RAISED for observation in expected)
    error = None if as_torch else recorded.error
    found = tuple(_parted(expected, actual))
    return Comparison(subject.label, tuple(expected), tuple(actual), found, error)


def _parted(expected: list[Observation], actual: list[Observation]) -> Iterator[Difference]:
    for ours, theirs in zip(expected, actual, strict=False):
        if ours.label != theirs.label:
            where = f"{ours.label} on torch, {theirs.label} on the backend"
            yield Difference(where, "what is observed differs", ours.value, theirs.value)
            return
        yield from differences(ours.label, ours.value, theirs.value, ours.ulps, ours.slack)
    if len(expected) != len(actual):
        labels = [[o.label for o in side] for side in (expected, actual)]
        yield Difference("all", "number of observations differs", *labels)


def _short(value: Any) -> str:
    text = _plain(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."


def _plain(value: Any) -> str:
    if isinstance(value, TensorFacts):
        size = "x".join(map(str, value.shape)) or "0-d"
        return f"{value.type}({list(value.values)}, {size} of {value.dtype})"
    return repr(value)


def _rows(one: Comparison) -> str:
    if one.conforms:
        _, _, text = str(one).partition(": ")
        return _row("#e6f4ea", [one.subject, text, "", "", ""])
    return "".join(
        _row("#fce8e6", [one.subject, d.where, d.what, _short(d.expected), _short(d.got)])
        for d in one.differences
    )


def _row(colour: str, texts: list[str]) -> str:
    cells = "".join(f"<td style='text-align:left'>{html.escape(text)}</td>" for text in texts)
    return f"<tr style='background:{colour};color:#202124'>{cells}</tr>"
