"""A batch of programs: drawn by Hypothesis, run on torch and the subjects, shrunk if they differ.

A batch is told by its plan, its number and what was done of it, so that any process may run it or
go on with it.
"""

from __future__ import annotations

import hashlib
import re
import time
import traceback
import unittest
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.database import DirectoryBasedExampleDatabase

from autograd_conformance.execution import torch_subject
from autograd_conformance.fuzzing.database import EXAMPLES
from autograd_conformance.fuzzing.drawing import programs
from autograd_conformance.fuzzing.findings import covering, tidy
from autograd_conformance.fuzzing.interpreter import observe
from autograd_conformance.fuzzing.judging import Judgement, Verdict, judge
from autograd_conformance.fuzzing.programs import Program, Step
from autograd_conformance.scenarios.recording import Observation
from autograd_conformance.subjects import Subject, SubjectSpec

#: Programs of a batch: what is lost when a campaign is interrupted.
BATCH = 500
#: The number of the batch that replays what the database holds.
STORED = -1
TORCH = SubjectSpec("torch")


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
        return digest(self.subject, self.program)


@dataclass(frozen=True)
class Crash:
    """A program that ends the process of a subject, or of torch.

    ``alone``: it does so in a process that runs nothing else. Otherwise it is not shrunk, and the
    side is the one whose turn it was.
    """

    subject: SubjectSpec
    program: Program
    death: str
    alone: bool = True

    @property
    def of_torch(self) -> bool:
        """Whether torch is to blame, which is no failure of a subject."""
        return self.subject == TORCH

    @property
    def cause(self) -> str:
        """Who died of what, and at which kind of step: that of a shrunk program is its last."""
        steps = [step.text for step in self.program.steps] or ["its leaves"]
        step = steps[-1] if self.alone else "not alone"
        return f"{self.subject.label}: {step}: {self.death}"

    @property
    def digest(self) -> str:
        """A short name, the same for the same program on the same subject."""
        return digest(self.subject, self.program)


def digest(subject: SubjectSpec, program: Program) -> str:
    """A short name of a program on a subject."""
    return hashlib.sha256(f"{subject.label}|{program.to_json()}".encode()).hexdigest()[:12]


@dataclass
class Report:
    """What came of some batches."""

    programs: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    #: Programs that end a process; those of torch are no failures.
    crashes: list[Crash] = field(default_factory=list)
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
        seen = {f.digest for f in self.findings} | {c.digest for c in self.crashes}
        self.findings += [f for f in other.findings if f.digest not in seen]
        self.crashes += [c for c in other.crashes if c.digest not in seen]

    def causes(self) -> set[str]:
        """What was found, by cause."""
        return {f.cause for f in self.findings} | {c.cause for c in self.crashes}

    def failed(self) -> bool:
        """Whether a subject differs or crashes."""
        return bool(self.findings) or not all(crash.of_torch for crash in self.crashes)


@dataclass(frozen=True)
class Task:
    """A batch to run, or what is left of it: ``report`` is what came of the programs before."""

    plan: Plan
    number: int
    #: Causes that are counted and no more.
    ignored: frozenset[str] = frozenset()
    #: Programs that end a process.
    spared: frozenset[Program] = frozenset()
    report: Report = field(default_factory=Report)

    @property
    def size(self) -> int:
        """How many programs the batch has."""
        return min(BATCH, self.plan.programs - self.number * BATCH)


