"""The progress of a run: chunks done, time left, failures so far.

A terminal shows a bar; a log gets a line a minute.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from autograd_conformance.cases import FAILING, Result, Status
from autograd_conformance.chunks import Chunk, Ledger
from autograd_conformance.runner import Finished

#: Seconds between two lines of a log.
PAUSE = 60.0


def follow(
    events: Iterable[Result | Finished], chunks: list[Chunk], console: Console, ledger: Ledger
) -> Iterator[Result]:
    """Passes the results on while a bar of chunks and the ledger show where the run stands."""
    cases = failed = missing = 0
    next_line = time.monotonic() + PAUSE
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("starting", total=len(chunks))
        for event in events:
            if isinstance(event, Finished):
                ledger.finished(event.chunk)
                bar.advance(task)
                continue
            ledger.saw(event.token, event.subject)
            cases += 1
            failed += event.status in FAILING
            missing += event.status is Status.MISSING
            text = f"{cases} cases, [red]{failed} failed[/red], {missing} missing"
            bar.update(task, description=text)
            if not console.is_terminal and time.monotonic() >= next_line:
                next_line = time.monotonic() + PAUSE
                console.print(f"{text}, {_standing(bar.tasks[0])}")
            yield event


def _standing(task: Task) -> str:
    """How much is done, and for how long the run goes on at the rate of the last half minute."""
    minutes, left = (task.elapsed or 0.0) / 60, task.time_remaining
    text = f"{int(task.completed)} of {int(task.total or 0)} chunks in {minutes:.0f} min"
    return text if left is None else f"{text}, at this rate {left / 60:.0f} min left"
