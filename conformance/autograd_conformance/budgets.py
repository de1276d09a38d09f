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
at which CONFIDENCE of Student's distribution lies, whose deviation the runs give. Some formulas are
others under the mode that this takes (`prod`); where the bits show it, at these inputs or at some
of which each is off by a rounding, the runs are torch's own at such inputs.

A number whose budget is as large as itself has no digit that torch determines: it is compared, but
says little. One that is not finite where torch's is (or the other way round) is excused if a random
but steady rounding turns torch's own from finite to not finite, or rounding to a short dtype made
it NaN (what is finite in float64 is compared with that). Both are counted as
undetermined, and a case of which nothing else is left is blind.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import torch

from autograd_conformance.arrays import HIGH, Array
from autograd_conformance.cases import OracleError
from autograd_conformance.gauges import aligned
from autograd_conformance.judging import ULPS
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import Budget
from autograd_conformance.samples import Entry, Sample
from autograd_conformance.stochastic_rounding import AsItIs, RandomRounding
from autograd_conformance.subjects import Subject

TORCH_FACTOR = 2.0
CONDITION = 16.0
DRAWS = 5
RUNS = 8
#: Student's t of RUNS degrees of freedom beyond which one in a million lies, on either side.
CONFIDENCE = 13.26
_STEP = 2.0**-20
#: The codes of dtypes that `array` has, too: torch reads its memory in a third of the time.
_TYPE_CODES = {"float64": "d", "float32": "f", "int64": "q"}

#: Changes the numbers of an input, a cotangent or a tangent, told apart by a key.
Change = Callable[[torch.Tensor, bool, str], torch.Tensor]


class Oracle:
    """Torch's side of one sample in one spelling, and the variations a budget is made of."""

    def __init__(self, torch_subject: Subject, entry: Entry, sample: Sample, form: str, seed: int):
        self._parts = (torch_subject, entry, sample, form, seed)
        self.entry_name = entry.name
        self.expected = Observation(*self._parts, is_oracle=True)
        self._variations: dict[tuple[int, float, bool], Observation] = {}
        self._rounded: dict[tuple[int, bool], Observation] = {}
        self._neighbours: dict[tuple[int, bool], Observation] = {}

    def exact(self) -> Observation:
        """The case on torch at high precision, from exactly the same inputs."""
        return self._variation(0, 0.0, False)

    def perturbed(self, draw: int, step: float, *, constants: bool = True) -> Observation:
        """The same with the inputs multiplied by 1 + step * d, d being direction `draw`.

        `constants=False` moves only the inputs that require a gradient.
        """
        return self._variation(draw, step, constants)

    def is_flat(self, quantity: str) -> bool:
        """Whether a quantity stays put when the differentiable inputs move a little."""
        for draw in range(1, DRAWS + 1):
            try:
                far = getattr(self.perturbed(draw, _STEP, constants=False), quantity)()
                near = getattr(self.perturbed(draw, _STEP / 2, constants=False), quantity)()
            except OracleError:  # torch refuses the moved inputs: nothing was measured
                return False
            if any(_moved(a, b) for a, b in zip(far, near, strict=True)):
                return False
        return True

    def has_constant_gradients(self) -> bool:
        """Whether the gradients are the same under another cotangent."""
        return self.expected.has_constant_gradients()

    def budgets(self, quantity: str, index: int) -> Iterator[Budget]:
        """The budget of one tensor of a quantity without the spread under rounding.

        It grows by a direction in which the inputs move at a time: most answers are within it
        before all have been tried.
        """
        own = self._own(quantity, index)
        reference, error = _reference(own, self, quantity, index)
        numbers = reference.flatten().tolist()
        allowed = ULPS * _ulp(_finite(reference), own.dtype) + TORCH_FACTOR * error
        for moved in _moves(own, self, quantity, index):
            yield Budget(numbers, (allowed + CONDITION * moved).flatten().tolist())

    def spread(self, quantity: str, index: int) -> list[float]:
        """How far rounding alone may carry each element of torch's answer."""
        spread = _spread(self._own(quantity, index), self, quantity, index)
        return spread.flatten().tolist()  # type: ignore[no-any-return]

    def loses_finiteness(self, quantity: str, index: int) -> bool:
        """Whether a number of torch's answer is not finite in a run with random roundings."""
        runs = _runs(self._own(quantity, index), self, quantity, index, steady=False)
        return not all(bool(torch.isfinite(run).all()) for run in runs)

    def switches(self, quantity: str, index: int) -> list[bool]:
        """Which elements of torch's answer rounding turns from finite to not finite, or back."""
        switches = _switches(self._own(quantity, index), self, quantity, index)
        return switches.flatten().tolist()  # type: ignore[no-any-return]

    def _own(self, quantity: str, index: int) -> torch.Tensor:
        own = aligned(quantity, self.expected, self)[index]
        if own is None:
            raise IndexError(f"torch has no number {index} among its {quantity}")
        return tensor_of(own)

    def rounded(self, draw: int, *, steady: bool = False) -> Observation:
        """The case on torch as it is, with every rounding made at random."""
        if (draw, steady) not in self._rounded:
            self._rounded[draw, steady] = Observation(
                *self._parts,
                is_oracle=True,
                computing=lambda: RandomRounding(draw, steady=steady),
            )
        return self._rounded[draw, steady]

    def neighbour(self, draw: int, *, watched: bool = False) -> Observation:
        """The case on torch at its own precision, every input being off by about a rounding.

        Draw 0 leaves the inputs as they are. `watched` is under a mode that changes nothing.
        """
        if (draw, watched) not in self._neighbours:

            def change(values: torch.Tensor, differentiable: bool, key: str) -> torch.Tensor:
                if not draw or not _is_inexact(values):
                    return values
                return _moved_along(values, draw, key, 2 * _eps(values.dtype)).to(values.dtype)

            self._neighbours[draw, watched] = Observation(
                *self._parts,
                is_oracle=True,
                rewrite=on_tensors(change),
                computing=AsItIs if watched else nullcontext,
            )
        return self._neighbours[draw, watched]

    def _variation(self, draw: int, step: float, constants: bool) -> Observation:
        key = (draw, step, constants)
        if key not in self._variations:

            def change(values: torch.Tensor, differentiable: bool, key: str) -> torch.Tensor:
                high = upcast(values)
                if not step or not (constants or differentiable):
                    return high
                return _moved_along(high, draw, key, step)

            self._variations[key] = Observation(
                *self._parts, is_oracle=True, rewrite=on_tensors(change), renamed=HIGH
            )
        return self._variations[key]


