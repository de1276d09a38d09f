"""A badge of a report: how much of torch's database passes, as an SVG that needs nothing else."""

from __future__ import annotations

from html import escape

from autograd_conformance.cases import Status
from autograd_conformance.report import ENTRIES, Report

_GREEN, _AMBER, _RED, _GREY = "#2e7d32", "#b26a00", "#c62828", "#616161"
#: Width of a character of 11 px Verdana, about; `textLength` makes it exact.
_CHARACTER = 6.6


def badge(report: Report) -> str:
    """The text of the SVG."""
    text, colour = verdict(report)
    label = "torch conformance"
    left, right = (round(_CHARACTER * len(part)) + 12 for part in (label, text))
    title = escape(f"{label}: {text}")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{title}">',
        f"<title>{title}</title>",
        f'<clipPath id="r"><rect width="{left + right}" height="20" rx="3"/></clipPath>',
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#424242"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>',
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">',
        _word(label, 0, left),
        _word(text, left, right),
        "</g></svg>",
    ]
    return "\n".join(parts) + "\n"


def _word(text: str, x: int, width: int) -> str:
    return f'<text x="{x + 6}" y="14" textLength="{width - 12}">{escape(text)}</text>'


def verdict(report: Report) -> tuple[str, str]:
    """The words of the badge and their colour: entries passing on the weakest subject."""
    if not report.cases or report.broken:
        return ("does not import" if report.broken else "no case run"), _RED
    failed = {result.subject for result in report.failures()}
    passing = min(len(report.passing(s)) for s in report.subjects)
    run = max(len(_entries(report, s)) for s in report.subjects)
    text = f"{passing}/{ENTRIES} ops"
    if not run:  # scenarios alone
        good = min(sum(report.scenarios(s).values()) for s in report.subjects)
        text = f"{good}/{max(len(report.scenarios(s)) for s in report.subjects)} programs"
    if failed or report.complaints:
        return f"{text}, failing", _RED
    if report.unfinished:
        return f"{text}, unfinished", _GREY
    missing = any(report.counts(s)[Status.MISSING] for s in report.subjects)
    return text, _AMBER if missing else _GREEN


def _entries(report: Report, subject: str) -> set[str]:
    scenarios = report.scenarios(subject)
    return {entry for entry, _ in report.tallies[subject] if entry not in scenarios}
