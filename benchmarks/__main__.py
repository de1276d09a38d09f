"""``python -m benchmarks``: run the workloads, print a table of ratios, write it as JSON.

Each figure is time / torch eager's time: below 1 is faster than torch. The last column is what the
eager and the compiled tape are held to. torch has two threads; with
``--threads 1`` the processor's time is measured, which other programs on a busy machine do not
stretch.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from . import processes
from .measuring import Work, interleaved, ratio
from .peers import PEERS, Skipped, peer, work_of
from .workloads import WORKLOADS

FIRST, *OTHERS = PEERS


def measure(workload: Any, row: Any, peers: list[str], threads: int) -> dict[str, Any]:
    """Return what one row gives: the ratio of each peer to torch, or why it has none."""
    label, targets, rounds, arguments = row
    works: dict[str, Work] = {}
    reasons = {}
    for name in (FIRST, *peers):
        try:
            works[name] = work_of(workload, name, arguments)
            works[name]()
        except Skipped as skipped:
            reasons[name] = str(skipped)
        except Exception as error:  # noqa: BLE001 - whatever keeps a peer from running it
            reasons[name] = f"{type(error).__name__}: {error}"
            works.pop(name, None)
    # What the libraries themselves are made of (300,000 objects of torch, say) is no business of
    # the collector while others are measured.
    gc.collect()
    gc.freeze()
    clock = time.thread_time if threads == 1 else time.perf_counter
    times = interleaved(works, rounds, clock)
    ratios = {name: ratio(times[name], times[FIRST]) for name in times if name != FIRST}
    microseconds = {name: 1e6 * min(values) for name, values in times.items()}
    return {
        "workload": label,
        "targets": targets,
        "ratios": ratios,
        "least_microseconds": microseconds,
        "skipped": reasons,
    }


def table(results: list[dict[str, Any]], peers: list[str]) -> list[str]:
    """Return the lines of a Markdown table."""
    lines = ["| workload | " + " | ".join(peers) + " | targets |", "|---" * (len(peers) + 2) + "|"]
    for result in results:
        ratios = result["ratios"]
        figures = [_figure(ratios[name]) if name in ratios else "-" for name in peers]
        targets = " / ".join(f"{target:.3g}" for target in result["targets"] or ())
        lines.append("| " + " | ".join([result["workload"], *figures, targets or "-"]) + " |")
    return lines


def _figure(ratio: float) -> str:
    return f"{ratio:.3f}" if ratio < 0.02 else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("words", nargs="*", help="run the workloads that have one in their label")
    parser.add_argument("--peers", nargs="*", default=OTHERS, choices=OTHERS)
    parser.add_argument("--json", type=Path, default=Path("benchmark-results.json"))
    parser.add_argument("--no-processes", action="store_true", help="no memory, no import time")
    parser.add_argument("--threads", type=int, default=2, help="of torch")
    options = parser.parse_args()
    peer(FIRST).set_num_threads(options.threads)
    results = []
    for workload in WORKLOADS:
        for row in workload.ROWS:
            if not options.words or any(word in row[0] for word in options.words):
                results.append(measure(workload, row, options.peers, options.threads))
                print(table(results[-1:], options.peers)[-1], flush=True)
    report: dict[str, Any] = {
        "commit": subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
        ).stdout.strip(),
        "threads": options.threads,
        "python": sys.version.split()[0],
        "results": results,
    }
    print("\n".join(["", *table(results, options.peers)]))
    reasons = {(name, why) for result in results for name, why in result["skipped"].items()}
    for name, why in sorted(reasons):
        print(f"{name} skipped: {why}")
    if not options.no_processes:
        report["memory"] = processes.memory_rows()
        report["import_milliseconds"] = processes.import_rows()
        print("\n| in processes of their own | torch | autograd_core |\n|---|---|---|")
        for label, theirs, ours in report["memory"]:
            print(f"| {label} | {theirs:.3g} | {ours:.3g} |")
        print("\n| import | ms |\n|---|---|")
        for module, milliseconds in report["import_milliseconds"]:
            print(f"| `{module}` | {milliseconds:.0f} |")
    options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
