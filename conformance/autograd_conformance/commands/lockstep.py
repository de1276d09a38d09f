"""`lockstep`: runs a script on torch and a backend at once, up to the first line that differs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = "run a script on torch and a backend at once, and stop where they part"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--backend", help="the backend (default: the default one)")
    command.add_argument("--subject", default="autograd_core", metavar="MODULE")
    command.add_argument("--ulps", type=float, help="roundings that numbers may lie apart")
    command.add_argument("script", type=Path)
    command.add_argument("arguments", nargs=argparse.REMAINDER)


def main(options: argparse.Namespace) -> int:
    from autograd_conformance import lockstep
    from autograd_conformance.lockstep import script

    ulps = lockstep.ULPS if options.ulps is None else options.ulps
    lockstep.use(options.backend, subject=options.subject, ulps=ulps)
    try:
        script.run(options.script, options.arguments)
    except lockstep.Divergence as divergence:
        print(divergence, file=sys.stderr)
        return 1
    print(f"{options.script}: nothing differs")
    return 0
