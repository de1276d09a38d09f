"""The progress bar of a run: chunks done, time left, failures so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from autograd_conformance.cases import FAILING, Result, Status
from autograd_conformance.chunks import Chunk, Ledger
from autograd_conformance.runner import Finished


def follow(
    events: Iterable[Result | Finished], chunks: list[Chunk], console: Console, ledger: Ledger
) -> Iterator[Result]:
    """Passes the results on while a bar of chunks and the ledger show where the run stands."""
    cases = failed = missing = 0
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
            yield event
