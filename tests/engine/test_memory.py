"""What a tape keeps in memory: as much as torch's does at its peak, and nothing afterwards."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import autograd_core as core

pytestmark = pytest.mark.thorough

TENSOR = 1 << 18
"""Bytes of one tensor: much, beside the objects around it."""


@pytest.fixture
def traced() -> Iterator[None]:
    """Memory is watched, and no garbage is in it."""
    gc.collect()
    tracemalloc.start()
    yield
    tracemalloc.stop()


def peak(work: Callable[[], Any]) -> float:
    """Return the most memory that some work takes at a time, in tensors."""
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    work()
    return (tracemalloc.get_traced_memory()[1] - before) / TENSOR


def chain(step: Callable[[Any], Any]) -> Callable[[], None]:
    """A chain of 50 steps from a leaf, and its gradient."""
    x = core.zeros(TENSOR // 4, backend="numpy", requires_grad=True)

    def work() -> None:
        y = x
        for _ in range(50):
            y = step(y)
        y.sum().backward()
        x.grad = None

    work()
    return work


@pytest.mark.parametrize(
    ("step", "tensors"),
    [
        pytest.param(lambda y: y * 1.01, 3, id="nothing is saved"),
        pytest.param(lambda y: y.sin(), 53, id="operands are saved"),  # and two gradients
        pytest.param(lambda y: y.exp(), 53, id="results are saved"),
    ],
)
def test_a_chain_keeps_what_is_saved_and_little_more(traced, step, tensors):
    pytest.importorskip("numpy")
    assert peak(chain(step)) < tensors + 0.5


def test_saved_values_go_as_soon_as_their_node_has_run(traced):
    pytest.importorskip("numpy")
    left = []
    x = core.zeros(TENSOR // 4, backend="numpy", requires_grad=True)
    first = y = x.sin()
    for _ in range(49):
        y = y.sin()
    total = y.sum()
    before, _ = tracemalloc.get_traced_memory()
    first.grad_fn.register_prehook(lambda grads: left.append(tracemalloc.get_traced_memory()[0]))
    del y, first
    total.backward()
    assert (before - left[0]) / TENSOR > 45


def step(x: Any, weight: Any) -> None:
    """One step of training with most of what may hold on to things."""
    hidden = (x @ weight).tanh() + 1.0  # which saves nothing, so that it may be written
    hidden.retain_grad()
    part = hidden[0]
    part.mul_(2.0)
    (gradient,) = core.autograd.grad((hidden**2).sum(), weight, create_graph=True)
    (gradient.sum() + hidden.exp().sum()).backward()
    with core.no_grad():
        weight.sub_(weight.grad, alpha=1e-3)
    weight.grad = None


def resident() -> int:
    """Return the bytes of this process that lie in memory."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


@pytest.mark.skipif(sys.platform != "linux", reason="resident size is read from /proc")
@pytest.mark.parametrize("backend", ["numpy", "python"])
def test_ten_thousand_steps_leave_nothing_behind(backend):
    if backend == "numpy":
        pytest.importorskip("numpy")
    x = core.ones(2, 2, backend=backend)
    weight = core.full((2, 2), 0.25, backend=backend, requires_grad=True)

    def steps(count: int) -> None:
        for _ in range(count):
            step(x, weight)
        gc.collect()

    steps(1_000)  # caches fill
    objects, size = len(gc.get_objects()), resident()
    steps(10_000)
    assert len(gc.get_objects()) < objects + 100
    assert resident() < size + 2_000_000  # 200 bytes a step: no tensor is as small


def test_what_steps_take_is_given_back(traced):
    x = core.ones(2, 2, backend="python")
    weight = core.full((2, 2), 0.25, backend="python", requires_grad=True)
    step(x, weight)
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(300):
        step(x, weight)
    gc.collect()
    assert tracemalloc.get_traced_memory()[0] < before + 300 * 50


def test_steps_make_no_garbage_that_waits_for_the_collector():
    x = core.ones(2, 2, backend="python")
    weight = core.full((2, 2), 0.25, backend="python", requires_grad=True)
    for _ in range(10):
        step(x, weight)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(50):
            step(x, weight)
        assert len(gc.get_objects()) < before + 50
    finally:
        gc.enable()


def test_memory_of_a_chain_grows_with_its_length():
    def size(length: int) -> int:
        x = core.tensor(0.5, backend="python", requires_grad=True)
        tracemalloc.start()
        y = x
        for _ in range(length):
            y = y.sin()
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        y.backward()
        return taken

    size(100)
    assert (size(6_000) - size(4_000)) / (size(4_000) - size(2_000)) == pytest.approx(1, rel=0.2)
