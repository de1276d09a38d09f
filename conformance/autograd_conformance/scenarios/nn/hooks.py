"""Hooks on modules and on their calls."""

from __future__ import annotations

import copy
from typing import Any

from autograd_conformance.scenarios.nn import numbers
from autograd_conformance.scenarios.recording import Recorder, scenario

# Hooks on calls -----------------------------------------------------------------------------------


@scenario
def forward_hooks_run_in_order(torch: Any, record: Recorder) -> None:
    m = torch.nn.Identity()
    order: list[Any] = []
    m.register_forward_pre_hook(lambda mod, args: order.append(("pre", args)))
    m.register_forward_pre_hook(lambda mod, args: order.append("pre first"), prepend=True)
    m.register_forward_hook(lambda mod, args, out: order.append(("post", args, out)))
    m.register_forward_hook(lambda mod, args, out: order.append("post first"), prepend=True)
    record("result", m(3))
    record("order", order)


@scenario
def forward_hooks_replace(torch: Any, record: Recorder) -> None:
    m = torch.nn.Identity()
    handle = m.register_forward_pre_hook(lambda mod, args: args[0] + 1)
    m.register_forward_pre_hook(lambda mod, args: (args[0] * 10,))
    m.register_forward_hook(lambda mod, args, out: (args, out))
    record("result", m(1))
    handle.remove()
    record("removed", m(1))


@scenario
def forward_hooks_with_kwargs(torch: Any, record: Recorder) -> None:
    class Sum(torch.nn.Module):
        def forward(self, a: Any, b: Any = 0) -> Any:
            return a + b

    m = Sum()
    m.register_forward_pre_hook(lambda mod, args, kw: (args, {"b": kw["b"] * 10}), with_kwargs=True)
    m.register_forward_hook(lambda mod, args, kw, out: (args, kw, out), with_kwargs=True)
    record("result", m(1, b=2))
    n = Sum()
    n.register_forward_pre_hook(lambda mod, args, kw: 3, with_kwargs=True)
    with record.raises("no pair"):
        n(1, b=2)


@scenario
def forward_hooks_always_called(torch: Any, record: Recorder) -> None:
    class Broken(torch.nn.Module):
        def forward(self, a: Any) -> Any:
            raise ValueError("broken")

    m = Broken()
    order: list[Any] = []
    m.register_forward_hook(lambda mod, args, out: order.append("usual"))
    m.register_forward_hook(lambda mod, args, out: order.append(("always", out)), always_call=True)

    def fails(mod: Any, args: Any, out: Any) -> None:
        raise RuntimeError("hook broken, too")

    m.register_forward_hook(fails, always_call=True)
    with record.raises("call"):
        m(1)
    record("order", order)


@scenario
def global_forward_hooks(torch: Any, record: Recorder) -> None:
    modules = torch.nn.modules.module
    order: list[Any] = []
    handles = [
        modules.register_module_forward_pre_hook(
            lambda m, a: order.append(("pre", type(m).__name__))
        ),
        modules.register_module_forward_hook(
            lambda m, a, o: order.append(("post", type(m).__name__))
        ),
    ]
    m = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Identity())
    m.register_forward_hook(lambda mod, args, out: order.append("own"))
    m(1)
    for handle in handles:
        handle.remove()
    m(1)
    record("order", order)


@scenario
def full_backward_hooks_see_gradients(torch: Any, record: Recorder) -> None:
    m = torch.nn.Linear(2, 1)
    with torch.no_grad():
        m.weight.fill_(2.0)
    order: list[Any] = []
    m.register_full_backward_pre_hook(lambda mod, go: order.append(("pre", numbers(go))))
    m.register_full_backward_hook(
        lambda mod, gi, go: order.append(("hook", numbers(gi), numbers(go)))
    )
    m.register_full_backward_hook(lambda mod, gi, go: order.append("first"), prepend=True)
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = m(x)
    record("output", y)
    record.graph("graph", y)
    y.sum().backward()
    record("order", order)
    record("gradient", x.grad)


@scenario
def full_backward_hooks_replace_gradients(torch: Any, record: Recorder) -> None:
    m = torch.nn.Identity()
    m.register_full_backward_pre_hook(lambda mod, go: (go[0] * 10,))
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0] + go[0],))
    x = torch.ones(2, requires_grad=True)
    m(x).sum().backward()
    record("gradient", x.grad)


@scenario
def full_backward_hooks_without_inputs_that_require_grad(torch: Any, record: Recorder) -> None:
    m = torch.nn.Linear(2, 1)
    seen: list[Any] = []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((numbers(gi), numbers(go))))
    m(torch.ones(2, 2)).sum().backward()
    record("seen", seen)
    n = torch.nn.Linear(2, 1)
    n.register_full_backward_hook(lambda mod, gi, go: (torch.ones(1),))
    with record.raises("a result"):
        n(torch.ones(2, 2)).sum().backward()


@scenario
def full_backward_hooks_of_wrong_length(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, requires_grad=True)
    m = torch.nn.Identity()
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0], gi[0]))
    with record.raises("grad_input"):
        m(x).sum().backward()
    n = torch.nn.Identity()
    n.register_full_backward_pre_hook(lambda mod, go: ())
    with record.raises("grad_output"):
        n(x).sum().backward()


@scenario
def full_backward_hooks_with_several_values(torch: Any, record: Recorder) -> None:
    class Two(torch.nn.Module):
        def forward(self, a: Any, text: str, b: Any, c: Any) -> Any:
            return a * b, text, c * 2

    m = Two()
    seen: list[Any] = []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((numbers(gi), numbers(go))))
    a, b = (torch.tensor([k, k + 1], requires_grad=True) for k in (2.0, 3.0))
    p, _, q = m(a, "text", b, torch.ones(2))
    record("outputs", [p, q])
    p.sum().backward()
    record("seen", seen)
    record("gradients", [a.grad, b.grad])


