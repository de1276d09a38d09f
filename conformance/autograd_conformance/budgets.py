"""How far a subject's numbers may lie from torch's: error budgets, derived, in one place.

An answer passes at once when every element is within ULPS units in the last place of torch's
element: two correct evaluations that round differently differ by that much. Otherwise the budget
of the case is worked out from torch itself and three terms are added per element:

* ULPS * ulp(element): the roundings of the last few steps.
* TORCH_FACTOR * torch's own error. Below double precision the same case is run on torch in float64
  (complex128), and the answer is compared with that.
* CONDITION * s, where s is how much the exact answer moves when every input, cotangent and tangent
  is off by one rounding error (the backward error view: a stable algorithm gives the exact answer
  to a slightly different question). s is measured: the case is run in high precision with inputs
  multiplied by 1 + hd and 1 + hd/2 for the same random signed d; the difference of the two
  runs, scaled from h/2 to the dtype's eps, is s. As both runs lie on the same side of a tie, kink
  or jump at the input, a discontinuity adds nothing to the budget: a wrongly broken tie fails.
  The largest of DRAWS directions is taken. CONDITION is the number of such roundings a case may
  accumulate: OpInfo's reductions run over a few hundred terms and a sequential sum of n random
  terms is sqrt(n/2) times s off, so 16 (n of about 500).

That sees how the question is conditioned, not the way in which torch answers it, where numbers may
cancel that the answer does not depend on: 1 - tanh(x)**2, or what a softmax takes off its gradient.
Where the answer is outside of its budget, the case is run RUNS times on torch with all roundings
made at random (stochastic_rounding.py), and the spread is added: the distance from torch's answer
at which CONFIDENCE of Student's distribution lies, whose deviation the runs give.

A number whose budget is as large as itself has no digit that torch determines: it is compared, but
says little. One that is not finite where torch's is (or the other way round) is excused if a random
but steady rounding turns torch's own from finite to not finite, or rounding to a short dtype made
it NaN (what is finite in float64 is compared with that). Both are counted as
undetermined, and a case of which nothing else is left is blind.
"""

from __future__ import annotations

import functools
import tomllib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import Any

import torch

from autograd_conformance.cases import Mismatch, OracleError, Outcome, Status
from autograd_conformance.observation import HIGH, Observation, upcast
from autograd_conformance.opinfo_cases import Entry, Sample
from autograd_conformance.stochastic_rounding import RandomRounding
from autograd_conformance.subjects import Subject
from autograd_conformance.transfer import dtype_name

ULPS = 4.0
TORCH_FACTOR = 2.0
CONDITION = 16.0
DRAWS = 5
RUNS = 8
#: Student's t of RUNS degrees of freedom beyond which one in a million lies, on either side.
CONFIDENCE = 13.26
_STEP = 2.0**-20

#: A list of tensors taken from an observation, e.g. its values or its gradients.
Quantity = Callable[[Observation], list[Any]]


class Oracle:
    """Torch's side of one sample in one spelling, and the variations a budget is made of."""

    def __init__(self, torch_subject: Subject, entry: Entry, sample: Sample, form: str, seed: int):
        self._parts = (torch_subject, entry, sample, form, seed)
        self.expected = Observation(*self._parts, is_oracle=True)
        self._variations: dict[tuple[int, float, bool], Observation] = {}
        self._rounded: dict[tuple[int, bool], Observation] = {}

    def exact(self) -> Observation:
        """The case on torch at high precision, from exactly the same inputs."""
        return self._variation(0, 0.0, False)

    def perturbed(self, draw: int, step: float, *, constants: bool = True) -> Observation:
        """The same with the inputs multiplied by 1 + step * d, d being direction `draw`.

        `constants=False` moves only the inputs that require a gradient.
        """
        return self._variation(draw, step, constants)

    def is_flat(self, quantity: Quantity) -> bool:
        """Whether a quantity stays put when the differentiable inputs move a little."""
        for draw in range(1, DRAWS + 1):
            try:
                far = quantity(self.perturbed(draw, _STEP, constants=False))
                near = quantity(self.perturbed(draw, _STEP / 2, constants=False))
            except OracleError:  # torch refuses the moved inputs: nothing was measured
                return False
            if any(_moved(a, b) for a, b in zip(far, near, strict=True)):
                return False
        return True

    def rounded(self, draw: int, *, steady: bool = False) -> Observation:
        """The case on torch as it is, with every rounding made at random."""
        if (draw, steady) not in self._rounded:
            self._rounded[draw, steady] = Observation(
                *self._parts,
                is_oracle=True,
                computing=lambda: RandomRounding(draw, steady=steady),
            )
        return self._rounded[draw, steady]

    def _variation(self, draw: int, step: float, constants: bool) -> Observation:
        key = (draw, step, constants)
        if key not in self._variations:

            def rewrite(values: torch.Tensor, differentiable: bool, key: str) -> torch.Tensor:
                high = upcast(values)
                if not step or not (constants or differentiable):
                    return high
                return _moved_along(high, draw, key, step)

            self._variations[key] = Observation(
                *self._parts, is_oracle=True, rewrite=rewrite, renamed=HIGH
            )
        return self._variations[key]


