"""The `autograd-conformance` command: run, list, replay, explain.

Torch is imported only when a command needs it, so `--help` and bad arguments answer at once.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from autograd_conformance import fork_server
from autograd_conformance.cases import CHECKS, Token
from autograd_conformance.subjects import SubjectSpec, installed_backends

CORE = "autograd_core"
DEFAULT_REPORT = Path("autograd-conformance-report.json")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _checks(text: str) -> list[str]:
    words = _words(text)
    if unknown := set(words) - set(CHECKS):
        raise argparse.ArgumentTypeError(
            f"unknown checks {sorted(unknown)}; there are {', '.join(CHECKS)}"
        )
    return words


def parser() -> argparse.ArgumentParser:
    """The argument parser of all commands."""
    top = argparse.ArgumentParser(
        prog="autograd-conformance", description="Hold a backend against real PyTorch."
    )
    commands = top.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run cases and report (default: the smoke tier)")
    _subject_options(run)
    _case_options(run)
    run.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="worker processes")
    run.add_argument("--json", type=Path, default=DEFAULT_REPORT, help="where the report goes")
    run.add_argument("--timeout", type=float, default=60.0, help="seconds allowed to one case")
    run.add_argument("--causes", type=int, default=20, help="failure causes to spell out")
    run.add_argument("--slowest", type=int, default=0, help="list that many slow entries")
    run.add_argument("--list-missing", action="store_true", help="list every missing entry")
    run.add_argument("--fail-missing", action="store_true", help="a missing op fails the run")
    listing = commands.add_parser("list", help="list the entries")
    listing.add_argument("--ops", type=_words, action="extend", default=[], metavar="GLOBS")
    for name, text in (
        ("replay", "run one case again, verbosely"),
        ("explain", "print a script that stands alone"),
    ):
        single = commands.add_parser(name, help=text)
        single.add_argument("token", help="entry|dtype|sample|check")
        single.add_argument("--seed", type=int, default=0)
        _subject_options(single)
    return top


def _subject_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--backend", type=_words, action="extend", default=[], metavar="NAMES")
    command.add_argument(
        "--subject",
        type=_words,
        action="extend",
        default=[],
        metavar="MODULES",
        help="importable modules with torch's API to test as they stand",
    )
    command.add_argument("--known-differences", type=Path, metavar="FILE")


def _case_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--ops", type=_words, action="extend", default=[], metavar="GLOBS")
    command.add_argument("--dtype", type=_words, action="extend", default=[], metavar="NAMES")
    command.add_argument("--check", type=_checks, action="extend", default=[], metavar="CHECKS")
    command.add_argument("--tier", choices=("smoke", "core", "full"), default="smoke")
    command.add_argument("--samples", type=int, help="at most this many samples of an entry")
    command.add_argument("--seed", type=int, default=0)


def chosen_subjects(backends: list[str], modules: list[str]) -> tuple[SubjectSpec, ...]:
    """The subjects named, or every installed backend when none is."""
    if not backends and not modules:
        backends = installed_backends()
    return (
        *(SubjectSpec(CORE, backend) for backend in backends),
        *(SubjectSpec(module) for module in modules),
    )


def main(argv: list[str] | None = None) -> int:
    """Runs a command; the exit code is 0 (nothing failed), 1 (a failure), 2 (bad use, no case)."""
    options = parser().parse_args(argv)
    commands = {"run": _run, "list": _list, "replay": _replay, "explain": _explain}
    try:
        return commands[options.command](options)
    except ModuleNotFoundError as error:
        hint = "; the kit needs it: pip install 'autograd-core[conformance]'"
        needed = error.name in ("torch", "rich", "numpy", "expecttest")
        print(f"autograd-conformance: {error}{hint if needed else ''}", file=sys.stderr)
        return 2
    except (ValueError, ImportError) as error:
        print(f"autograd-conformance: {error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace) -> int:
    begun = time.perf_counter()
    fork_server.start()
    from rich.console import Console

    from autograd_conformance import runner, summary
    from autograd_conformance.execution import Bench, Settings
    from autograd_conformance.plan import Selection, make_plan
    from autograd_conformance.progress import follow
    from autograd_conformance.report import Report

    console = Console()
    subjects = chosen_subjects(options.backend, options.subject)
    if not subjects:
        raise ValueError("no backend is installed and none was named (--backend, --subject)")
    settings = Settings(subjects, options.seed, options.known_differences, options.timeout)
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
    report = Report([spec.label for spec in subjects], _about(options))
    report.about["modules"] = list(options.subject)
    chunks = make_plan(selection)
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


def _about(options: argparse.Namespace) -> dict[str, Any]:
    import torch

    return {
        "torch": torch.__version__,
        "python": sys.version.split()[0],
        "tier": options.tier,
        "seed": options.seed,
        "ops": options.ops,
        "dtypes": options.dtype,
        "checks": options.check,
        "samples": options.samples,
    }


def _list(options: argparse.Namespace) -> int:
    from autograd_conformance import scenarios
    from autograd_conformance.opinfo_cases import matching
    from autograd_conformance.report import families, family_of

    table = families()
    found = matching(options.ops)
    for entry in found:
        print(f"{entry.name}  [{family_of(entry.name, table)}]  {' '.join(entry.dtypes)}")
    programs = scenarios.matching(options.ops)
    for program in programs:
        print(program.name)
    print(f"{len(found)} entries, {len(programs)} scenarios")
    return 0 if found or programs else 2


def _replay(options: argparse.Namespace) -> int:
    from autograd_conformance.replay import replay

    subjects = chosen_subjects(options.backend, options.subject)
    return replay(Token.parse(options.token), subjects, options.seed, options.known_differences)


def _explain(options: argparse.Namespace) -> int:
    from autograd_conformance.explain import script

    subjects = chosen_subjects(options.backend, options.subject)
    print(script(Token.parse(options.token), subjects[0], options.seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