@scenario
def full_backward_hooks_of_strange_outputs(torch: Any, record: Recorder) -> None:
    class Dict(torch.nn.Module):
        def forward(self, a: Any) -> Any:
            return {"a": a * 2}

    m = Dict()
    seen: list[Any] = []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append(1))
    x = torch.ones(1, requires_grad=True)
    m(x)["a"].sum().backward()
    record("seen", [seen, x.grad])


@scenario
def full_backward_hooks_under_no_grad(torch: Any, record: Recorder) -> None:
    m = torch.nn.Identity()
    m.register_full_backward_hook(lambda mod, gi, go: None)
    x = torch.ones(1, requires_grad=True)
    with torch.no_grad():
        record("same object", m(x) is x)
    record("recorded", m(x))


@scenario
def backward_hooks_of_the_older_kind(torch: Any, record: Recorder) -> None:
    m = torch.nn.ReLU()
    seen: list[Any] = []
    m.register_backward_hook(
        lambda mod, gi, go: seen.append((type(mod).__name__, numbers(gi), numbers(go)))
    )
    x = torch.tensor([1.0, -1.0], requires_grad=True)
    m(x).sum().backward()
    record("seen", seen)
    n = torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Tanh())
    n.register_backward_hook(lambda mod, gi, go: seen.append("two nodes"))
    n(x).sum().backward()
    record("warned", len(seen))


@scenario
def backward_hooks_of_both_kinds_are_refused(torch: Any, record: Recorder) -> None:
    m = torch.nn.Identity()
    m.register_backward_hook(lambda mod, gi, go: None)
    with record.raises("full after old"):
        m.register_full_backward_hook(lambda mod, gi, go: None)
    n = torch.nn.Identity()
    n.register_full_backward_hook(lambda mod, gi, go: None)
    with record.raises("old after full"):
        n.register_backward_hook(lambda mod, gi, go: None)


@scenario
def global_backward_hooks(torch: Any, record: Recorder) -> None:
    modules = torch.nn.modules.module
    order: list[Any] = []
    handles = [
        modules.register_module_full_backward_pre_hook(
            lambda m, go: order.append(("pre", type(m).__name__, numbers(go)))
        ),
        modules.register_module_full_backward_hook(
            lambda m, gi, go: order.append(("hook", type(m).__name__, numbers(gi)))
        ),
    ]
    m = torch.nn.Sequential(torch.nn.Tanh(), torch.nn.Identity())
    m[0].register_full_backward_hook(lambda mod, gi, go: order.append("own"))
    x = torch.zeros(2, requires_grad=True)
    m(x).sum().backward()
    with record.raises("the older kind"):
        modules.register_module_backward_hook(lambda m, gi, go: None)
    for handle in handles:
        handle.remove()
    record("order", order)
    record("gradient", x.grad)


@scenario
def full_backward_hooks_in_double_backward(torch: Any, record: Recorder) -> None:
    m = torch.nn.Tanh()
    calls: list[int] = []
    m.register_full_backward_hook(lambda mod, gi, go: calls.append(len(gi)))
    x = torch.tensor([0.5, -0.5], requires_grad=True)
    (first,) = torch.autograd.grad(m(x).sum(), x, create_graph=True)
    record("first", [calls, first])
    record.graph("graph", first)
    (second,) = torch.autograd.grad(first.sum(), x)
    record("second", [calls, second.clone()])


@scenario
def hooks_are_removed_by_their_handles(torch: Any, record: Recorder) -> None:
    m = torch.nn.Identity()
    calls: list[str] = []
    with m.register_forward_hook(lambda mod, a, o: calls.append("in"), with_kwargs=False):
        m(1)
    m(1)
    handle = m.register_forward_hook(lambda mod, a, k, o: calls.append("kw"), with_kwargs=True)
    record("extra", len(m._forward_hooks_with_kwargs))
    handle.remove()
    record("removed", [calls, len(m._forward_hooks_with_kwargs), len(m._forward_hooks)])


@scenario
def deepcopy_of_a_hooked_module(torch: Any, record: Recorder) -> None:
    m = torch.nn.Linear(1, 1)
    seen: list[Any] = []
    m.register_forward_hook(lambda mod, args, out: seen.append(mod))
    m.register_load_state_dict_pre_hook(lambda mod, *rest: seen.append(mod))
    n = copy.deepcopy(m)
    n(torch.ones(1, 1))
    n.load_state_dict(m.state_dict())
    record("whose", [mod is n for mod in seen])


@scenario
def a_subclass_with_its_own_register_buffer(torch: Any, record: Recorder) -> None:
    class Counting(torch.nn.Module):
        def register_buffer(self, name: str, tensor: Any) -> None:
            super().register_buffer(name, tensor)

    m = Counting()
    m.register_buffer("a", torch.ones(1))
    m.a = torch.zeros(1)
    m.b = torch.nn.Buffer(torch.ones(1))
    record("buffers", dict(m.named_buffers()))
    with record.raises("not persistent"):
        m.c = torch.nn.Buffer(torch.ones(1), persistent=False)


@scenario
def setting_the_data_of_parameters(torch: Any, record: Recorder) -> None:
    p = torch.nn.Parameter(torch.ones(2))
    p.data = torch.zeros(3, dtype=torch.float64)
    record("parameter", [p, isinstance(p, torch.nn.Parameter)])
    (p * 2).sum().backward()
    record("gradient", p.grad)
    with record.raises("in place"):
        p.add_(1)
    with record.raises("integers"):
        p.data = torch.ones(2, dtype=torch.int64)
