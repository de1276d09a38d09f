"""Gathers results into the report: entries passing, counts, failures by cause; JSON both ways."""

from __future__ import annotations

import json
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Any

from autograd_conformance.cases import ANY_DTYPE, FAILING, Result, Status
from autograd_conformance.scenarios import PREFIX

SCHEMA = "autograd-conformance-report/1"
#: The differentiable OpInfo entries of torch 2.13.
ENTRIES = 547
_OTHER = "other"


def families() -> list[tuple[str, list[str]]]:
    """Family names with the globs of their entries; the first match holds."""
    text = (resources.files("autograd_conformance") / "families.toml").read_text("utf-8")
    return [(name, globs) for name, globs in tomllib.loads(text)["families"].items()]


def family_of(entry: str, table: list[tuple[str, list[str]]]) -> str:
    """The family of an entry by its name or its name without variant; a scenario's by its area."""
    if entry.startswith(PREFIX):
        return entry.rpartition(".")[0]
    for name, globs in table:
        if any(fnmatchcase(entry, g) or entry.startswith(f"{g}.") for g in globs):
            return name
    return _OTHER


@dataclass
class Tally:
    """What was seen of one entry at one dtype on one subject."""

    statuses: Counter[Status] = field(default_factory=Counter)
    checks: dict[str, Counter[Status]] = field(default_factory=lambda: defaultdict(Counter))
    max_ulp: dict[str, float] = field(default_factory=dict)
    bad_samples: set[int] = field(default_factory=set)
    samples: set[int] = field(default_factory=set)
    unexplained_blind: int = 0
    seconds: float = 0.0

    @property
    def passes(self) -> bool:
        """Every case is pass, explained blind or known, and something was tested.

        A case on which torch itself raises cannot be held against the subject.
        """
        good = self.statuses[Status.PASS] + self.statuses[Status.KNOWN_DIFFERENCE]
        blind = self.statuses[Status.BLIND] - self.unexplained_blind
        excused = self.statuses[Status.ORACLE_ERROR]
        return good > 0 and good + blind + excused == sum(self.statuses.values())

    def add(self, result: Result) -> None:
        status, check, sample = result.status, result.token.check, result.token.sample
        self.statuses[status] += 1
        self.checks[check][status] += 1
        self.samples.add(sample)
        self.seconds += result.seconds
        self.max_ulp[check] = max(self.max_ulp.get(check, 0.0), result.outcome.max_ulp)
        if status is Status.BLIND and not result.outcome.reason:
            self.unexplained_blind += 1
        if status in (*FAILING, Status.MISSING, Status.SKIP):
            self.bad_samples.add(sample)


@dataclass
class Report:
    """Everything a run has shown so far."""

    subjects: list[str]
    about: dict[str, Any] = field(default_factory=dict)
    tallies: dict[str, dict[tuple[str, str], Tally]] = field(init=False)
    notable: list[Result] = field(default_factory=list)
    errors: dict[str, Counter[str]] = field(init=False)

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
        return sum(sum(t.statuses.values()) for by in self.tallies.values() for t in by.values())

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

    def causes(self) -> list[tuple[tuple[str, str], list[Result]]]:
        """Failures grouped by root cause, the widest first."""
        groups: dict[tuple[str, str], list[Result]] = defaultdict(list)
        for result in self.notable:
            if result.status in FAILING:
                groups[result.cause].append(result)
        return sorted(groups.items(), key=lambda item: -len(item[1]))

    def _ran(self, subject: str) -> bool:
        """Whether any case was run: what the oracle has no answer to was not."""
        return bool(self.counts(subject).keys() - {Status.NOT_RUN})

    def exit_code(self, *, fail_missing: bool) -> int:
        """0 when nothing failed, 1 when something did, 2 when not one case was run."""
        if any(not self._ran(s) for s in self.subjects) or not self.cases:
            return 2
        bad = {*FAILING, Status.MISSING} if fail_missing else FAILING
        return int(any(result.status in bad for result in self.notable))

    def as_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "about": self.about,
            "subjects": {name: self._subject_json(name) for name in self.subjects},
            "notable": [result.as_json() for result in self.notable],
        }

    def _subject_json(self, name: str) -> dict[str, Any]:
        table = families()
        rows = []
        for (entry, dtype), tally in sorted(self.tallies[name].items()):
            rows.append(
                {
                    "entry": entry,
                    "family": family_of(entry, table),
                    "dtype": dtype,
                    "passes": tally.passes,
                    "samples": len(tally.samples),
                    "checks": {
                        check: {str(s): n for s, n in counts.items()}
                        for check, counts in tally.checks.items()
                    },
                    "max_ulp": tally.max_ulp,
                    "seconds": round(tally.seconds, 4),
                }
            )
        return {
            "counts": {str(s): n for s, n in self.counts(name).items()},
            "entries_passing": {d: len(self.passing(name, d)) for d in self.dtypes()},
            "entries_of": ENTRIES,
            "scenarios_passing": sum(self.scenarios(name).values()),
            "scenarios_of": len(self.scenarios(name)),
            "missing": self.missing(name),
            "errors": dict(self.errors[name]),
            "entries": rows,
        }

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.as_json(), indent=1), encoding="utf-8")
