"""Spreads chunks over worker processes and yields results as they come.

Each worker announces a case before it runs it, so a case that hangs past its timeout or kills its
process is reported as failed by name, and a fresh worker goes on with the chunk's next sample.
Nothing is run twice.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Any

from autograd_conformance import fork_server
from autograd_conformance.cases import Outcome, Result, Status, Token
from autograd_conformance.execution import Bench, Chunk, Settings


@dataclass(frozen=True)
class Finished:
    """A chunk is done: the progress bar may move on."""

    chunk: Chunk


def _work(pipe: Connection, settings: Settings) -> None:
    """A worker's life: receive a chunk, send what happens in it, until None comes."""
    bench = Bench(settings)
    if torch := sys.modules.get("torch"):  # the oracle, or the subject
        torch.set_num_threads(1)
    pipe.send(None)  # ready
    while (chunk := pipe.recv()) is not None:
        try:
            for result in bench.run(chunk, lambda token, subject: pipe.send((token, subject))):
                pipe.send(result)
        except Exception as error:  # the kit's own trouble: it must show, and end only this chunk
            token = Token(chunk.entry, chunk.dtype, chunk.start, chunk.checks[0])
            text = f"the kit failed: {type(error).__name__}: {error}"
            for spec in settings.subjects:
                pipe.send(Result(token, spec.label, Outcome(Status.FAIL, text)))
        pipe.send(Finished(chunk))


class _Worker:
    """One process, its pipe, and what it is busy with."""

    def __init__(self, context: Any, settings: Settings) -> None:
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, settings), daemon=True)
        self.process.start()
        theirs.close()
        self.chunk: Chunk | None = None
        self.current: tuple[Token, str] | None = None
        self.since = time.monotonic()

    def give(self, chunk: Chunk) -> None:
        self.chunk, self.current, self.since = chunk, None, time.monotonic()
        self.pipe.send(chunk)

    def stop(self) -> None:
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.pipe.close()


def run(chunks: list[Chunk], settings: Settings, jobs: int) -> Iterator[Result | Finished]:
    """Every result of `chunks`, as they come, and a Finished per chunk. Order is not promised."""
    context = fork_server.start(settings.oracle)
    waiting = deque(chunks)
    workers = [_Worker(context, settings) for _ in range(max(1, min(jobs, len(chunks))))]
    try:
        while workers:
            ready = wait([w.pipe for w in workers], timeout=0.5)
            for worker in list(workers):
                if worker.pipe in ready:
                    yield from _listen(worker, waiting, workers, context, settings)
                elif worker.chunk and time.monotonic() - worker.since > settings.timeout:
                    text = f"no answer within {settings.timeout:g} s"
                    yield from _replace(worker, text, waiting, workers, context, settings)
    finally:
        for worker in workers:
            worker.stop()


def _listen(
    worker: _Worker,
    waiting: deque[Chunk],
    workers: list[_Worker],
    context: Any,
    settings: Settings,
) -> Iterator[Result | Finished]:
    try:
        message = worker.pipe.recv()
    except (EOFError, ConnectionResetError):
        worker.process.join()
        text = f"the process died (exit code {worker.process.exitcode})"
        yield from _replace(worker, text, waiting, workers, context, settings)
        return
    worker.since = time.monotonic()
    if isinstance(message, tuple):
        worker.current = message
    elif isinstance(message, Result):
        worker.current = None
        yield message
    else:
        if isinstance(message, Finished):
            yield message
        if waiting:
            worker.give(waiting.popleft())
        else:
            worker.pipe.send(None)
            worker.stop()
            workers.remove(worker)


def _replace(
    worker: _Worker,
    why: str,
    waiting: deque[Chunk],
    workers: list[_Worker],
    context: Any,
    settings: Settings,
) -> Iterator[Result | Finished]:
    """Reports the case a lost worker was at, and lets a fresh one go on after that sample."""
    workers.remove(worker)
    worker.stop()
    chunk = worker.chunk
    if chunk is None:  # it could not even start: a second one would not either
        raise RuntimeError(f"a worker could not start: {why}")
    if worker.current is not None:
        token, subject = worker.current
        yield Result(token, subject, Outcome(Status.FAIL, why))
        waiting.appendleft(replace(chunk, start=token.sample + 1))
    else:
        token = Token(chunk.entry, chunk.dtype, chunk.start, chunk.checks[0])
        for spec in settings.subjects:
            yield Result(token, spec.label, Outcome(Status.FAIL, f"between cases: {why}"))
        yield Finished(chunk)
    if waiting:
        workers.append(_Worker(context, settings))
