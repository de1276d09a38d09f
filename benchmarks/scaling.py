"""``python -m benchmarks.scaling``: time and memory against the size of the problem, as plots.

Nodes from 10^3 to 10^6, elements from 10^0 to 10^7, branches from 10 to 10^4; each point in a
process of its own, which tells the processor's time and how much it grew. Writes the plots
``docs/scaling-*.svg``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from .plotting import Curve, plot

LIBRARIES = {
    "torch": "import torch; torch.set_num_threads(1)",
    "autograd_core": "import autograd_core as torch",
}
PROGRAM = """
import gc, json, time
{setup}
def grown():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
{prepare}
work(3)
gc.collect()
gc.freeze()
before = grown()
times = []
for _ in range({repeats}):
    start = time.process_time()
    work({size})
    times.append(time.process_time() - start)
print(json.dumps([min(times), grown() - before]))
"""
CHAIN = """
x = torch.tensor([0.5], requires_grad=True)
def work(length):
    y = x
    for _ in range(length):
        y = y.sin()
    y.backward()
"""
ELEMENTS = """
def work(size):
    a, b, c = (torch.full((size,), 0.5, requires_grad=True) for _ in range(3))
    ((a * b + c).sin() * a).sum().backward()
"""
FAN_OUT = """
x = torch.tensor([0.5, 0.25], requires_grad=True)
def work(branches):
    total = x.sin()
    for _ in range(branches - 1):
        total = total + x.sin()
    total.sum().backward()
"""
SERIES = {
    "nodes": ("chain of sin on one element", CHAIN, (10**3, 10**4, 10**5, 10**6)),
    "elements": ("((a*b+c).sin()*a).sum()", ELEMENTS, tuple(10**k for k in range(8))),
    "branches": ("branches of one leaf", FAN_OUT, (10, 10**2, 10**3, 10**4)),
}


def point(library: str, prepare: str, size: int) -> tuple[float, float]:
    """Return the seconds of one forward and backward, and the bytes the process grew by."""
    repeats = 1 if size >= 10**6 and prepare is CHAIN else 3
    program = PROGRAM.format(setup=LIBRARIES[library], prepare=prepare, size=size, repeats=repeats)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    seconds, grown = json.loads(done.stdout)
    return seconds, grown


def main() -> None:
    """Measure and draw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("series", nargs="*", default=list(SERIES), help=", ".join(SERIES))
    parser.add_argument("--folder", type=Path, default=Path("docs"))
    options = parser.parse_args()
    for name in options.series:
        title, prepare, sizes = SERIES[name]
        found = {
            library: [point(library, prepare, size) for size in sizes] for library in LIBRARIES
        }
        for library, points in found.items():
            for size, (seconds, grown) in zip(sizes, points, strict=True):
                print(f"{name} {size:>9} {library:<14} {seconds:10.4g} s {grown:12.4g} bytes")
        for k, (what, unit) in enumerate((("time", "s"), ("memory", "bytes"))):
            curves = [
                Curve(library, list(zip(sizes, [pair[k] for pair in points], strict=True)))
                for library, points in found.items()
            ]
            svg = plot(f"{title}: {what}", name, f"{what}, {unit}", curves)
            (options.folder / f"scaling-{name}-{what}.svg").write_text(svg)


if __name__ == "__main__":
    main()
