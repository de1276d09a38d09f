"""Torch itself as the source of entries, samples and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch

from autograd_conformance import opinfo_cases
from autograd_conformance.budgets import Oracle
from autograd_conformance.execution import torch_subject
from autograd_conformance.samples import BrokenSample, Entry, Sample
from autograd_conformance.scenarios.recording import Observation, Program, observe
from autograd_conformance.subjects import Subject


class LiveTorch:
    """What `oracles.Reference` asks for, answered by running torch."""

    seed: int | None = None
    unanswered: tuple[str, ...] = ()

    @property
    def subject(self) -> Subject:
        """Torch, ready to be run."""
        return torch_subject()

    @property
    def about(self) -> dict[str, str]:
        return {"torch": str(torch.__version__)}

    def entries(self) -> Mapping[str, Entry]:
        return opinfo_cases.entries()

    def samples(
        self, entry: Entry, dtype: str, seed: int, start: int = 0, stop: int | None = None
    ) -> Iterator[Sample | BrokenSample]:
        return opinfo_cases.samples(_of_opinfo(entry), dtype, seed, start, stop)

    def error_samples(self, entry: Entry, seed: int) -> Iterator[Sample | BrokenSample]:
        return opinfo_cases.error_samples(_of_opinfo(entry), seed)

    def oracle(self, entry: Entry, sample: Sample, form: str, seed: int) -> Oracle:
        return Oracle(torch_subject(), entry, sample, form, seed)

    def scenario(self, program: Program) -> list[Observation]:
        return observe(program, torch_subject().module)


def _of_opinfo(entry: Entry) -> opinfo_cases.Entry:
    return opinfo_cases.entries()[entry.name]
