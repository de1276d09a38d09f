"""Runs the cases of a chunk (an entry at a dtype) on every subject, the oracle once for all."""

from __future__ import annotations

import functools
import importlib
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from autograd_conformance import known_differences, scenarios
from autograd_conformance.cases import (
    ANY_DTYPE,
    FORMS,
    Mismatch,
    OracleError,
    Outcome,
    Result,
    Status,
    Token,
    Unsupported,
)
from autograd_conformance.checks import CHECK, scenario
from autograd_conformance.chunks import Chunk as Chunk
from autograd_conformance.known_differences import Row
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import NotHeld, Oracle, Reference
from autograd_conformance.samples import BrokenSample, Entry, Sample
from autograd_conformance.scenarios.recording import observe
from autograd_conformance.subjects import Subject, SubjectSpec, is_missing

#: The oracle that is torch itself; the others are files of goldens, ``goldens[:FILE]``.
TORCH = "torch"


@dataclass(frozen=True)
class Settings:
    """What every worker needs to know; picklable."""

    subjects: tuple[SubjectSpec, ...]
    seed: int = 0
    known: Path | None = None
    timeout: float = 60.0
    oracle: str = TORCH


@functools.cache
def torch_subject() -> Subject:
    with warnings.catch_warnings():
        # torch's first dual tensor imports this, which warns of deprecations of its own.
        warnings.simplefilter("ignore")
        importlib.import_module("torch._decomp.decompositions_for_jvp")
    return Subject(SubjectSpec("torch"))


@functools.cache
def reference(oracle: str) -> Reference:
    """What an oracle's name stands for; ValueError where it is none."""
    if oracle == TORCH:
        from autograd_conformance.live_torch import LiveTorch

        return LiveTorch()
    from autograd_conformance.goldens import opened

    return opened(oracle)


def refuse_seed(settings: Settings) -> None:
    """Raises ValueError where the oracle has no answers to samples of the seed."""
    held = reference(settings.oracle).seed
    if held not in (None, settings.seed):
        raise ValueError(f"the goldens are of seed {held}, not {settings.seed}")


@functools.cache
def zero_gradients() -> list[Row]:
    """Ops whose gradient is mathematically zero, with the reason: they explain blind cases."""
    text = (resources.files("autograd_conformance") / "zero_gradients.toml").read_text("utf-8")
    return known_differences.parse(text, "zero_gradients.toml")


def sample_seed(seed: int, token: Token) -> int:
    """The seed under which a token's sample is called and its cotangents are drawn."""
    return zlib.crc32(f"{seed}|{token.entry}|{token.dtype}|{token.sample}".encode())


