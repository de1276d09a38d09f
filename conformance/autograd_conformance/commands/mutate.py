"""`mutate`: plants bugs and tells which of them the kit sees; below 100% it fails."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from autograd_conformance import fork_server
from autograd_conformance.commands import arguments

if TYPE_CHECKING:
    from autograd_conformance.mutations.scoring import Verdict

HELP = "plant bugs into the engine, its derivatives and its kernels; every one must be seen"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--only", type=arguments.words, action="extend", default=[], metavar="GLOBS"
    )
    arguments.add_oracle(command)
    command.add_argument("--jobs", type=int, default=2, help="worker processes")
    command.add_argument(
        "--document", type=Path, metavar="FILE", help="write the list as a page, plant nothing"
    )


def main(options: argparse.Namespace) -> int:
    from autograd_conformance import mutations

    if options.document:
        from autograd_conformance.mutations.page import render

        options.document.write_text(render(), encoding="utf-8")
        return 0
    names = [mutation.name for mutation in mutations.matching(options.only)]
    if not names:
        print(f"no mutation is named {' or '.join(options.only)}")
        return 2
    begun = time.perf_counter()
    fates: Counter[str] = Counter()
    seen = 0
    for verdict in _verdicts(names, options.jobs, options.oracle):
        fates[verdict.fate] += 1
        seen += verdict.fate.is_caught
        if verdict.fate != "caught":
            place = f" by {verdict.token}: {verdict.message}" if verdict.token else ""
            print(f"{verdict.mutation}: {verdict.fate}{place}", flush=True)
    counts = ", ".join(f"{count} {fate}" for fate, count in fates.items())
    print(f"mutation score {100 * seen / len(names):.1f}%: {seen} of {len(names)} seen ({counts})")
    print(
        f"{'all seen' if seen == len(names) else 'FAILED'} in {time.perf_counter() - begun:.1f} s"
    )
    return 0 if seen == len(names) else 1


def _score(name: str, oracle: str) -> Verdict:
    """One mutation, in a worker or here: a name is all that needs to travel."""
    from autograd_conformance import mutations
    from autograd_conformance.mutations.scoring import score

    return score(mutations.mutations()[name], oracle)


def _verdicts(names: list[str], jobs: int, oracle: str) -> Iterator[Verdict]:
    if jobs <= 1:
        yield from (_score(name, oracle) for name in names)
        return
    with ProcessPoolExecutor(jobs, mp_context=fork_server.start(oracle)) as pool:
        for done in as_completed([pool.submit(_score, name, oracle) for name in names]):
            yield done.result()
