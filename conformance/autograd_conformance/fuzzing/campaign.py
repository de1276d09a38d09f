"""A hunt for differences: batches of programs, each in a process of its own, and what is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator

from autograd_conformance.fuzzing import processes
from autograd_conformance.fuzzing.batches import BATCH, STORED, Plan, Report, Task
from autograd_conformance.fuzzing.database import Database


class Campaign:
    """Runs a plan's batches and hands out reports as they come; goes on where it was left."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.database = Database(plan.database) if plan.database is not None else None
        labels = ",".join(spec.label for spec in plan.subjects)
        self.key = f"{plan.seed}|{plan.longest}|{labels}"
        batches = range(-(-plan.programs // BATCH))
        done = set(self.database.done.get(self.key, ())) if self.database else set()
        self.skipped = len(done & set(batches))
        self._waiting = [number for number in batches if number not in done]
        self._ignored: set[str] = set()
        self._deadline = time.monotonic() + plan.seconds if plan.seconds else None

    def run(self) -> Iterator[tuple[int, Report]]:
        """The stored examples' report first, then each batch's, under its number."""
        if self.database is not None:
            replayed = Report()
            for program in self.database.crashes():
                replayed.crashes += processes.crashes(program, self.plan.subjects)
            stored = [Task(self.plan, STORED, report=replayed)]
            for number, report in processes.run(
                self.plan, lambda: stored.pop() if stored else None
            ):
                yield self._finished(number, report)
        for number, report in processes.run(self.plan, self._next):
            yield self._finished(number, report)

    def _next(self) -> Task | None:
        late = self._deadline is not None and time.monotonic() > self._deadline
        if late or not self._waiting:
            return None
        return Task(self.plan, self._waiting.pop(0), frozenset(self._ignored))

    def _finished(self, number: int, report: Report) -> tuple[int, Report]:
        self._ignored |= report.causes()
        if self.database is not None:
            for finding in report.findings:
                self.database.keep(finding)
            for crash in report.crashes:
                self.database.keep_crash(crash, self.plan.subjects[0])
            if number != STORED and not report.errors:
                self.database.finish(self.key, number)
        return number, report
