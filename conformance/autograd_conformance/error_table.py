"""The errors a subject is known to make: in ULP, per entry, dtype and check, recorded from a run.

A budget says how far an answer may lie from torch's, the table how far it has lain. An error that
grows beyond it, though still within its budget, is a loosening, and a run shows it. A line of the
file reads ``softmax float64 gradients=12 tangents=7.1``; errors of up to FREE ULP are left out, and
of an entry without a line nothing is known.
"""

from __future__ import annotations

import math
from importlib import resources
from importlib.resources.abc import Traversable
from typing import NamedTuple

from autograd_conformance.cases import ANY_DTYPE
from autograd_conformance.known_differences import package_of
from autograd_conformance.report import Report
from autograd_conformance.subjects import SubjectSpec

FREE = 4.0
FILE_NAME = "error_budgets.txt"
_HEAD = (
    "# Largest errors in ULP by entry, dtype and check; `autograd-conformance budgets` writes it.\n"
)


class Row(NamedTuple):
    """What a line is about."""

    entry: str
    dtype: str


#: The errors of a row by check.
Table = dict[Row, dict[str, float]]


def parse(text: str, origin: str) -> Table:
    """The table of a file's text; ValueError names the line that is wrong."""
    table: Table = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        try:
            entry, dtype, *pairs = line.split(" ")
            split = (pair.split("=") for pair in pairs)
            table[Row(entry, dtype)] = {check: float(ulp) for check, ulp in split}
        except ValueError:
            raise ValueError(f"{origin}: line {number} is no row of errors: {line!r}") from None
    return table


def spell(table: Table) -> str:
    """The text of a table, sorted, without what is free."""
    lines = []
    for row, errors in sorted(table.items()):
        pairs = [f"{check}={ulp:g}" for check, ulp in sorted(errors.items()) if ulp > FREE]
        lines.append(f"{' '.join((*row, *pairs))}\n")
    return _HEAD + "".join(lines)


def file_of(spec: SubjectSpec) -> Traversable | None:
    """Where the table of the subject's backend is; None for a module without backend.

    The kit has those of the core's own backends; any other package carries its own.
    """
    package = package_of(spec)
    if package is None:
        return None
    here = resources.files("autograd_conformance") / "error_tables" / f"{package}.txt"
    return here if here.is_file() else resources.files(package) / FILE_NAME


def load(spec: SubjectSpec) -> Table | None:
    """The recorded table of a subject; None where nothing was recorded."""
    file = file_of(spec)
    if file is None or not file.is_file():
        return None
    return parse(file.read_text(encoding="utf-8"), FILE_NAME)


def measured(report: Report, subject: str) -> Table:
    """The errors that a run has seen, rounded up to two digits; those that are zero included.

    What an interrupted run has left to do is not there.
    """
    unfinished = {(chunk.entry, chunk.dtype) for chunk in report.unfinished}
    return {
        Row(entry, dtype): {
            check: _rounded_up(tally.max_ulp.get(check, 0.0)) for check in tally.cases
        }
        for (entry, dtype), tally in report.tallies[subject].items()
        if dtype != ANY_DTYPE and (entry, dtype) not in unfinished
    }


def recorded_with(recorded: Table, found: Table) -> Table:
    """The recorded table with what a run has found in place of what it says."""
    return recorded | {row: recorded.get(row, {}) | errors for row, errors in found.items()}


def tightened(recorded: Table, found: Table) -> Table:
    """The recorded table with what a run has found to be smaller."""
    return {
        row: {check: min(ulp, found.get(row, {}).get(check, ulp)) for check, ulp in errors.items()}
        for row, errors in recorded.items()
    }


def loosened(recorded: Table, found: Table) -> list[tuple[str, float, float]]:
    """What has grown beyond the record, the largest growth first: name, recorded, found."""
    grown = []
    for row, errors in found.items():
        for check, now in errors.items():
            before = max(recorded.get(row, {}).get(check, FREE), FREE)
            if row in recorded and now > before:
                grown.append(("|".join((*row, check)), before, now))
    return sorted(grown, key=lambda line: -line[2] / line[1])


def grown(report: Report, subject: str) -> list[tuple[str, float, float]]:
    """What a run has found to be larger than the subject's backend has on record."""
    spec = report.specs.get(subject)
    recorded = load(spec) if spec else None
    return [] if recorded is None else loosened(recorded, measured(report, subject))


def _rounded_up(ulp: float) -> float:
    if not 0.0 < ulp < math.inf:
        return ulp
    unit = 10.0 ** (math.floor(math.log10(ulp)) - 1)
    return float(f"{math.ceil(ulp / unit) * unit:.2g}")
