"""Backward in several threads: modes of threads, hooks, accumulation, shared graphs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _leaf(torch: Any, *values: float) -> Any:
    return torch.tensor(list(values), requires_grad=True)


def _in_threads(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run ``work(k)`` in threads at once; return the results, or the exceptions."""
    results: list[Any] = [None] * count
    barrier = threading.Barrier(count)

    def run(k: int) -> None:
        barrier.wait()
        try:
            results[k] = work(k)
        except Exception as error:
            results[k] = error

    threads = [threading.Thread(target=run, args=(k,)) for k in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@scenario
def separate_graphs(torch: Any, record: Recorder) -> None:
    def work(k: int) -> Any:
        x = _leaf(torch, float(k), 2.0)
        for _ in range(5):
            (x * x).sum().backward()
        return x.grad

    record("grads", _in_threads(4, work))


@scenario
def one_leaf_of_many_graphs(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)

    def work(k: int) -> None:
        for _ in range(50):
            (x * (k + 1)).sum().backward()

    _in_threads(4, work)
    record("grad", x.grad.tolist())
    record("writes", x.grad._version)


@scenario
def one_graph_kept_by_all(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = (x * x * x).sum()

    def work(k: int) -> None:
        for _ in range(20):
            y.backward(retain_graph=True)

    _in_threads(4, work)
    record("grad", x.grad.tolist())


@scenario
def a_graph_freed_by_another_thread(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = (x * x).sum()
    thread = threading.Thread(target=y.backward)
    thread.start()
    thread.join()
    record("grad", x.grad)
    with record.raises("freed"):
        y.backward()


@scenario
def hooks_run_in_the_thread_of_their_backward(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    y = x * 2
    seen: list[int] = []
    y.register_hook(lambda gradient: seen.append(threading.get_ident()))
    x.register_hook(lambda gradient: seen.append(threading.get_ident()))

    def work() -> None:
        y.backward(retain_graph=True)
        record("that thread", [ident == threading.get_ident() for ident in seen])
        seen.clear()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    y.backward()
    record("this thread", [ident == threading.get_ident() for ident in seen])


@scenario
def grad_mode_belongs_to_a_thread(torch: Any, record: Recorder) -> None:
    found: list[Any] = []
    with torch.no_grad():
        thread = threading.Thread(target=lambda: found.append(torch.is_grad_enabled()))
        thread.start()
        thread.join()
        found.append(torch.is_grad_enabled())
    record("found", found)


@scenario
def grad_mode_of_other_threads_is_untouched(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    y = x * 2
    found: list[Any] = []

    def look() -> None:
        found.append(torch.is_grad_enabled())
        found.append((x * 3).requires_grad)

    def hook(gradient: Any) -> None:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        found.append(torch.is_grad_enabled())

    y.register_hook(hook)
    y.backward()
    record("found", found)


@scenario
def backward_in_a_thread_inside_a_hook(torch: Any, record: Recorder) -> None:
    x, z = _leaf(torch, 1.0), _leaf(torch, 2.0)
    y, w = x * 2, z * z

    def hook(gradient: Any) -> None:
        thread = threading.Thread(target=w.backward)
        thread.start()
        thread.join()

    y.register_hook(hook)
    y.backward()
    record("grads", [x.grad, z.grad])


@scenario
def callbacks_need_a_backward_of_their_thread(torch: Any, record: Recorder) -> None:
    queue = torch.autograd.Variable._execution_engine.queue_callback
    y = _leaf(torch, 1.0) * 2
    errors: list[Any] = []

    def work() -> None:
        try:
            queue(lambda: None)
        except RuntimeError as error:
            errors.append(error)

    def hook(gradient: Any) -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    y.register_hook(hook)
    y.backward()
    record("errors", errors)


@scenario
def a_graph_built_by_several_threads(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    parts = _in_threads(4, lambda k: (x * (k + 1)).sin())
    total = parts[0] + parts[1] + parts[2] + parts[3]
    total.sum().backward()
    record("grad", x.grad.shape)
    record("same node", len({part.grad_fn.next_functions[0][0] is None for part in parts}))
    nodes = {id(part.grad_fn.next_functions[0][0].next_functions[0][0]) for part in parts}
    record("one node of the leaf", len(nodes))
    expected = sum((k + 1) * torch.cos(torch.tensor([1.0, 2.0]) * (k + 1)) for k in range(4))
    record("right", torch.allclose(x.grad, expected))


@scenario
def recorded_gradients_in_threads(torch: Any, record: Recorder) -> None:
    def work(k: int) -> Any:
        x = _leaf(torch, float(k + 1))
        (first,) = torch.autograd.grad(x**3, x, create_graph=True)
        (second,) = torch.autograd.grad(first, x)
        return [first, second]

    record("orders", _in_threads(4, work))


@scenario
def errors_stay_in_their_thread(torch: Any, record: Recorder) -> None:
    def work(k: int) -> Any:
        x = _leaf(torch, float(k))
        y = x * 2
        if k % 2:
            y.register_hook(lambda gradient: 1 / 0)
        y.backward()
        return x.grad

    record("results", _in_threads(4, work))


@scenario
def hooks_for_several_tensors_count_per_run(torch: Any, record: Recorder) -> None:
    a, b = _leaf(torch, 1.0), _leaf(torch, 2.0)
    calls: list[int] = []
    torch.autograd.graph.register_multi_grad_hook(
        (a, b), lambda gradients: calls.append(sum(g is not None for g in gradients))
    )

    def work(k: int) -> None:
        for _ in range(10):
            (a * b).backward()

    _in_threads(3, work)
    record("calls", calls)


def _numbers(torch: Any, x: Any) -> list[int]:
    y = x * 2
    z = y + 1
    return [node._sequence_nr() for node in (y.grad_fn, z.grad_fn, z[0].grad_fn)]


@scenario
def each_thread_numbers_its_nodes(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    record("of threads", _in_threads(3, lambda k: _numbers(torch, x)))
    before = (x * 2).grad_fn._sequence_nr()
    _in_threads(1, lambda k: _numbers(torch, x))
    record("of this one", (x * 2).grad_fn._sequence_nr() - before)

    def with_modes(k: int) -> list[Any]:
        with torch.no_grad():
            found = [(x * 2).requires_grad, torch.is_grad_enabled()]
        with torch.enable_grad():
            found.append(_numbers(torch, x))
        (x * x).sum().backward()
        return [*found, _numbers(torch, x)]

    record("in modes", _in_threads(1, with_modes))


@scenario
def order_of_nodes_of_several_threads(torch: Any, record: Recorder) -> None:
    """Nodes of a thread that has made few have small numbers, and wait for what they depend on."""
    x = _leaf(torch, 1.0, 2.0)
    order: list[str] = []

    def named(tensor: Any, name: str) -> Any:
        tensor.grad_fn.register_prehook(lambda gradients: order.append(name))
        return tensor

    for _ in range(5):
        x * 2
    a = named(x * 2, "a")
    b = named(a + 1, "b")
    c = _in_threads(1, lambda k: named(b * 3, "c"))[0]
    d = _in_threads(1, lambda k: named(named(c * 3, "d") * b, "e"))[0]
    f = named(d + a, "f")
    g = _in_threads(1, lambda k: named(f * x, "g"))[0]
    (g.sum() + f.sum()).backward()
    record("order", order)
    record("gradient", x.grad)


@scenario
def gradients_of_inputs_in_graphs_of_several_threads(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    z = _in_threads(1, lambda k: y.sin() * x)[0]
    w = _in_threads(1, lambda k: (z * y).exp())[0].sum()
    record("grad", torch.autograd.grad(w, [x, y, z], retain_graph=True), ulps=16)
    w.backward(inputs=[x])
    record("inputs", x.grad, ulps=16)