def _is_inexact(values: torch.Tensor) -> bool:
    return bool(values.is_floating_point() or values.is_complex())


def _moved_along(values: torch.Tensor, draw: int, key: str, step: float) -> torch.Tensor:
    """Values multiplied by 1 + step * d, d being the direction of a draw; integers as they are."""
    if not values.numel() or not _is_inexact(values):
        return values
    generator = torch.Generator().manual_seed(zlib.crc32(f"{draw}|{key}".encode()))
    return values * (1 + step * _direction(values, generator))


def _moved(far: Any, near: Any) -> bool:
    """Whether two answers differ by more than rounding: the step itself is 2**-21."""
    if far is None or near is None:
        return far is not near
    if far.shape != near.shape:
        return True
    far, near = upcast(far), upcast(near)
    if not (far.is_floating_point() or far.is_complex()):
        return not torch.equal(far, near)
    scale = _finite(near).abs().max() if near.numel() else torch.zeros(())
    return bool((_finite(far - near).abs() > 2.0**-44 * scale).any())


def _direction(like: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Signed factors of magnitude 0.5 to 1.5, complex for complex numbers.

    They are continuous, so that the moves of two terms do not cancel by coincidence.
    """
    if like.is_complex():
        parts = torch.view_as_real(like)
        return torch.view_as_complex(_direction(parts, generator) / 2**0.5)
    magnitude = torch.rand(like.shape, generator=generator, dtype=torch.float64) + 0.5
    sign = torch.randint(0, 2, like.shape, generator=generator) * 2 - 1
    return magnitude * sign


@dataclass(frozen=True)
class _Budget:
    """Per element: the value to compare with and the allowed distance from it."""

    reference: torch.Tensor
    allowed: torch.Tensor


def _eps(dtype: torch.dtype) -> float:
    return float(torch.finfo(dtype).eps) / 2


def _ulp(values: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """One unit in the last place of `dtype` at the magnitude of each element, in float64."""
    tiny = float(torch.finfo(dtype).tiny)
    return values.abs().double().clamp(min=tiny) * (2 * _eps(dtype))


def _finite(values: torch.Tensor) -> torch.Tensor:
    return torch.where(torch.isfinite(values), values, torch.zeros_like(values))


def _variation_of(observation: Observation, quantity: Quantity, index: int) -> Any:
    """The quantity's element under a variation, or None where torch refuses the varied inputs."""
    try:
        found = quantity(observation)
    except OracleError:  # a domain such as [0, 1] may be left by a perturbation: no budget from it
        return None
    return upcast(found[index]) if index < len(found) and found[index] is not None else None


def _derive(expected: torch.Tensor, oracle: Oracle, quantity: Quantity, index: int) -> _Budget:
    """The budget of one tensor of a quantity without the spread under rounding."""
    own = upcast(expected)
    double = expected.dtype in (torch.float64, torch.complex128)
    exact = None if double else _variation_of(oracle.exact(), quantity, index)
    reference, error = own, torch.zeros(own.shape, dtype=torch.float64)
    if exact is not None and exact.shape == own.shape and exact.dtype == own.dtype:
        reference = torch.where(torch.isfinite(exact), exact, own)
        error = _finite(own - exact).abs().double()
    allowed = ULPS * _ulp(_finite(reference), expected.dtype) + TORCH_FACTOR * error
    moved = torch.zeros_like(error)
    for draw in range(1, DRAWS + 1):
        far = _variation_of(oracle.perturbed(draw, _STEP), quantity, index)
        near = _variation_of(oracle.perturbed(draw, _STEP / 2), quantity, index)
        if far is None or near is None or far.shape != own.shape or near.shape != own.shape:
            continue
        slope = _finite(far - near).abs().double() * (2 / _STEP)
        moved = torch.maximum(moved, slope * _eps(expected.dtype))
    return _Budget(reference, allowed + CONDITION * moved)


def _runs(
    expected: torch.Tensor, oracle: Oracle, quantity: Quantity, index: int, *, steady: bool
) -> list[torch.Tensor]:
    """A tensor of a quantity under random roundings."""
    drawn = (oracle.rounded(draw, steady=steady) for draw in range(RUNS))
    found = [_variation_of(run, quantity, index) for run in drawn]
    return [f for f in found if f is not None and f.shape == expected.shape]


def _spread(expected: torch.Tensor, oracle: Oracle, quantity: Quantity, index: int) -> torch.Tensor:
    """How far rounding alone may carry each element of torch's answer."""
    own = upcast(expected)
    runs = _runs(expected, oracle, quantity, index, steady=False)
    squares = sum(_finite(run - own).abs().double() ** 2 for run in runs)
    return CONFIDENCE * (torch.zeros(own.shape) + squares / max(len(runs), 1)).double() ** 0.5


def _switches(
    expected: torch.Tensor, oracle: Oracle, quantity: Quantity, index: int
) -> torch.Tensor:
    """Which elements of torch's answer rounding turns from finite to not finite, or back.

    It has done so, too, where the answer is NaN and that at high precision is finite.
    """
    own = upcast(expected)
    finite = torch.isfinite(own)
    switches = torch.zeros_like(finite)
    for run in _runs(expected, oracle, quantity, index, steady=True):
        switches |= torch.isfinite(run) != finite
    exact = _variation_of(oracle.exact(), quantity, index)
    if exact is not None and exact.shape == own.shape:
        switches |= torch.isnan(own) & torch.isfinite(exact)
    return switches


@functools.cache
def decompositions() -> dict[str, Any]:
    """The tables of decompositions.toml."""
    text = (resources.files("autograd_conformance") / "decompositions.toml").read_text("utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True)
class Agreement:
    """How one or more tensors agree with torch's: the largest error of a determined number."""

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


def compare(
    what: str,
    expected: torch.Tensor,
    actual: torch.Tensor,
    oracle: Oracle,
    quantity: Quantity,
    index: int,
) -> Agreement:
    """Compares one tensor of a quantity within its budget.

    Raises Mismatch naming `what` when dtype, shape, the places of nan and inf, or values differ.
    """
    if expected.dtype != actual.dtype:
        raise Mismatch(
            f"{what}: dtype differs",
            f"expected {dtype_name(expected)}, got {dtype_name(actual)}",
        )
    if expected.shape != actual.shape:
        raise Mismatch(
            f"{what}: shape differs",
            f"expected {tuple(expected.shape)}, got {tuple(actual.shape)}",
        )
    numbers = expected.numel()
    if not _is_inexact(expected):
        if not torch.equal(expected, actual):
            raise Mismatch(f"{what}: values differ", _both(expected, actual))
        return Agreement(numbers=numbers)
    if not numbers or torch.equal(upcast(expected), upcast(actual)):
        return Agreement(numbers=numbers)
    other_class = _classes(expected, actual)
    error = _finite(upcast(actual) - upcast(expected)).abs().double()
    ulp = _ulp(_finite(upcast(expected)), expected.dtype)
    worst = float((error / ulp).max())
    if not other_class and worst <= ULPS:
        return Agreement(worst, numbers)
    budget = _derive(expected, oracle, quantity, index)
    distance = _finite(upcast(actual) - budget.reference).abs().double()
    allowed = _finite(budget.allowed)
    if other_class or not bool((distance <= allowed).all()):
        allowed = allowed + _spread(expected, oracle, quantity, index)
    switches = torch.zeros_like(error, dtype=torch.bool)
    if other_class:
        switches = _switches(expected, oracle, quantity, index)
        for name, places in other_class.items():
            if bool((places & ~switches).any()):
                raise Mismatch(f"{what}: {name} in other places", _both(expected, actual))
        distance[switches & ~torch.isfinite(budget.reference)] = 0.0
    if bool((distance <= allowed).all()):
        noise = (error > 0) & (allowed >= _finite(upcast(expected)).abs().double())
        undetermined = switches | noise
        error[undetermined] = 0.0
        return Agreement(float((error / ulp).max()), numbers, int(undetermined.sum()))
    place = int((distance / allowed).argmax())
    raise Mismatch(
        f"{what}: values differ",
        f"off by {float(error.flatten()[place] / ulp.flatten()[place]):.4g} ulp where "
        f"{float(allowed.flatten()[place] / ulp.flatten()[place]):.4g} are allowed, at flat "
        f"index {place}; " + _both(expected, actual),
    )


def _classes(expected: torch.Tensor, actual: torch.Tensor) -> dict[str, torch.Tensor]:
    """Where nan, +inf or -inf (of either part of a complex number) stand on one side only."""
    found = {}
    for name, test in (("nan", torch.isnan), ("inf", torch.isposinf), ("-inf", torch.isneginf)):
        if expected.is_complex():
            pair = (torch.view_as_real(upcast(t)) for t in (expected, actual))
            ours, theirs = (test(t) for t in pair)
            places = (ours != theirs).any(-1)
        else:
            places = test(expected) != test(actual)
        if bool(places.any()):
            found[name] = places
    return found


def _both(expected: torch.Tensor, actual: torch.Tensor) -> str:
    return f"expected {_short(expected)}, got {_short(actual)}"


def _short(values: torch.Tensor) -> str:
    text = str(values.tolist())
    return text if len(text) <= 200 else f"{text[:200]}..."
