"""Rows of known differences held against a run: rows that cover nothing, and fingerprints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from autograd_conformance import known_differences, scenarios
from autograd_conformance.cases import ANY_DTYPE, Status
from autograd_conformance.chunks import Chunk
from autograd_conformance.execution import Settings, reference
from autograd_conformance.known_differences import Row
from autograd_conformance.report import Report
from autograd_conformance.samples import Entry
from autograd_conformance.subjects import SubjectSpec

#: A row of so many different failures is told by no fingerprint.
_MOST = 8


def complaints(report: Report, chunks: list[Chunk], settings: Settings) -> list[str]:
    """A line for each row that covers no case, of the rows whose every case was in the plan."""
    if report.unfinished:
        return []
    plan = Plan(chunks, reference(settings.oracle).entries())
    lines: dict[str, None] = {}  # subjects may share a file
    for spec in settings.subjects:
        name = known_differences.origin(spec, settings.known)
        for row in known_differences.load(spec, settings.known):
            if plan.holds(row) and (what := _uncovered(row, report, spec.label)):
                lines[f"{name}: difference {row.number} (op {row.op!r}) covers {what}"] = None
    return list(lines)


class Plan:
    """What a run was to ask: of the chunks, those that begin at the first sample."""

    def __init__(self, chunks: list[Chunk], entries: Mapping[str, Entry]) -> None:
        self._all = entries
        self._names = (*entries, *scenarios.programs())
        self._chunks: dict[tuple[str, str], Chunk] = {}
        for chunk in chunks:
            if not (chunk.start or chunk.done or chunk.without):
                self._chunks[chunk.entry, chunk.dtype] = chunk
        self._entries = {chunk.entry for chunk in self._chunks.values()}
        self._everything = self._entries.issuperset(self._names)

    def holds(self, row: Row) -> bool:
        """Whether every case that the row could cover was in the plan."""
        names = [name for name in self._names if fnmatchcase(name, row.op)]
        if not names:
            return self._everything
        return self._entries.issuperset(names) and all(
            self._asks(name, dtype, check, row)
            for name in names
            for dtype, check in self._questions(name)
            if row.covers_op(name, dtype, check)
        )

    def _asks(self, name: str, dtype: str, check: str, row: Row) -> bool:
        chunk = self._chunks.get((name, dtype))
        if chunk is None or check not in chunk.checks:
            return False
        return chunk.stop is None or bool(row.sample and max(row.sample) < chunk.stop)

    def _questions(self, name: str) -> list[tuple[str, str]]:
        """The dtypes and checks that an entry or scenario can be asked."""
        if name.startswith(scenarios.PREFIX):
            return [(ANY_DTYPE, "scenario")]
        entry = self._all[name]
        found = [(dtype, check) for dtype in entry.dtypes for check in entry.checks(dtype)]
        return [*found, (ANY_DTYPE, "errors")] if entry.has_error_inputs else found


def _uncovered(row: Row, report: Report, subject: str) -> str:
    """What the row covers in vain, in words; empty when it covers what it says."""
    samples: set[int] = set()
    for (entry, dtype), tally in report.tallies[subject].items():
        for check, by in tally.cases.items():
            if row.covers_op(entry, dtype, check):
                samples |= set().union(*by.values())
    if not samples or not (not row.sample or samples & set(row.sample)):
        return "no case that there is: remove it"
    gone = sorted(set(row.sample) - samples)
    if gone:
        return f"samples that there are not: remove {', '.join(map(str, gone))}"
    return ""


def update_fingerprints(report: Report, chunks: list[Chunk], settings: Settings) -> list[str]:
    """Writes what the covered failures look like into the rows' files; a line for each file.

    Rows of rounding are left without: their numbers are what changes.
    """
    plan = Plan(chunks, reference(settings.oracle).entries())
    by_file: dict[str, tuple[Path, dict[int, set[str]], dict[int, Row]]] = {}
    for spec in settings.subjects:
        path = _writable(spec, settings)
        if path is None:
            continue
        seen = by_file.setdefault(str(path), (path, defaultdict(set), {}))
        rows = known_differences.load(spec, settings.known)
        seen[2].update({row.number: row for row in rows})
        for result in report.notable:
            if result.subject == spec.label and result.outcome.fingerprint:
                row = next((r for r in rows if r.covers(result.token)), None)
                if row is not None and result.status is not Status.UNEXPECTED_PASS:
                    seen[1][row.number].add(result.outcome.fingerprint)
    lines = []
    for path, found, by_number in by_file.values():
        chosen = {}
        for number, words in found.items():
            row = by_number[number]
            every = words if plan.holds(row) else words | set(row.fingerprint)
            if row.category != "rounding" and len(every) <= _MOST:
                chosen[number] = tuple(sorted(every))
        text = path.read_text(encoding="utf-8")
        changed = known_differences.with_fingerprints(text, chosen, str(path))
        path.write_text(changed, encoding="utf-8")
        lines.append(f"{path}: fingerprints of {len(chosen)} rows, {len(found)} were seen")
    return lines


def _writable(spec: SubjectSpec, settings: Settings) -> Path | None:
    file: Any = known_differences.file_of(spec, settings.known)
    return file if isinstance(file, Path) else None
