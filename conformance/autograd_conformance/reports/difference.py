"""What changed from one report to another, case by case."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from autograd_conformance.cases import FAILING, Result, Status, Token, without_numbers
from autograd_conformance.report import Report
from autograd_conformance.reports.json_file import spell

#: Statuses of a case that is as it should be.
_GOOD = (Status.PASS, Status.KNOWN_DIFFERENCE)
_BAD = (*FAILING, Status.MISSING)
#: Kinds of change, in the order in which they are told.
KINDS = ("fixed", "broken", "changed", "other", "new", "gone")


@dataclass(frozen=True)
class Change:
    """One case whose answer changed: `kind` is a word of KINDS, statuses are None where absent."""

    kind: str
    subject: str
    token: Token
    old: Status | None
    new: Status | None
    old_message: str = ""
    new_message: str = ""


@dataclass
class Difference:
    """The changes between two reports, and of subjects that only one of them has."""

    changes: list[Change]
    incomplete: bool
    broken_subjects: list[str]

    def count(self, kind: str) -> int:
        return sum(change.kind == kind for change in self.changes)

    def of(self, kind: str) -> list[Change]:
        return [change for change in self.changes if change.kind == kind]

    @property
    def new_failures(self) -> int:
        return sum(change.new in _BAD for change in self.of("new"))

    @property
    def exit_code(self) -> int:
        """1 when a case broke, or a subject that could be entered no longer can."""
        return int(bool(self.broken_subjects or self.count("broken")))

    @property
    def line(self) -> str:
        """``+3 fixed, -1 broken, 2 changed message, 5 new, 1 gone``."""
        parts = [
            f"+{self.count('fixed')} fixed",
            f"-{self.count('broken')} broken",
            f"{self.count('changed')} changed message",
            f"{self.count('new')} new",
            f"{self.count('gone')} gone",
        ]
        if self.new_failures:
            parts[3] += f" ({self.new_failures} of them failing)"
        if self.count("other"):
            parts.insert(3, f"{self.count('other')} of another status")
        if self.incomplete:
            parts.append("cases the new run had no time for are not counted")
        return ", ".join(parts)

    def as_json(self) -> dict[str, Any]:
        return {
            "counts": {kind: self.count(kind) for kind in KINDS},
            "new_failures": self.new_failures,
            "broken_subjects": self.broken_subjects,
            "incomplete": self.incomplete,
            "changes": [
                {
                    "kind": change.kind,
                    "subject": change.subject,
                    "token": str(change.token),
                    "old": change.old,
                    "new": change.new,
                    **({"old_message": change.old_message} if change.old_message else {}),
                    **({"new_message": change.new_message} if change.new_message else {}),
                }
                for change in self.changes
            ],
        }


def difference(old: Report, new: Report) -> Difference:
    """The changes, in the order of KINDS, then of subjects and tokens.

    What a stopped run has left to do is not gone.
    """
    changes: list[Change] = []
    for subject in dict.fromkeys([*old.subjects, *new.subjects]):
        before, after = _cases(old, subject), _cases(new, subject)
        told_before, told_after = _told(old, subject), _told(new, subject)
        for token in before.keys() | after.keys():
            was, is_now = before.get(token), after.get(token)
            messages = (told_before.get(token, ""), told_after.get(token, ""))
            kind = _kind(was, is_now, *messages)
            if kind and not (kind == "gone" and new.unfinished):
                changes.append(Change(kind, subject, token, was, is_now, *messages))
    order = {kind: number for number, kind in enumerate(KINDS)}
    changes.sort(key=lambda c: (order[c.kind], c.subject, c.token))
    broken = [s for s in new.broken if s in old.subjects and s not in old.broken]
    return Difference(changes, bool(new.unfinished), broken)


def _cases(report: Report, subject: str) -> dict[Token, Status]:
    return dict(report.statuses(subject)) if subject in report.tallies else {}


def _told(report: Report, subject: str) -> dict[Token, str]:
    rows = (result for result in report.notable if result.subject == subject)
    return {result.token: _message(result) for result in rows}


def _message(result: Result) -> str:
    return result.outcome.message


def _kind(old: Status | None, new: Status | None, old_message: str, new_message: str) -> str:
    """The word for a change, or none when the answer is the same."""
    if old is None or new is None:
        return "new" if old is None else "gone"
    if old in _BAD and new in _BAD:
        same = without_numbers(old_message) == without_numbers(new_message)
        return "" if same and old is new else "changed"
    if old in _BAD:
        return "fixed"
    if new in _BAD or (old in _GOOD and new not in _GOOD):
        return "broken"  # a case that was tested and no longer is has broken, too
    return "other" if old is not new else ""


def in_groups(changes: list[Change]) -> list[tuple[str, str]]:
    """Changes in lines: tokens with their samples as ranges, and what changed; most cases first."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for c in changes:
        words = (without_numbers(c.old_message), without_numbers(c.new_message))
        key = (c.subject, c.token.entry, c.token.dtype, c.token.check, c.old, c.new, *words)
        groups.setdefault(key, []).append(c.token.sample)
    sizes = Counter({key: len(samples) for key, samples in groups.items()})
    lines = []
    for key, _ in sizes.most_common():
        subject, entry, dtype, check, was, is_now, old_words, new_words = key
        token = f"{entry}|{dtype}|{spell(groups[key])}|{check} on {subject}"
        said = [f"{was or 'absent'} -> {is_now or 'absent'}"]
        if old_words != new_words:
            said += [text for text in (old_words, new_words) if text]
        lines.append((token, "; ".join(said)))
    return lines
