"""Spreads chunks over worker processes and yields results as they come.

Each worker announces a case before it runs it, so a case that hangs past its timeout or kills its
process is reported by name, as `timeout` or `crash`, and a fresh worker goes on with the chunk's
next case. Nothing is run twice.
"""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from typing import Any

from autograd_conformance import fork_server, known_differences
from autograd_conformance.cases import Outcome, Result, Status, Token
from autograd_conformance.chunks import Chunk
from autograd_conformance.execution import Bench, Settings
from autograd_conformance.subjects import Subject, SubjectSpec

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


def _ignore_interrupts() -> None:
    """Leaves Ctrl-C, which a terminal sends to every process, to the process that reports."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _enter(pipe: Connection, spec: SubjectSpec) -> None:
    """Imports and enters a subject; sends None, or what became of it."""
    _ignore_interrupts()
    try:
        with Subject(spec).activate():
            pipe.send(None)
    except BaseException as error:  # even an exit, on import, is an answer
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
            found = Broken(f"importing it ended the process ({_cause(process.exitcode)})")
        if process.is_alive() and found is not None:
            process.kill()
        process.join()
        if found is not None:
            broken[spec.label] = found
    return broken


def _work(pipe: Connection, settings: Settings) -> None:
    """A worker's life: receive a chunk, send what happens in it, until None comes."""
    _ignore_interrupts()
    bench = Bench(settings)
    if torch := sys.modules.get("torch"):  # the oracle, or the subject
        torch.set_num_threads(1)
    pipe.send(None)  # ready
    while (chunk := pipe.recv()) is not None:
        left = chunk
        try:
            for result in bench.run(chunk, lambda token, subject: pipe.send((token, subject))):
                pipe.send(result)
                left = left.after(result.token, result.subject)
        except Exception as error:  # the kit's own trouble: it must show, and end only this chunk
            text = f"the kit failed: {type(error).__name__}: {error}"
            for result in _in_between(left, settings, Outcome(Status.FAIL, text)):
                pipe.send(result)
        pipe.send(Finished(chunk))


def _in_between(chunk: Chunk, settings: Settings, outcome: Outcome) -> list[Result]:
    """An outcome of what is left of a chunk as a whole, named by its next sample."""
    sample = chunk.start + bool(chunk.done)
    token = Token(chunk.entry, chunk.dtype, sample, chunk.checks[0])
    labels = [spec.label for spec in settings.subjects if spec.label not in chunk.without]
    return [Result(token, label, replace(outcome)) for label in labels]


class _Worker:
    """One process, its pipe, and what it is busy with."""

    def __init__(self, context: Any, settings: Settings) -> None:
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, settings), daemon=True)
        self.process.start()
        theirs.close()
        self.chunk: Chunk | None = None  # what is left of it
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


def run(
    chunks: list[Chunk],
    settings: Settings,
    jobs: int,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Result | Finished]:
    """Every result of `chunks`, as they come, and a Finished per chunk; of one chunk in order.

    Ends early, within half a second, once `stopped` says so.
    """
    yield from _Pool(settings, deque(chunks)).run(max(1, min(jobs, len(chunks))), stopped)


@dataclass
class _Pool:
    """The workers of a run and the chunks that wait for one."""

    settings: Settings
    waiting: deque[Chunk]
    workers: list[_Worker] = field(default_factory=list)
    silences: Counter[Any] = field(default_factory=Counter)

    def run(self, jobs: int, stopped: Callable[[], bool]) -> Iterator[Result | Finished]:
        limit = self.settings.timeout
        try:
            for _ in range(jobs):
                self._hire()
            while self.workers and not stopped():
                ready = wait([w.pipe for w in self.workers], timeout=0.5)
                for worker in list(self.workers):
                    if worker.pipe in ready:
                        yield from self._listen(worker)
                    elif worker.chunk and time.monotonic() - worker.since > limit:
                        text = f"no answer within {limit:g} s"
                        yield from self._replace(worker, Outcome(Status.TIMEOUT, text))
        finally:
            for worker in self.workers:
                worker.stop()

    def _hire(self) -> None:
        self.workers.append(_Worker(fork_server.start(self.settings.oracle), self.settings))

    def _listen(self, worker: _Worker) -> Iterator[Result | Finished]:
        try:
            message = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            worker.process.join()
            text = f"the process died ({_cause(worker.process.exitcode)})"
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
            if isinstance(message, Finished):
                yield message
            if self.waiting:
                worker.give(self.waiting.popleft())
            else:
                worker.pipe.send(None)
                worker.stop()
                self.workers.remove(worker)

    def _replace(self, worker: _Worker, outcome: Outcome) -> Iterator[Result | Finished]:
        """Reports the case a lost worker was at, and lets a fresh one go on after it."""
        self.workers.remove(worker)
        worker.stop()
        chunk = worker.chunk
        if chunk is None:  # it could not even start: a second one would not either
            raise RuntimeError(f"a worker could not start: {outcome.message}")
        if worker.current is None:
            outcome.message = f"between cases: {outcome.message}"
            yield from _in_between(chunk, self.settings, outcome)
            yield Finished(chunk)
        else:
            token, subject = worker.current
            left = chunk.after(token, subject)
            if outcome.status is Status.TIMEOUT:
                left = self._without_patience(left, subject, outcome)
            yield Result(token, subject, self._judged(outcome, token, subject))
            self.waiting.appendleft(left)
        if self.waiting:
            self._hire()

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


def _cause(code: int | None) -> str:
    """An exit code in words: of a negative one the signal's name."""
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
