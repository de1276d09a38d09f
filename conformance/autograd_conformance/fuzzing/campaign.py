"""Hunts for differences: batches of programs, shrunk findings, and a database that remembers them.

The database is a directory: Hypothesis's examples, the findings (program, script and answers), and
how many batches of each seed are done, so that a campaign goes on where it was left.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
import traceback
import unittest
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.database import DirectoryBasedExampleDatabase

from autograd_conformance import fork_server
from autograd_conformance.execution import torch_subject
from autograd_conformance.fuzzing.drawing import programs
from autograd_conformance.fuzzing.findings import covering, tidy
from autograd_conformance.fuzzing.interpreter import observe
from autograd_conformance.fuzzing.judging import Judgement, Verdict, judge
from autograd_conformance.fuzzing.programs import Program
from autograd_conformance.fuzzing.script import script
from autograd_conformance.scenarios.recording import Observation
from autograd_conformance.subjects import Subject, SubjectSpec

#: Programs of a batch: what is lost when a campaign is interrupted.
BATCH = 500
#: The number of the batch that replays what the database holds.
STORED = -1
_STATE, _EXAMPLES, _FINDINGS = "campaign.json", "examples", "findings"


@dataclass(frozen=True)
class Plan:
    """What a campaign does; picklable."""

    subjects: tuple[SubjectSpec, ...]
    programs: int = 1000
    seed: int = 0
    jobs: int = 1
    seconds: float | None = None
    database: Path | None = None
    longest: int = 20


@dataclass(frozen=True)
class Finding:
    """A shrunk program on which a subject differs from torch."""

    subject: SubjectSpec
    cause: str
    program: Program
    judgement: Judgement

    @property
    def digest(self) -> str:
        """A short name, the same for the same program on the same subject."""
        text = f"{self.subject.label}|{self.program.to_json()}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass
class Report:
    """What came of some batches."""

    programs: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    #: Programs that differ in a way that was found before, by cause.
    again: Counter[str] = field(default_factory=Counter)
    #: Programs that differ as a row of findings.toml says, by its reason.
    known: Counter[str] = field(default_factory=Counter)
    #: What went wrong in the fuzzer itself.
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0
    batches: int = 0

    def add(self, other: Report) -> None:
        """Take over the counts of another, and its findings unless they are here already."""
        self.programs += other.programs
        self.batches += other.batches
        self.seconds += other.seconds
        self.verdicts += other.verdicts
        self.again += other.again
        self.known += other.known
        self.errors += other.errors
        seen = {finding.digest for finding in self.findings}
        self.findings += [f for f in other.findings if f.digest not in seen]


class Difference(Exception):
    """Raised within Hypothesis; a subclass per cause, so that it shrinks each by itself."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.cause)
        self.finding = finding


class Bench:
    """The subjects, imported, and what is known of them."""

    def __init__(self, subjects: tuple[SubjectSpec, ...]) -> None:
        self.torch = torch_subject().module
        self.subjects = [Subject(spec) for spec in subjects]
        self._kinds: dict[str, type[Difference]] = {}

    def findings(self, program: Program, report: Report) -> Iterator[Finding]:
        """The differences of a program, at most one a subject; counts what it sees."""
        expected = observe(program, self.torch)
        report.programs += 1
        for subject in self.subjects:
            judgement = self.judge(program, expected, subject)
            if judgement.verdict is Verdict.DIFFERENT:
                row = covering(program, judgement, subject.label)
                if row is not None:
                    report.verdicts["known"] += 1
                    report.known[row.reason] += 1
                    continue
                cause = f"{subject.label}: {cause_of(program, judgement)}"
                yield Finding(subject.spec, cause, program, judgement)
            report.verdicts[str(judgement.verdict)] += 1

    def judge(self, program: Program, expected: list[Observation], subject: Subject) -> Judgement:
        """One program on one subject; whatever the interpreter meets there is a difference."""
        try:
            with subject.activate():
                actual = observe(program, subject.module)
        except Exception as error:
            text = f"the program ends with {type(error).__name__}: {error}"
            return Judgement(Verdict.DIFFERENT, "the run", text, traceback.format_exc())
        return judge(program, expected, actual, self.torch)

    def raise_first(self, program: Program, report: Report, ignored: frozenset[str]) -> None:
        """Raise the first difference of a cause that is not ignored."""
        for finding in self.findings(program, report):
            if finding.cause in ignored:
                report.again[finding.cause] += 1
            else:
                kind = type("Difference", (Difference,), {})
                raise self._kinds.setdefault(finding.cause, kind)(finding)


