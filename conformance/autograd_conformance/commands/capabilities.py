"""`capabilities`: tries what a backend says it can do, and what it does not say."""

from __future__ import annotations

import argparse

from autograd_conformance.commands import arguments

HELP = "verify what a backend declares, both ways"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--backend", required=True, metavar="NAME")
    arguments.add_oracle(command)
    command.add_argument(
        "--fix", action="store_true", help="write what works into the source of the backend's class"
    )


def main(options: argparse.Namespace) -> int:
    from autograd_conformance.capabilities import declare, verify

    findings = verify(options.backend, options.oracle)
    for finding in findings:
        print(finding)
    if not any(finding.passed for finding in findings):
        print("no case passed: FAILED")
        return 2
    if all(finding.is_true for finding in findings):
        print(f"{options.backend} can do what it declares, and nothing more")
        return 0
    if options.fix:
        works = [finding.name for finding in findings if finding.works]
        print(f"wrote {', '.join(works) or 'none'} to {declare(options.backend, works)}")
        return 0
    print("FAILED; --fix writes what works into the source of the backend")
    return 1
