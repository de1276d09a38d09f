"""`run`: runs cases, reports them, and answers with the exit code."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_conformance import fork_server
from autograd_conformance import settings as options_table
from autograd_conformance.commands import arguments

if TYPE_CHECKING:
    from rich.console import Console

    from autograd_conformance.chunks import Chunk, Ledger
    from autograd_conformance.execution import Settings
    from autograd_conformance.plan import Selection
    from autograd_conformance.report import Report
    from autograd_conformance.settings import Resolved

HELP = "run cases and report (default: the smoke tier)"
#: Settings that say which cases are run: with --resume they come from the file alone.
_CASES = (
    "backends",
    "subjects",
    "ops",
    "families",
    "dtypes",
    "checks",
    "tier",
    "samples",
    "seed",
    "oracle",
    "known_differences",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    options_table.add_arguments(command)
    command.add_argument(
        "--update-known-differences",
        action="store_true",
        help="write what the known differences look like into their files, as fingerprints",
    )
    again = command.add_mutually_exclusive_group()
    again.add_argument(
        "--resume", type=Path, metavar="FILE", help="run what an interrupted run has left"
    )
    again.add_argument(
        "--failed", type=Path, metavar="FILE", help="run only the cases that fail in a report"
    )


def main(options: argparse.Namespace) -> int:
    begun = time.perf_counter()
    earlier = _earlier(options)
    resolved = _resolve(options, earlier)
    _make_room(resolved)
    fork_server.start(resolved.value("oracle"))
    from rich.console import Console

    from autograd_conformance import stale_differences, summary
    from autograd_conformance.interruption import Interruption
    from autograd_conformance.plan import left_out, make_plan
    from autograd_conformance.reports import json_file, outputs

    console = Console()
    settings = _settings(resolved)
    report = _report(options, resolved, earlier)
    with Interruption() as interruption:
        settings = _without_broken(settings, report)
        chunks, selection = _plan(options, resolved, earlier, report)
        report.about["missing_fails"] = resolved.value("fail_missing") or selection.is_smoke_list
        report.about["left_out"] = list(left_out(selection, settings.oracle))
        summary.show_settings(resolved, console)
        planned_at = time.perf_counter()
        ledger = _run(chunks, settings, resolved, report, console, interruption)
        ran_at = time.perf_counter()
        report.unfinished = ledger.left
        planned = make_plan(selection, settings.oracle) if options.resume else chunks
        report.complaints = stale_differences.complaints(report, planned, settings)
        report.about["seconds"] = round(report.about.get("seconds", 0.0) + ran_at - begun, 2)
        json_file.write(report, resolved.value("json"))
        if report.failures():  # the failing cases are run once more here, which may end badly
            outputs.complete(report, settings.seed, settings.oracle)
            json_file.write(report, resolved.value("json"))
    written = outputs.write(report, resolved.value)
    summary.show(
        report,
        console,
        limit=resolved.value("causes"),
        slowest=resolved.value("slowest"),
        list_missing=resolved.value("list_missing"),
    )
    if options.update_known_differences:
        for line in stale_differences.update_fingerprints(report, planned, settings):
            console.print(line, soft_wrap=True)
    files = ", ".join(str(path) for path in (resolved.value("json"), *written))
    walls = (
        f"{planned_at - begun:.1f} s to start, {ran_at - planned_at:.1f} s of cases, "
        f"{time.perf_counter() - ran_at:.1f} s to report"
    )
    if report.unfinished:
        name = interruption.signal.name if interruption.signal else "the end of its workers"
        console.print(
            f"stopped by {name}: {len(report.unfinished)} of {len(chunks)} chunks are left "
            f"({walls}); report: {files}\n"
            f"go on with: autograd-conformance run --resume {resolved.value('json')}",
            soft_wrap=True,
        )
        return interruption.exit_code if interruption.signal else 1
    code = report.exit_code()
    verdict = {0: "nothing failed", 1: "FAILED", 2: "no case was run: FAILED"}[code]
    console.print(f"{verdict} ({walls}); report: {files}", soft_wrap=True)
    return code


def _earlier(options: argparse.Namespace) -> Report | None:
    """The report that --resume or --failed names."""
    from autograd_conformance.reports import json_file

    path = options.resume or options.failed
    if path is None:
        return None
    report = json_file.read(path)
    if options.resume and not report.unfinished:
        raise ValueError(f"{path} is complete: there is nothing left to run")
    if options.failed and not report.failures():
        raise ValueError(f"{path} holds no failure to run again")
    return report


def _resolve(options: argparse.Namespace, earlier: Report | None) -> Resolved:
    given = vars(options)
    if earlier is None:
        return options_table.resolve(given)
    path = options.resume or options.failed
    said = [name for name in _CASES if name in given]
    if options.failed:
        said = [n for n in said if n not in ("backends", "subjects", "known_differences")]
    if said:
        raise ValueError(f"the cases to run are those of {path}; leave out {', '.join(said)}")
    recorded: dict[str, Any] = {
        name: earlier.settings[name]["value"]
        for name in _CASES
        if earlier.settings.get(name, {}).get("value") is not None
    }
    if not {"backends", "subjects"} & given.keys():
        recorded["backends"] = [s.backend for s in earlier.specs.values() if s.backend]
        recorded["subjects"] = [s.module for s in earlier.specs.values() if not s.backend]
    if options.resume:
        recorded["json"] = str(path)
    return options_table.resolve(given, recorded=(recorded, str(path)))


def _make_room(resolved: Resolved) -> None:
    """Makes the folders that the reports go to; ValueError, before any work, where one cannot."""
    for name in ("json", "html", "junit", "badge"):
        path = resolved.value(name)
        if path is None:
            continue
        said = resolved[name].origin
        if path.is_dir():
            raise ValueError(f"{said}: {path} is a folder; the name of a file is needed")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"{said}: {path} cannot be written: {error.strerror}") from error
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise ValueError(f"{said}: {path} cannot be written")


def _settings(resolved: Resolved) -> Settings:
    from autograd_conformance.execution import Settings, refuse_seed

    value = resolved.value
    subjects = arguments.chosen_subjects(list(value("backends")), list(value("subjects")))
    if not subjects:
        raise ValueError("no backend is installed and none was named (--backend, --subject)")
    settings = Settings(
        subjects, value("seed"), value("known_differences"), value("timeout"), value("oracle")
    )
    refuse_seed(settings)
    return settings


def _report(options: argparse.Namespace, resolved: Resolved, earlier: Report | None) -> Report:
    """The report to fill: a fresh one, or with --resume the earlier one."""
    from autograd_conformance.report import Report

    if options.resume and earlier is not None:
        earlier.broken = {}
        return earlier
    settings = _settings(resolved)
    report = Report([spec.label for spec in settings.subjects], _about(settings.oracle))
    report.specs = {spec.label: spec for spec in settings.subjects}
    report.settings = resolved.as_json()
    return report


def _about(oracle: str) -> dict[str, Any]:
    from autograd_conformance.execution import reference

    return {
        **reference(oracle).about,
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "begun": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _without_broken(settings: Settings, report: Report) -> Settings:
    """The settings with the subjects that can be entered; the report is told of the others."""
    from dataclasses import replace

    from autograd_conformance import known_differences, runner
    from autograd_conformance.cases import suggestion
    from autograd_conformance.subjects import installed_backends

    broken = runner.probe(settings)
    for spec in settings.subjects:
        trouble = broken.get(spec.label)
        if trouble is None:
            known_differences.load(spec, settings.known)  # a bad file is told before any work
            continue
        known = installed_backends()
        if spec.backend_name and spec.backend_name not in known:
            near = suggestion(spec.backend_name, known)
            raise ValueError(f"no backend {spec.backend!r}{near} ({trouble.why})")
        if trouble.absent:
            raise ValueError(trouble.why)
        report.broken[spec.label] = trouble.why
    whole = tuple(spec for spec in settings.subjects if spec.label not in broken)
    return replace(settings, subjects=whole)


def _plan(
    options: argparse.Namespace, resolved: Resolved, earlier: Report | None, report: Report
) -> tuple[list[Chunk], Selection]:
    """The chunks to run and the selection they come of; ValueError when there is none."""
    from autograd_conformance.chunks import of_failed
    from autograd_conformance.plan import Selection, make_plan

    value = resolved.value
    selection = Selection(
        value("tier"),
        value("ops"),
        value("dtypes"),
        value("checks"),
        value("samples"),
        value("families"),
    )
    if options.resume:
        return list(report.unfinished), selection
    if earlier is not None:
        failed = [(r.token, r.subject) for r in earlier.failures() if r.subject in report.subjects]
        chunks = of_failed(failed, report.subjects)
    else:
        chunks = make_plan(selection, value("oracle"))
    if not chunks:
        asked = ", ".join(
            f"{name} {found.value}"
            for name, found in resolved.items()
            if name in _CASES and found.value not in ((), None)
        )
        raise ValueError(f"no case is selected: FAILED ({asked})")
    return chunks, selection


def _run(
    chunks: list[Chunk],
    settings: Settings,
    resolved: Resolved,
    report: Report,
    console: Console,
    interruption: Any,
) -> Ledger:
    """The cases, here or on a cluster; what is left of them if the run was stopped."""
    from autograd_conformance import dask_runner, runner
    from autograd_conformance.chunks import Ledger
    from autograd_conformance.progress import follow

    ledger = Ledger(chunks if settings.subjects else [])
    if settings.subjects:

        def stopped() -> bool:
            return interruption.signal is not None

        scheduler = resolved.value("scheduler")
        if scheduler:
            events = dask_runner.run(chunks, settings, scheduler, stopped)
        else:
            events = runner.run(chunks, settings, resolved.value("jobs"), stopped)
        for result in follow(events, chunks, console, ledger):
            report.add(result)
    return ledger
