"""Nothing is lost when threads run backward at once: on one leaf, on one graph, on new leaves."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

THREADS = 8


@pytest.fixture
def eager_switching() -> Iterator[None]:
    """Let threads switch as often as possible, so that races show."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def at_once(work: Callable[[int], Any], count: int = THREADS) -> list[Any]:
    """Run ``work(k)`` in threads that start together; raise what one of them raises."""
    barrier = threading.Barrier(count)
    results: list[Any] = [None] * count
    errors: list[BaseException] = []

    def run(k: int) -> None:
        barrier.wait()
        try:
            results[k] = work(k)
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


@pytest.mark.usefixtures("eager_switching")
def test_nothing_is_lost_on_a_shared_leaf(engine: Any) -> None:
    x = engine.tensor([1.0, 2.0], requires_grad=True)

    def work(k: int) -> None:
        for _ in range(1_000):
            (x * 1.0).sum().backward()

    at_once(work)
    assert x.grad.tolist() == [8_000.0, 8_000.0]
    assert x.grad._version == 7_999


@pytest.mark.usefixtures("eager_switching")
def test_nothing_is_lost_with_hooks(engine: Any) -> None:
    x = engine.tensor(1.0, requires_grad=True)
    seen: list[float] = []
    x.register_hook(lambda gradient: seen.append(gradient.item()))

    def work(k: int) -> None:
        for _ in range(200):
            (x * 2.0).backward()

    at_once(work)
    assert len(seen) == 200 * THREADS
    assert x.grad.item() == 2.0 * 200 * THREADS


@pytest.mark.usefixtures("eager_switching")
def test_a_new_leaf_has_one_node_for_all_threads(engine: Any) -> None:
    for _ in range(50):
        x = engine.tensor(1.0, requires_grad=True)
        results = at_once(lambda k, x=x: x * 1.0)
        nodes = {id(result.grad_fn.next_functions[0][0]) for result in results}
        assert len(nodes) == 1
        total = results[0]
        for result in results[1:]:
            total = total + result
        (gradient,) = engine.autograd.grad(total, x)
        assert gradient.item() == THREADS


@pytest.mark.usefixtures("eager_switching")
def test_a_shared_graph_is_freed_once(engine: Any) -> None:
    """Each run fills the leaf wholly, or says that the graph was freed."""
    for _ in range(50):
        x = engine.tensor(2.0, requires_grad=True)
        y = x * x

        def work(k: int, y: Any = y) -> bool:
            refused = pytest.raises(RuntimeError, match="through the graph a second time")
            try:
                y.backward()
            except RuntimeError as error:
                with refused:
                    raise error
                return False
            return True

        done = sum(at_once(work, 4))
        assert done >= 1
        assert x.grad.item() == 4.0 * done


@pytest.mark.usefixtures("eager_switching")
def test_plans_are_compiled_by_all_threads_at_once(engine: Any) -> None:
    x = engine.tensor(0.5, requires_grad=True)
    for entry in {type(x.sin().grad_fn).entry, type((x * x).grad_fn).entry}:
        entry.plans.clear()

    def work(k: int) -> float:
        x = engine.tensor(0.0, requires_grad=True)
        (x.sin() * x.cos()).backward()
        return float(x.grad.item())

    assert at_once(work) == [1.0] * THREADS


def test_threads_record_on_their_own(engine: Any) -> None:
    def work(k: int) -> float:
        x = engine.tensor(float(k), requires_grad=True)
        (first,) = engine.autograd.grad(x**3, x, create_graph=True)
        (second,) = engine.autograd.grad(first, x)
        return float(second.item())

    assert at_once(work) == [6.0 * k for k in range(THREADS)]