@dataclass
class Bench:
    """The subjects of a run, imported, with the differences each of them declares."""

    settings: Settings
    subjects: list[tuple[Subject, list[Row]]] = field(init=False)
    reference: Reference = field(init=False)

    def __post_init__(self) -> None:
        self.reference = reference(self.settings.oracle)
        refuse_seed(self.settings)
        self.subjects = [
            (Subject(spec), known_differences.load(spec, self.settings.known))
            for spec in self.settings.subjects
        ]

    def run(self, chunk: Chunk, started: Callable[[Token, str], None]) -> Iterator[Result]:
        """The results of the chunk's cases, in order; `started` hears of each before it runs."""
        if chunk.entry.startswith(scenarios.PREFIX):
            yield from self._scenario(chunk, started)
            return
        entry = self.reference.entries()[chunk.entry]
        if chunk.dtype == ANY_DTYPE:
            checks: tuple[str, ...] = ("errors",)
        else:
            checks = tuple(c for c in chunk.checks if c in entry.checks(chunk.dtype))
        if not checks:
            return
        try:
            for sample in self._samples(entry, chunk):
                yield from self._sample(entry, chunk, sample, checks, started)
        except NotHeld as absent:
            token = Token(entry.name, chunk.dtype, absent.index, checks[0])
            yield from self._not_run(chunk, token, absent)

    def _samples(self, entry: Entry, chunk: Chunk) -> Iterator[Sample | BrokenSample]:
        seed = self.settings.seed
        if chunk.dtype == ANY_DTYPE:
            samples = self.reference.error_samples(entry, seed)
            return (sample for sample in samples if chunk.holds(sample.index))
        return self.reference.samples(entry, chunk.dtype, seed, chunk.start, chunk.stop)

    def _not_run(self, chunk: Chunk, token: Token, absent: NotHeld) -> Iterator[Result]:
        for subject, _ in self.subjects:
            if not chunk.skips(token, subject.label):
                yield Result(token, subject.label, Outcome(Status.NOT_RUN, str(absent)))

    def _scenario(self, chunk: Chunk, started: Callable[[Token, str], None]) -> Iterator[Result]:
        program = scenarios.programs()[chunk.entry]
        token = Token(program.name, chunk.dtype, 0, "scenario")
        expected: list[scenarios.Observation] | None = None
        for subject, rows in self.subjects:
            if chunk.skips(token, subject.label):
                continue
            started(token, subject.label)
            begun = time.perf_counter()
            try:
                if expected is None:
                    expected = self.reference.scenario(program)
            except NotHeld as absent:
                outcome = Outcome(Status.NOT_RUN, str(absent))
            except Exception as error:  # a program that torch does not run is wrong itself
                text = f"the scenario fails on torch: {type(error).__name__}: {error}"
                outcome = Outcome(Status.FAIL, text)
            else:
                outcome = known_differences.judge(
                    run_scenario(program, expected, subject), token, rows
                )
            yield Result(token, subject.label, outcome, time.perf_counter() - begun)

    def _sample(
        self,
        entry: Entry,
        chunk: Chunk,
        sample: Sample | BrokenSample,
        checks: tuple[str, ...],
        started: Callable[[Token, str], None],
    ) -> Iterator[Result]:
        if isinstance(sample, BrokenSample):
            status = Status.SKIP if sample.unsupported else Status.ORACLE_ERROR
            status = Status.NOT_RUN if isinstance(sample.error, NotHeld) else status
            text = str(OracleError(sample.error))
            for subject, rows in self.subjects:
                token = Token(entry.name, chunk.dtype, sample.index, checks[0])
                if chunk.skips(token, subject.label):
                    continue
                outcome = Outcome(status, text, reason=text if sample.unsupported else "")
                yield Result(token, subject.label, known_differences.judge(outcome, token, rows))
            return
        seed = sample_seed(
            self.settings.seed, Token(entry.name, chunk.dtype, sample.index, checks[0])
        )
        oracles: dict[str, Oracle] = {}
        for subject, rows in self.subjects:
            observations: dict[str, Observation] = {}
            for check in checks:
                form = check if check in FORMS else "function"
                if form != "function" and not entry.applies(form, sample):
                    continue
                token = Token(entry.name, chunk.dtype, sample.index, check)
                if chunk.skips(token, subject.label):
                    continue
                started(token, subject.label)
                if form not in oracles:
                    oracles[form] = self.reference.oracle(entry, sample, form, seed)
                if form not in observations:
                    observations[form] = Observation(subject, entry, sample, form, seed)
                begun = time.perf_counter()
                outcome = run_check(check, oracles[form], observations[form])
                if outcome.status is Status.BLIND and not outcome.reason:
                    row = next((r for r in zero_gradients() if r.covers(token)), None)
                    outcome.reason = row.reason if row else ""
                outcome = known_differences.judge(outcome, token, rows)
                yield Result(token, subject.label, outcome, time.perf_counter() - begun)


def run_scenario(
    program: scenarios.Program, expected: list[scenarios.Observation], subject: Subject
) -> Outcome:
    """One program on one subject against what torch answered; every exception is an outcome."""
    try:
        with subject.activate():
            return scenario.compare(expected, observe(program, subject.module))
    except Mismatch as difference:
        return Outcome(Status.FAIL, difference.message, difference.detail)
    except Exception as error:  # whatever the subject raises is the result of the case
        return _raised(error, subject)


def _raised(error: Exception, subject: Subject) -> Outcome:
    text = f"{type(error).__name__}: {error}"
    return Outcome(Status.MISSING if is_missing(error, subject) else Status.FAIL, text)


def run_check(check: str, oracle: Oracle, actual: Observation) -> Outcome:
    """One check on one case; every exception becomes an outcome."""
    try:
        return CHECK[check](oracle, actual)
    except Mismatch as difference:
        return Outcome(Status.FAIL, difference.message, difference.detail)
    except OracleError as refused:
        return Outcome(Status.ORACLE_ERROR, str(refused))
    except NotHeld as absent:
        return Outcome(Status.NOT_RUN, str(absent))
    except Unsupported as reason:
        return Outcome(Status.SKIP, str(reason), reason=str(reason))
    except Exception as error:  # whatever the subject raises is the result of the case
        return _raised(error, actual.subject)