def tensor_of(values: Array) -> torch.Tensor:
    """The numbers as a tensor of torch."""
    dtype, code = getattr(torch, values.dtype), _TYPE_CODES.get(values.dtype)
    if code is None or not values.values:
        made = torch.tensor(values.values, dtype=dtype)
    else:
        made = torch.frombuffer(array(code, values.values), dtype=dtype)
    return made.reshape(values.shape)


def array_of(tensor: torch.Tensor) -> Array:
    """The numbers of a tensor of torch."""
    dtype = str(tensor.dtype).removeprefix("torch.")
    return Array(dtype, tuple(tensor.shape), tensor.flatten().tolist())


def on_tensors(change: Change) -> Callable[[Array, bool, str], Array]:
    """A change of tensors as one of arrays."""
    return lambda values, differentiable, key: array_of(
        change(tensor_of(values), differentiable, key)
    )


def upcast(values: torch.Tensor) -> torch.Tensor:
    """The same numbers at the highest precision torch has."""
    name = HIGH.get(str(values.dtype).removeprefix("torch."))
    return values if name is None else values.to(getattr(torch, name))


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
    far, near = upcast(tensor_of(far)), upcast(tensor_of(near))
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


def _eps(dtype: torch.dtype) -> float:
    return float(torch.finfo(dtype).eps) / 2


