"""A report as a JSON file, both ways; report_schema.json describes the format.

The samples of a status are written as ranges, ``0-3,7``, so that a file holds every case and stays
small: 200,000 passing cases take two megabytes.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from autograd_conformance.cases import Outcome, Result, Status, Token
from autograd_conformance.chunks import Chunk
from autograd_conformance.families import family_of
from autograd_conformance.report import ENTRIES, Report, Tally
from autograd_conformance.subjects import SubjectSpec

FORMAT = "autograd-conformance-report"
SCHEMA = f"{FORMAT}/2"
_OUTCOME = [f.name for f in fields(Outcome)]


def spell(samples: Iterable[int]) -> str:
    """Numbers of samples as ranges: ``0-3,7``."""
    parts: list[list[int]] = []
    for sample in sorted(samples):
        if parts and sample == parts[-1][-1] + 1:
            parts[-1][1:] = [sample]
        else:
            parts.append([sample])
    return ",".join("-".join(map(str, part)) for part in parts)


def read_samples(text: str) -> list[int]:
    """The numbers that ranges spell."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def as_json(report: Report) -> dict[str, Any]:
    """The report as JSON's values."""
    return {
        "schema": SCHEMA,
        "about": report.about,
        "settings": report.settings,
        "complete": not report.unfinished,
        "unfinished": [asdict(chunk) for chunk in report.unfinished],
        "complaints": report.complaints,
        "nodes": report.nodes,
        "subjects": {name: _subject(report, name) for name in report.subjects},
        "notable": _notable(report.notable),
    }


def _subject(report: Report, name: str) -> dict[str, Any]:
    rows = []
    for (entry, dtype), tally in sorted(report.tallies[name].items()):
        row: dict[str, Any] = {
            "entry": entry,
            "family": family_of(entry),
            "dtype": dtype,
            "passes": tally.passes,
            "checks": {
                check: {str(status): spell(samples) for status, samples in by.items() if samples}
                for check, by in tally.cases.items()
            },
            "max_ulp": tally.max_ulp,
            "seconds": round(tally.seconds, 4),
        }
        if tally.undetermined:
            row["undetermined"] = tally.undetermined
        if tally.unexplained_blind:
            row["unexplained_blind"] = tally.unexplained_blind
        rows.append(row)
    spec = report.specs.get(name)
    found: dict[str, Any] = {} if name not in report.broken else {"broken": report.broken[name]}
    return found | {
        "module": spec.module if spec else name,
        "backend": spec.backend if spec else None,
        "counts": {str(s): n for s, n in report.counts(name).items()},
        "entries_passing": {d: len(report.passing(name, d)) for d in report.dtypes()},
        "entries_of": ENTRIES,
        "scenarios_passing": sum(report.scenarios(name).values()),
        "scenarios_of": len(report.scenarios(name)),
        "missing": report.missing(name),
        "errors": dict(report.errors[name]),
        "entries": rows,
    }


def _notable(results: list[Result]) -> list[dict[str, Any]]:
    """A row per result; samples of which the same is to be said share one."""
    rows: dict[tuple[Any, ...], tuple[dict[str, Any], list[int]]] = {}
    for result in results:
        token = result.token
        told = {name: getattr(result.outcome, name) for name in _OUTCOME}
        key = (result.subject, token.entry, token.dtype, token.check, *told.values())
        if key in rows:
            rows[key][1].append(token.sample)
            continue
        row: dict[str, Any] = {"token": str(token), "subject": result.subject}
        row.update({name: v for name, v in told.items() if v is False or v not in ("", None, 0.0)})
        rows[key] = row, [token.sample]
    for row, samples in rows.values():
        if len(samples) > 1:
            row["samples"] = spell(samples)
    return [row for row, _ in rows.values()]


def write(report: Report, path: Path) -> None:
    """Writes the file whole or not at all."""
    text = json.dumps(as_json(report), separators=(",", ":"))
    beside = path.with_name(f"{path.name}.part")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


def read(path: Path) -> Report:
    """The report in a file; ValueError says what is wrong with one that holds none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"cannot read the report {path}: {error.strerror}") from error
    except ValueError as error:  # JSON's and UTF-8's errors are both
        raise ValueError(f"{path} is no report: it is not JSON ({error})") from error
    schema = found.get("schema") if isinstance(found, dict) else None
    if schema != SCHEMA:
        kind = f"{schema!r}" if str(schema).startswith(FORMAT) else "another kind of file"
        raise ValueError(f"{path} is {kind}; this version reads {SCHEMA!r}, which `run` writes")
    try:
        return _report(found)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        text = f"{type(error).__name__}: {error}"
        raise ValueError(f"the report {path} is damaged ({text}); run the kit again") from error


def _report(found: dict[str, Any]) -> Report:
    subjects = found["subjects"]
    report = Report(list(subjects), found["about"])
    report.settings = found["settings"]
    report.complaints = [str(line) for line in found["complaints"]]
    report.unfinished = [_chunk(raw) for raw in found["unfinished"]]
    report.nodes = {op: list(names) for op, names in found["nodes"].items()}
    for name, raw in subjects.items():
        report.specs[name] = SubjectSpec(raw["module"], raw["backend"])
        if "broken" in raw:
            report.broken[name] = str(raw["broken"])
        report.errors[name] = Counter({key: int(n) for key, n in raw["errors"].items()})
        for row in raw["entries"]:
            report.tallies[name][row["entry"], row["dtype"]] = _tally(row)
    for row in found["notable"]:
        report.notable += _results(row)
    return report


def _chunk(raw: dict[str, Any]) -> Chunk:
    pairs = tuple((subject, check) for subject, check in raw["done"])
    start, stop = int(raw["start"]), raw["stop"]
    without = tuple(raw["without"])
    return Chunk(raw["entry"], raw["dtype"], tuple(raw["checks"]), start, stop, pairs, without)


def _tally(row: dict[str, Any]) -> Tally:
    tally = Tally(
        max_ulp=dict(row["max_ulp"]),
        undetermined=row.get("undetermined", 0),
        unexplained_blind=row.get("unexplained_blind", 0),
        seconds=float(row["seconds"]),
    )
    for check, by in row["checks"].items():
        for status, samples in by.items():
            tally.cases[check][Status(status)] = set(read_samples(samples))
    return tally


def _results(row: dict[str, Any]) -> list[Result]:
    first = Token.parse(row["token"])
    told = {name: row[name] for name in _OUTCOME if name in row and name != "status"}
    samples = read_samples(row["samples"]) if "samples" in row else [first.sample]
    return [
        Result(first._replace(sample=n), row["subject"], Outcome(Status(row["status"]), **told))
        for n in samples
    ]
