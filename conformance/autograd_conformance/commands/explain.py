"""`explain`: prints a script of one case that stands alone."""

from __future__ import annotations

import argparse

from autograd_conformance.commands import arguments

HELP = "print a script that stands alone"


def add_arguments(command: argparse.ArgumentParser) -> None:
    arguments.add_case(command)


def main(options: argparse.Namespace) -> int:
    from autograd_conformance.cases import Token
    from autograd_conformance.explain import script

    subjects = arguments.chosen_subjects(options.backend, options.subject)
    print(script(Token.parse(options.token), subjects[0], options.seed, options.oracle))
    return 0
