"""Is what a subject observed what torch observed, rounding and kinks apart?

Most programs agree within a few units in the last place and cost one comparison. Where numbers lie
farther apart, torch itself says what rounding can do: the program is run a few times with every
rounding made at random, each by as much as the dtype of the op rounds (`stochastic_rounding.py`),
and an observation may stray as far as the spread of those runs lets expect. Where they stray so far
that rounding decides what happens next, the program is judged up to there: but only if some number
before was rounded otherwise at all.
"""

from __future__ import annotations

import cmath
import math
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from autograd_conformance.budgets import CONFIDENCE, RUNS
from autograd_conformance.cases import Mismatch
from autograd_conformance.checks.scenario import compare
from autograd_conformance.fuzzing.interpreter import observe
from autograd_conformance.fuzzing.programs import EPS, Program
from autograd_conformance.scenarios.recording import Observation, TensorFacts
from autograd_conformance.stochastic_rounding import AsItIs, RandomRounding

#: Numbers below it are judged as if they were of this size: what has cancelled moves far for them.
LEAST_SCALE = 2.0**-10
#: After so many runs more no kink stays unseen that takes either way.
MORE_RUNS = 32
_DOUBLE, _HUGE = 2.0**-52, sys.float_info.max
_Label = tuple[str, int]


class Verdict(StrEnum):
    """What became of a program."""

    SAME = "same"
    #: The same once rounding was measured.
    ROUNDED = "rounded"
    #: The same up to a place where rounding decides.
    KINK = "kink"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Judgement:
    """The verdict; the label, message and both answers of the first difference that counts.

    ``before`` is what torch had answered by then.
    """

    verdict: Verdict
    label: str = ""
    message: str = ""
    detail: str = ""
    before: tuple[Observation, ...] = ()


def judge(
    program: Program, expected: list[Observation], actual: list[Observation], torch: Any
) -> Judgement:
    """Compare what a subject observed with what torch did, measuring on torch where it must."""
    found = _first_difference(expected, actual)
    if found is None:
        return Judgement(Verdict.SAME)
    runs = Runs(program, expected, torch)
    for count in (RUNS, MORE_RUNS):
        place, difference = found
        if not (_is_of_numbers(difference) or _rounded_before(expected, actual, place)):
            break
        budgets = runs.budgets(count)
        wider = [replace(o, slack=b.slack) for o, b in zip(expected, budgets, strict=True)]
        found = _first_difference(wider, actual)
        if found is None:
            return Judgement(Verdict.ROUNDED)
        place, difference = found
        budget = budgets[min(place, len(budgets) - 1)]
        decided = budget.decided if _is_of_numbers(difference) else budget.parted
        if decided and _rounded_before(expected, actual, place):
            return Judgement(Verdict.KINK)
    place, difference = found
    label = expected[place].label if place < len(expected) else "the end"
    detail = difference.detail
    if "the programs part" in difference.message:
        detail += f"\n{actual[place].value!r}"
    if difference.message.endswith("strides differs"):
        detail += f"\nof shape {getattr(expected[place].value, 'shape', ())}"
    before = tuple(expected[: place + 1])
    return Judgement(Verdict.DIFFERENT, label, difference.message, detail, before)


def _is_of_numbers(difference: Mismatch) -> bool:
    return difference.message.endswith(("values differ", "number differs"))


def _rounded_before(expected: list[Observation], actual: list[Observation], place: int) -> bool:
    """Whether some number before was rounded otherwise; nan is not equal to itself, its text is."""
    before = zip(expected[:place], actual[:place])
    return any(e != a and repr(e.value) != repr(a.value) for e, a in before)


def _first_difference(
    expected: list[Observation], actual: list[Observation]
) -> tuple[int, Mismatch] | None:
    for place, (ours, theirs) in enumerate(zip(expected, actual, strict=False)):
        try:
            compare([ours], [theirs])
        except Mismatch as difference:
            return place, difference
    if len(expected) != len(actual):
        place = min(len(expected), len(actual))
        extra = max(expected, actual, key=len)[place]
        return place, Mismatch(
            "number of observations differs",
            f"expected {len(expected)}, got {len(actual)}; the next is {extra.label}",
        )
    return None


@dataclass(frozen=True)
class Budget:
    """How far the numbers of an observation may lie from torch's by rounding.

    ``decided``: rounding decides on them. ``parted``: by then it has decided on more than numbers.
    """

    slack: float
    decided: bool
    parted: bool


