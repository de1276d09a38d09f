"""A report as one HTML page that needs no network: what the template page.html.jinja shows.

The page is made of sums, so that 200,000 cases stay a page of two megabytes: a cell per op, check
and subject, and of each cause a few failures.
"""

from __future__ import annotations

import base64
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from autograd_conformance import error_table
from autograd_conformance.cases import ANY_DTYPE, CHECKS, FAILING, Result, Status, Token
from autograd_conformance.families import family_names, family_of
from autograd_conformance.report import ENTRIES, Report
from autograd_conformance.reports.causes import Cause, causes
from autograd_conformance.reports.json_file import spell
from autograd_conformance.scenarios import PREFIX

#: What is shown of a page at most: causes, failures of each, characters of a detail.
_CAUSES, _FAILURES, _DETAIL = 400, 3, 3000
#: From the worst to the best, with what the legend says.
STATUSES = {
    Status.CRASH: ("crash", "the case ended the interpreter"),
    Status.TIMEOUT: ("timeout", "no answer within the time allowed"),
    Status.FAIL: ("fail", "the answer differs from torch's"),
    Status.UNEXPECTED_PASS: ("unexpected pass", "declared as a known difference, yet passes"),
    Status.MISSING: ("missing", "the subject does not have the op"),
    Status.NOT_RUN: ("not run", "the oracle has no answer to this"),
    Status.SKIP: ("skip", "the kit cannot ask this"),
    Status.ORACLE_ERROR: ("oracle error", "torch itself raises"),
    Status.BLIND: ("blind", "torch's gradient is constant here, so agreeing says nothing"),
    Status.KNOWN_DIFFERENCE: ("known", "a declared difference, with its reason"),
    Status.PASS: ("pass", "the same as torch"),
}
_RANK = {status: number for number, status in enumerate(STATUSES)}
#: Checks on the columns of the map; scenarios have a section of their own.
COLUMNS = tuple(check for check in CHECKS if check != "scenario")


#: Namespaces of ops that a row shows apart.
_SPACES = ("nn.functional.", "torch.ops.aten.", "linalg.", "special.", "masked.", "fft.")


def _worst_first(status: Status) -> int:
    """Where a status stands in an op's row; a blind check beside ones that pass is no blemish."""
    return _RANK[Status.PASS] + 1 if status is Status.BLIND else _RANK[status]


@dataclass
class Cell:
    """One op and check on one subject: how many cases have each status."""

    counts: Counter[Status] = field(default_factory=Counter)
    cause: int | None = None
    #: The largest errors in units in the last place, by dtype.
    ulps: dict[str, float] = field(default_factory=dict)

    @property
    def status(self) -> Status | None:
        """The status that colours the cell: the worst, blind only where nothing passes."""
        seen = [s for s in self.counts if self.counts[s]]
        if Status.PASS in seen:
            seen = [s for s in seen if s not in (Status.BLIND, Status.ORACLE_ERROR)]
        return min(seen, key=_RANK.__getitem__, default=None)

    @property
    def css(self) -> str:
        return f"s-{self.status}" if self.status else "s-none"

    @property
    def title(self) -> str:
        parts = [f"{self.counts[s]} {name}" for s, (name, _) in STATUSES.items() if self.counts[s]]
        errors = ", ".join(f"{ulp:.2g} ulp at {dtype}" for dtype, ulp in self.ulps.items())
        return (", ".join(parts) or "not asked") + (f"; off by up to {errors}" if errors else "")


@dataclass
class Row:
    """One op, or one scenario: its cells by check and subject."""

    name: str
    cells: dict[tuple[str, str], Cell] = field(default_factory=lambda: defaultdict(Cell))
    passes: bool = True

    @property
    def statuses(self) -> str:
        """The statuses of the row's cases, for the filters."""
        return " ".join(sorted({str(s) for c in self.cells.values() for s in c.counts}))

    @property
    def space(self) -> str:
        """The namespace that stands before the name of an op."""
        return next((space for space in _SPACES if self.name.startswith(space)), "")

    @property
    def short(self) -> str:
        """The name without what its section or namespace says."""
        if self.name.startswith(PREFIX):
            return self.name.rpartition(".")[2]
        return self.name.removeprefix(self.space)

    @property
    def css(self) -> str:
        """The colour of the whole row: that of its worst cell."""
        found = [cell.status for cell in self.cells.values() if cell.status]
        return f"s-{min(found, key=_worst_first)}" if found else "s-none"

    def at(self, check: str, subject: str) -> Cell:
        return self.cells.get((check, subject)) or Cell()


@dataclass
class Family:
    """The rows of a family, or the scenarios of an area."""

    name: str
    rows: list[Row]

    @property
    def passing(self) -> int:
        return sum(row.passes for row in self.rows)

    @property
    def counts(self) -> Counter[Status]:
        return sum((c.counts for row in self.rows for c in row.cells.values()), Counter())

    @property
    def fails(self) -> bool:
        return any(self.counts[status] for status in FAILING)


@dataclass
class Known:
    """The known differences of one reason."""

    reason: str
    category: str
    cases: int
    ops: list[str]
    subjects: list[str]


