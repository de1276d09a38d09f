"""`report`: makes the page, JUnit's file and the badge from a report."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograd_conformance import settings

HELP = "make a page, JUnit's XML or a badge from a report"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, help="a report that `run` wrote")
    settings.add_arguments(command, ("html", "junit", "badge", "causes"))


def main(options: argparse.Namespace) -> int:
    from rich.console import Console

    from autograd_conformance import summary
    from autograd_conformance.reports import json_file, outputs

    report = json_file.read(options.file)
    given = vars(options)
    written = outputs.write(report, given.get)
    if written:
        print("\n".join(f"wrote {path}" for path in written))
    else:
        summary.show(report, Console(), limit=int(given.get("causes", 20)))
    return 0