def _ulp(values: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """One unit in the last place of `dtype` at the magnitude of each element, in float64."""
    tiny = float(torch.finfo(dtype).tiny)
    return values.abs().double().clamp(min=tiny) * (2 * _eps(dtype))


def _finite(values: torch.Tensor) -> torch.Tensor:
    return torch.where(torch.isfinite(values), values, torch.zeros_like(values))


def _variation_of(observation: Observation, oracle: Oracle, quantity: str, index: int) -> Any:
    """The quantity's element under a variation, or None where torch refuses the varied inputs."""
    try:
        found = aligned(quantity, observation, oracle)
    except OracleError:  # a domain such as [0, 1] may be left by a perturbation: no budget from it
        return None
    element = found[index] if index < len(found) else None
    return None if element is None else upcast(tensor_of(element))


def _reference(
    expected: torch.Tensor, oracle: Oracle, quantity: str, index: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """What an answer is compared with, and how far torch's own lies from that."""
    own = upcast(expected)
    double = expected.dtype in (torch.float64, torch.complex128)
    exact = None if double else _variation_of(oracle.exact(), oracle, quantity, index)
    reference, error = own, torch.zeros(own.shape, dtype=torch.float64)
    if exact is not None and exact.shape == own.shape and exact.dtype == own.dtype:
        reference = torch.where(torch.isfinite(exact), exact, own)
        error = _finite(own - exact).abs().double()
    return reference, error


def _moves(
    expected: torch.Tensor, oracle: Oracle, quantity: str, index: int
) -> Iterator[torch.Tensor]:
    """How much the exact answer moves with its inputs, after each direction that was tried."""
    moved = torch.zeros(expected.shape, dtype=torch.float64)
    yield moved
    for draw in range(1, DRAWS + 1):
        far = _variation_of(oracle.perturbed(draw, _STEP), oracle, quantity, index)
        near = _variation_of(oracle.perturbed(draw, _STEP / 2), oracle, quantity, index)
        if far is not None and near is not None and far.shape == near.shape == expected.shape:
            slope = _finite(far - near).abs().double() * (2 / _STEP)
            moved = torch.maximum(moved, slope * _eps(expected.dtype))
            yield moved


def _takes_another_way(oracle: Oracle, quantity: str, index: int) -> bool:
    """Whether torch computes a quantity otherwise under a mode: the bits show it somewhere."""
    for draw in range(RUNS + 1):
        watched, plain = (
            _variation_of(oracle.neighbour(draw, watched=w), oracle, quantity, index)
            for w in (True, False)
        )
        if plain is not None and not (
            watched is not None and torch.equal(_finite(watched), _finite(plain))
        ):
            return True
    return False


def _runs(
    expected: torch.Tensor, oracle: Oracle, quantity: str, index: int, *, steady: bool
) -> list[torch.Tensor]:
    """A tensor of a quantity under random roundings; one of them where nothing is rounded."""
    own, runs = upcast(expected), []
    other_way = _takes_another_way(oracle, quantity, index)
    for draw in range(RUNS):
        varied = oracle.neighbour(draw + 1) if other_way else oracle.rounded(draw, steady=steady)
        run = _variation_of(varied, oracle, quantity, index)
        if run is not None and run.shape == expected.shape:
            runs.append(run)
            if draw == 0 and not other_way and torch.equal(run, own):
                break
    return runs


def _spread(expected: torch.Tensor, oracle: Oracle, quantity: str, index: int) -> torch.Tensor:
    """How far rounding alone may carry each element of torch's answer."""
    own = upcast(expected)
    runs = _runs(expected, oracle, quantity, index, steady=False)
    squares = sum(_finite(run - own).abs().double() ** 2 for run in runs)
    return CONFIDENCE * (torch.zeros(own.shape) + squares / max(len(runs), 1)).double() ** 0.5


def _switches(expected: torch.Tensor, oracle: Oracle, quantity: str, index: int) -> torch.Tensor:
    """Which elements of torch's answer rounding turns from finite to not finite, or back.

    It has done so, too, where the answer is NaN and that at high precision is finite.
    """
    own = upcast(expected)
    finite = torch.isfinite(own)
    switches = torch.zeros_like(finite)
    for run in _runs(expected, oracle, quantity, index, steady=True):
        switches |= torch.isfinite(run) != finite
    exact = _variation_of(oracle.exact(), oracle, quantity, index)
    if exact is not None and exact.shape == own.shape:
        switches |= torch.isnan(own) & torch.isfinite(exact)
    return switches
