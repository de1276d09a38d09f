"""Spreads chunks over worker processes and yields results as they come.

Each worker announces a case before it runs it, so a case that hangs past its timeout or kills its
process is reported by name, as `timeout` or `crash`, and a fresh worker goes on with the chunk's
next case. Nothing is run twice.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from typing import Any

from autograd_conformance import fork_server, known_differences
from autograd_conformance.cases import Outcome, Result, Status, Token
from autograd_conformance.child import Child
from autograd_conformance.chunks import Chunk
from autograd_conformance.execution import Bench, Settings
from autograd_conformance.subjects import NotEntered, Subject, SubjectSpec

#: After so many cases without an answer a subject is spared the rest of an entry at a dtype.
PATIENCE = 3
#: Seconds allowed to the import of a subject.
IMPORT_SECONDS = 120.0


@dataclass(frozen=True)
class Finished:
    """A chunk is done: the progress bar may move on."""

    chunk: Chunk


@dataclass(frozen=True)
class Broken:
    """A subject that cannot even be imported and entered; `absent` when there is none."""

    why: str
    absent: bool = False


def _enter(pipe: Connection, spec: SubjectSpec) -> None:
    """Imports and enters a subject; sends None, or what became of it."""
    fork_server.ignore_interrupts()
    try:
        Subject(spec)
        pipe.send(None)
    except BaseException as raised:  # even an exit, on import, is an answer
        error = raised.__cause__ if isinstance(raised, NotEntered) else raised
        absent = isinstance(error, ModuleNotFoundError) and error.name == spec.module
        pipe.send(Broken(f"{type(error).__name__}: {error}", absent))


def probe(settings: Settings) -> dict[str, Broken]:
    """The subjects that cannot be imported and entered, each tried in a process of its own."""
    context = fork_server.start(settings.oracle)
    broken: dict[str, Broken] = {}
    for spec in settings.subjects:
        pipe, theirs = context.Pipe()
        process = context.Process(target=_enter, args=(theirs, spec), daemon=True)
        process.start()
        theirs.close()
        try:
            if pipe.poll(IMPORT_SECONDS):
                found = pipe.recv()
            else:
                found = Broken(f"no answer within {IMPORT_SECONDS:g} s of importing it")
        except (EOFError, ConnectionResetError):
            process.join()
            cause = fork_server.cause_of_death(process.exitcode)
            found = Broken(f"importing it ended the process ({cause})")
        if process.is_alive() and found is not None:
            process.kill()
        process.join()
        if found is not None:
            broken[spec.label] = found
    return broken


def _work(pipe: Connection, settings: Settings) -> None:
    """A worker's life: receive a chunk, send what happens in it, until it is ended."""
    fork_server.ignore_interrupts()
    bench = Bench(settings)
    if torch := sys.modules.get("torch"):  # the oracle, or the subject
        torch.set_num_threads(1)
    pipe.send(None)  # ready
    while True:
        chunk = left = pipe.recv()
        try:
            for result in bench.run(chunk, lambda token, subject: pipe.send((token, subject))):
                pipe.send(result)
                left = left.after(result.token, result.subject)
        except Exception as error:  # the kit's own trouble: it must show, and end only this chunk
            text = f"the kit failed: {type(error).__name__}: {error}"
            for result in in_between(left, settings, Outcome(Status.FAIL, text)):
                pipe.send(result)
        pipe.send(Finished(chunk))


def in_between(chunk: Chunk, settings: Settings, outcome: Outcome) -> list[Result]:
    """An outcome of what is left of a chunk as a whole, named by its next sample."""
    sample = chunk.start + bool(chunk.done)
    token = Token(chunk.entry, chunk.dtype, sample, chunk.checks[0])
    labels = [spec.label for spec in settings.subjects if spec.label not in chunk.without]
    return [Result(token, label, replace(outcome)) for label in labels]


def _forked(settings: Settings) -> tuple[Connection, Any]:
    """The pipe and the process of a worker."""
    context = fork_server.start(settings.oracle)
    pipe, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, settings), daemon=True)
    process.start()
    theirs.close()
    return pipe, process


def _child(settings: Settings) -> tuple[Connection, Any]:
    """The same, in a process that may be no parent to `multiprocessing`."""
    child = Child(_work, (settings,))
    return child.pipe, child


class _Worker:
    """One process, its pipe, and what it is busy with."""

    def __init__(self, pipe: Connection, process: Any) -> None:
        self.pipe = pipe
        self.process = process
        self.chunk: Chunk | None = None  # what is left of it
        self.current: tuple[Token, str] | None = None
        self.idle = False  # ready, and without a chunk
        self.since = time.monotonic()

    def give(self, chunk: Chunk) -> None:
        self.chunk, self.current, self.since = chunk, None, time.monotonic()
        self.idle = False
        self.pipe.send(chunk)

    def stop(self) -> None:
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.pipe.close()


