"""Roots and results of backward and grad: what is given, refused and returned."""

from __future__ import annotations

import collections
import types
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _leaf(torch: Any, *values: float) -> Any:
    return torch.tensor(list(values), requires_grad=True)


# What can be a root ------------------------------------------------------------------------------


@scenario
def several_roots(torch: Any, record: Recorder) -> None:
    x, y = _leaf(torch, 1.0, 2.0), _leaf(torch, 3.0, 4.0)
    torch.autograd.backward([(x * y).sum(), (x * 2).sum()])
    record("x", x.grad)
    record("y", y.grad)
    cotangents = [torch.tensor([1.0, 2.0]), torch.tensor([10.0, 20.0])]
    record("grad", torch.autograd.grad([x * y, x.exp()], [x, y], cotangents))


@scenario
def a_root_that_is_an_input_or_leads_to_another(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 3
    ones = torch.ones(2)
    record("leaf is root and input", torch.autograd.grad(x, x, ones))
    record("inner is root and input", torch.autograd.grad(y, y, ones))
    torch.autograd.backward([y, y.exp(), x], [ones, ones, ones])
    record("x", x.grad)


@scenario
def the_same_root_twice(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 3
    torch.autograd.backward([y, y], [torch.ones(2), torch.ones(2)])
    record("inner", x.grad)
    x.grad = None
    torch.autograd.backward([x, x], [torch.ones(2), torch.ones(2)])
    record("leaf", x.grad)


@scenario
def wrong_roots(torch: Any, record: Recorder) -> None:
    for label, root in (
        ("no gradient required", torch.ones(1)),
        ("integers", torch.ones(2, dtype=torch.int64)),
        ("number in a list", [3.0]),
        ("number", 3.0),
        ("None in a list", [None]),
        ("second is not differentiated", [_leaf(torch, 1.0).sum(), torch.ones(1)]),
        ("vector", _leaf(torch, 1.0, 2.0) * 2),
        ("complex", _leaf(torch, 1.0) * 2j),
    ):
        with record.raises(label):
            torch.autograd.backward(root)
    record("no roots", torch.autograd.backward([]))


@scenario
def wrong_gradients_of_roots(torch: Any, record: Recorder) -> None:
    for label, given in (
        ("shape", torch.ones(3)),
        ("complex", torch.ones(2, dtype=torch.complex64)),
        ("number in a list", [3.0]),
        ("number", 3.0),
        ("too few", []),
        ("None for a vector", [None]),
    ):
        x = _leaf(torch, 1.0, 2.0)
        with record.raises(label):
            torch.autograd.backward(x * 2, given)
    x = _leaf(torch, 1.0, 2.0)
    with record.raises("too few for two"):
        torch.autograd.backward([x * 2, x * 3], [torch.ones(2)])
    torch.autograd.backward([x * 2], [torch.ones(2), torch.ones(7)])
    record("too many", x.grad)


@scenario
def gradients_of_another_dtype_are_cast(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    for dtype in (torch.float64, torch.float16, torch.int64):
        record(str(dtype), torch.autograd.grad(x * 2, x, torch.ones(2, dtype=dtype)))


@scenario
def deprecated_arguments(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    torch.autograd.backward(x * 2, grad_variables=torch.ones(1))
    record("grad_variables", x.grad)
    with record.raises("both"):
        torch.autograd.backward(x * 2, torch.ones(1), grad_variables=torch.ones(1))
    record("only_inputs", torch.autograd.grad(x * 2, x, only_inputs=False))


@scenario
def edges_as_roots(torch: Any, record: Recorder) -> None:
    edge_of = torch.autograd.graph.get_gradient_edge
    x = _leaf(torch, 1.0, 2.0)
    torch.autograd.backward(edge_of((x * 2).sum()))
    record("scalar", x.grad)
    record("with a gradient", torch.autograd.grad(edge_of(x * 2), x, torch.ones(2)))
    with record.raises("vector"):
        torch.autograd.backward(edge_of(x * 2))
    with record.raises("shape"):
        torch.autograd.grad(edge_of(x * 2), x, torch.ones(3))
    with record.raises("batched, shape"):
        torch.autograd.grad(edge_of(x * 2), x, torch.eye(3), is_grads_batched=True)
    with record.raises("edge of what needs no gradient"):
        edge_of(torch.ones(1))


# Inputs ------------------------------------------------------------------------------------------


@scenario
def edges_as_inputs(torch: Any, record: Recorder) -> None:
    edge_of = torch.autograd.graph.get_gradient_edge
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    root = (y * y).sum()
    record("leaf and inner", torch.autograd.grad(root, [edge_of(x), edge_of(y)], retain_graph=True))
    root.backward(inputs=edge_of(x), retain_graph=True)
    record("accumulated", x.grad)
    root.backward(inputs=[edge_of(y)], retain_graph=True)
    record("inner is not retained", y.grad)
    unused = torch.autograd.graph.GradientEdge((x * 5).grad_fn, 0)
    with record.raises("unused"):
        torch.autograd.grad(root, unused, retain_graph=True)
    with record.raises("cannot be materialized"):
        torch.autograd.grad(root, unused, materialize_grads=True, retain_graph=True)
    with record.raises("no node"):
        torch.autograd.grad(root, torch.autograd.graph.GradientEdge(3, 0))


@scenario
def inputs_of_backward(torch: Any, record: Recorder) -> None:
    x, z, unused = _leaf(torch, 1.0, 2.0), _leaf(torch, 3.0, 4.0), _leaf(torch, 5.0)
    y = x * z
    root = (y * y).sum()
    root.backward(inputs=[x], retain_graph=True)
    record("one leaf", [x.grad, z.grad])
    root.backward(inputs=[y], retain_graph=True)
    record("inner", [y.grad, x.grad, y.retains_grad])
    root.backward(inputs=(x, x), retain_graph=True)
    record("twice", x.grad)
    root.backward(inputs=unused, retain_graph=True)
    record("not reached", [unused.grad, z.grad])
    root.backward(inputs={"z": z}, retain_graph=True)
    record("dict", z.grad)


@scenario
def wrong_inputs(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    root = (x * x).sum()
    for label, inputs in (
        ("empty", []),
        ("number in a list", [3.0]),
        ("number", 3.0),
        ("None in a list", [None]),
        ("no gradient required", [torch.ones(2)]),
        ("ordered dict", collections.OrderedDict({"x": x})),
        ("mapping", types.MappingProxyType({"x": x})),
        ("empty dict", {}),
    ):
        with record.raises(f"backward, {label}"):
            root.backward(inputs=inputs)
        with record.raises(f"grad, {label}"):
            torch.autograd.grad(root, inputs)


@scenario
def inputs_of_grad(torch: Any, record: Recorder) -> None:
    x, z = _leaf(torch, 1.0, 2.0), _leaf(torch, 3.0, 4.0)
    y = x * z
    root = (y * y).sum()
    found = torch.autograd.grad(root, [x, y, x], retain_graph=True)
    record("twice", found)
    record("the same object", found[0] is found[2])
    record("dict", torch.autograd.grad(root, {"b": z, "a": x}, retain_graph=True))
    record("a tuple for one", torch.autograd.grad(root, x, retain_graph=True))
    record("grad is untouched", [x.grad, z.grad, y.retains_grad])


@scenario
def unused_inputs(torch: Any, record: Recorder) -> None:
    x, unused = _leaf(torch, 1.0, 2.0), _leaf(torch, 5.0)
    root = (x * x).sum()

    def grads(**options: Any) -> Any:
        return torch.autograd.grad(root, [x, unused], retain_graph=True, **options)

    with record.raises("refused"):
        grads()
    record("allowed", grads(allow_unused=True))
    record("materialized", grads(materialize_grads=True))
    record("recorded", grads(materialize_grads=True, create_graph=True)[1])
    with record.raises("contradiction"):
        grads(materialize_grads=True, allow_unused=False)
    with record.raises("inner"):
        torch.autograd.grad(root, [unused * 2], retain_graph=True)
    with record.raises("no roots"):
        torch.autograd.grad([], [x])
    record("no roots, allowed", torch.autograd.grad([], [x], allow_unused=True))


@scenario
def what_grad_returns_is_what_was_given(torch: Any, record: Recorder) -> None:
    x, given = _leaf(torch, 1.0, 2.0), torch.ones(2)
    (result,) = torch.autograd.grad(x, x, given)
    record("root", result is given)
    (result,) = torch.autograd.grad(x + 1, x, given)
    record("through an addition", result is given)
    (result,) = torch.autograd.grad(x.sum(), x)
    record("cut from the gradient of a sum", result)
    (result,) = torch.autograd.grad((x * 2 + x * 3).sum(), x)
    record("summed", result)


@scenario
def batched_gradients(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    record("rows", torch.autograd.grad(x * x, x, torch.eye(2), is_grads_batched=True))
    with record.raises("shape"):
        torch.autograd.grad(x * x, x, torch.eye(3), is_grads_batched=True)
    with record.raises("no batch"):
        torch.autograd.grad((x * x).sum(), x, is_grads_batched=True)


# Keeping and recording the graph -----------------------------------------------------------------


@scenario
def a_freed_graph(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    root = (x * x).sum()
    root.backward(retain_graph=True)
    root.backward()
    record("twice", x.grad)
    with record.raises("freed"):
        root.backward()
    with record.raises("freed, grad"):
        torch.autograd.grad(root, x)
    record("unchanged", x.grad)
    kept = (x + x).sum()
    kept.backward()
    kept.backward()
    record("nothing was saved", x.grad)


@scenario
def create_graph_keeps_the_graph(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    root = (x * x * x).sum()
    (first,) = torch.autograd.grad(root, x, create_graph=True)
    record("first", first)
    record.graph("graph", first)
    (second,) = torch.autograd.grad(first.sum(), x)
    record("second", second)
    with record.raises("that freed both"):
        torch.autograd.grad(first.sum(), x)


@scenario
def backward_with_create_graph(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    (x * x).sum().backward(create_graph=True)
    record("copied", x.grad)
    first = x.grad
    (x * x).sum().backward(create_graph=True)
    record("added out of place", x.grad)
    record("another object", x.grad is first)
    (x * 2).sum().backward()
    record("added in place to what has a graph", x.grad)
    x.grad = None
