"""`list`: the entries of torch's database and the scenarios, with family and dtypes."""

from __future__ import annotations

import argparse

from autograd_conformance.commands import arguments

HELP = "list the entries"


def add_arguments(command: argparse.ArgumentParser) -> None:
    arguments.add_oracle(command)
    arguments.add_ops(command)


def main(options: argparse.Namespace) -> int:
    from autograd_conformance import scenarios
    from autograd_conformance.execution import reference
    from autograd_conformance.families import family_of
    from autograd_conformance.plan import matching, refuse_unknown

    entries = reference(options.oracle).entries()
    refuse_unknown(options.ops, entries)
    found = matching(options.ops, entries)
    for entry in found:
        print(f"{entry.name}  [{family_of(entry.name)}]  {' '.join(entry.dtypes)}")
    programs = scenarios.matching(options.ops)
    for program in programs:
        print(program.name)
    print(f"{len(found)} entries, {len(programs)} scenarios")
    return 0 if found or programs else 2
