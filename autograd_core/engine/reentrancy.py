"""Backward within backward: nested runs of any depth, without reaching the recursion limit.

A thread nests a few runs; the next one goes to a thread of its own, which has all of Python's
recursion limit before it, while this one waits.
"""

from __future__ import annotations

import contextvars
import threading

from ..versions import inference
from .graph_state import carried, running
from .graph_task import GraphTask

RUNS_PER_THREAD = 20
"""A run takes about ten frames of ours, and as many of the user's as it takes to start the next."""


def run_nested(task: GraphTask) -> None:
    """Run a task here, or in a thread of its own when runs are nested too deeply."""
    if running.depth < RUNS_PER_THREAD:
        task.run()
        return
    failures: list[BaseException] = []
    states = [(local, dict(vars(local))) for local in carried]

    def work() -> None:
        for local, state in states:
            vars(local).update(state)
        inherited = inference.enabled  # which is counted for the thread that waits
        try:
            task.run()
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            failures.append(error)
        inference.enabled = inherited

    thread = threading.Thread(target=contextvars.copy_context().run, args=(work,))
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