def page(report: Report) -> str:
    """The text of the page."""
    loader = PackageLoader("autograd_conformance", "reports")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        thousands=_thousands, picture=_picture, moment=_moment, ranges=_ranges
    )
    found = causes(report)
    ops, scenarios = _rows(report, found)
    text: str = environment.get_template("page.html.jinja").render(
        report=report,
        about=report.about,
        statuses=STATUSES,
        columns=[check for check in COLUMNS if _asked(ops, check)],
        families=_families(ops),
        areas=_families(scenarios),
        causes=found[:_CAUSES],
        more_causes=len(found) - _CAUSES,
        shown=_shown,
        detail_limit=_DETAIL,
        failures=len(report.failures()),
        verdict=_verdict(report),
        subjects=[_summary(report, subject) for subject in report.subjects],
        known=_known(report.notable),
        css=_asset("page.css"),
        script=_asset("page.js"),
    )
    return text


def _asset(name: str) -> Markup:
    """A file of ours that goes into the page as it stands."""
    return Markup((resources.files(__package__) / name).read_text("utf-8"))


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _moment(text: str) -> str:
    """A moment as people write it."""
    return text[:16].replace("T", " ") + " UTC"


def _picture(svg: str) -> str:
    """An SVG as the source of an image, in which no script of it can run."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _ranges(tokens: Iterable[Token]) -> list[str]:
    """Tokens with their samples as ranges: ``exp|float64|0-3|values``."""
    samples: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for token in tokens:
        samples[token.entry, token.dtype, token.check].append(token.sample)
    return [f"{e}|{d}|{spell(numbers)}|{c}" for (e, d, c), numbers in samples.items()]


def _rows(report: Report, found: list[Cause]) -> tuple[list[Row], list[Row]]:
    """A row per op, and one per scenario."""
    rows: dict[str, Row] = {}
    for subject in report.subjects:
        for (entry, dtype), tally in report.tallies[subject].items():
            row = rows.setdefault(entry, Row(entry))
            row.passes = row.passes and (tally.passes or not _judged(tally))
            for check, counts in tally.checks.items():
                row.cells[check, subject].counts += counts
            for check, ulp in tally.max_ulp.items():
                row.cells[check, subject].ulps[dtype] = ulp
    for number, cause in enumerate(found[:_CAUSES], 1):
        for result in cause.results:
            cell = rows[result.token.entry].cells[result.token.check, result.subject]
            cell.cause = cell.cause or number
        for result in cause.following:
            cell = rows[result.token.entry].cells[result.token.check, result.subject]
            cell.cause = cell.cause or number
    names = sorted(rows)
    return (
        [rows[name] for name in names if not name.startswith(PREFIX)],
        [rows[name] for name in names if name.startswith(PREFIX)],
    )


def _judged(tally: Any) -> bool:
    """Whether anything but blindness and torch's own errors was seen, by which to judge."""
    return any(s not in (Status.BLIND, Status.ORACLE_ERROR) for s in tally.statuses)


def _asked(rows: list[Row], check: str) -> bool:
    return any(key[0] == check for row in rows for key in row.cells)


def _families(rows: list[Row]) -> list[Family]:
    by: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by[family_of(row.name)].append(row)
    order = [*family_names(), *sorted(by)]
    return [Family(name, by[name]) for name in dict.fromkeys(order) if name in by]


def _shown(cause: Cause) -> list[Result]:
    """A few failures of a cause: its first, then the first of others of its ops."""
    chosen = {cause.first.token.entry: cause.first}
    for result in cause.results:
        if len(chosen) < _FAILURES:
            chosen.setdefault(result.token.entry, result)
    return list(chosen.values())


def _verdict(report: Report) -> tuple[str, str]:
    """The word at the top of the page and its class."""
    if report.failures() or report.complaints or report.broken:
        return "failed", "bad"
    if not report.cases:
        return "no case was run", "bad"
    if report.unfinished:
        return "unfinished", "odd"
    return "nothing failed", "good"


def _summary(report: Report, subject: str) -> dict[str, Any]:
    counts = report.counts(subject)
    total = counts.total() or 1
    scenarios = report.scenarios(subject)
    entries = {e for e, dtype in report.tallies[subject] if dtype != ANY_DTYPE}
    return {
        "name": subject,
        "broken": report.broken.get(subject, ""),
        "cases": counts.total(),
        "entries": len(entries),
        "passing": len(report.passing(subject)),
        "of": ENTRIES,
        "scenarios": len(scenarios),
        "scenarios_passing": sum(scenarios.values()),
        "missing": report.missing(subject),
        "grown": error_table.grown(report, subject),
        "by_dtype": {d: len(report.passing(subject, d)) for d in report.dtypes()},
        "shares": [
            (s, name, counts[s], 100 * counts[s] / total)
            for s, (name, _) in reversed(STATUSES.items())
            if counts[s]
        ],
    }


def _known(notable: list[Result]) -> list[Known]:
    """Known differences by reason, those of most cases first."""
    groups: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in notable:
        if result.status is Status.KNOWN_DIFFERENCE:
            groups[result.outcome.category, result.outcome.reason].append(result)
    return sorted(
        (
            Known(
                reason,
                category,
                len(results),
                sorted({r.token.entry for r in results}),
                sorted({r.subject for r in results}),
            )
            for (category, reason), results in groups.items()
        ),
        key=lambda known: (-known.cases, known.reason),
    )
