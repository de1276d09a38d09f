"""Interleaved measuring: A B C A B C ... in one process, medians of ratios within a round.

Machines are shared and noisy: what two libraries take in one round differs by what they are, what
one takes in two rounds differs by the machine. So ratios are results, microseconds are not.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

Work = Callable[[], Any]
Clock = Callable[[], float]
ROUND = 0.01
"""Seconds that one library gets in a round, about."""
WARM_UP = 0.025
"""Seconds that it works before it is timed, at least. Threads without work spin for a while before
they sleep (libgomp's, which are torch's, some 17 ms), and take the core from whose turn is next."""


def seconds_of(work: Work, repeats: int, clock: Clock) -> float:
    """Return the seconds of one call, averaged over ``repeats`` calls in a row."""
    start = clock()
    for _ in range(repeats):
        work()
    return (clock() - start) / repeats


def interleaved(
    works: Mapping[str, Work], rounds: int, clock: Clock = time.perf_counter
) -> dict[str, list[float]]:
    """Return the seconds per call of each, one per round; each is called once before."""
    repeats = {}
    for name, work in works.items():
        work()
        repeats[name] = max(1, int(ROUND / max(seconds_of(work, 1, clock), 1e-7)))
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            start = time.perf_counter()
            while time.perf_counter() - start < WARM_UP:
                work()
            found[name].append(seconds_of(work, repeats[name], clock))
    return found


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median of the ratios within the rounds."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
