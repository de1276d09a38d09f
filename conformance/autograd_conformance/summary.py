"""The terminal summary of a run: by family, by check, by subject; failures by root cause."""

from __future__ import annotations

from collections import Counter, defaultdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograd_conformance import error_table
from autograd_conformance.cases import ANY_DTYPE, CHECKS, Status
from autograd_conformance.families import family_names, family_of
from autograd_conformance.report import ENTRIES, Report
from autograd_conformance.reports.causes import causes
from autograd_conformance.scenarios import PREFIX, areas
from autograd_conformance.settings import DEFAULT, Resolved

_COLUMNS = (
    ("pass", Status.PASS),
    ("fail", Status.FAIL),
    ("crash", Status.CRASH),
    ("timeout", Status.TIMEOUT),
    ("known", Status.KNOWN_DIFFERENCE),
    ("unexpected", Status.UNEXPECTED_PASS),
    ("blind", Status.BLIND),
    ("missing", Status.MISSING),
    ("skip", Status.SKIP),
    ("oracle error", Status.ORACLE_ERROR),
    ("not run", Status.NOT_RUN),
)


def show(
    report: Report,
    console: Console,
    *,
    limit: int = 20,
    slowest: int = 0,
    list_missing: bool = False,
) -> None:
    """Prints the whole summary; `limit` causes and `slowest` entries are spelled out."""
    for subject in report.subjects:
        console.print(_by_family(report, subject))
        console.print(_by_check(report, subject))
    _show_causes(report, console, limit)
    _show_blind(report, console)
    if left_out := report.about.get("left_out"):
        console.print(f"not asked, as the goldens have no answers to it: {', '.join(left_out)}")
    for label, why in report.broken.items():
        console.print(f"[red]{label} could not be entered[/red]: {escape(why)}", soft_wrap=True)
    for line in report.complaints:
        console.print(f"[red]{escape(line)}[/red]", soft_wrap=True)
    for subject in report.subjects:
        _show_subject(report, subject, console, list_missing)
        _show_slowest(report, subject, console, slowest)


def show_settings(resolved: Resolved, console: Console) -> None:
    """Prints what the run was asked for and by whom; defaults on one line."""
    told = {name: found for name, found in resolved.items() if found.origin != DEFAULT}
    width = max(map(len, told), default=0)
    for name, found in told.items():
        text = f"{name:{width}}  {_spelled(found.value)}  [dim]({escape(found.origin)})[/dim]"
        console.print(text, highlight=False, soft_wrap=True)
    others = ", ".join(
        f"{name} {_spelled(found.value)}"
        for name, found in resolved.items()
        if found.origin == DEFAULT and found.value not in ((), None, False)
    )
    console.print(f"[dim]defaults: {others}[/dim]", highlight=False, soft_wrap=True)


def _spelled(value: object) -> str:
    return escape(", ".join(map(str, value)) if isinstance(value, tuple) else str(value))


def _table(
    title: str, heads: tuple[str, str], rows: dict[tuple[str, str], Counter[Status]]
) -> Table:
    """A table of status counts with the columns that hold anything."""
    table = Table(title=title, title_justify="left")
    table.add_column(heads[0])
    table.add_column(heads[1], justify="right")
    columns = [(n, s) for n, s in _COLUMNS if any(counts[s] for counts in rows.values())]
    for name, _ in columns:
        table.add_column(name, justify="right")
    for (first, second), counts in rows.items():
        table.add_row(first, second, *(str(counts[s] or "") for _, s in columns))
    return table


def _by_family(report: Report, subject: str) -> Table:
    counts: dict[str, Counter[Status]] = defaultdict(Counter)
    seen: dict[str, set[str]] = defaultdict(set)
    scenarios = report.scenarios(subject)
    passing = {*report.passing(subject), *(name for name, good in scenarios.items() if good)}
    for (entry, dtype), tally in report.tallies[subject].items():
        family = family_of(entry)
        counts[family] += tally.statuses
        if dtype != ANY_DTYPE or entry in scenarios:
            seen[family].add(entry)
    order = [*family_names(), *(PREFIX + area for area in areas())]
    rows = {
        (family, f"{len(seen[family] & passing)}/{len(seen[family])}"): counts[family]
        for family in order
        if family in counts
    }
    return _table(f"{subject}: cases by family", ("family", "entries"), rows)


def _by_check(report: Report, subject: str) -> Table:
    counts: dict[str, Counter[Status]] = defaultdict(Counter)
    worst: dict[str, float] = defaultdict(float)
    for tally in report.tallies[subject].values():
        for check, by in tally.checks.items():
            counts[check] += by
            worst[check] = max(worst[check], tally.max_ulp.get(check, 0.0))
    rows = {(c, f"{worst[c]:.3g}"): counts[c] for c in CHECKS if c in counts}
    return _table(f"{subject}: cases by check", ("check", "max ulp"), rows)


