"""`fuzz`: random programs of many ops, on torch and on every subject, until something differs."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograd_conformance.commands import arguments

HELP = "run random programs and shrink what differs"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--programs", type=int, default=2000, metavar="N")
    command.add_argument("--time", type=float, metavar="SECONDS", help="start no batch after that")
    command.add_argument("--jobs", type=int, default=1, metavar="N")
    command.add_argument("--steps", type=int, default=20, metavar="N", help="steps of the longest")
    command.add_argument(
        "--database", type=Path, metavar="DIR", help="where findings are kept; `none` keeps none"
    )
    command.add_argument(
        "--replay", type=Path, metavar="FILE", help="run one finding of the database again"
    )
    arguments.add_seed(command)
    arguments.add_subjects(command)


def main(options: argparse.Namespace) -> int:
    from autograd_conformance.fuzzing import hunt

    subjects = arguments.chosen_subjects(options.backend, options.subject)
    if options.replay is not None:
        return hunt.replay(options.replay, subjects)
    return hunt.main(options, subjects)