def cause_of(program: Program, judgement: Judgement) -> str:
    """What differs and at which kind of step, without names and numbers."""
    number = re.match(r"(\d+): ", judgement.label)
    if number:
        where = program.steps[int(number[1]) - 1].text
        where += " |" if " | " in judgement.label else ""
    else:
        where = re.sub(r"\b[a-z]\b", "*", judgement.label)
        root = re.search(r"'(\w+Backward\w*)'", judgement.detail) if "graph" in where else None
        where += f" {root[1]}" if root else ""
    return f"{where}: {judgement.message.rsplit(': ', 1)[-1]}"


def run_batch(plan: Plan, number: int, ignored: frozenset[str]) -> Report:
    """One batch; those of another number are other programs."""
    bench, report = Bench(plan.subjects), Report(batches=int(number != STORED))
    begun = time.perf_counter()
    size = min(BATCH, plan.programs - number * BATCH)
    attempt = 0
    while number == STORED or report.programs < size:
        found = _hunt(bench, plan, report, (number, attempt), size - report.programs, ignored)
        report.findings += found
        ignored |= {finding.cause for finding in found}
        attempt += 1
        if number == STORED or report.errors:
            break
    report.seconds = time.perf_counter() - begun
    return report


def _hunt(
    bench: Bench,
    plan: Plan,
    report: Report,
    batch: tuple[int, int],
    count: int,
    ignored: frozenset[str],
) -> list[Finding]:
    """Up to `count` programs on Hypothesis, which stops and shrinks where it finds differences."""
    stored = batch[0] == STORED
    database = None
    if plan.database is not None:
        database = DirectoryBasedExampleDatabase(plan.database / _EXAMPLES)
    settings = hypothesis.settings(
        max_examples=max(count, 1),
        database=database,
        deadline=None,
        phases=[Phase.reuse] if stored else [Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
    )
    counted = report
    seed = int.from_bytes(hashlib.sha256(repr((plan.seed, batch)).encode()).digest()[:8], "big")

    @settings  # over the seed, which turns the database off
    @hypothesis.seed(seed)
    @hypothesis.given(programs(plan.longest))
    def agrees(program: Program) -> None:
        nonlocal counted
        try:
            bench.raise_first(program, counted, ignored)
        except Difference:
            counted = Report()  # what is run to shrink it does not count
            raise

    try:
        agrees()
    except Difference as difference:
        return [_tidied(bench, difference.finding)]
    except unittest.SkipTest:  # nothing is stored
        pass
    except Exception as error:
        report.errors.append("".join(traceback.format_exception(error)))
    return []


def _tidied(bench: Bench, finding: Finding) -> Finding:
    """The finding without the steps, names and leaves that it stands without.

    Hypothesis stops after so many improvements; leaving out steps of plain data one by one is
    quick, and the names of results that are no tensors only make sense to the interpreter.
    """

    def still(program: Program) -> Finding | None:
        found = bench.findings(program, Report())
        same = (f for f in found if f.subject == finding.subject and f.cause == finding.cause)
        return next(same, None)

    place = len(finding.program.steps)
    while place > 0:
        place -= 1
        steps = finding.program.steps
        fewer = replace(finding.program, steps=steps[:place] + steps[place + 1 :])
        finding = still(fewer) or finding
        place = min(place, len(finding.program.steps))
    return still(tidy(finding.program, bench.torch)) or finding


class Database:
    """The directory that a campaign keeps: ValueError where it is not what it should be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists() and not path.is_dir():
            raise ValueError(f"the database {path} is a file; a directory is needed")
        try:
            (path / _FINDINGS).mkdir(parents=True, exist_ok=True)
            (path / _EXAMPLES).mkdir(exist_ok=True)
        except OSError as error:
            raise ValueError(f"the database {path} cannot be written: {error}") from error
        self.done: dict[str, list[int]] = self._state()

    def _state(self) -> dict[str, Any]:
        file = self.path / _STATE
        if not file.exists():
            return {}
        try:
            state = json.loads(file.read_text(encoding="utf-8"))
            done = {str(key): [int(n) for n in numbers] for key, numbers in state["done"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"the database {self.path} is damaged: {file.name} cannot be read ({error}); "
                "delete that file to start counting anew, or the directory to forget everything"
            ) from error
        return done

    def finish(self, key: str, number: int) -> None:
        """Remember that a batch is done."""
        self.done.setdefault(key, []).append(number)
        file = self.path / _STATE
        part = file.with_suffix(".part")
        part.write_text(json.dumps({"done": self.done}), encoding="utf-8")
        part.replace(file)

    def keep(self, finding: Finding) -> Path:
        """Write a finding and its script; the path of the script."""
        base = self.path / _FINDINGS / finding.digest
        row = {
            "subject": finding.subject.label,
            "cause": finding.cause,
            "label": finding.judgement.label,
            "detail": finding.judgement.detail,
            "program": json.loads(finding.program.to_json()),
        }
        base.with_suffix(".json").write_text(json.dumps(row, indent=1), encoding="utf-8")
        file = base.with_suffix(".py")
        file.write_text(script(finding.program, finding.subject), encoding="utf-8")
        return file


class Campaign:
    """Runs a plan's batches, in this process or in several, and hands out reports as they come."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.database = Database(plan.database) if plan.database is not None else None
        labels = ",".join(spec.label for spec in plan.subjects)
        self.key = f"{plan.seed}|{plan.longest}|{labels}"
        batches = range(-(-plan.programs // BATCH))
        done = set(self.database.done.get(self.key, ())) if self.database else set()
        self.skipped = len(done & set(batches))
        self._waiting = [number for number in batches if number not in done]
        self._ignored: set[str] = set()
        self._deadline = time.monotonic() + plan.seconds if plan.seconds else None

    def run(self) -> Iterator[tuple[int, Report]]:
        """The stored examples' report first, then each batch's, under its number."""
        if self.database is not None:
            yield self._finished(STORED, run_batch(self.plan, STORED, frozenset()))
        if self.plan.jobs == 1:
            while (number := self._next()) is not None:
                report = run_batch(self.plan, number, frozenset(self._ignored))
                yield self._finished(number, report)
            return
        context = fork_server.start()
        with ProcessPoolExecutor(self.plan.jobs, mp_context=context) as pool:
            running: dict[Future[Report], int] = {}
            while True:
                while len(running) < self.plan.jobs and (number := self._next()) is not None:
                    task = pool.submit(run_batch, self.plan, number, frozenset(self._ignored))
                    running[task] = number
                if not running:
                    return
                for task in wait(running, return_when=FIRST_COMPLETED).done:
                    number = running.pop(task)
                    yield self._finished(number, task.result())

    def _next(self) -> int | None:
        late = self._deadline is not None and time.monotonic() > self._deadline
        return self._waiting.pop(0) if self._waiting and not late else None

    def _finished(self, number: int, report: Report) -> tuple[int, Report]:
        self._ignored |= {finding.cause for finding in report.findings}
        if self.database is not None:
            for finding in report.findings:
                self.database.keep(finding)
            if number != STORED and not report.errors:
                self.database.finish(self.key, number)
        return number, report
