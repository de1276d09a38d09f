"""The process that workers are forked from: it imports what they need once for them all."""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver
from typing import Any

from autograd_conformance.execution import TORCH


def start(oracle: str = TORCH) -> Any:
    """The context to make workers in; the server's imports begin at the first call.

    Called before this process imports torch itself, the two imports run side by side. Where there
    is no such server, workers are spawned.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    module = "warm" if oracle == TORCH else "execution"
    context.set_forkserver_preload([f"autograd_conformance.{module}"])
    forkserver.ensure_running()
    return context
