"""The `autograd-conformance` command: its parser and its exit codes; the commands are modules."""

from __future__ import annotations

import argparse
import io
import sys
from typing import Protocol

from autograd_conformance.commands import (
    arguments,
    array_api_tests,
    budgets,
    capabilities,
    diff,
    explain,
    fuzz,
    goldens,
    listing,
    lockstep,
    mutate,
    replay,
    report,
    run,
)

#: What is wrong with a file that a command was given, and no trouble of the kit's own.
_OF_FILES = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)


class Command(Protocol):
    """What a module of `commands` offers."""

    HELP: str

    def add_arguments(self, command: argparse.ArgumentParser, /) -> None: ...

    def main(self, options: argparse.Namespace, /) -> int: ...


#: Modules of `commands`, in the order in which help lists them.
COMMANDS: dict[str, Command] = {
    "run": run,
    "report": report,
    "diff": diff,
    "list": listing,
    "replay": replay,
    "explain": explain,
    "goldens": goldens,
    "capabilities": capabilities,
    "array-api-tests": array_api_tests,
    "fuzz": fuzz,
    "lockstep": lockstep,
    "mutate": mutate,
    "budgets": budgets,
}


def parser() -> argparse.ArgumentParser:
    """The argument parser of all commands."""
    top = argparse.ArgumentParser(
        prog="autograd-conformance", description="Hold a backend against real PyTorch."
    )
    commands = top.add_subparsers(dest="command", required=True)
    for name, module in COMMANDS.items():
        module.add_arguments(commands.add_parser(name, help=module.HELP))
    return top


def main(argv: list[str] | None = None) -> int:
    """Runs a command; the exit code is 0 (nothing failed), 1 (a failure), 2 (bad use, no case)."""
    options = parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a subject's texts may hold what it cannot write
    try:
        return COMMANDS[options.command].main(options)
    except ModuleNotFoundError as error:
        print(f"autograd-conformance: {error}{arguments.hint(error)}", file=sys.stderr)
        return 2
    except (ValueError, ImportError, *_OF_FILES) as error:
        print(f"autograd-conformance: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
