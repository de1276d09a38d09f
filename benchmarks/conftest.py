"""Measuring beside torch: rounds alternate between the two in one process, ratios are reported.

Times on a shared machine are noise; the median of paired ratios (ours / torch's, below 1 is faster
than torch) is the result. Nothing is asserted.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

RATIOS: dict[str, list[float]] = {}


def timed(work: Callable[[], Any], repeats: int) -> float:
    """Return the seconds of one call, averaged over ``repeats`` calls in a row."""
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - start) / repeats


@pytest.fixture
def beside_torch(request: pytest.FixtureRequest, benchmark: Any) -> Callable[..., None]:
    """Benchmark ``ours`` with pytest-benchmark, and its ratio to ``theirs`` in paired rounds."""

    def measure(ours: Callable[[], Any], theirs: Callable[[], Any], pairs: int = 60) -> None:
        repeats = max(1, int(0.002 / max(timed(theirs, 3), 1e-7)))
        ratios = [timed(ours, repeats) / timed(theirs, repeats) for _ in range(pairs)]
        RATIOS[request.node.name] = ratios
        benchmark.extra_info["median_ratio_to_torch"] = statistics.median(ratios)
        benchmark(ours)

    return measure


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the median ratio, and the middle half of the ratios, of each workload."""
    if not RATIOS:
        return
    terminalreporter.section("ratio to torch eager, 2 threads (below 1 is faster)")
    for name, ratios in RATIOS.items():
        low, median, high = statistics.quantiles(ratios, n=4)
        terminalreporter.write_line(f"{name:<48}{median:8.2f}   [{low:.2f} .. {high:.2f}]")
