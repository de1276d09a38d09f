"""What the command `fuzz` prints: speed, verdicts, and each finding with its program."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import platformdirs

from autograd_conformance import fork_server, runner
from autograd_conformance.divergence import as_text, first_divergence, tapes_of_program
from autograd_conformance.execution import Settings
from autograd_conformance.fuzzing import processes
from autograd_conformance.fuzzing.batches import (
    STORED,
    TORCH,
    Bench,
    Crash,
    Finding,
    Plan,
    Report,
)
from autograd_conformance.fuzzing.campaign import Campaign
from autograd_conformance.fuzzing.database import stored
from autograd_conformance.fuzzing.findings import covering
from autograd_conformance.fuzzing.interpreter import observe
from autograd_conformance.fuzzing.judging import Verdict
from autograd_conformance.subjects import SubjectSpec


def default_database() -> Path:
    """Where findings are kept unless told otherwise."""
    return platformdirs.user_cache_path("autograd-conformance") / "fuzz"


def main(options: argparse.Namespace, subjects: tuple[SubjectSpec, ...]) -> int:
    """Run a campaign; 0 where nothing differs, 1 where something does, 2 where nothing was run.

    A subject that crashes differs; a crash of torch is listed.
    """
    fork_server.start(also=(processes.__name__,))
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
    _refuse_broken(subjects)
    total, begun = Report(), time.perf_counter()
    if campaign.skipped:
        print(f"{campaign.skipped} batches of this seed are done already: {database}")
    for number, report in campaign.run():
        shown = len(total.findings), len(total.crashes)
        total.add(report)
        for finding in total.findings[shown[0] :]:
            _show(finding, stored=number == STORED)
            if campaign.database is not None:
                print(f"script: {campaign.database.keep(finding)}")
        for crash in total.crashes[shown[1] :]:
            _show_crash(crash, stored=number == STORED)
            if campaign.database is not None:
                print(f"script: {campaign.database.keep_crash(crash, subjects[0])}")
        for error in report.errors:
            print(error, file=sys.stderr)
        if number != STORED:
            speed = total.programs / (time.perf_counter() - begun)
            text = f"{total.programs} programs, {speed:.0f}/s, {len(total.findings)} findings"
            print(f"\r{text}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    seconds = time.perf_counter() - begun
    _sum_up(total, seconds, plan)
    if total.failed():
        return 1
    return 2 if total.errors or not (total.programs or campaign.skipped) else 0


def _refuse_broken(subjects: tuple[SubjectSpec, ...]) -> None:
    """Raise ValueError for a subject that cannot be entered, and what torch's absence raises."""
    for label, broken in runner.probe(Settings((TORCH, *subjects))).items():
        if broken.absent and label == TORCH.label:
            raise ModuleNotFoundError(broken.why.partition(": ")[2], name=TORCH.module)
        raise ValueError(f"{label} could not be entered: {broken.why}")


def _show(finding: Finding, *, stored: bool) -> None:
    kind = "stored finding, still there" if stored else "finding"
    print(f"\n{kind} {finding.digest}: {finding.cause}")
    for line in str(finding.program).splitlines():
        print(f"    {line}")
    print(f"at {finding.judgement.label}\n{finding.judgement.detail}")


def _show_crash(crash: Crash, *, stored: bool) -> None:
    kind = "stored crash, still there" if stored else "crash"
    print(f"\n{kind} {crash.digest}: {crash.subject.label} crashed ({crash.death})")
    if not crash.alone:
        print("(the program alone does not; it was running when the process of its batch died)")
    for line in str(crash.program).splitlines():
        print(f"    {line}")


def _sum_up(total: Report, seconds: float, plan: Plan) -> None:
    labels = ", ".join(spec.label for spec in plan.subjects)
    speed = total.programs / seconds if seconds else 0.0
    print(
        f"{total.programs} programs on torch and {labels} in {seconds:.1f} s, {speed:.0f} a second"
    )
    print(", ".join(f"{count} {verdict}" for verdict, count in total.verdicts.most_common()))
    for reason, count in total.known.most_common():
        print(f"  known, {count} times: {reason}")
    for crash in total.crashes:
        print(f"  {crash.subject.label} crashed, {crash.digest}: {crash.cause}")
    print(f"{len(total.findings)} findings, met {sum(total.again.values())} times more")


def replay(file: Path, subjects: tuple[SubjectSpec, ...]) -> int:
    """Run a stored program again and print what each side observes."""
    program = stored(file)
    print(program)
    crashes = processes.crashes(program, subjects, shrink=False)
    for crash in crashes:
        print(f"\n{crash.subject.label} crashed ({crash.death})")
    if crashes:
        return int(not all(crash.of_torch for crash in crashes))
    bench = Bench(subjects)
    expected = observe(program, bench.torch)
    failed = False
    for subject in bench.subjects:
        judgement = bench.judge(program, expected, subject)
        print(f"\n{subject.label}: {judgement.verdict}  {judgement.label}\n{judgement.detail}")
        if judgement.verdict is Verdict.DIFFERENT:
            if (row := covering(program, judgement, subject.label)) is not None:
                print(f"known: {row.reason}")
                continue
            failed = True
            with subject.activate():
                theirs = tapes_of_program(program, subject.module)
            found = first_divergence(tapes_of_program(program, bench.torch), theirs)
            print("no node tells them apart" if found is None else as_text(found))
    return int(failed)
