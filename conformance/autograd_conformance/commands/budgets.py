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
        change = {"record": error_table.recorded_with, "tighten": error_table.tightened}
        table = change[options.action](recorded, found)
        file = Path(str(error_table.file_of(spec)))
        file.write_text(error_table.spell(table), encoding="utf-8")
        kept = sum(ulp > FREE for errors in table.values() for ulp in errors.values())
        print(f"{file}: {len(table)} rows, {kept} errors above {FREE:g} ulp")
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
    for row in sorted(recorded.keys() | found.keys()):
        if not chosen(globs, row.entry):
            continue
        before, now = recorded.get(row, {}), found.get(row, {})
        for check in sorted(before.keys() | now.keys()):
            was, new = before.get(check, FREE), now.get(check)
            if max(was, new or 0.0) <= FREE:
                continue
            beside = "" if new is None else f" {new:>10.3g}{'  looser' if new > was else ''}"
            print(f"{was:>10.3g}{beside}  {' '.join(row)} {check}")
