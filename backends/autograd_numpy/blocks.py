"""Large work in blocks that fit a core's cache, shared out among threads.

A formula of several steps runs through all of them while a block is in the cache, and NumPy lets
go of the interpreter's lock within a step. What a block computes does not depend on who does it:
results are the same for any number of threads.
"""

from __future__ import annotations

import contextvars
import os
import threading
from collections.abc import Callable, Sequence
from math import prod
from queue import SimpleQueue
from typing import Any

import numpy as np

from autograd_core.threads import get_num_threads

Array = Any

BLOCK = 1 << 18
"""Bytes of one operand in a block: with three or four others it stays in the second-level cache."""

MANY = 1 << 20
"""Bytes of an operand from which on threads pay, where waking one costs 100 us."""

MANY_ELEMENTS = 1 << 13
"""Elements from which on blocks are worth their bookkeeping."""


def spans(rows: int, row_bytes: int) -> list[slice]:
    """Return consecutive slices of rows, each of about a block and at least one row."""
    step = max(BLOCK // max(row_bytes, 1), 1)
    return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]


def scratch(shape: Sequence[int], native: np.dtype[Any], number: int = 0) -> Array:
    """Return memory for what a block needs in between, the thread's own until its next block.

    Memory of this size, got anew for each block, would cost as much as the arithmetic. Two arrays
    that are needed at a time have different numbers.
    """
    nbytes = prod(shape) * native.itemsize
    if nbytes > 4 * BLOCK:
        return np.empty(shape, native)
    if not hasattr(_own, "memory"):
        _own.memory = {}
    memory = _own.memory.get(number)
    if memory is None or memory.nbytes < nbytes:
        memory = _own.memory[number] = np.empty(nbytes, np.uint8)
    return np.ndarray(tuple(shape), native, memory)


_own = threading.local()


def over_blocks(work: Callable[[Any], None], blocks: Sequence[Any], nbytes: int) -> None:
    """Run ``work`` on each block, in several threads if there are many bytes.

    The calls write to places of their own. An error of one is raised when all threads are done.
    """
    helpers = min(get_num_threads(), len(blocks)) - 1 if nbytes >= MANY else 0
    if helpers < 1 or not _pool.free.acquire(blocking=False):
        for block in blocks:  # little, a single thread, or within a block of somebody's
            work(block)
        return
    try:
        _pool.run(_Job(work, blocks), helpers)
    finally:
        _pool.free.release()


def over_rows(work: Callable[..., None], arrays: Sequence[Array]) -> None:
    """Run ``work`` on blocks of the rows of arrays, the last of which it writes to."""
    result = arrays[-1]
    if 0 < result.nbytes <= BLOCK:
        work(*arrays)
        return
    blocks = spans(len(result), result.nbytes // max(len(result), 1))
    over_blocks(lambda block: work(*[array[block] for array in arrays]), blocks, result.nbytes)


def pointwise(work: Callable[..., None], *operands: Array) -> Array:
    """Return what ``work`` writes into its last argument from blocks of row-major operands."""
    result = np.empty(operands[0].shape, operands[0].dtype)
    over_rows(work, [array.reshape(-1) for array in (*operands, result)])
    return result


class _Job:
    """Blocks that several threads take one by one."""

    def __init__(self, work: Callable[[Any], None], blocks: Sequence[Any]) -> None:
        self.work = work
        self.left = iter(blocks)  # next() of it is one step, which threads do not share
        self.done = threading.Semaphore(0)
        self.error: BaseException | None = None

    def take_part(self) -> None:
        """Work until no block is left."""
        try:
            for block in self.left:
                self.work(block)
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            self.error = error
            for _ in self.left:  # nobody starts on another
                pass


class _Pool:
    """Threads that wait for jobs; started when first needed, and anew in a forked process."""

    def __init__(self) -> None:
        self.free = threading.Lock()
        self.jobs: SimpleQueue[tuple[contextvars.Context, _Job]] = SimpleQueue()
        self.size = 0

    def run(self, job: _Job, helpers: int) -> None:
        """Do a job with some of the threads; what silences NumPy's warnings goes with it."""
        while self.size < helpers:
            threading.Thread(target=_serve, args=(self.jobs,), daemon=True).start()
            self.size += 1
        for _ in range(helpers):
            self.jobs.put((contextvars.copy_context(), job))
        job.take_part()
        for _ in range(helpers):
            job.done.acquire()
        if job.error is not None:
            raise job.error


def _serve(jobs: SimpleQueue[tuple[contextvars.Context, _Job]]) -> None:
    while True:
        context, job = jobs.get()
        context.run(job.take_part)
        job.done.release()
        del context, job  # what it worked on lives no longer than its caller has it


_pool = _Pool()


def _renew() -> None:
    """Forget threads that a fork has left behind."""
    global _pool
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
