"""Spreads chunks over the workers of a Dask cluster: `run --scheduler tcp://...`.

A chunk is a task. Its cases run in a process beside the worker, so a case that ends its process is
a crash, one that hangs a timeout, and the chunk goes on, as on one machine. A worker that is lost
with its machine takes the tasks it was at with it; Dask gives them to another one, and only the
results of the run that finished are taken: no case is lost and none counted twice. A chunk that has
cost more workers their lives than the cluster allows (three unless
``distributed.scheduler.allowed-failures`` says else) is a crash, named by its first case.
"""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from autograd_conformance.cases import Outcome, Result, Status
from autograd_conformance.chunks import Chunk
from autograd_conformance.execution import Settings
from autograd_conformance.runner import Desk, Finished, in_between

if TYPE_CHECKING:
    from distributed import Client

#: Chunks in flight per thread of the cluster: enough to hide the way there and back.
_AHEAD = 4
#: Seconds allowed to the scheduler to answer.
PATIENCE = 30
#: Seconds allowed to its first worker to be there.
FIRST_WORKER = 30
#: Seconds between two looks at whether the run was stopped.
_LOOKS = 0.5


class _Desks(threading.local):
    """The desk of a worker's thread, and the run that it is for: each imports the subjects anew."""

    run = ""
    desk: Desk | None = None

    def of(self, run: str, settings: Settings) -> Desk:
        if self.desk is None or self.run != run:
            if self.desk is not None:
                self.desk.stop()
            self.run, self.desk = run, Desk(settings)
        return self.desk


_DESKS = _Desks()


def work(chunk: Chunk, settings: Settings, run: str) -> list[Result]:
    """A task: every result of a chunk; the kit's own trouble ends only this chunk."""
    try:
        return _DESKS.of(run, settings).results(chunk)
    except Exception as error:
        text = f"the kit failed: {type(error).__name__}: {error}"
        return in_between(chunk, settings, Outcome(Status.FAIL, text))


def run(
    chunks: list[Chunk],
    settings: Settings,
    scheduler: str,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Result | Finished]:
    """Every result of `chunks`, as they come, and a Finished per chunk; as `runner.run`.

    `scheduler` is the address of the cluster's scheduler; ValueError if none answers there, or it
    has no worker. Ends early when the scheduler is lost.
    """
    from distributed import Client

    try:
        client = Client(scheduler, set_as_default=False, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise ValueError(f"no scheduler of Dask answers at {scheduler!r}: {error}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=FIRST_WORKER)
        except TimeoutError:
            raise ValueError(f"the cluster at {scheduler} has no worker") from None
        yield from _run(client, chunks, settings, stopped)


def _run(
    client: Client, chunks: list[Chunk], settings: Settings, stopped: Callable[[], bool]
) -> Iterator[Result | Finished]:
    from concurrent.futures import CancelledError

    from distributed import wait

    waiting = iter(chunks)
    futures: dict[Any, Chunk] = {}
    name = uuid.uuid4().hex

    def submit(chunk: Chunk) -> None:
        # Not pure: a result kept from an earlier run under the same key is no result of this one.
        futures[client.submit(work, chunk, settings, name, pure=False)] = chunk

    for chunk in itertools.islice(waiting, _AHEAD * max(1, sum(client.nthreads().values()))):
        submit(chunk)
    while futures and not stopped():
        try:
            with client.as_current():
                done = wait(list(futures), timeout=_LOOKS, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            continue
        except CancelledError:  # the scheduler is gone
            return
        for future in done:
            chunk = futures.pop(future)
            yield from _results_of(future, chunk, settings)
            yield Finished(chunk)
            following = next(waiting, None)
            if following is not None:
                submit(following)
    client.cancel(list(futures))


def _results_of(future: Any, chunk: Chunk, settings: Settings) -> list[Result]:
    from distributed import KilledWorker

    try:
        results: list[Result] = future.result()
    except KilledWorker as killed:
        text = f"{killed.allowed_failures + 1} workers died while they ran this chunk"
        return in_between(chunk, settings, Outcome(Status.CRASH, text))
    return results
