"""`goldens`: records torch's answers in a file, verifies a file against torch, compares two."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from autograd_conformance.commands import arguments

HELP = "record torch's answers, verify them, compare two versions of them"


def add_arguments(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True)
    record = actions.add_parser("record", help="write torch's answers to a file")
    _add_selection(record)
    record.add_argument(
        "--check",
        type=arguments.words,
        action="extend",
        default=[],
        metavar="NAMES",
        help="the checks that the file has answers to (default: all)",
    )
    arguments.add_seed(record)
    record.add_argument("--out", type=Path, required=True, metavar="FILE")
    verify = actions.add_parser("verify", help="hold a file against the torch that is installed")
    verify.add_argument("file", type=Path, nargs="?", help="default: the file of the package")
    _add_selection(verify)
    diff = actions.add_parser("diff", help="show what differs between two files")
    diff.add_argument("old", type=Path)
    diff.add_argument("new", type=Path)


def _add_selection(command: argparse.ArgumentParser) -> None:
    arguments.add_ops(command)
    words = arguments.words
    command.add_argument("--dtype", type=words, action="extend", default=[], metavar="NAMES")
    command.add_argument("--tier", choices=("smoke", "core", "full"), default="smoke")
    command.add_argument("--samples", type=int, help="at most this many samples of an entry")
    command.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")


def main(options: argparse.Namespace) -> int:
    if options.action == "record":
        return _record(options)
    if options.action == "verify":
        return _verify(options)
    return _diff(options)


def _record(options: argparse.Namespace) -> int:
    from autograd_conformance.cases import CHECKS
    from autograd_conformance.goldens.recording import record
    from autograd_conformance.plan import Selection, make_plan
    from autograd_conformance.settings import SETTINGS

    (setting,) = (s for s in SETTINGS if s.name == "checks")
    checks = setting.checked(tuple(options.check), setting.flag)
    selection = Selection(
        options.tier, tuple(options.ops), tuple(options.dtype), checks, samples=options.samples
    )
    chunks = make_plan(selection)
    if not chunks:
        raise ValueError("nothing to record: no entry and no scenario is chosen")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    count = 0

    def done(name: str) -> None:
        nonlocal count
        count += 1
        print(f"\r{count} of {len(chunks)}  {name:60}", end="", flush=True)

    record(chunks, options.out, options.seed, options.jobs, done, checks=checks or CHECKS)
    print(f"\r{len(chunks)} chunks, {options.out.stat().st_size / 1e6:.2f} MB: {options.out}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    """Runs torch as a subject against the file, and draws the samples again."""
    from autograd_conformance import fork_server, runner
    from autograd_conformance.cases import ANY_DTYPE, FAILING, Result, Status
    from autograd_conformance.execution import Settings
    from autograd_conformance.goldens import opened
    from autograd_conformance.goldens.comparing import differing_rows, same_sample
    from autograd_conformance.goldens.reading import ERRORS
    from autograd_conformance.goldens.recording import catalogue, drawn
    from autograd_conformance.plan import Selection, make_plan
    from autograd_conformance.scenarios import PREFIX
    from autograd_conformance.subjects import SubjectSpec

    oracle = f"goldens:{options.file}" if options.file else "goldens"
    held = opened(oracle)
    seed = held.seed
    fork_server.start()
    selection = Selection(
        options.tier, tuple(options.ops), tuple(options.dtype), samples=options.samples
    )
    chunks = make_plan(selection, oracle)
    print(f"{held.about['goldens']}: recorded with torch {held.about['torch']}")
    compared = differing = 0
    for line in differing_rows(held.archive.read_json("catalogue.json"), catalogue()):
        differing += 1
        print(f"  {line}")
    for chunk in chunks:
        if chunk.entry.startswith(PREFIX):
            continue
        kind = ERRORS if chunk.dtype == ANY_DTYPE else chunk.dtype
        for before, after in zip(held.held(chunk.entry, kind), drawn(chunk, seed), strict=False):
            if not same_sample(before, after):
                differing += 1
                print(f"  {chunk.entry}|{chunk.dtype}|{before.index}: another sample")
    settings = Settings((SubjectSpec("torch"),), seed, oracle=oracle)
    for event in runner.run(chunks, settings, options.jobs):
        if not isinstance(event, Result):
            continue
        if event.status is Status.NOT_RUN:
            print(f"  {event.token}: not run: {event.outcome.message}")
            continue
        compared += 1
        if event.status in FAILING or event.status is Status.MISSING:
            differing += 1
            print(f"  {event.token}: {event.outcome.message}\n    {event.outcome.detail}")
    print(f"{compared} cases compared, {differing} differences")
    return 2 if not compared else int(differing > 0)


def _diff(options: argparse.Namespace) -> int:
    from autograd_conformance.goldens import opened
    from autograd_conformance.goldens.comparing import diff

    old, new = (opened(f"goldens:{path}") for path in (options.old, options.new))
    print(f"torch {old.about['torch']} and {new.about['torch']}")
    count = 0
    for line in diff(old, new):
        count += 1
        print(f"  {line}")
    print(f"{count} differences")
    return int(count > 0)
