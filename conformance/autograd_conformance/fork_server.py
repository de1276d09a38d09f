"""The process that workers are forked from, and what every worker and its employer need."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Sequence
from multiprocessing import forkserver
from typing import Any

from autograd_conformance.execution import TORCH


def start(oracle: str = TORCH, also: Sequence[str] = ()) -> Any:
    """The context to make workers in; the server's imports, `also` among them, begin at once.

    Called before this process imports torch itself, the two imports run side by side. Only the
    first call decides what is imported. Where there is no such server, workers are spawned.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    module = "warm" if oracle == TORCH else "execution"
    context.set_forkserver_preload([f"autograd_conformance.{module}", *also])
    forkserver.ensure_running()
    return context


def ignore_interrupts() -> None:
    """Leaves Ctrl-C, which a terminal sends to every process, to the process that reports."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def cause_of_death(code: int | None) -> str:
    """An exit code in words: of a negative one the signal's name."""
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