def run(
    chunks: list[Chunk],
    settings: Settings,
    jobs: int,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Result | Finished]:
    """Every result of `chunks`, as they come, and a Finished per chunk; of one chunk in order.

    Ends early, within half a second, once `stopped` says so.
    """
    pool = _Pool(settings, _forked, deque(chunks))
    try:
        for _ in range(max(1, min(jobs, len(chunks)))):
            pool.hire()
        while pool.workers and not stopped():
            yield from pool.hear()
            pool.dismiss_idle()
    finally:
        pool.stop()


class Desk:
    """A worker that is given one chunk at a time, by a process that is itself one of many."""

    def __init__(self, settings: Settings) -> None:
        self._pool = _Pool(settings, _child)

    def results(self, chunk: Chunk) -> list[Result]:
        """Every result of a chunk; the worker stays for the next one."""
        results: list[Result] = []
        self._pool.silences.clear()
        self._pool.put(chunk)
        while True:
            for event in self._pool.hear():
                if isinstance(event, Finished):
                    return results
                results.append(event)

    def stop(self) -> None:
        self._pool.stop()


@dataclass
class _Pool:
    """The workers of a run and the chunks that wait for one; `make` starts a worker's process."""

    settings: Settings
    make: Callable[[Settings], tuple[Connection, Any]]
    waiting: deque[Chunk] = field(default_factory=deque)
    workers: list[_Worker] = field(default_factory=list)
    silences: Counter[Any] = field(default_factory=Counter)

    def put(self, chunk: Chunk) -> None:
        """Gives a chunk to a worker that is idle, or to a fresh one."""
        idle = [worker for worker in self.workers if worker.idle]
        if idle and idle[0].process.is_alive():
            idle[0].give(chunk)
        else:
            self.dismiss_idle()
            self.waiting.append(chunk)
            self.hire()

    def hire(self) -> None:
        self.workers.append(_Worker(*self.make(self.settings)))

    def dismiss_idle(self) -> None:
        """Lets go the workers that have nothing to do, once nothing waits."""
        for worker in [worker for worker in self.workers if worker.idle]:
            worker.stop()
            self.workers.remove(worker)

    def stop(self) -> None:
        for worker in self.workers:
            worker.stop()
        self.workers.clear()

    def hear(self) -> Iterator[Result | Finished]:
        """What the workers say within half a second, or what became of those that say nothing."""
        limit = self.settings.timeout
        ready = wait([w.pipe for w in self.workers], timeout=0.5)
        for worker in list(self.workers):
            if worker.pipe in ready:
                yield from self._listen(worker)
            elif worker.chunk and time.monotonic() - worker.since > limit:
                text = f"no answer within {limit:g} s"
                yield from self._replace(worker, Outcome(Status.TIMEOUT, text))

    def _listen(self, worker: _Worker) -> Iterator[Result | Finished]:
        try:
            message = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            worker.process.join()
            text = f"the process died ({fork_server.cause_of_death(worker.process.exitcode)})"
            yield from self._replace(worker, Outcome(Status.CRASH, text))
            return
        worker.since = time.monotonic()
        if isinstance(message, tuple):
            worker.current = message
        elif isinstance(message, Result):
            worker.current = None
            if worker.chunk is not None:
                worker.chunk = worker.chunk.after(message.token, message.subject)
            yield message
        else:
            worker.chunk, worker.idle = None, not self.waiting
            if self.waiting:
                worker.give(self.waiting.popleft())
            if isinstance(message, Finished):
                yield message

    def _replace(self, worker: _Worker, outcome: Outcome) -> Iterator[Result | Finished]:
        """Reports the case a lost worker was at, and lets a fresh one go on after it."""
        self.workers.remove(worker)
        worker.stop()
        chunk = worker.chunk
        if chunk is None:  # it could not even start: a second one would not either
            raise RuntimeError(f"a worker could not start: {outcome.message}")
        if worker.current is None:
            outcome.message = f"between cases: {outcome.message}"
            yield from in_between(chunk, self.settings, outcome)
            yield Finished(chunk)
        else:
            token, subject = worker.current
            left = chunk.after(token, subject)
            if outcome.status is Status.TIMEOUT:
                left = self._without_patience(left, subject, outcome)
            yield Result(token, subject, self._judged(outcome, token, subject))
            self.waiting.appendleft(left)
        if self.waiting:
            self.hire()

    def _without_patience(self, chunk: Chunk, subject: str, outcome: Outcome) -> Chunk:
        """What is left of a chunk after one more case of a subject that gave no answer."""
        self.silences[chunk.key, subject] += 1
        if self.silences[chunk.key, subject] < PATIENCE:
            return chunk
        outcome.message += f"; after {PATIENCE} of them the entry's other cases were not run"
        return replace(chunk, without=(*chunk.without, subject))

    def _judged(self, outcome: Outcome, token: Token, subject: str) -> Outcome:
        spec = next(spec for spec in self.settings.subjects if spec.label == subject)
        rows = known_differences.load(spec, self.settings.known)
        return known_differences.judge(outcome, token, rows)
