"""Memory that arrays leave is kept, unless the environment says otherwise."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("numpy")
allocation = pytest.importorskip("autograd_numpy.allocation")

glibc = pytest.mark.skipif(not allocation._is_glibc(), reason="the C library is not glibc")

FAULTS = """
import resource
import autograd_core
x = autograd_core.ones(1_000_000, backend="numpy", requires_grad=True)
def step():
    x.grad = None
    ((x * x + x).sin() * x).sum().backward()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    step()
before = faults()
for _ in range(5):
    step()
print(faults() - before)
"""


def faults() -> int:
    """Page faults of five steps on arrays of 4 MB in a process of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", FAULTS], env=kept, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@glibc
def test_arrays_take_the_memory_of_earlier_ones() -> None:
    # By glibc's own habits there are thousands, or none where something happens to lie above.
    assert faults() < 1000


@glibc
@pytest.mark.parametrize(
    "environment",
    [
        {"AUTOGRAD_KEEP_MEMORY": "0"},
        {"MALLOC_TRIM_THRESHOLD_": "1000"},
        {"GLIBC_TUNABLES": "glibc.malloc.trim_threshold=1000"},
    ],
)
def test_the_allocator_is_left_alone_where_it_is_set(environment: dict[str, str]) -> None:
    assert not allocation.keep_freed_memory(environment)


def test_other_c_libraries_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not allocation.keep_freed_memory({})


@glibc
def test_glibc_takes_the_thresholds() -> None:
    assert allocation.keep_freed_memory({})
