"""How far a subject's numbers may lie from torch's: error budgets, derived, in one place.

An answer passes at once when every element is within ULPS units in the last place of torch's
element: two correct evaluations that round differently differ by that much. Otherwise the budget
of the case is worked out from torch itself and three terms are added per element:

* ULPS * ulp(element): the roundings of the last few steps.
* TORCH_FACTOR * torch's own worst error in the tensor. Below double precision the same case is
  run on torch in float64 (complex128) and the two are compared. For double precision the case is
  run on torch in single precision and in double from the same (single) numbers; their distance,
  scaled by the ratio of the two eps, is how far torch's way of computing strays: an intermediate
  that cancels, as in 1 - tanh(x)**2 or log_softmax near 0, costs torch the same number of roundings
  at every precision. It is not used where single precision overflows or loses a value. One run
  may be right by luck, a single number above all: where the answer is outside of its budget, the
  error is also taken at inputs a few roundings away, in DRAWS random directions, and the largest
  counts. (An iteration that stops at a tolerance stops earlier in double than in single precision:
  decompositions.toml names the entries that have one, and a factor.)
* CONDITION * s, where s is how much the exact answer moves when every input, cotangent and tangent
  is off by one rounding error (the backward error view: a stable algorithm gives the exact answer
  to a slightly different question). s is measured: the case is run in high precision with inputs
  multiplied by 1 + hd and 1 + hd/2 for the same random signed d; the difference of the two
  runs, scaled from h/2 to the dtype's eps, is s. As both runs lie on the same side of a tie, kink
  or jump at the input, a discontinuity adds nothing to the budget: a wrongly broken tie fails.
  The largest of DRAWS directions is taken. CONDITION is the number of such roundings a case may
  accumulate: OpInfo's reductions run over a few hundred terms and a sequential sum of n random
  terms is sqrt(n/2) times s off, so 16 (n of about 500).
"""

from __future__ import annotations

import functools
import tomllib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any

import torch

from autograd_conformance.cases import Mismatch, OracleError
from autograd_conformance.observation import HIGH, SINGLE, Observation, downcast, upcast
from autograd_conformance.opinfo_cases import Entry, Sample
from autograd_conformance.subjects import Subject
from autograd_conformance.transfer import dtype_name

ULPS = 4.0
TORCH_FACTOR = 2.0
CONDITION = 16.0
DRAWS = 5
_STEP = 2.0**-20
SINGLE_OF = {torch.float64: torch.float32, torch.complex128: torch.complex64}

#: A list of tensors taken from an observation, e.g. its values or its gradients.
Quantity = Callable[[Observation], list[Any]]


class Oracle:
    """Torch's side of one sample in one spelling, and the variations a budget is made of."""

    def __init__(self, torch_subject: Subject, entry: Entry, sample: Sample, form: str, seed: int):
        self._parts = (torch_subject, entry, sample, form, seed)
        self.expected = Observation(*self._parts, is_oracle=True)
        self._variations: dict[tuple[int, float, bool], Observation] = {}
        self._rounded: dict[tuple[int, bool], tuple[Observation, Observation]] = {}

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

    def rounded(self, draw: int, *, single: bool) -> tuple[Observation, Observation]:
        """The case on torch in its own or in single precision, and in double from the same numbers.

        The inputs are the case's for draw 0, else they lie a few roundings away.
        """
        if (draw, single) not in self._rounded:

            def coarse(values: torch.Tensor, differentiable: bool, key: str) -> torch.Tensor:
                if draw and _is_inexact(values):
                    step = 8 * _eps(SINGLE_OF[values.dtype] if single else values.dtype)
                    values = _moved_along(upcast(values), draw, key, step).to(values.dtype)
                return downcast(values) if single else values

            def fine(values: torch.Tensor, differentiable: bool, key: str) -> torch.Tensor:
                return upcast(coarse(values, differentiable, key))

            self._rounded[draw, single] = (
                Observation(
                    *self._parts,
                    is_oracle=True,
                    rewrite=coarse,
                    renamed=SINGLE if single else None,
                ),
                Observation(*self._parts, is_oracle=True, rewrite=fine, renamed=HIGH),
            )
        return self._rounded[draw, single]

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


