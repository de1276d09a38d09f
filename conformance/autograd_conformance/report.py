"""Gathers results into the report: entries passing, counts, failures by cause.

Of every case its status is kept, of those that do not pass everything. `reports` writes a report
to a file and reads it, and makes pages, JUnit files, badges and diffs of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograd_conformance.cases import ANY_DTYPE, FAILING, UNTRIED, Result, Status, Token
from autograd_conformance.chunks import Chunk
from autograd_conformance.scenarios import PREFIX
from autograd_conformance.subjects import SubjectSpec

#: The differentiable OpInfo entries of torch 2.13.
ENTRIES = 547


@dataclass
class Tally:
    """What was seen of one entry at one dtype on one subject."""

    cases: dict[str, dict[Status, set[int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    max_ulp: dict[str, float] = field(default_factory=dict)
    undetermined: int = 0
    unexplained_blind: int = 0
    seconds: float = 0.0

    @property
    def statuses(self) -> Counter[Status]:
        """How many cases have each status."""
        return sum(self.checks.values(), Counter())

    @property
    def checks(self) -> dict[str, Counter[Status]]:
        """How many cases have each status, by check."""
        return {
            check: Counter({status: len(samples) for status, samples in by.items()})
            for check, by in self.cases.items()
        }

    @property
    def samples(self) -> set[int]:
        """The samples of which any case was run."""
        return set().union(*(s for by in self.cases.values() for s in by.values()))

    @property
    def bad_samples(self) -> set[int]:
        """The samples of which a case failed, was skipped or is missing."""
        bad = (*FAILING, Status.MISSING, Status.SKIP)
        return set().union(*(by.get(s, set()) for by in self.cases.values() for s in bad))

    @property
    def passes(self) -> bool:
        """Every case is pass, explained blind or known, and something was tested.

        A case on which torch itself raises cannot be held against the subject.
        """
        statuses = self.statuses
        good = statuses[Status.PASS] + statuses[Status.KNOWN_DIFFERENCE]
        blind = statuses[Status.BLIND] - self.unexplained_blind
        excused = statuses[Status.ORACLE_ERROR]
        return good > 0 and good + blind + excused == statuses.total()

    def add(self, result: Result) -> None:
        status, check = result.status, result.token.check
        self.cases[check][status].add(result.token.sample)
        self.seconds += result.seconds
        if result.outcome.max_ulp:
            self.max_ulp[check] = max(self.max_ulp.get(check, 0.0), result.outcome.max_ulp)
        self.undetermined += result.outcome.undetermined
        if status is Status.BLIND and not result.outcome.reason:
            self.unexplained_blind += 1


@dataclass
class Report:
    """Everything a run has shown so far.

    `settings` says what the run was asked for and by whom, `complaints` what failed it besides
    cases, `unfinished` what an interrupted run has left to do, `broken` why a subject could not be
    imported and entered, `nodes` which nodes torch's graph of a failing op has.
    """

    subjects: list[str]
    about: dict[str, Any] = field(default_factory=dict)
    specs: dict[str, SubjectSpec] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    tallies: dict[str, dict[tuple[str, str], Tally]] = field(init=False)
    notable: list[Result] = field(default_factory=list)
    errors: dict[str, Counter[str]] = field(init=False)
    complaints: list[str] = field(default_factory=list)
    unfinished: list[Chunk] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tallies = {name: defaultdict(Tally) for name in self.subjects}
        self.errors = {name: Counter() for name in self.subjects}

    def add(self, result: Result) -> None:
        token = result.token
        self.tallies[result.subject][token.entry, token.dtype].add(result)
        if result.status is not Status.PASS:
            self.notable.append(result)
        if token.check == "errors" and result.outcome.type_match is not None:
            seen = self.errors[result.subject]
            seen["cases"] += 1
            seen["type"] += result.outcome.type_match
            seen["text"] += bool(result.outcome.text_match)

    @property
    def cases(self) -> int:
        return sum(t.statuses.total() for by in self.tallies.values() for t in by.values())

    def statuses(self, subject: str) -> Iterator[tuple[Token, Status]]:
        """Every case that was run on a subject, with its status."""
        for (entry, dtype), tally in self.tallies[subject].items():
            for check, by in tally.cases.items():
                for status, samples in by.items():
                    for sample in samples:
                        yield Token(entry, dtype, sample, check), status

    def counts(self, subject: str) -> Counter[Status]:
        total: Counter[Status] = Counter()
        for tally in self.tallies[subject].values():
            total += tally.statuses
        return total

    def passing(self, subject: str, dtype: str | None = None) -> list[str]:
        """The entries that pass at `dtype`, or at every dtype that was run."""
        verdicts: dict[str, bool] = {}
        for (entry, at), tally in self.tallies[subject].items():
            if at != ANY_DTYPE and dtype in (None, at):
                verdicts[entry] = verdicts.get(entry, True) and tally.passes
        return [entry for entry, good in verdicts.items() if good]

    def scenarios(self, subject: str) -> dict[str, bool]:
        """The scenarios that were run, each with whether it passes."""
        return {
            entry: tally.passes
            for (entry, _), tally in self.tallies[subject].items()
            if entry.startswith(PREFIX)
        }

    def dtypes(self) -> list[str]:
        found = {dtype for by in self.tallies.values() for _, dtype in by}
        return sorted(found - {ANY_DTYPE})

    def missing(self, subject: str) -> list[str]:
        """Entries of which some case is missing."""
        return sorted(
            {e for (e, _), t in self.tallies[subject].items() if t.statuses[Status.MISSING]}
        )

    @property
    def failing(self) -> frozenset[Status]:
        """The statuses that fail the run; `about` says whether a missing op does."""
        return FAILING | {Status.MISSING} if self.about.get("missing_fails") else FAILING

    def failures(self) -> list[Result]:
        """The results that fail the run."""
        return [result for result in self.notable if result.status in self.failing]

    def _ran(self, subject: str) -> bool:
        """Whether any case was run: what the oracle or the subject has no answer to was not."""
        return bool(self.counts(subject).keys() - UNTRIED)

    def exit_code(self) -> int:
        """0 when nothing failed, 1 when something did, 2 when not one case was run."""
        if self.failures() or self.complaints or self.broken:
            return 1
        return 0 if all(map(self._ran, self.subjects)) else 2

    def option(self, subject: str) -> str:
        """The option of the command line that names a subject."""
        spec = self.specs.get(subject)
        return f"--subject {subject}" if spec and spec.backend is None else f"--backend {subject}"
