"""Runs batches in processes of their own, and finds out which side a program has ended one of.

A batch tells each program before it runs it, on whom, and what has come of those before; so where
its process dies, a fresh one goes on with the batch's next program, and nothing is lost.
"""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Any

from autograd_conformance import fork_server
from autograd_conformance.execution import torch_subject
from autograd_conformance.fuzzing.batches import (
    STORED,
    TORCH,
    Crash,
    Plan,
    Report,
    Task,
    run_batch,
    without_steps,
)
from autograd_conformance.fuzzing.interpreter import observe
from autograd_conformance.fuzzing.programs import Program
from autograd_conformance.subjects import Subject, SubjectSpec

#: Seconds after which a program without an answer counts as one that ends its process.
PATIENCE = 120.0
#: After so many crashes a batch is given up.
MOST = 20


@dataclass(frozen=True)
class Begun:
    """What a batch is about to run, and what has come of it so far."""

    program: Program
    side: SubjectSpec
    report: Report


def _work(pipe: Connection, task: Task) -> None:
    fork_server.ignore_interrupts()
    torch_subject().module.set_num_threads(1)
    last: Program | None = None

    def begun(program: Program, side: SubjectSpec) -> None:
        nonlocal last
        pipe.send(side if program is last else Begun(program, side, task.report))
        last = program

    try:
        report = run_batch(task, begun)
    except BrokenPipeError:  # nobody listens any more
        return
    except Exception as error:
        report = task.report
        report.errors.append("".join(traceback.format_exception(error)))
    pipe.send(report)


def _alone(pipe: Connection, program: Program, side: SubjectSpec) -> None:
    fork_server.ignore_interrupts()
    subject = torch_subject() if side == TORCH else Subject(side)
    with contextlib.suppress(Exception), subject.activate():
        observe(program, subject.module)
    pipe.send(None)


class _Process:
    """A process, its pipe, and since when it has said nothing."""

    def __init__(self, target: Callable[..., None], *args: Any) -> None:
        context = fork_server.start(also=(__name__,))
        self.pipe, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=target, args=(theirs, *args), daemon=True)
        self._process.start()
        theirs.close()
        self.since = time.monotonic()

    def heard(self) -> Any:
        """The message that has come; EOFError once the process has died."""
        message = self.pipe.recv()
        self.since = time.monotonic()
        return message

    def silent(self) -> bool:
        """Whether it has said nothing for too long."""
        return time.monotonic() - self.since > PATIENCE

    def end(self) -> str:
        """End it, if it still runs; in words, what it died of."""
        silent = self.silent()
        if silent:
            self._process.kill()
        self._process.join()
        self.pipe.close()
        return (
            f"no answer within {PATIENCE:g} s"
            if silent
            else fork_server.cause_of_death(self._process.exitcode)
        )

    def kill(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self.pipe.close()


def death(program: Program, side: SubjectSpec) -> str | None:
    """What a process dies of that runs nothing but the program on one side; None if it lives."""
    process = _Process(_alone, program, side)
    try:
        if process.pipe.poll(PATIENCE):
            process.heard()
            process.kill()
            return None
    except EOFError:
        pass
    return process.end()


def crashes(
    program: Program, subjects: tuple[SubjectSpec, ...], *, shrink: bool = True
) -> list[Crash]:
    """A crash for each side, torch among them, that the program ends a process of."""
    found = []
    for side in dict.fromkeys((TORCH, *subjects)):
        died = death(program, side)
        if died is not None:

            def still(fewer: Program, side: SubjectSpec = side, died: str = died) -> bool:
                return death(fewer, side) == died

            found.append(Crash(side, _shrunk(program, still) if shrink else program, died))
    return found


def _shrunk(program: Program, still: Callable[[Program], bool]) -> Program:
    """The program without the steps and leaves that it stands without."""
    program = without_steps(program, still)
    read = {name for step in program.steps for name in step.reads}
    leaves = tuple(leaf for leaf in program.leaves if leaf.name in read) or program.leaves[:1]
    fewer = replace(program, leaves=leaves)
    return fewer if still(fewer) else program


class _Batch:
    """A batch, in one process after the other, and what it was last heard of."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.last: Begun | None = None
        self.process = _Process(_work, task)

    def hear(self) -> Report | None:
        """Take what has come; the report if it was that."""
        try:
            message = self.process.heard()
        except EOFError:
            return self.bury()
        if isinstance(message, Report):
            self.process.end()
            return message
        if isinstance(message, Begun):
            self.last = message
        elif self.last is not None:
            self.last = replace(self.last, side=message)
        return None

    def bury(self) -> Report | None:
        """Tell of the process's end, and go on in a fresh one; the report if nothing is left."""
        died, task, last = self.process.end(), self.task, self.last
        if last is None:  # it could not even start: a second one would not either
            raise RuntimeError(f"a batch could not start: the process died ({died})")
        report = last.report if task.number != STORED else Report(crashes=last.report.crashes)
        found = crashes(last.program, task.plan.subjects)
        for crash in found or [Crash(last.side, last.program, died, alone=False)]:
            report.verdicts[f"{crash.subject.label} crashed"] += 1
            if crash.cause in task.ignored | report.causes():
                report.again[crash.cause] += 1
            else:
                report.crashes.append(crash)
        spared = task.spared | {last.program}
        self.task, self.last = replace(task, report=report, spared=spared), None
        if len(spared) >= MOST:
            report.errors.append(f"batch {task.number} is given up after {MOST} crashes")
        elif task.number == STORED or report.programs < task.size:
            self.process = _Process(_work, self.task)
            return None
        report.batches = int(task.number != STORED)
        return report


def run(plan: Plan, tasks: Callable[[], Task | None]) -> Iterator[tuple[int, Report]]:
    """The numbers and reports of the batches that `tasks` hands out, in the order of their ends."""
    batches: list[_Batch] = []
    try:
        while True:
            while len(batches) < plan.jobs and (task := tasks()) is not None:
                batches.append(_Batch(task))
            if not batches:
                return
            ready = wait([batch.process.pipe for batch in batches], timeout=0.5)
            for batch in list(batches):
                if batch.process.pipe in ready:
                    report = batch.hear()
                else:
                    report = batch.bury() if batch.process.silent() else None
                if report is not None:
                    batches.remove(batch)
                    yield batch.task.number, report
    finally:
        for batch in batches:
            batch.process.kill()
