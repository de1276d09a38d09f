"""`budgets`: records the errors of a run in a backend's table, shows them, tightens the table."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograd_conformance import error_table
from autograd_conformance.commands import arguments
from autograd_conformance.error_table import FREE, Table

HELP = "record, show or tighten the errors that a backend is known to make"


def add_arguments(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("action", choices=("record", "show", "tighten"))
    add("--report", type=Path, metavar="FILE", help="the JSON report of a run")
    add("--backend", type=arguments.words, action="extend", default=[], metavar="NAMES")
    arguments.add_ops(command)


def main(options: argparse.Namespace) -> int:
    from autograd_conformance.reports import json_file
    from autograd_conformance.subjects import SubjectSpec

    report = json_file.read(options.report) if options.report else None
    if report is None and options.action != "show":
        raise ValueError(f"budgets {options.action} needs the --report of a run")
    backends = options.backend or ([s.backend for s in report.specs.values()] if report else [])
    if not any(backends):
        raise ValueError("name backends, or a report of them")
    for backend in filter(None, backends):
        spec = SubjectSpec(arguments.CORE, backend)
        recorded = error_table.load(spec) or {}
        found = error_table.measured(report, backend) if report else {}
        if options.action == "show":
            _show(backend, recorded, found, options.ops)
            continue
        table = (
            {**recorded, **found}
            if options.action == "record"
            else error_table.tightened(recorded, found)
        )
        file = Path(str(error_table.file_of(spec)))
        file.write_text(error_table.spell(table), encoding="utf-8")
        kept = sum(ulp > FREE for ulp in table.values())
        print(f"{file}: {kept} errors above {FREE:g} ulp")
    return 0


def _show(
    backend: str,
    recorded: Table,
    found: Table,
    globs: list[str],
) -> None:
    """A line per recorded or found error, the found one beside the recorded."""
    from autograd_conformance.cases import chosen

    print(f"{backend}: ulp recorded{', found' if found else ''}")
    for key in sorted(recorded.keys() | found.keys()):
        before, now = recorded.get(key, FREE), found.get(key)
        if not chosen(globs, key.entry) or (before <= FREE and (now or 0.0) <= FREE):
            continue
        beside = "" if now is None else f" {now:>10.3g}{'  looser' if now > before else ''}"
        print(f"{before:>10.3g}{beside}  {' '.join(key)}")