def _budgets(
    expected: torch.Tensor, oracle: Oracle, quantity: Quantity, index: int
) -> Iterator[_Budget]:
    """The budget of one tensor of a quantity, as the module's text derives it, term by term.

    Each that follows allows more, and most answers are within one of the first: what the rest would
    cost on torch is not spent.
    """
    own = upcast(expected)
    ulp = _ulp(own, expected.dtype)
    allowed = ULPS * ulp
    reference = own
    double = expected.dtype in (torch.float64, torch.complex128)
    exact = None if double else _variation_of(oracle.exact(), quantity, index)
    comparable = exact is not None and exact.shape == own.shape and exact.dtype == own.dtype
    if comparable and torch.equal(torch.isfinite(exact), torch.isfinite(own)):
        reference = exact
        if own.numel():
            allowed = allowed + TORCH_FACTOR * _finite(own - exact).abs().double().max()
    strays = 0.0
    moved = torch.zeros_like(ulp)
    factor = TORCH_FACTOR * (_iteration_factor(oracle.expected.entry.name) if double else 1.0)
    if not double:
        strays = _strays(own, oracle.rounded(0, single=False), quantity, index, False)
        yield _Budget(reference, allowed + factor * strays)
    for draw in range(1, DRAWS + 1):
        far = _variation_of(oracle.perturbed(draw, _STEP), quantity, index)
        near = _variation_of(oracle.perturbed(draw, _STEP / 2), quantity, index)
        if far is not None and near is not None and far.shape == near.shape == own.shape:
            slope = _finite(far - near).abs().double() * (2 / _STEP)
            moved = torch.maximum(moved, slope * _eps(expected.dtype))
        yield _Budget(reference, allowed + factor * strays + CONDITION * moved)
    for draw in range(1, DRAWS + 1):
        runs = oracle.rounded(draw, single=double)
        strays = max(strays, _strays(own, runs, quantity, index, double))
        yield _Budget(reference, allowed + factor * strays + CONDITION * moved)


def _strays(
    own: torch.Tensor,
    runs: tuple[Observation, Observation],
    quantity: Quantity,
    index: int,
    scaled: bool,
) -> float:
    """Torch's worst error in a coarse run, scaled from single to double; 0 if it is none."""
    coarse, fine = (_variation_of(run, quantity, index) for run in runs)
    if coarse is None or fine is None or coarse.shape != own.shape or fine.shape != own.shape:
        return 0.0
    if not torch.equal(torch.isfinite(coarse), torch.isfinite(fine)):
        return 0.0
    error = float(_finite(coarse - fine).abs().double().max())
    return error * _eps(torch.float64) / _eps(torch.float32) if scaled else error


@functools.cache
def decompositions() -> dict[str, Any]:
    """The tables of decompositions.toml."""
    text = (resources.files("autograd_conformance") / "decompositions.toml").read_text("utf-8")
    return tomllib.loads(text)


def _iteration_factor(entry: str) -> float:
    """How many times as many roundings an iteration leaves in double as in single precision."""
    for row in decompositions()["iteration"]:
        if any(fnmatchcase(entry, pattern) for pattern in row["entries"]):
            return float(row["factor"])
    return 1.0


def compare(
    what: str,
    expected: torch.Tensor,
    actual: torch.Tensor,
    oracle: Oracle,
    quantity: Quantity,
    index: int,
) -> float:
    """Compares one tensor of a quantity within its budget; returns the largest error in ULP.

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
    if not (expected.is_floating_point() or expected.is_complex()):
        if not torch.equal(expected, actual):
            raise Mismatch(f"{what}: values differ", _both(expected, actual))
        return 0.0
    if expected.numel() == 0 or torch.equal(upcast(expected), upcast(actual)):
        return 0.0
    _same_classes(what, expected, actual)
    error = _finite(upcast(actual) - upcast(expected)).abs().double()
    ulp = _ulp(_finite(upcast(expected)), expected.dtype)
    worst = float((error / ulp).max())
    if worst <= ULPS:
        return worst
    for budget in _budgets(expected, oracle, quantity, index):
        distance = _finite(upcast(actual) - budget.reference).abs().double()
        if bool((distance <= _finite(budget.allowed)).all()):
            return worst
    place = int((distance / budget.allowed).argmax())
    raise Mismatch(
        f"{what}: values differ",
        f"off by {float(error.flatten()[place] / ulp.flatten()[place]):.4g} ulp where "
        f"{float(budget.allowed.flatten()[place] / ulp.flatten()[place]):.4g} are allowed, at flat "
        f"index {place}; " + _both(expected, actual),
    )


def _same_classes(what: str, expected: torch.Tensor, actual: torch.Tensor) -> None:
    """nan, +inf and -inf must stand in the same places (per part of a complex number)."""
    ours = torch.view_as_real(expected) if expected.is_complex() else expected
    theirs = torch.view_as_real(actual) if actual.is_complex() else actual
    for name, test in (("nan", torch.isnan), ("inf", torch.isposinf), ("-inf", torch.isneginf)):
        if not torch.equal(test(ours), test(theirs)):
            raise Mismatch(f"{what}: {name} in other places", _both(expected, actual))


def _both(expected: torch.Tensor, actual: torch.Tensor) -> str:
    return f"expected {_short(expected)}, got {_short(actual)}"


def _short(values: torch.Tensor) -> str:
    text = str(values.tolist())
    return text if len(text) <= 200 else f"{text[:200]}..."
