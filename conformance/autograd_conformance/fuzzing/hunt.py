"""What the command `fuzz` prints: speed, verdicts, and each finding with its program."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import platformdirs

from autograd_conformance.divergence import as_text, first_divergence, tapes_of_program
from autograd_conformance.fuzzing.campaign import STORED, Bench, Campaign, Finding, Plan, Report
from autograd_conformance.fuzzing.interpreter import observe
from autograd_conformance.fuzzing.judging import Verdict
from autograd_conformance.fuzzing.programs import Program
from autograd_conformance.subjects import SubjectSpec


def default_database() -> Path:
    """Where findings are kept unless told otherwise."""
    return platformdirs.user_cache_path("autograd-conformance") / "fuzz"


def main(options: argparse.Namespace, subjects: tuple[SubjectSpec, ...]) -> int:
    """Run a campaign; 0 where nothing differs, 1 where something does, 2 where nothing was run."""
    database = options.database or default_database()
    plan = Plan(
        subjects,
        programs=options.programs,
        seed=options.seed,
        jobs=options.jobs,
        seconds=options.time,
        database=None if str(database) == "none" else database,
        longest=options.steps,
    )
    campaign = Campaign(plan)
    total, begun, shown = Report(), time.perf_counter(), 0
    if campaign.skipped:
        print(f"{campaign.skipped} batches of this seed are done already: {database}")
    for number, report in campaign.run():
        total.add(report)
        for finding in total.findings[shown:]:
            _show(finding, stored=number == STORED)
            if campaign.database is not None:
                print(f"script: {campaign.database.keep(finding)}")
        shown = len(total.findings)
        for error in report.errors:
            print(error, file=sys.stderr)
        if number != STORED:
            speed = total.programs / (time.perf_counter() - begun)
            text = f"{total.programs} programs, {speed:.0f}/s, {shown} findings"
            print(f"\r{text}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    seconds = time.perf_counter() - begun
    _sum_up(total, seconds, plan)
    if total.errors or not (total.programs or campaign.skipped):
        return 2
    return int(bool(total.findings))


def _show(finding: Finding, *, stored: bool) -> None:
    kind = "stored finding, still there" if stored else "finding"
    print(f"\n{kind} {finding.digest}: {finding.cause}")
    for line in str(finding.program).splitlines():
        print(f"    {line}")
    print(f"at {finding.judgement.label}\n{finding.judgement.detail}")


def _sum_up(total: Report, seconds: float, plan: Plan) -> None:
    labels = ", ".join(spec.label for spec in plan.subjects)
    speed = total.programs / seconds if seconds else 0.0
    print(
        f"{total.programs} programs on torch and {labels} in {seconds:.1f} s, {speed:.0f} a second"
    )
    print(", ".join(f"{count} {verdict}" for verdict, count in total.verdicts.most_common()))
    for reason, count in total.known.most_common():
        print(f"  known, {count} times: {reason}")
    print(f"{len(total.findings)} findings, met {sum(total.again.values())} times more")


def replay(file: Path, subjects: tuple[SubjectSpec, ...]) -> int:
    """Run a stored program again and print what each side observes."""
    try:
        text = json.dumps(json.loads(file.read_text(encoding="utf-8"))["program"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file} is no finding of the fuzzer: {error}") from error
    program = Program.from_json(text)
    print(program)
    bench = Bench(subjects)
    expected = observe(program, bench.torch)
    failed = False
    for subject in bench.subjects:
        judgement = bench.judge(program, expected, subject)
        print(f"\n{subject.label}: {judgement.verdict}  {judgement.label}\n{judgement.detail}")
        if judgement.verdict is Verdict.DIFFERENT:
            failed = True
            with subject.activate():
                theirs = tapes_of_program(program, subject.module)
            found = first_divergence(tapes_of_program(program, bench.torch), theirs)
            print("no node tells them apart" if found is None else as_text(found))
    return int(failed)
