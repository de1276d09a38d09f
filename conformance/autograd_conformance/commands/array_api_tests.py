"""`array-api-tests`: runs the public suite of the Array API standard on a namespace."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

HELP = "run a checkout of data-apis/array-api-tests on a namespace"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", type=Path, metavar="PATH", help="the checkout of the suite")
    command.add_argument(
        "--module", default="autograd_python.array_api", help="the namespace (%(default)s)"
    )
    command.add_argument(
        "--version", default="2024.12", help="the version of the standard (%(default)s)"
    )
    command.add_argument(
        "--max-examples", type=int, metavar="N", help="how many examples Hypothesis makes of each"
    )
    command.add_argument(
        "--pytest",
        default="",
        metavar="ARGUMENTS",
        help="pytest's arguments in one word: files of the suite, '-k name', '-x' ...",
    )


def main(options: argparse.Namespace) -> int:
    from autograd_conformance import array_api_suite

    found = array_api_suite.run(
        options.path,
        options.module,
        options.version,
        options.max_examples,
        shlex.split(options.pytest),
    )
    for test, message in found.failed.items():
        print(f"{test}: {message}")
    print(
        f"{options.module}: {found.passed} passed, {len(found.failed)} failed, "
        f"{found.known} differ as known, {found.skipped} skipped"
    )
    if not found.ran:
        print("no test ran: FAILED")
        return 2
    return 1 if found.failed else 0
