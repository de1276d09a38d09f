"""The order that nodes run in, backward inside backward, errors in between, callbacks."""

from __future__ import annotations

import threading
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _leaf(torch: Any, *values: float) -> Any:
    return torch.tensor(list(values), requires_grad=True)


# Order -------------------------------------------------------------------------------------------


@scenario
def sequence_numbers(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    first, second = x * 2, x * 3
    record("next", second.grad_fn._sequence_nr() - first.grad_fn._sequence_nr())
    record("of a leaf's node", first.grad_fn.next_functions[0][0]._sequence_nr())
    with torch.no_grad():
        x * 4
    third = x * 5
    record("unrecorded ops have none", third.grad_fn._sequence_nr() - second.grad_fn._sequence_nr())


@scenario
def newest_nodes_run_first(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    order: list[int] = []
    tensors = [x]
    for k in range(5):
        tensors.append(tensors[k // 2] * 2)
        tensors[-1].register_hook(lambda gradient, k=k: order.append(k))
    torch.autograd.backward([t.sum() for t in (tensors[3], tensors[5], tensors[4])])
    record("order", order)


@scenario
def leaves_run_in_torchs_order(torch: Any, record: Recorder) -> None:
    for count in (2, 3, 4, 5, 6, 7, 8, 12, 17):
        leaves = [_leaf(torch, float(k)) for k in range(count)]
        order: list[int] = []
        for k, leaf in enumerate(leaves):
            leaf.register_hook(lambda gradient, k=k, order=order: order.append(k))
        torch.stack(leaves).sum().backward()
        record(f"{count} leaves of one node", order)
    a, b, c = (_leaf(torch, float(k)) for k in range(3))
    names: list[str] = []
    inner = a * b
    outer = inner * c * a
    for name, tensor in (("a", a), ("b", b), ("c", c), ("inner", inner), ("outer", outer)):
        tensor.register_hook(lambda gradient, name=name: names.append(name))
    outer.backward()
    record("leaves of several nodes", names)
    names.clear()
    torch.autograd.backward([b, a, b * a])
    record("leaves that are roots", names)


@scenario
def leaves_are_filled_before_older_nodes_run(torch: Any, record: Recorder) -> None:
    a, b = _leaf(torch, 2.0), _leaf(torch, 3.0)
    inner = a * 2
    seen: list[Any] = []
    inner.register_hook(lambda gradient: seen.append((a.grad, b.grad)))
    (inner * b).backward()
    record("seen", [None if grad is None else grad.tolist() for pair in seen for grad in pair])


@scenario
def an_error_leaves_what_was_accumulated(torch: Any, record: Recorder) -> None:
    a, b, c = _leaf(torch, 2.0), _leaf(torch, 3.0), _leaf(torch, 4.0)
    inner = a * 1
    square = inner * inner
    inner.mul_(2)
    root = square * b * c
    with record.raises("written"):
        root.backward(retain_graph=True)
    record("grads", [a.grad, b.grad, c.grad])
    with record.raises("again"):
        root.backward(retain_graph=True)
    record("grads after both", [a.grad, b.grad, c.grad])
    (a * b).backward()
    record("the engine goes on", [a.grad, b.grad])


@scenario
def an_error_in_a_hook_and_a_retry(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    handle = y.register_hook(lambda gradient: 1 / 0)
    root = (y * y).sum()
    with record.raises("raised"):
        root.backward(retain_graph=True)
    handle.remove()
    root.backward()
    record("retried", x.grad)
    y = x * 2
    handle = y.register_hook(lambda gradient: 1 / 0)
    root = (y * y).sum()
    with record.raises("raised, freeing"):
        root.backward()
    handle.remove()
    with record.raises("partly freed"):
        root.backward()


# Backward inside backward ------------------------------------------------------------------------


@scenario
def backward_in_a_hook(torch: Any, record: Recorder) -> None:
    x, z = _leaf(torch, 1.0, 2.0), _leaf(torch, 3.0)
    y = x * 2

    def hook(gradient: Any) -> None:
        with torch.enable_grad():
            inner = z * z
            inner.backward()
            record("grad mode, task", [torch.is_grad_enabled(), z.grad])

    y.register_hook(hook)
    y.sum().backward()
    record("outer", [x.grad, z.grad])


@scenario
def grad_of_the_running_graph_in_a_hook(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * x
    root = (y * y).sum()
    seen: list[Any] = []
    x.register_hook(
        lambda gradient: seen.append(torch.autograd.grad(root, y, retain_graph=True)[0].tolist())
    )
    root.backward(retain_graph=True)
    record("seen", seen)
    record("grad", x.grad)


@scenario
def deeply_nested_backward(torch: Any, record: Recorder) -> None:
    depths: list[int] = []
    modes: list[bool] = []

    def nest(depth: int) -> Any:
        z = _leaf(torch, 1.0)
        y = z * 2

        def hook(gradient: Any) -> None:
            modes.append(torch.is_grad_enabled())
            if depth:
                with torch.enable_grad():
                    inner = nest(depth - 1)
                    inner.backward()
            depths.append(depth)

        y.register_hook(hook)
        return y

    nest(250).backward()
    record("depths", [len(depths), depths[0], depths[-1]])
    record("modes", modes[:3])
    with record.raises("an error comes out"):
        z = _leaf(torch, 1.0)
        levels = [0]

        def fail(gradient: Any) -> None:
            levels[0] += 1
            if levels[0] == 25:  # torch loses errors of runs that it moved to another thread
                raise ValueError("at the bottom")
            with torch.enable_grad():
                y = z * 2
                y.register_hook(fail)
                y.backward()

        y = z * 2
        y.register_hook(fail)
        y.backward()
    record("levels", levels)


@scenario
def callbacks_at_the_end(torch: Any, record: Recorder) -> None:
    queue = torch.autograd.Variable._execution_engine.queue_callback
    with record.raises("outside"):
        queue(lambda: None)
    x = _leaf(torch, 1.0)
    order: list[Any] = []

    def hook(gradient: Any) -> None:
        queue(lambda: order.append(("first", x.grad.item(), torch.is_grad_enabled())))

        def second() -> None:
            order.append("second")
            queue(lambda: order.append("late"))

        queue(second)
        order.append("hook")

    y = x * 2
    y.register_hook(hook)
    x.register_post_accumulate_grad_hook(lambda leaf: order.append("accumulated"))
    y.backward()
    order.append("after")
    record("order", order)
    y = x * 2
    y.register_hook(lambda gradient: queue(lambda: 1 / 0))
    with record.raises("that raises"):
        y.backward()


@scenario
def callbacks_belong_to_the_innermost_run(torch: Any, record: Recorder) -> None:
    queue = torch.autograd.Variable._execution_engine.queue_callback
    x = _leaf(torch, 1.0)
    order: list[str] = []

    def hook(gradient: Any) -> None:
        queue(lambda: order.append("outer"))
        with torch.enable_grad():
            z = _leaf(torch, 2.0) * 3
            z.register_hook(lambda gradient: queue(lambda: order.append("inner")))
            z.backward()
        order.append("inner is done")

    y = x * 2
    y.register_hook(hook)
    y.backward()
    record("order", order)


@scenario
def checkpoints_are_valid_where_all_is_differentiated(torch: Any, record: Recorder) -> None:
    engine = torch.autograd.Variable._execution_engine
    x = _leaf(torch, 1.0)
    found = [engine.is_checkpoint_valid()]
    y = x * 2
    y.register_hook(lambda gradient: found.append(engine.is_checkpoint_valid()))
    y.backward(retain_graph=True)
    torch.autograd.grad(y, x, retain_graph=True)
    y.backward(inputs=[x])
    record("found", found)


@scenario
def multithreading_flag(torch: Any, record: Recorder) -> None:
    enabled = torch.autograd.is_multithreading_enabled
    context = torch.autograd.set_multithreading_enabled
    found = [enabled()]
    with context(False):
        found.append(enabled())
    found.append(enabled())
    context(False)
    found.append(enabled())
    thread = threading.Thread(target=lambda: found.append(enabled()))
    thread.start()
    thread.join()
    context(True)
    found.append(enabled())
    record("found", found)
