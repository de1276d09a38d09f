"""Mutation of saved tensors; edges and versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.graph_api import leaf
from autograd_conformance.scenarios.recording import Recorder, scenario

# Mutation of saved tensors ----------------------------------------------------------------------


@scenario
def saved_tensors_may_be_written(torch: Any, record: Recorder) -> None:
    with torch.autograd.graph.allow_mutation_on_saved_tensors() as context:
        x = torch.ones(2, 3, requires_grad=True)
        a = x.clone()
        y = (a**2).sum()
        record("before", [len(context.original), len(context.cloned)])
        a.sin_()
        record("after", [len(context.original), len(context.cloned)])
        y.backward()
        record("grad", x.grad)
        record("written", a)
    record("cleared", [len(context.original), len(context.cloned)])


@scenario
def views_of_saved_tensors_may_be_written(torch: Any, record: Recorder) -> None:
    with torch.autograd.graph.allow_mutation_on_saved_tensors() as context:
        x = torch.ones(4, requires_grad=True)
        a = x.clone()
        part = a[:2]
        y = (part**2).sum() + a.cos().sum()
        a.sin_()
        part.mul_(2)
        a.mul_(3)
        record("kept", [len(context.original), len(context.cloned)])
        y.backward()
        record("grad", x.grad.clone())


@scenario
def all_kinds_of_writes_are_seen(torch: Any, record: Recorder) -> None:
    writes: list[Callable[[Any], Any]] = [
        lambda a: a.copy_(torch.zeros(4)),
        lambda a: a.zero_(),
        lambda a: a.fill_(3),
        lambda a: a.__setitem__(0, 5.0),
        lambda a: a.add_(1),
        lambda a: torch.exp(torch.zeros(4), out=a),
    ]
    for write in writes:
        with torch.autograd.graph.allow_mutation_on_saved_tensors() as context:
            x = torch.ones(4, requires_grad=True)
            a = x.clone()
            y = (a**2).sum()
            with torch.no_grad():
                write(a)
            record("kept", [len(context.original), len(context.cloned)])
            y.backward()
            record("grad", x.grad)


@scenario
def where_mutation_is_allowed(torch: Any, record: Recorder) -> None:
    allow = torch.autograd.graph.allow_mutation_on_saved_tensors
    x = torch.ones(4, requires_grad=True)
    with allow():
        y = (x.clone() ** 2).sum()
    with record.raises("outside"):
        y.backward()
    with allow(), record.raises("in another"):
        y.backward()
    with record.raises("nested"), allow(), allow():
        x.sin()


# Edges and versions -----------------------------------------------------------------------------


@scenario
def gradient_edges(torch: Any, record: Recorder) -> None:
    graph = torch.autograd.graph
    x = leaf(torch)
    a = x * 1
    record("leaf", graph.get_gradient_edge(x))
    record("output", graph.get_gradient_edge(a))
    record("number", graph.get_gradient_edge(a.unbind()[1]))
    record("fields", graph.GradientEdge._fields)
    with record.raises("nothing required"):
        graph.get_gradient_edge(x.detach())
    with record.raises("no tensor"):
        graph.get_gradient_edge(3)
    edge = graph.get_gradient_edge(a)
    record("grad", torch.autograd.grad(a.sin().sum(), edge))
    record("made by hand", torch.autograd.grad(a.sin().sum(), graph.GradientEdge(a.grad_fn, 0)))


@scenario
def incrementing_versions(torch: Any, record: Recorder) -> None:
    increment = torch.autograd.graph.increment_version
    x = leaf(torch)
    a = x * 1
    y, part = a.sin(), a[:1]
    increment(a)
    increment([x, a])
    increment(tensor for tensor in (part,))
    record("versions", [x._version, a._version, part._version])
    with record.raises("saved before"):
        y.sum().backward()
    for wrong in (3, None, [3]):
        with record.raises("wrong"):
            increment(wrong)
    with torch.inference_mode():
        made = torch.ones(2)
    increment(made)


@scenario
def preserving_versions(torch: Any, record: Recorder) -> None:
    preserve = torch.autograd._unsafe_preserve_version_counter
    x = leaf(torch)
    a, b = x * 1, x * 1
    y = a.sin()
    with torch.no_grad(), preserve((a, b)):
        a.add_(1)
        b.add_(1)
        record("inside", [a._version, b._version])
    record("after", [a._version, b._version])
    record("grad", torch.autograd.grad(y.sum(), x))
    for wrong in (3, [a]):
        with record.raises("wrong"):
            preserve(wrong)


@scenario
def settings_of_other_devices(torch: Any, record: Recorder) -> None:
    graph = torch.autograd.graph
    for setting in (
        graph.set_warn_on_accumulate_grad_stream_mismatch,
        graph.set_override_stale_capture_stream,
    ):
        with record.raises("wrong"):
            setting(3)
    for budget in (True, 1.5, -1, "a"):
        with record.raises("budget"):
            graph.region_activation_memory_budget(budget)


@scenario
def the_layout_policy_of_gradients(torch: Any, record: Recorder) -> None:
    policy = torch.autograd.enforce_grad_layout_policy
    for enabled in (True, False):
        x = torch.ones(2, 3, requires_grad=True)
        with policy(enabled):
            (x.t() * torch.ones(3, 2)).sum().backward()
        record("grad", x.grad)

    @policy(False)
    def run(x: Any) -> None:
        (x.t() * torch.ones(3, 2)).sum().backward()

    x = torch.ones(2, 3, requires_grad=True)
    run(x)
    record("decorated", x.grad)
    x = torch.ones(2, 3, requires_grad=True)
    (x.t() * torch.ones(3, 2)).sum().backward()
    record("after", x.grad)
