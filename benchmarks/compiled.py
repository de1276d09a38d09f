"""``python -m benchmarks.compiled``: the workloads as compiled tapes, beside torch eager.

A workload of this project is a function of no arguments, which is compiled as it stands.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from .measuring import Work, interleaved, ratio
from .peers import peer
from .workloads import WORKLOADS

TARGETS = {
    "expression, N=1": 0.09,
    "expression, N=100": 0.09,
    "expression, N=10,000": 0.30,
    "expression, N=1,000,000": 0.8,
    "expression, N=10,000,000": 0.35,
    "scalar graph, 999 0-d ops, pure Python": 0.012,
    "deep chain, 10,000 ops": 0.12,
    "fan-out, 2,000 branches": 0.15,
    "MLP 784-256-256-10, batch 64, SGD": 0.85,
    "MLP 1024-2048-2048-1024, batch 256, SGD": 1.1,
    "attention T=128, d=64, batch 8": 1.0,
    "conv2d 8x3x32x32, 16 filters 3x3": 1.2,
    "Hessian of 20-d Rosenbrock": 0.05,
    "100 in-place writes through views": 0.10,
}
"""The ratio to torch that a compiled tape is held to, by the label of the row."""


def compiled_work(workload: Any, arguments: dict[str, Any]) -> Work:
    """Return a workload of this project as a compiled function.

    Raises:
        RuntimeError: it is not traced.
    """
    library = peer("autograd_core")
    compiled = library.compile(workload.work(library, "autograd_core", **arguments))
    for _ in range(3):
        compiled()
    if not compiled.specializations:
        raise RuntimeError(f"not traced: {dict(compiled.reasons)}")
    work: Work = compiled
    return work


def main() -> None:
    """Print a row for each workload that has one of the words in its label."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compiled", description=__doc__)
    parser.add_argument("words", nargs="*", help="run the workloads that have one in their label")
    parser.add_argument("--threads", type=int, default=2, help="of torch")
    options = parser.parse_args()
    torch = peer("torch")
    torch.set_num_threads(options.threads)
    clock = time.thread_time if options.threads == 1 else time.perf_counter
    print("| workload | eager | compiled | target |\n|---|---|---|---|")
    for workload in WORKLOADS:
        for label, _, rounds, arguments in workload.ROWS:
            if options.words and not any(word in label for word in options.words):
                continue
            works = {
                "torch": workload.work(torch, "torch", **arguments),
                "eager": workload.work(peer("autograd_core"), "autograd_core", **arguments),
                "compiled": compiled_work(workload, arguments),
            }
            times = interleaved(works, rounds, clock)
            figures = [f"{ratio(times[n], times['torch']):.3f}" for n in ("eager", "compiled")]
            print(
                "| " + " | ".join([label, *figures, str(TARGETS.get(label, "-"))]) + " |",
                flush=True,
            )


if __name__ == "__main__":
    main()
