"""Compares arrays of the two sides within their error budget, in plain Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd_conformance.arrays import PARTS, Array, finite, isfinite, same, ulps
from autograd_conformance.cases import Mismatch, Outcome, Status
from autograd_conformance.gauges import aligned
from autograd_conformance.oracles import Answers, Oracle

#: Units in the last place that two correct evaluations may lie apart at any element.
ULPS = 4.0
_CLASSES: dict[str, Callable[[float], bool]] = {
    "nan": math.isnan,
    "inf": math.inf.__eq__,
    "-inf": (-math.inf).__eq__,
}


@dataclass(frozen=True)
class Agreement:
    """How one or more arrays agree with torch's: the largest error of a determined number."""

    ulp: float = 0.0
    numbers: int = 0
    undetermined: int = 0

    def and_also(self, other: Agreement) -> Agreement:
        return Agreement(
            max(self.ulp, other.ulp),
            self.numbers + other.numbers,
            self.undetermined + other.undetermined,
        )

    def outcome(self) -> Outcome:
        """A pass; a blind one where rounding alone decides on every number of torch's answer."""
        if self.undetermined and self.undetermined == self.numbers:
            reason = "rounding decides on all of torch's own answer"
            return Outcome(Status.BLIND, "blind: undetermined", reason=reason)
        return Outcome(max_ulp=self.ulp, undetermined=self.undetermined)


def compare_all(what: str, quantity: str, oracle: Oracle, actual: Answers) -> Agreement:
    """Compares the arrays (or None) of a quantity one by one; `what` has a place for the number.

    Raises Mismatch where they differ.
    """
    expected = aligned(quantity, oracle.expected, oracle)
    got = aligned(quantity, actual, oracle)
    if len(expected) != len(got):
        name = what.replace(" {}", "s", 1)
        raise Mismatch(f"number of {name} differs", f"expected {len(expected)}, got {len(got)}")
    agreement = Agreement()
    for i, (e, a) in enumerate(zip(expected, got, strict=True)):
        if e is None:
            if a is None:
                continue
            raise Mismatch(f"{what.format(i)}: expected None, got a tensor", f"got {_short(a)}")
        if a is None:
            raise Mismatch(
                f"{what.format(i)}: expected a tensor, got None", f"expected {_short(e)}"
            )
        agreement = agreement.and_also(compare(what.format(i), e, a, oracle, quantity, i))
    return agreement


def compare(
    what: str, expected: Array, actual: Array, oracle: Oracle, quantity: str, index: int
) -> Agreement:
    """Compares one array of a quantity within its budget.

    Raises Mismatch naming `what` when dtype, shape, the places of nan and inf, or values differ.
    """
    if expected.dtype != actual.dtype:
        raise Mismatch(f"{what}: dtype differs", f"expected {expected.dtype}, got {actual.dtype}")
    if expected.shape != actual.shape:
        raise Mismatch(f"{what}: shape differs", f"expected {expected.shape}, got {actual.shape}")
    numbers = expected.numel()
    if same(expected, actual):
        return Agreement(numbers=numbers)
    if not expected.is_inexact:
        raise Mismatch(f"{what}: values differ", _both(expected, actual))
    pairs = enumerate(zip(expected.values, actual.values, strict=True))
    places = [i for i, (theirs, ours) in pairs if theirs != ours]
    torchs, own = _chosen(expected, places), _chosen(actual, places)
    other_class = _classes(torchs, own)
    error = _distances(torchs.values, own.values)
    units = ulps(torchs)
    worst = max(map(_ratio, error, units))
    if not other_class and worst <= ULPS:
        return Agreement(worst, numbers)
    distance, reference, allowed = error, torchs.values, [0.0] * len(places)
    whole = expected.values
    for budget in oracle.budgets(quantity, index):
        if budget.reference is not whole:
            whole = budget.reference
            reference = [whole[i] for i in places]
            distance = _distances(reference, own.values)
        allowed = [finite(budget.allowed[i]) for i in places]
        if not other_class and _within(distance, allowed):
            break
    else:
        spread = oracle.spread(quantity, index)
        allowed = [a + spread[i] for a, i in zip(allowed, places, strict=True)]
    switches = [False] * len(places)
    if other_class:
        anywhere = oracle.switches(quantity, index)
        switches = [anywhere[i] for i in places]
        for name, found in other_class.items():
            if any(f and not s for f, s in zip(found, switches, strict=True)):
                raise Mismatch(f"{what}: {name} in other places", _both(expected, actual))
        distance = [
            0.0 if s and not isfinite(r) else d
            for d, s, r in zip(distance, switches, reference, strict=True)
        ]
    if _within(distance, allowed):
        undetermined = [
            s or (off > 0 and a >= abs(finite(e)))
            for s, off, a, e in zip(switches, error, allowed, torchs.values, strict=True)
        ]
        determined = [
            _ratio(off, unit)
            for off, unit, u in zip(error, units, undetermined, strict=True)
            if not u
        ]
        return Agreement(max(determined, default=0.0), numbers, sum(undetermined))
    excess = list(map(_ratio, distance, allowed))
    worst_of = excess.index(max(excess))
    raise Mismatch(
        f"{what}: values differ",
        f"off by {error[worst_of] / units[worst_of]:.4g} ulp where "
        f"{allowed[worst_of] / units[worst_of]:.4g} are allowed, at flat "
        f"index {places[worst_of]}; " + _both(expected, actual),
    )


def _chosen(values: Array, places: list[int]) -> Array:
    """The numbers at these places of the flat array."""
    return Array(values.dtype, (len(places),), [values.values[i] for i in places])


def _within(distance: list[float], allowed: list[float]) -> bool:
    return all(d <= a for d, a in zip(distance, allowed, strict=True))


def _ratio(distance: float, allowed: float) -> float:
    if not distance:
        return 0.0
    return distance / allowed if allowed else math.inf


def _distances(reference: list[Any], actual: list[Any]) -> list[float]:
    """Per element; 0 where a number is not finite: those are compared by their class."""
    return [
        abs(a - r) if a != r and isfinite(a) and isfinite(r) else 0.0
        for r, a in zip(reference, actual, strict=True)
    ]


def _classes(expected: Array, actual: Array) -> dict[str, list[bool]]:
    """Where nan, inf or -inf (of either part of a complex number) stand on one side only."""
    if all(map(isfinite, expected.values)) and all(map(isfinite, actual.values)):
        return {}
    found = {}
    for name, test in _CLASSES.items():
        if expected.dtype in PARTS:
            places = [
                test(e.real) != test(a.real) or test(e.imag) != test(a.imag)
                for e, a in zip(expected.values, actual.values, strict=True)
            ]
        else:
            places = [test(e) != test(a) for e, a in zip(expected.values, actual.values)]
        if any(places):
            found[name] = places
    return found


def _both(expected: Array, actual: Array) -> str:
    return f"expected {_short(expected)}, got {_short(actual)}"


def _short(values: Array) -> str:
    text = str(values.tolist())
    return text if len(text) <= 200 else f"{text[:200]}..."
