"""Spreads chunks over the workers of a Dask cluster: `run --scheduler tcp://...`.

A chunk is a task. A worker that dies takes the tasks it was at with it; Dask gives them to another
one, and only the results of the run that finished are taken, so no case is lost and none counted
twice. A chunk that has cost more workers their lives than the cluster allows (three unless
``distributed.scheduler.allowed-failures`` says else) is reported as a crash, named by its first
case. The workers need the kit, torch and the subjects; limits of memory and time are the cluster's.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from autograd_conformance.cases import Outcome, Result, Status, Token
from autograd_conformance.chunks import Chunk
from autograd_conformance.execution import Bench, Settings
from autograd_conformance.runner import Finished

if TYPE_CHECKING:
    from distributed import Client

#: Chunks in flight per thread of the cluster: enough to hide the way there and back.
_AHEAD = 4


@functools.cache
def _bench(settings: Settings) -> Bench:
    import torch

    torch.set_num_threads(1)
    return Bench(settings)


def work(chunk: Chunk, settings: Settings) -> list[Result]:
    """A task: every result of a chunk; the kit's own trouble ends only this chunk."""
    results: list[Result] = []
    left = chunk
    try:
        for result in _bench(settings).run(chunk, lambda token, subject: None):
            results.append(result)
            left = left.after(result.token, result.subject)
    except Exception as error:
        text = f"the kit failed: {type(error).__name__}: {error}"
        results += _instead(left, settings, Outcome(Status.FAIL, text))
    return results


def _instead(chunk: Chunk, settings: Settings, outcome: Outcome) -> list[Result]:
    """An outcome of what is left of a chunk as a whole, named by its next sample."""
    sample = chunk.start + bool(chunk.done)
    token = Token(chunk.entry, chunk.dtype, sample, chunk.checks[0])
    labels = [spec.label for spec in settings.subjects if spec.label not in chunk.without]
    return [Result(token, label, outcome) for label in labels]


def run(
    chunks: list[Chunk],
    settings: Settings,
    scheduler: str,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Result | Finished]:
    """Every result of `chunks`, as they come, and a Finished per chunk; as `runner.run`.

    `scheduler` is the address of the cluster's scheduler.
    """
    from distributed import Client

    with Client(scheduler, set_as_default=False) as client:
        yield from _run(client, chunks, settings, stopped)


def _run(
    client: Client, chunks: list[Chunk], settings: Settings, stopped: Callable[[], bool]
) -> Iterator[Result | Finished]:
    from distributed import as_completed

    waiting = iter(chunks)
    futures: dict[Any, Chunk] = {}

    def submit(chunk: Chunk) -> Any:
        # Not pure: a result kept from an earlier run under the same key is no result of this one.
        future = client.submit(work, chunk, settings, pure=False)
        futures[future] = chunk
        return future

    threads = max(1, sum(client.nthreads().values()))
    first = [submit(chunk) for chunk in itertools.islice(waiting, _AHEAD * threads)]
    done = as_completed(first, loop=client.loop)
    for future in done:
        chunk = futures.pop(future)
        yield from _results_of(future, chunk, settings)
        yield Finished(chunk)
        if stopped():
            client.cancel(list(futures))
            return
        following = next(waiting, None)
        if following is not None:
            done.add(submit(following))


def _results_of(future: Any, chunk: Chunk, settings: Settings) -> list[Result]:
    from distributed import KilledWorker

    try:
        results: list[Result] = future.result()
    except KilledWorker as killed:
        text = f"{killed.allowed_failures + 1} workers died while they ran this chunk"
        return _instead(chunk, settings, Outcome(Status.CRASH, text))
    return results
