"""Plants a bug, runs the cases that should see it, and says whether one of them did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from autograd_conformance import scenarios
from autograd_conformance.cases import ANY_DTYPE, Result, Status, Token
from autograd_conformance.execution import TORCH, Bench, Chunk, Settings
from autograd_conformance.mutations.mutation import Mutation
from autograd_conformance.plan import Selection, make_plan

#: Samples of an entry that are tried.
SAMPLES = 8


class Fate(StrEnum):
    """What became of a planted bug."""

    CAUGHT = "caught"
    ELSEWHERE = "caught elsewhere"
    MISNAMED = "caught for another cause"
    SURVIVED = "survived"

    @property
    def is_caught(self) -> bool:
        return self is not Fate.SURVIVED


@dataclass(frozen=True)
class Verdict:
    """The fate of one mutation, the case that saw it and by what."""

    mutation: str
    fate: Fate
    token: Token | None = None
    message: str = ""


def chunks_of(cases: tuple[str, ...]) -> list[Chunk]:
    """The work that ``scenario.<area>.<glob>`` and ``entry|dtype|check`` stand for."""
    found: list[Chunk] = []
    for case in cases:
        if case.startswith(scenarios.PREFIX):
            programs = scenarios.matching([case])
            if not programs:
                raise ValueError(f"no scenario is {case}")
            found += [Chunk(program.name, ANY_DTYPE, ("scenario",)) for program in programs]
        else:
            entry, dtype, check = case.split("|")
            found.append(Chunk(entry, dtype, (check,), 0, SAMPLES))
    return found


def score(mutation: Mutation, oracle: str = TORCH) -> Verdict:
    """Whether the kit sees a bug: in the cases that should, else in the smoke tier.

    A case counts that fails with the bug and does not fail without it.
    """
    settings = Settings((mutation.plant.subject,), oracle=oracle)
    causes: list[Result] = []
    for result in _seen(mutation, settings, chunks_of(mutation.cases)):
        if not mutation.causes or result.outcome.message in mutation.causes:
            return Verdict(mutation.name, Fate.CAUGHT, result.token, result.outcome.message)
        causes.append(result)
    if causes:
        first = causes[0]
        return Verdict(mutation.name, Fate.MISNAMED, first.token, first.outcome.message)
    for result in _seen(mutation, settings, make_plan(Selection(), oracle)):
        return Verdict(mutation.name, Fate.ELSEWHERE, result.token, result.outcome.message)
    return Verdict(mutation.name, Fate.SURVIVED)


def _seen(mutation: Mutation, settings: Settings, chunks: list[Chunk]) -> Iterator[Result]:
    """The failures that are the bug's."""
    for chunk in chunks:
        with mutation.plant.planted():
            failed = [r for r in _run(settings, chunk) if r.status is Status.FAIL]
        for result in failed:
            if not _fails_anyway(mutation, settings, chunk, result.token):
                yield result


def _fails_anyway(mutation: Mutation, settings: Settings, chunk: Chunk, token: Token) -> bool:
    mutation.plant.prepare()
    sound = replace(chunk, checks=(token.check,), start=token.sample)
    if chunk.entry.startswith(scenarios.PREFIX) or chunk.dtype == ANY_DTYPE:
        results = [r for r in _run(settings, sound) if r.token == token]
    else:
        results = list(_run(settings, replace(sound, stop=token.sample + 1)))
    return not results or any(r.status is Status.FAIL for r in results)


def _run(settings: Settings, chunk: Chunk) -> Iterator[Result]:
    yield from Bench(settings).run(chunk, lambda token, subject: None)
