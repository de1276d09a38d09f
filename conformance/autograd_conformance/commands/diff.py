"""`diff`: what changed from one report to another; the exit code is 1 when something broke."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

HELP = "say what changed from one report to another"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("old", type=Path)
    command.add_argument("new", type=Path)
    command.add_argument("--json", type=Path, metavar="FILE", help="where the changes go as JSON")
    command.add_argument("--limit", type=int, default=20, help="lines to print of each kind")


def main(options: argparse.Namespace) -> int:
    from rich.console import Console

    from autograd_conformance.reports import json_file
    from autograd_conformance.reports.difference import KINDS, difference, in_groups

    old, new = json_file.read(options.old), json_file.read(options.new)
    found = difference(old, new)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    styles = {"fixed": "green", "broken": "red", "changed": "yellow"}
    for kind in KINDS:
        lines = in_groups(found.of(kind))
        for token, what in lines[: options.limit]:
            console.print(f"{kind:8} {token}", style=styles.get(kind))
            console.print(f"         {what}", style="dim")
        if len(lines) > options.limit:
            console.print(f"         ... and {len(lines) - options.limit} more lines {kind}")
    for subject in found.broken_subjects:
        console.print(f"broken   {subject}: {new.broken[subject]}", style="red")
    console.print(found.line)
    if options.json is not None:
        options.json.write_text(json.dumps(found.as_json(), indent=1), encoding="utf-8")
    return found.exit_code
