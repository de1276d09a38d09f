"""What is measured in processes of its own: memory peaks, a million nodes, import time."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

_PEAK = """
import json, resource, sys, time
{setup}
def rss():
    with open("/proc/self/status") as status:
        return next(int(l.split()[1]) * 1024 for l in status if l.startswith("{field}"))
before = rss()
start = time.perf_counter()
{work}
print(json.dumps([time.perf_counter() - start, rss() - before]))
"""
_SETUP = {
    "torch": "import torch; torch.set_num_threads(2)",
    "autograd_core": "import autograd_core as torch",
}
_TENSORS = """
x = torch.zeros(2_500_000, requires_grad=True)
x.sum().backward(); x.grad = None
y = x
for _ in range(50):
    y = {step}
y.sum().backward()
"""
_MILLION = """
x = torch.tensor([0.5], requires_grad=True)
y = x
for _ in range(1_000_000):
    y = y.sin()
y.backward()
"""


def _of(name: str, work: str) -> tuple[float, float]:
    """Return the seconds that a program takes, and the bytes that it makes a process grow by."""
    program = _PEAK.format(setup=_SETUP[name], work=work, field="VmHWM")
    seconds, grown = json.loads(_output(program))
    return seconds, grown


def _output(program: str) -> str:
    """Return what a program prints in a process of its own."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def memory_rows() -> list[tuple[str, float, float]]:
    """Return (what, of torch, of this project): peaks in tensors of 10 MB, bytes and seconds."""
    rows = []
    for label, step in (("50 x * k", "y * 1.01"), ("50 sin", "y.sin()")):
        work = _TENSORS.format(step=step)
        peaks = [_of(name, work)[1] / 1e7 for name in ("torch", "autograd_core")]
        rows.append((f"chain of {label} on 10 MB: peak in tensors", *peaks))
    theirs, ours = (_of(name, _MILLION) for name in ("torch", "autograd_core"))
    rows.append(("chain of 1,000,000 ops: seconds", theirs[0], ours[0]))
    rows.append(("chain of 1,000,000 ops: bytes per op", theirs[1] / 1e6, ours[1] / 1e6))
    return rows


def import_seconds(module: str, times: int = 7) -> float:
    """Return the median time that a fresh process takes to import a module, less Python's own."""

    def once(program: str) -> float:
        code = f"import time; t = time.perf_counter(); {program}; print(time.perf_counter() - t)"
        return float(_output(code))

    return statistics.median(once(f"import {module}") for _ in range(times))


def import_rows() -> list[tuple[str, float]]:
    """Return (module, milliseconds to import it)."""
    modules = ("numpy", "autograd_core", "autograd_core, autograd_numpy", "torch")
    return [(module, 1000 * import_seconds(module)) for module in modules]
