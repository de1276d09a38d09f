"""Is what a subject observed what torch observed, rounding and kinks apart?

Most programs agree within a few units in the last place and cost one comparison. Where numbers lie
farther apart, torch itself says what rounding can do: the program is run in double and in single
precision from the same numbers and with its leaves moved, and an observation may stray as far as
torch's own does. Where even moving the leaves by 2**-30 changes an observation by much more than
that (five points on a line through the leaves), rounding decides what happens next, and the program
is judged up to there: but only if some number before was rounded otherwise at all.
"""

from __future__ import annotations

import cmath
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from autograd_conformance.cases import Mismatch
from autograd_conformance.checks.scenario import compare
from autograd_conformance.fuzzing.interpreter import observe
from autograd_conformance.fuzzing.programs import EPS, Program, bare
from autograd_conformance.scenarios.recording import Observation, Raised, TensorFacts

#: How far leaves are moved along a line to see whether torch's answer moves along.
STEP = 2.0**-30
DRAWS = 6
#: Numbers below it are judged as if they were of this size: what has cancelled moves far for them.
LEAST_SCALE = 2.0**-10
#: How many times torch's own error, and the move by half a unit of the leaves, is allowed.
TORCH_FACTOR, CONDITION = 4.0, 16.0
_SINGLE = 2.0**-23
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
    place, difference = found
    rounding = difference.message.endswith(("values differ", "number differs"))
    if rounding or _rounded_before(expected, actual, place):
        allowed = budgets(program, expected, torch)
        wider = [replace(o, slack=a if a < math.inf else 0.0) for o, a in zip(expected, allowed)]
        found = _first_difference(wider, actual)
        if found is None:
            return Judgement(Verdict.ROUNDED)
        place, difference = found
        decided = allowed[min(place, len(allowed) - 1)] == math.inf
        if decided and _rounded_before(expected, actual, place):
            return Judgement(Verdict.KINK)
    label = expected[place].label if place < len(expected) else "the end"
    detail = difference.detail
    if "the programs part" in difference.message:
        detail += f"\n{actual[place].value!r}"
    if difference.message.endswith("strides differs"):
        detail += f"\nof shape {getattr(expected[place].value, 'shape', ())}"
    before = tuple(expected[: place + 1])
    return Judgement(Verdict.DIFFERENT, label, difference.message, detail, before)


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


def budgets(program: Program, expected: list[Observation], torch: Any) -> list[float]:
    """How far each observation may lie from torch's by rounding; infinite where it decides."""
    precise = program.precise()
    center = _by_label(_observe_precisely(precise, torch))
    line = [
        _by_label(_observe_precisely(precise.moved(k * STEP, 0), torch)) for k in (-2, -1, 1, 2)
    ]
    unit, largest = program.eps, 0.0
    allowed = []
    runs = []
    for draw in range(DRAWS):
        near = program.moved(8 * _SINGLE * draw, draw).single()
        coarse, fine = observe(near.coarse(), torch), _observe_precisely(near.precise(), torch)
        runs.append((_by_label(coarse), _by_label(fine)))
    for label, observation in zip(_labels(expected), expected, strict=True):
        unit = max(unit, _eps_of(observation.value))
        moves = [_apart(center, points, label) for points in line]
        scale = max(map(abs, _numbers(observation.value)), default=0.0)
        largest = max(largest, scale)
        steep = max(moves) > math.sqrt(STEP) * max(scale, LEAST_SCALE)
        if steep and not _is_line(moves):
            allowed.append(math.inf)
            continue
        strays = [_apart(coarse, fine, label) for coarse, fine in runs]
        if math.inf in strays:  # torch itself gives another thing in another precision
            allowed.append(math.inf)
            continue
        stray = max(strays, default=0.0)
        slope = max(moves[1:3]) / STEP
        cancelled = unit * min(largest, 1.0)  # what sums to nothing in torch need not elsewhere
        measured = TORCH_FACTOR * stray * unit / _SINGLE + CONDITION * slope * unit / 2
        allowed.append(measured + cancelled)
    return allowed


def _numbers(value: Any) -> Iterator[float | complex]:
    """The finite numbers in a plain value."""
    if isinstance(value, TensorFacts):
        yield from _numbers(value.values)
    elif isinstance(value, tuple | list):
        for member in value:
            yield from _numbers(member)
    elif isinstance(value, float | complex) and cmath.isfinite(value):
        yield value


def _observe_precisely(program: Program, torch: Any) -> list[Observation]:
    """What a program observes where functions of integers give double precision."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return observe(program, torch)
    finally:
        torch.set_default_dtype(before)


def _is_line(moves: list[float]) -> bool:
    """Whether four points on a line move as points on a line do: a jump or a wall is no slope."""
    (far, near), (close, away) = moves[:2], moves[2:]
    return all(abs(long - 2 * short) <= long / 4 for long, short in ((far, near), (away, close)))


def _labels(observations: list[Observation]) -> list[_Label]:
    """What the same observation is called in runs in other dtypes: its label, and which one."""
    seen: Counter[str] = Counter()
    labels = []
    for observation in observations:
        label = bare(observation.label)
        seen[label] += 1
        labels.append((label, seen[label]))
    return labels


def _by_label(observations: list[Observation]) -> dict[_Label, Observation]:
    return dict(zip(_labels(observations), observations, strict=True))


def _apart(
    some: dict[_Label, Observation], others: dict[_Label, Observation], label: _Label
) -> float:
    """The largest distance of two numbers of an observation; infinite if all else differs."""
    if label not in some or label not in others:
        return math.inf
    return _distance(some[label].value, others[label].value)


def _is_whole(facts: TensorFacts) -> bool:
    return not facts.dtype.startswith(("torch.float", "torch.bfloat", "torch.complex"))


def _eps_of(value: Any) -> float:
    """The distance of 1 to the next number in the coarsest dtype of the tensors in a value."""
    if isinstance(value, TensorFacts):
        # Functions of integers are in float32.
        return EPS.get(value.dtype.removeprefix("torch."), 0.0) or _SINGLE * _is_whole(value)
    if isinstance(value, tuple | list):
        return max(map(_eps_of, value), default=0.0)
    return 0.0


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
        if one == other or (cmath.isnan(one) and cmath.isnan(other)):
            return 0.0
        return abs(one - other) if cmath.isfinite(one) and cmath.isfinite(other) else math.inf
    if isinstance(one, str):
        return 0.0 if bare(one) == bare(other) else math.inf
    if isinstance(one, Raised):
        return 0.0 if one.type == other.type and bare(one.text) == bare(other.text) else math.inf
    return 0.0 if one == other else math.inf
