"""A report as JUnit's XML: a suite per subject, a test per entry, dtype and check."""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml
from collections import defaultdict

from autograd_conformance.cases import Result, Status
from autograd_conformance.families import family_of
from autograd_conformance.report import Report

#: Failures of one test that are spelled out.
_SHOWN = 5
#: What XML 1.0 cannot carry.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """The text of the file."""
    root = xml.Element("testsuites", name="autograd-conformance")
    for subject in report.subjects:
        root.append(_suite(report, subject))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, 0)) for suite in root)))
    xml.indent(root)
    return xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(report: Report, subject: str) -> xml.Element:
    failures: dict[tuple[str, str, str], list[Result]] = defaultdict(list)
    reasons: dict[tuple[str, str, str], str] = {}
    for result in report.notable:
        if result.subject == subject:
            place = (result.token.entry, result.token.dtype, result.token.check)
            if result.status in report.failing:
                failures[place].append(result)
            reasons.setdefault(place, result.outcome.reason or result.outcome.message)
    suite = xml.Element("testsuite", name=subject)
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for (entry, dtype), tally in sorted(report.tallies[subject].items()):
        share = tally.seconds / max(len(tally.checks), 1)
        for check, by in tally.checks.items():
            place = (entry, dtype, check)
            test = xml.SubElement(suite, "testcase")
            test.set("classname", f"{subject}.{family_of(entry)}.{entry}")
            test.set("name", f"{dtype}-{check}")
            test.set("time", f"{share:.4f}")
            counts["tests"] += 1
            if place in failures:
                counts[_fail(test, failures[place], by.total(), report)] += 1
            elif not by[Status.PASS]:
                skipped = xml.SubElement(test, "skipped")
                skipped.set("message", _clean(reasons.get(place, "")))
                counts["skipped"] += 1
    for number, why in enumerate([report.broken.get(subject, ""), *report.complaints]):
        if why and (number == 0 or subject == report.subjects[0]):
            test = xml.SubElement(suite, "testcase", classname=subject, name=why[:80])
            xml.SubElement(test, "error", message=_clean(why))
            counts["tests"] += 1
            counts["errors"] += 1
    for name, count in counts.items():
        suite.set(name, str(count))
    suite.set("time", f"{sum(t.seconds for t in report.tallies[subject].values()):.3f}")
    return suite


def _fail(test: xml.Element, failures: list[Result], cases: int, report: Report) -> str:
    """Adds the failure, or the error that a crash or a timeout is; returns which."""
    lost = any(result.status in (Status.CRASH, Status.TIMEOUT) for result in failures)
    failure = xml.SubElement(test, "error" if lost else "failure")
    first = failures[0]
    failure.set("message", _clean(f"{len(failures)} of {cases} cases: {first.outcome.message}"))
    failure.set("type", str(first.status))
    lines = []
    for result in failures[:_SHOWN]:
        lines += [f"{result.token}: {result.outcome.message}", result.outcome.detail]
        lines.append(f"autograd-conformance replay '{result.token}' {report.option(first.subject)}")
    if len(failures) > _SHOWN:
        lines.append(f"... and {len(failures) - _SHOWN} more")
    failure.text = _clean("\n".join(line for line in lines if line))
    return "errors" if lost else "failures"


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