class Difference(Exception):
    """Raised within Hypothesis; a subclass per cause, so that it shrinks each by itself."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.cause)
        self.finding = finding


def _untold(program: Program, side: SubjectSpec) -> None:
    """Let nobody know which program is about to be run on whom."""


class Bench:
    """The subjects, imported, and what is known of them.

    ``begun`` is told of each program before it runs, and on whom.
    """

    def __init__(
        self,
        subjects: tuple[SubjectSpec, ...],
        begun: Callable[[Program, SubjectSpec], None] = _untold,
    ) -> None:
        self.torch = torch_subject().module
        self.subjects = [Subject(spec) for spec in subjects]
        self.begun = begun
        self._kinds: dict[str, type[Difference]] = {}

    def findings(self, program: Program, report: Report) -> Iterator[Finding]:
        """The differences of a program, at most one a subject; counts what it sees."""
        report.programs += 1
        self.begun(program, TORCH)
        expected = observe(program, self.torch)
        for subject in self.subjects:
            judgement = self.judge(program, expected, subject)
            if judgement.verdict is Verdict.DIFFERENT:
                row = covering(program, judgement, subject.label)
                if row is not None:
                    report.verdicts["known"] += 1
                    report.known[row.reason] += 1
                    continue
                cause = f"{subject.label}: {cause_of(program, judgement)}"
                yield Finding(subject.spec, cause, program, replace(judgement, before=()))
            report.verdicts[str(judgement.verdict)] += 1

    def judge(self, program: Program, expected: list[Observation], subject: Subject) -> Judgement:
        """One program on one subject; whatever the interpreter meets there is a difference."""
        self.begun(program, subject.spec)
        try:
            with subject.activate():
                actual = observe(program, subject.module)
        except Exception as error:
            text = f"the program ends with {type(error).__name__}: {error}"
            return Judgement(Verdict.DIFFERENT, "the run", text, traceback.format_exc())
        self.begun(program, TORCH)  # which tells what rounding can do
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


def run_batch(task: Task, begun: Callable[[Program, SubjectSpec], None] = _untold) -> Report:
    """One batch, counted into the task's report; those of another number are other programs."""
    bench, report = Bench(task.plan.subjects, begun), task.report
    started, before = time.perf_counter(), report.seconds
    while task.number == STORED or report.programs < task.size:
        report.findings += _hunt(bench, task, task.ignored | report.causes())
        report.seconds = before + time.perf_counter() - started
        if task.number == STORED or report.errors:
            break
    report.batches = int(task.number != STORED)
    return report


def _hunt(bench: Bench, task: Task, ignored: frozenset[str]) -> list[Finding]:
    """What is left of a batch on Hypothesis, which stops and shrinks where something differs."""
    plan, stored, report = task.plan, task.number == STORED, task.report
    database = None
    if plan.database is not None:
        database = DirectoryBasedExampleDatabase(plan.database / EXAMPLES)
    settings = hypothesis.settings(
        max_examples=max(task.size - report.programs, 1),
        database=database,
        deadline=None,
        phases=[Phase.reuse] if stored else [Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
    )
    counted = report
    drawn = repr((plan.seed, (task.number, 0 if stored else report.programs)))
    seed = int.from_bytes(hashlib.sha256(drawn.encode()).digest()[:8], "big")

    @settings  # over the seed, which turns the database off
    @hypothesis.seed(seed)
    @hypothesis.given(programs(plan.longest))
    def agrees(program: Program) -> None:
        nonlocal counted
        if task.spared and program in task.spared:
            return
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

    fewer = without_steps(finding.program, lambda program: still(program) is not None)
    finding = still(fewer) or finding
    return still(tidy(finding.program, bench.torch)) or finding


def without_steps(program: Program, still: Callable[[Program], bool]) -> Program:
    """The program without the steps that it is still what it was without, the last ones first.

    All are tried at once, then halves, and so on to single steps; where later ones need what a step
    makes, its operand may do as well.
    """
    size = 2 * len(program.steps)
    while size := size // 2:
        for place in range(len(program.steps) - size, -1, -size):
            before, after = program.steps[:place], program.steps[place + size :]
            fewer = [replace(program, steps=before + after)]
            step = program.steps[place]
            if size == 1 and len(step.to) == 1 and step.reads:
                read = _reading(after, step.to[0], step.reads[0])
                fewer.append(replace(program, steps=before + read))
            program = next((one for one in fewer if still(one)), program)
    return program


def _reading(steps: tuple[Step, ...], name: str, other: str) -> tuple[Step, ...]:
    """Steps that read another tensor instead of the one named, up to where it is named anew."""
    read: list[Step] = []
    for number, step in enumerate(steps):
        reads = tuple(other if one == name else one for one in step.reads)
        read.append(replace(step, reads=reads))
        if name in step.to:
            return (*read, *steps[number + 1 :])
    return tuple(read)
