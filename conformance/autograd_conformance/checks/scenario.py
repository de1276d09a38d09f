"""Does a program, run on torch and on the subject, observe the same, label by label in order?

All is compared exactly but for floating-point numbers, which may lie a few units in the last place
apart: of the number itself, or of the largest number of the tensor it stands in.
"""

from __future__ import annotations

import math
from dataclasses import fields
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
        _same(repr(ours.label), ours.value, theirs.value, ours)
    if len(expected) != len(actual):
        raise Mismatch("number of observations differs", f"{len(expected)} and {len(actual)}")
    return Outcome()


def _same(where: str, expected: Any, actual: Any, allowance: Observation) -> None:
    """Raise Mismatch where the two plain values differ."""
    if type(expected) is not type(actual):
        _differ(f"{where}: kind differs", expected, actual)
    if isinstance(expected, TensorFacts):
        for field in fields(expected):
            if field.name != "values":
                ours, theirs = getattr(expected, field.name), getattr(actual, field.name)
                if ours != theirs:
                    _differ(f"{where}: {field.name} differs", ours, theirs)
        scale = max((_size(v) for v in expected.values), default=0.0)
        allowed = allowance.ulps * _EPS.get(expected.dtype, _DOUBLE) * scale + allowance.slack
        for ours, theirs in zip(expected.values, actual.values, strict=True):
            if type(ours) is not type(theirs) or not _near(ours, theirs, allowed):
                _differ(f"{where}: values differ", expected.values, actual.values)
    elif isinstance(expected, tuple | list):
        if len(expected) != len(actual):
            _differ(f"{where}: length differs", expected, actual)
        for ours, theirs in zip(expected, actual, strict=True):
            _same(where, ours, theirs, allowance)
    elif isinstance(expected, float | complex):
        allowed = allowance.ulps * _DOUBLE * _size(expected) + allowance.slack
        if not _near(expected, actual, allowed):
            _differ(f"{where}: number differs", expected, actual)
    elif expected != actual:
        _differ(f"{where}: differs", expected, actual)


def _size(value: Any) -> float:
    """The magnitude of a finite number; 0 of others and of what is not floating."""
    if isinstance(value, float | complex):
        size = abs(value)
        return size if math.isfinite(size) else 0.0
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


def _differ(message: str, expected: Any, actual: Any) -> None:
    raise Mismatch(message, f"expected {expected!r}\ngot      {actual!r}")
