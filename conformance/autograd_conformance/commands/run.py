"""`run`: runs cases, reports them, and answers with the exit code."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from autograd_conformance import fork_server
from autograd_conformance.commands import arguments

HELP = "run cases and report (default: the smoke tier)"
DEFAULT_REPORT = Path("autograd-conformance-report.json")


def add_arguments(command: argparse.ArgumentParser) -> None:
    arguments.add_subjects(command)
    arguments.add_oracle(command)
    arguments.add_ops(command)
    add = command.add_argument
    words, checks = arguments.words, arguments.checks
    add("--dtype", type=words, action="extend", default=[], metavar="NAMES")
    add("--check", type=checks, action="extend", default=[], metavar="CHECKS")
    add("--tier", choices=("smoke", "core", "full"), default="smoke")
    add("--samples", type=int, help="at most this many samples of an entry")
    arguments.add_seed(command)
    add("--jobs", type=int, default=os.cpu_count() or 1, help="worker processes")
    add("--json", type=Path, default=DEFAULT_REPORT, help="where the report goes")
    add("--timeout", type=float, default=60.0, help="seconds allowed to one case")
    add("--causes", type=int, default=20, help="failure causes to spell out")
    add("--slowest", type=int, default=0, help="list that many slow entries")
    add("--list-missing", action="store_true", help="list every missing entry")
    add("--fail-missing", action="store_true", help="a missing op fails the run")


def main(options: argparse.Namespace) -> int:
    begun = time.perf_counter()
    fork_server.start(options.oracle)
    from rich.console import Console

    from autograd_conformance import runner, summary
    from autograd_conformance.execution import Bench, Settings
    from autograd_conformance.plan import Selection, make_plan
    from autograd_conformance.progress import follow
    from autograd_conformance.report import Report

    console = Console()
    subjects = arguments.chosen_subjects(options.backend, options.subject)
    if not subjects:
        raise ValueError("no backend is installed and none was named (--backend, --subject)")
    settings = Settings(
        subjects, options.seed, options.known_differences, options.timeout, options.oracle
    )
    bench = Bench(settings)  # a wrong name or a broken file is told before any worker starts
    for subject, _ in bench.subjects:
        with subject.activate():
            pass
    selection = Selection(
        options.tier,
        tuple(options.ops),
        tuple(options.dtype),
        tuple(options.check),
        options.samples,
    )
    report = Report([spec.label for spec in subjects], _about(options, bench.reference.about))
    report.about["modules"] = list(options.subject)
    chunks = make_plan(selection, options.oracle)
    if chunks:
        for result in follow(runner.run(chunks, settings, options.jobs), len(chunks), console):
            report.add(result)
    report.about["seconds"] = round(time.perf_counter() - begun, 2)
    report.write(options.json)
    summary.show(
        report,
        console,
        causes=options.causes,
        slowest=options.slowest,
        list_missing=options.list_missing,
    )
    code = report.exit_code(fail_missing=options.fail_missing or selection.is_smoke_list)
    verdict = {0: "nothing failed", 1: "FAILED", 2: "no case was run: FAILED"}[code]
    console.print(f"{verdict} in {report.about['seconds']} s; report: {options.json}")
    return code


def _about(options: argparse.Namespace, oracle: dict[str, str]) -> dict[str, Any]:
    return {
        **oracle,
        "python": sys.version.split()[0],
        "tier": options.tier,
        "seed": options.seed,
        "ops": options.ops,
        "dtypes": options.dtype,
        "checks": options.check,
        "samples": options.samples,
    }
