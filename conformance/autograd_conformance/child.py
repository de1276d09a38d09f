"""A process with `multiprocessing.Process`'s manners, for where that refuses to start one.

The workers of a Dask cluster are daemons, which `multiprocessing` allows no children. A child here
is a program started by `subprocess`; what it is to run is sent to it over its pipe.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

#: Seconds between two looks at whether the parent is still there.
_LOOKS = 1.0


class Child:
    """Runs ``target(pipe, *args)`` in a process of its own, `pipe` being one end of `self.pipe`."""

    def __init__(self, target: Callable[..., None], args: tuple[Any, ...]) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        code = f"from autograd_conformance.child import main; main({theirs.fileno()})"
        path = os.pathsep.join(filter(None, sys.path))
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": path},
            )
        with contextlib.suppress(BrokenPipeError):  # whoever listens hears that it has ended
            self.pipe.send((os.getpid(), target, args))

    @property
    def exitcode(self) -> int | None:
        """None as long as it runs; below 0 it is the number of the signal that ended it."""
        return self._process.poll()

    def is_alive(self) -> bool:
        return self.exitcode is None

    def kill(self) -> None:
        self._process.kill()

    def join(self) -> None:
        self._process.wait()


def main(handle: int) -> None:
    """The child's side; ends with the parent, even in the middle of its work."""
    pipe = Connection(handle)
    parent, target, args = pipe.recv()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        target(pipe, *args)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOKS)
    os._exit(1)
