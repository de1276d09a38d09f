"""What the checks ask of torch's side of a case, and what a run asks of its source of truth.

Two answer: torch itself (`live_torch`) and torch's answers in a file (`goldens`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from autograd_conformance.arrays import Array
from autograd_conformance.observation import Forward, Graph, SecondOrder
from autograd_conformance.samples import BrokenSample, Entry, Sample
from autograd_conformance.saved_values import Freed, Saved
from autograd_conformance.scenarios.recording import Observation as Recorded
from autograd_conformance.scenarios.recording import Program


@dataclass(frozen=True)
class Budget:
    """Per element: the number to compare with and the allowed distance from it."""

    reference: list[Any]
    allowed: list[float]


class Answers(Protocol):
    """What one side answers about a sample; an OracleError is torch's refusal."""

    def forward(self) -> Forward: ...
    def values(self) -> list[Array]: ...
    def inputs_after(self) -> list[Array]: ...
    def graph(self) -> Graph: ...
    def gradients(self) -> list[Array | None]: ...
    def second_order(self) -> SecondOrder: ...
    def second_gradients(self) -> list[Array | None]: ...
    def tangents(self) -> list[Array | None]: ...
    def saved(self) -> Saved: ...
    def saved_tensors(self) -> list[Array]: ...
    def freed(self) -> Freed: ...
    def warned(self, quantity: str) -> list[tuple[str, str]]: ...
    def next_numbers(self) -> list[float]: ...


#: The answers that are lists of arrays: `getattr(answers, quantity)()`.
QUANTITIES = (
    "values",
    "inputs_after",
    "gradients",
    "second_gradients",
    "tangents",
    "saved_tensors",
)


class Oracle(Protocol):
    """Torch's side of one sample in one spelling."""

    @property
    def entry_name(self) -> str: ...

    @property
    def expected(self) -> Answers: ...

    def budgets(self, quantity: str, index: int) -> Iterator[Budget]:
        """What the subject may be off by in one array of a quantity, but for the spread.

        Each that follows allows more, and costs more: the first that an answer is within will do.
        The last is the whole.
        """

    def spread(self, quantity: str, index: int) -> list[float]:
        """How far rounding alone may carry each number of torch's answer."""

    def switches(self, quantity: str, index: int) -> list[bool]:
        """Which numbers of torch's answer rounding turns from finite to not finite, or back."""

    def is_flat(self, quantity: str) -> bool:
        """Whether a quantity stays put when the differentiable inputs move a little."""

    def has_constant_gradients(self) -> bool:
        """Whether the gradients are the same under another cotangent."""


class Reference(Protocol):
    """Where a run takes entries, samples and torch's answers from."""

    @property
    def about(self) -> dict[str, str]:
        """What answers: the version of torch, and the file if there is one."""

    @property
    def seed(self) -> int | None:
        """The one seed that samples can be had of; None if any can."""

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Checks to which it has no answer in any case: they are not run unless they are named."""

    def entries(self) -> Mapping[str, Entry]:
        """Every differentiable entry by full name."""

    def samples(
        self, entry: Entry, dtype: str, seed: int, start: int = 0, stop: int | None = None
    ) -> Iterator[Sample | BrokenSample]:
        """The entry's samples at `dtype`; NotHeld ends them where the source has no more."""

    def error_samples(self, entry: Entry, seed: int) -> Iterator[Sample | BrokenSample]:
        """The entry's inputs that torch must refuse."""

    def oracle(self, entry: Entry, sample: Sample, form: str, seed: int) -> Oracle:
        """Torch's side of a sample of this source."""

    def scenario(self, program: Program) -> list[Recorded]:
        """What torch observes in a scenario program."""


class NotHeld(Exception):
    """A file of goldens has no answer from the sample `index` on; such a case is not run."""

    def __init__(self, text: str, index: int = 0) -> None:
        super().__init__(text)
        self.index = index
