"""Hooks on saved tensors, one or all."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.graph_api import leaf, same
from autograd_conformance.scenarios.recording import Recorder, scenario

# Hooks on one saved tensor ----------------------------------------------------------------------


@scenario
def hooks_on_a_saved_input(torch: Any, record: Recorder) -> None:
    def pack(tensor: Any) -> Any:
        record("pack", tensor)
        record("seen", [tensor is x, torch.is_grad_enabled()])
        return tensor * 2

    def unpack(tensor: Any) -> Any:
        record("unpack", tensor)
        record("mode", torch.is_grad_enabled())
        return tensor / 2

    x = leaf(torch)
    y = x.sin()
    record("returned", y.grad_fn._raw_saved_self.register_hooks(pack, unpack))
    saved = y.grad_fn._saved_self
    record("saved", [saved, saved is x])
    record("grad", torch.autograd.grad(y.sum(), x, retain_graph=True))
    record("recorded", torch.autograd.grad(y.sum(), x, create_graph=True))


@scenario
def hooks_on_a_saved_result(torch: Any, record: Recorder) -> None:
    def pack(tensor: Any) -> Any:
        record("pack", tensor)
        return tensor.detach()

    x = leaf(torch)
    y = x.exp()
    y.grad_fn._raw_saved_result.register_hooks(pack, same)
    saved = y.grad_fn._saved_result
    record("saved", [saved, saved.grad_fn is y.grad_fn])
    (grad,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    record("second", torch.autograd.grad(grad.sum(), x))


@scenario
def hooks_that_cannot_be_put(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = x.sin()
    raw = y.grad_fn._raw_saved_self
    raw.register_hooks(same, same)
    with record.raises("twice"):
        raw.register_hooks(same, same)
    y.sum().backward()
    with record.raises("released"):
        raw.register_hooks(same, same)
    with record.raises("made after release"):
        y.grad_fn._raw_saved_self.register_hooks(same, same)
    # torch crashes where the node is gone.
    scaled, clamped, wave = x * 2, x.clamp(max=x), x.sin()
    with record.raises("none"):
        scaled.grad_fn._raw_saved_self.register_hooks(same, same)
    with record.raises("absent"):
        clamped.grad_fn._raw_saved_min.register_hooks(same, same)
    for args in ((), (same,), (3, 4), (same, None)):
        with record.raises("arguments"):
            wave.grad_fn._raw_saved_self.register_hooks(*args)
    with record.raises("made"):
        type(raw)()


@scenario
def hooks_on_numbers_and_lists(torch: Any, record: Recorder) -> None:
    def pack(tensor: Any) -> Any:
        record("pack", tensor)
        return tensor

    x = leaf(torch)
    y = x * 2
    y.grad_fn._raw_saved_other.register_hooks(pack, same)
    record("number", y.grad_fn._saved_other)
    index = torch.tensor([1])
    y = torch.ones(2, 2, requires_grad=True)[:, index]
    first, second = y.grad_fn._raw_saved_indices
    second.register_hooks(pack, lambda t: t * 0)
    with record.raises("none"):
        first.register_hooks(same, same)
    record("indices", y.grad_fn._saved_indices)
    y.sum().backward()


@scenario
def hooks_and_versions(torch: Any, record: Recorder) -> None:
    a = leaf(torch) * 1
    y = a.sin()
    y.grad_fn._raw_saved_self.register_hooks(same, same)
    with torch.no_grad():
        a.add_(1)
    record("saved", y.grad_fn._saved_self)
    y = (leaf(torch) * 1).sin()
    with record.raises("a hook that writes"):
        y.grad_fn._raw_saved_self.register_hooks(lambda t: t.add_(1), same)


@scenario
def wrong_results_of_an_unpack_hook(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    for result in (3, None, "a", [x]):
        y = x.sin()
        y.grad_fn._raw_saved_self.register_hooks(same, lambda t, result=result: result)
        with record.raises("read"):
            print(y.grad_fn._saved_self)
        with record.raises("backward"):
            y.sum().backward()


# Hooks on all saved tensors ---------------------------------------------------------------------


@scenario
def what_default_hooks_see(torch: Any, record: Recorder) -> None:
    x, w = (torch.tensor([1.0, 2.0, 4.0], requires_grad=True) for _ in range(2))

    def pack(tensor: Any) -> Any:
        record("pack", tensor)
        record("seen", [tensor is x, tensor is w, torch.is_grad_enabled()])
        return tensor

    def unpack(tensor: Any) -> Any:
        record("unpack", tensor)
        return tensor

    makes: list[Callable[[], Any]] = [
        lambda: x * w,
        lambda: x * 2,
        lambda: x * torch.ones(3),
        lambda: x**w,
        lambda: (x * 1).exp(),
        lambda: x.view(3, 1).sin(),
        lambda: x.view(1, 3) @ w.view(3, 1),
        lambda: x[torch.tensor([0, 1])],
        lambda: x.gather(0, torch.tensor([0, 1])),
        lambda: x.softmax(0),
        lambda: torch.nn.functional.layer_norm(x, (3,), w, w),
        lambda: torch.addcmul(x, w, x),
        lambda: x.max(0).values,
        lambda: x.sum(),
        lambda: torch.cat([x, w]),
    ]
    for make in makes:
        with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
            y = make()
        record(y.grad_fn.name(), torch.autograd.grad((y * y).sum(), x)[0].clone(), ulps=256)


@scenario
def default_hooks_and_writes(torch: Any, record: Recorder) -> None:
    def pack(tensor: Any) -> Any:
        record("pack", tensor)
        return tensor

    x, w = leaf(torch), leaf(torch)
    makes: list[Callable[[Any], Any]] = [
        lambda a: a.exp_(),
        lambda a: a.mul_(w),
        lambda a: a.sin_(),
        lambda a: a[:1].exp_(),
    ]
    for make in makes:
        a = x * 1
        with torch.autograd.graph.saved_tensors_hooks(pack, same):
            make(a)
        record(a.grad_fn.name(), torch.autograd.grad(a.sum(), x))


@scenario
def what_is_not_saved_is_not_packed(torch: Any, record: Recorder) -> None:
    packed: list[Any] = []
    with torch.autograd.graph.saved_tensors_hooks(packed.append, same):
        with torch.no_grad():
            leaf(torch).sin()
        leaf(torch).detach().sin()
        leaf(torch) + 1
    record("packed", packed)


@scenario
def only_the_innermost_hooks_are_called(torch: Any, record: Recorder) -> None:
    def hooks(name: str) -> Any:
        def unpack(packed: Any) -> Any:
            record("unpack", [name, packed[0]])
            return packed[1]

        return torch.autograd.graph.saved_tensors_hooks(lambda t: (name, t), unpack)

    x = leaf(torch)
    with hooks("outer"):
        a = x.sin()
        with hooks("inner"):
            b = a.cos()
        c = b.tan()
    d = c.exp()
    record("grad", torch.autograd.grad(d.sum(), x), ulps=64)


@scenario
def default_hooks_in_a_recorded_backward(torch: Any, record: Recorder) -> None:
    events = []

    def pack(tensor: Any) -> Any:
        events.append("pack")
        return tensor

    def unpack(tensor: Any) -> Any:
        events.append("unpack")
        return tensor

    x = leaf(torch)
    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        y = x.sin()
        (grad,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    events.append("outside")
    grad.sum().backward()
    record("events", events)


@scenario
def packed_tensors_that_are_no_tensors(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    for packed in ("text", None, 3):

        def unpack(packed: Any) -> Any:
            record("packed", packed)
            return torch.ones(2)

        with torch.autograd.graph.saved_tensors_hooks(lambda t, p=packed: p, unpack):
            y = x.sin()
        record("grad", torch.autograd.grad(y.sum(), x))


@scenario
def wrong_default_hooks(torch: Any, record: Recorder) -> None:
    hooks = torch.autograd.graph.saved_tensors_hooks
    x = leaf(torch)

    def ran(pack: Any, unpack: Any) -> None:
        with record.raises("forward and backward"):
            with hooks(pack, unpack):
                y = (x * 1).sin()
            record("grad", torch.autograd.grad(y.sum(), x))

    ran(same, lambda t: 3)
    ran(same, lambda t: None)
    ran(lambda t: t.add_(1), same)
    ran(lambda t: t.detach().add_(1), same)
    ran(lambda t: 1 // 0, same)
    ran(same, lambda t: 1 // 0)
    ran(same, lambda t: t.double())
    ran(same, lambda t: torch.zeros(2))
    for args in ((3, 4), (same, None)):
        with record.raises("entered"):
            hooks(*args).__enter__()


@scenario
def restored_tensors_have_their_place_in_the_graph(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t.detach(), same):
        y, z, w = x.exp(), (x * 1).sin(), x.cos()
    result = y.grad_fn._saved_result
    record("result", [result, result.grad_fn is y.grad_fn])
    record("non-leaf", z.grad_fn._saved_self)
    saved = w.grad_fn._saved_self
    record("leaf", [saved, saved is x])
    saved.sum().backward()
    record("gradients", [x.grad, saved.grad])
    record("second", torch.autograd.grad(y.sum(), x, create_graph=True))


@scenario
def writing_after_packing_is_not_noticed(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    a = x * 1
    with torch.autograd.graph.saved_tensors_hooks(same, same):
        y = a.sin()
    a.add_(1)
    record("grad", torch.autograd.grad(y.sum(), x))


@scenario
def default_hooks_are_of_one_thread(torch: Any, record: Recorder) -> None:
    here = threading.get_ident()
    packed, unpacked = [], []

    def pack(tensor: Any) -> Any:
        packed.append(threading.get_ident() == here)
        return tensor

    def unpack(tensor: Any) -> Any:
        unpacked.append(threading.get_ident() == here)
        return tensor

    x = leaf(torch)
    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        thread = threading.Thread(target=lambda: x.sin())
        thread.start()
        thread.join()
        y = x.sin()
    y.sum().backward()
    record("threads", [packed, unpacked])


@scenario
def disabled_hooks(torch: Any, record: Recorder) -> None:
    graph = torch.autograd.graph
    x = leaf(torch)

    def enter() -> None:
        with graph.saved_tensors_hooks(same, same):
            x.sin()

    with graph.disable_saved_tensors_hooks("no hooks"):
        with record.raises("inside"):
            enter()
        with record.raises("on the CPU"), graph.save_on_cpu():
            x.sin()
        with graph.disable_saved_tensors_hooks("none at all"), record.raises("deeper"):
            enter()
        with record.raises("back"):
            enter()
        y = x.sin()
        y.grad_fn._raw_saved_self.register_hooks(same, same)
        record("one tensor", torch.autograd.grad(y.sum(), x))
    with record.raises("outside"):
        enter()
    late = graph.disable_saved_tensors_hooks("too late")
    with record.raises("within hooks"), graph.saved_tensors_hooks(same, same), late:
        x.sin()


@scenario
def saving_on_the_cpu(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    for pinned in (False, True):
        with torch.autograd.graph.save_on_cpu(pin_memory=pinned):
            y, z = x.sin(), (x * 1).exp()
        record("saved", [y.grad_fn._saved_self, z.grad_fn._saved_result])
        record("itself", y.grad_fn._saved_self is x)
        record("grad", torch.autograd.grad((y * z).sum(), x))


@scenario
def a_packed_result_makes_no_cycle(torch: Any, record: Recorder) -> None:
    gc.collect()
    gc.disable()
    try:
        with torch.autograd.graph.saved_tensors_hooks(lambda t: t.detach(), same):
            y = leaf(torch).exp()
        dead = weakref.ref(y)
        del y
        record("dead", dead() is None)
    finally:
        gc.enable()