def _show_causes(report: Report, console: Console, limit: int) -> None:
    found = causes(report)
    if not found:
        return
    console.print(f"[bold]{len(found)} causes of failure[/bold]")
    for cause in found[:limit]:
        first = cause.first
        ops = [escape(op) for op in cause.ops]
        others = f" and in {', '.join(ops[1:8])}" if len(ops) > 1 else ""
        more = f" and {len(ops) - 8} more" if len(ops) > 8 else ""
        later = ", ".join(f"{n} x {check}" for check, n in cause.then.items())
        console.print(
            f"[red]{len(cause.results)} x {first.token.check}[/red]"
            f"{f' [dim](then {later})[/dim]' if later else ''}: {escape(cause.message)}\n"
            f"    in {ops[0]}{others}{more} on {', '.join(cause.subjects)}\n"
            f"    {escape(first.outcome.detail[:400])}\n"
            f"    autograd-conformance replay '{first.token}' {report.option(first.subject)}",
            highlight=False,
            soft_wrap=True,
        )
    if len(found) > limit:
        console.print(f"... and {len(found) - limit} more causes in the report file")


def _show_blind(report: Report, console: Console) -> None:
    unexplained = sorted(
        {str(r.token) for r in report.notable if r.status is Status.BLIND and not r.outcome.reason}
    )
    if unexplained:
        shown = ", ".join(unexplained[:6])
        console.print(
            f"{len(unexplained)} blind cases without a reason: {escape(shown)}"
            f"{' ...' if len(unexplained) > 6 else ''}"
        )


def _show_subject(report: Report, subject: str, console: Console, list_missing: bool) -> None:
    counts = report.counts(subject)
    samples = bad = 0
    for (_, dtype), tally in report.tallies[subject].items():
        if dtype != ANY_DTYPE:
            samples += len(tally.samples)
            bad += len(tally.bad_samples)
    entries = ""
    if samples:
        by_dtype = ", ".join(f"{d} {len(report.passing(subject, d))}" for d in report.dtypes())
        entries = (
            f"{len(report.passing(subject))} of {ENTRIES} entries pass at every dtype run "
            f"({by_dtype}); {samples - bad} of {samples} samples pass; "
        )
    console.print(f"[bold]{subject}[/bold]: {entries}{sum(counts.values())} cases")
    scenarios = report.scenarios(subject)
    if scenarios:
        known = sum(
            tally.statuses[Status.KNOWN_DIFFERENCE]
            for (entry, _), tally in report.tallies[subject].items()
            if entry in scenarios
        )
        differences = f", {known} known differences" if known else ""
        passing = sum(scenarios.values()) - known
        console.print(f"    scenarios: {passing} of {len(scenarios)} pass{differences}")
    errors = report.errors[subject]
    if errors["cases"]:
        console.print(
            f"    errors: type as torch's {errors['type']}/{errors['cases']}, "
            f"text {errors['text']}/{errors['cases']}"
        )
    _show_errors(report, subject, console)
    missing = report.missing(subject)
    if missing:
        shown = missing if list_missing else missing[:10]
        more = "" if len(shown) == len(missing) else " ... (--list-missing shows all)"
        console.print(f"    missing in {len(missing)} entries: {escape(', '.join(shown))}{more}")


def _show_errors(report: Report, subject: str, console: Console) -> None:
    """Errors that have grown beyond the record, and numbers on which rounding decides."""
    undetermined = sum(tally.undetermined for tally in report.tallies[subject].values())
    if undetermined:
        console.print(
            f"    {undetermined} numbers of torch's answers are decided by rounding alone"
        )
    if grown := error_table.grown(report, subject):
        shown = ", ".join(f"{name} {was:g} -> {now:g}" for name, was, now in grown[:6])
        more = "" if len(grown) <= 6 else " ... (`budgets show --report` shows all)"
        console.print(
            f"    [yellow]{len(grown)} errors larger than recorded[/yellow], in ulp: "
            f"{escape(shown)}{more}"
        )


def _show_slowest(report: Report, subject: str, console: Console, limit: int) -> None:
    """Where the time went: the subject's own seconds in an entry, at all dtypes together."""
    seconds: Counter[str] = Counter()
    for (entry, _), tally in report.tallies[subject].items():
        seconds[entry] += tally.seconds  # type: ignore[assignment]
    for entry, taken in seconds.most_common(limit):
        console.print(f"    {taken:8.2f} s  {entry}", highlight=False)
