"""`replay`: runs one case again, verbosely."""

from __future__ import annotations

import argparse

from autograd_conformance.commands import arguments

HELP = "run one case again, verbosely"


def add_arguments(command: argparse.ArgumentParser) -> None:
    arguments.add_case(command)


def main(options: argparse.Namespace) -> int:
    from autograd_conformance.cases import Token
    from autograd_conformance.replay import replay

    subjects = arguments.chosen_subjects(options.backend, options.subject)
    return replay(
        Token.parse(options.token),
        subjects,
        options.seed,
        options.known_differences,
        options.oracle,
    )