class Runs:
    """Runs of a program on torch with random roundings, made as they are asked for."""

    def __init__(self, program: Program, expected: list[Observation], torch: Any) -> None:
        self._program, self._torch = program, torch
        self._expected = _by_label(expected)
        self._watched: dict[_Label, Observation] = {}
        self._runs: list[dict[_Label, Observation]] = []

    def budgets(self, count: int) -> list[Budget]:
        """The budget of each observation, measured from so many runs."""
        if not self._runs:
            self._watched = self._run(AsItIs())
        for draw in range(len(self._runs), count):
            self._runs.append(self._run(RandomRounding(draw)))
        unit = max(_eps_of_dtype(leaf.dtype) for leaf in self._program.leaves)
        parted, found = False, []
        for label, observation in self._expected.items():
            unit = max(unit, _eps_of(observation.value))
            # Under a mode torch takes another way now and then, but rounds no more than it does.
            center = self._watched.get(label, observation)
            strays = [_apart(center, run.get(label)) for run in self._runs]
            parted = parted or math.inf in strays
            scale = max(map(abs, _numbers(observation.value)), default=0.0)
            decided = max(strays) > math.sqrt(unit) * max(scale, LEAST_SCALE)
            slack = 0.0 if decided else CONFIDENCE * math.hypot(*strays) / math.sqrt(count)
            found.append(Budget(slack, decided, parted))
        return found

    def _run(self, mode: AbstractContextManager[Any]) -> dict[_Label, Observation]:
        with mode:
            *observations, warned = observe(self._program, self._torch)
        # An op that is run more than once warns more than once.
        once = replace(warned, value=list(dict.fromkeys(warned.value)))
        return _by_label([*observations, once])


def _numbers(value: Any) -> Iterator[float | complex]:
    """The finite numbers in a plain value, and the finite parts of complex ones that are not."""
    if isinstance(value, TensorFacts):
        yield from _numbers(value.values)
    elif isinstance(value, tuple | list):
        for member in value:
            yield from _numbers(member)
    elif isinstance(value, float | complex) and cmath.isfinite(value):
        yield value
    elif isinstance(value, complex):
        yield from _numbers((value.real, value.imag))


def _by_label(observations: list[Observation]) -> dict[_Label, Observation]:
    """Observations by what they are called in every run: their label, and which one of it."""
    seen: Counter[str] = Counter()
    found = {}
    for observation in observations:
        seen[observation.label] += 1
        found[observation.label, seen[observation.label]] = observation
    return found


def _apart(one: Observation, other: Observation | None) -> float:
    """The largest distance of two numbers of an observation; infinite if all else differs."""
    return math.inf if other is None else _distance(one.value, other.value)


def _eps_of(value: Any) -> float:
    """The distance of 1 to the next number in the coarsest dtype of the tensors in a value."""
    if isinstance(value, TensorFacts):
        return _eps_of_dtype(value.dtype.removeprefix("torch."))
    if isinstance(value, tuple | list):
        return max(map(_eps_of, value), default=_DOUBLE)
    return _DOUBLE


def _eps_of_dtype(dtype: str) -> float:
    """That of what is computed of tensors of a dtype: of integers and bools in single precision."""
    return _DOUBLE if dtype in ("float64", "complex128") else EPS.get(dtype, EPS["float32"])


def _distance(one: Any, other: Any) -> float:
    if isinstance(one, TensorFacts) and isinstance(other, TensorFacts):
        same = (one.shape, one.strides, one.grad_fn) == (other.shape, other.strides, other.grad_fn)
        return _distance(one.values, other.values) if same else math.inf
    if type(one) is not type(other):
        return math.inf
    if isinstance(one, tuple | list):
        if len(one) != len(other):
            return math.inf
        return max(map(_distance, one, other), default=0.0)
    if isinstance(one, float | complex):
        if one == other or (isinstance(one, float) and math.isnan(one) and math.isnan(other)):
            return 0.0
        if cmath.isfinite(one) and cmath.isfinite(other):
            return float(min(abs(one - other), _HUGE))
        if isinstance(one, complex):
            return max(_distance(one.real, other.real), _distance(one.imag, other.imag))
        return _HUGE
    return 0.0 if one == other else math.inf
