"""Does a program, run on torch and on the subject, observe the same, label by label in order?

All is compared exactly but for floating-point numbers, which may lie a few units in the last place
apart: of the number itself, or of the largest number of the tensor it stands in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from autograd_conformance.cases import Mismatch, Outcome, Status
from autograd_conformance.scenarios.recording import Observation, TensorFacts

_EPS = {
    "torch.float16": 2.0**-10,
    "torch.bfloat16": 2.0**-7,
    "torch.float32": 2.0**-23,
    "torch.complex64": 2.0**-23,
}
_DOUBLE = 2.0**-52


@dataclass(frozen=True)
class Difference:
    """One thing in which two observations part: where, in what, and what each side has."""

    where: str
    what: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def compare(expected: list[Observation], actual: list[Observation]) -> Outcome:
    """The outcome of a program: the first label at which the two sides part is its message."""
    if not expected:
        return Outcome(Status.FAIL, "the scenario records nothing")
    for ours, theirs in zip(expected, actual, strict=False):
        if ours.label != theirs.label:
            raise Mismatch(
                f"the programs part at {ours.label!r}",
                f"torch recorded {ours.label!r}, the subject {theirs.label!r}",
            )
        for found in differences(repr(ours.label), ours.value, theirs.value, ours.ulps, ours.slack):
            raise Mismatch(str(found), f"expected {found.expected!r}\ngot      {found.got!r}")
    if len(expected) != len(actual):
        raise Mismatch("number of observations differs", f"{len(expected)} and {len(actual)}")
    return Outcome()


def differences(
    where: str, expected: Any, actual: Any, ulps: float, slack: float = 0.0
) -> Iterator[Difference]:
    """Everything in which two plain values differ.

    Numbers may lie ``ulps`` units in the last place and ``slack`` apart.
    """
    if type(expected) is not type(actual):
        yield Difference(where, "kind differs", expected, actual)
    elif isinstance(expected, TensorFacts):
        yield from _of_tensors(where, expected, actual, ulps, slack)
    elif isinstance(expected, tuple | list):
        if len(expected) != len(actual):
            yield Difference(where, "length differs", expected, actual)
            return
        for ours, theirs in zip(expected, actual, strict=True):
            yield from differences(where, ours, theirs, ulps, slack)
    elif isinstance(expected, float | complex):
        if not _near(expected, actual, ulps * _DOUBLE * _size(expected) + slack):
            yield Difference(where, "number differs", expected, actual)
    elif expected != actual:
        yield Difference(where, "differs", expected, actual)


def _of_tensors(
    where: str, expected: TensorFacts, actual: TensorFacts, ulps: float, slack: float
) -> Iterator[Difference]:
    for field in fields(expected):
        if field.name != "values":
            ours, theirs = getattr(expected, field.name), getattr(actual, field.name)
            if ours != theirs:
                yield Difference(where, f"{field.name} differs", ours, theirs)
    if len(expected.values) != len(actual.values):
        return  # as the shapes have told
    scale = max((_size(v) for v in expected.values), default=0.0)
    allowed = ulps * _EPS.get(expected.dtype, _DOUBLE) * scale + slack
    for ours, theirs in zip(expected.values, actual.values, strict=True):
        if type(ours) is not type(theirs) or not _near(ours, theirs, allowed):
            yield Difference(where, "values differ", expected.values, actual.values)
            return


def _size(value: Any) -> float:
    """The magnitude of what is finite of a number; 0 where nothing is, or nothing is floating."""
    if isinstance(value, float | complex):
        size = abs(value)
        if math.isfinite(size):
            return size
        return max(_size(value.real), _size(value.imag)) if isinstance(value, complex) else 0.0
    return 0.0


def _near(expected: Any, actual: Any, allowed: float) -> bool:
    if expected == actual:
        return True
    if isinstance(expected, complex):
        return _near(expected.real, actual.real, allowed) and _near(
            expected.imag, actual.imag, allowed
        )
    if not isinstance(expected, float):
        return False
    if math.isnan(expected) or math.isnan(actual):
        return math.isnan(expected) and math.isnan(actual)
    return bool(abs(expected - actual) <= allowed)
