"""Roots and results of backward and grad: what is given and refused, what ``.grad`` becomes."""

from __future__ import annotations

import collections
import threading
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


# What .grad becomes ------------------------------------------------------------------------------


@scenario
def version_of_grad_tells_how_it_came(torch: Any, record: Recorder) -> None:
    def grad_of(function: Any) -> Any:
        x = _leaf(torch, 0.5, 2.0)
        function(x).backward(torch.ones(2))
        return x.grad

    record("product", grad_of(lambda x: x * 2))
    record("leaf itself", grad_of(lambda x: x))
    record("addition passes it on", grad_of(lambda x: x + 1))
    record("twice", grad_of(lambda x: x * 2 + x * 3))
    record("three times", grad_of(lambda x: x * 2 + x * 3 + x * 4))
    record("square", grad_of(lambda x: x * x))
    record("cube", grad_of(lambda x: x * x * x))
    record("shared, twice", grad_of(lambda x: x + x))
    record("shared, three times", grad_of(lambda x: x + x + x))
    record("shared after a node", grad_of(lambda x: (x + x).sin()))
    record("view", grad_of(lambda x: x.view(2, 1).sin().view(2)))
    record("slices", grad_of(lambda x: torch.cat([x[1:], x[:1]])))
    x = _leaf(torch, 0.5, 2.0)
    x.sum().backward()
    record("expanded", x.grad)


@scenario
def a_gradient_of_two_leaves(torch: Any, record: Recorder) -> None:
    x, z = _leaf(torch, 1.0, 2.0), _leaf(torch, 3.0, 4.0)
    (x + z).sin().sum().backward()
    record("one copies, one takes over", [x.grad, z.grad])
    record("memory", x.grad.data_ptr() == z.grad.data_ptr())
    x.grad = z.grad = None
    torch.cat([x, z]).sin().sum().backward()
    record("slices of one", [x.grad, z.grad, z.grad.storage_offset()])


@scenario
def gradients_of_the_caller(torch: Any, record: Recorder) -> None:
    x, given = _leaf(torch, 1.0, 2.0), torch.ones(2)
    x.backward(given)
    record("leaf itself", x.grad.data_ptr() == given.data_ptr())
    x.grad = None
    (x + 0).backward(given)
    record("through an addition", x.grad.data_ptr() == given.data_ptr())
    x.grad = None
    given = torch.ones(1, 2)
    x.view(1, 2).backward(given)
    record("through a view it is taken over", x.grad.data_ptr() == given.data_ptr())


@scenario
def grad_is_one_object_over_accumulations(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    (x * 4).sum().backward()
    record("same", x.grad is first)
    record("written", x.grad)


@scenario
def accumulation_into_an_assigned_grad(torch: Any, record: Recorder) -> None:
    x, z, shared = _leaf(torch, 1.0, 2.0), _leaf(torch, 3.0, 4.0), torch.ones(2)
    x.grad = z.grad = shared
    record("assigned", x.grad is shared)
    (x * z).sum().backward()
    record("shared", [x.grad, z.grad])
    x.grad = torch.ones(2, requires_grad=True)
    (x * 2).sum().backward()
    record("that requires a gradient", x.grad)
    x.grad = _leaf(torch, 1.0, 1.0) * 2
    (x * 2).sum().backward()
    record("that has a history", x.grad)
    x.grad = torch.ones(1).expand(2)
    with record.raises("expanded"):
        (x * 2).sum().backward()
    base = torch.ones(4)
    x.grad = base[::2]
    (x * 2).sum().backward()
    record("that is a view", [x.grad, base])
    x.grad = torch.ones(2)
    (x * x).sum().backward(create_graph=True)
    record("recorded", x.grad)


@scenario
def layout_of_grad(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, 3).t().detach().requires_grad_()
    (x * torch.ones(3, 2)).sum().backward()
    record("of a transposed leaf", x.grad)
    x = torch.ones(3, 4)[:, ::2].detach().requires_grad_()
    (x * 2).sum().backward()
    record("of a leaf with gaps", x.grad)
    x = torch.ones(3, 1).expand(3, 2).detach().requires_grad_()
    (x * 2).sum().backward()
    record("of an expanded leaf", x.grad)
    x = torch.ones(2, 3, requires_grad=True)
    (x.t() * 2).sum().backward()
    record("through a transposition", x.grad)
    x = torch.ones(2, 3, requires_grad=True)
    x.t().sin().sum().backward(create_graph=True)
    record("recorded", x.grad)


@scenario
def leaves_that_change_between_forward_and_backward(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = (x * 2).sum()
    x.requires_grad_(False)
    y.backward()
    record("requires no gradient any more", x.grad)
    x = _leaf(torch, 1.0, 2.0)
    y = (x * 2).sum()
    x.data = torch.ones(3)
    y.backward()
    record("has another shape", x.grad)
    x = _leaf(torch, 1.0, 2.0)
    y = (x * 2).sum()
    x.data = torch.ones(2, dtype=torch.float64)
    y.backward()
    record("has another dtype", x.grad)
    x = _leaf(torch, 1.0, 2.0)
    x.grad = torch.ones(2)
    x.data = torch.ones(3)
    with record.raises("has a grad of another shape"):
        (x * 2).sum().backward()


@scenario
def assigning_grad(torch: Any, record: Recorder) -> None:
    for label, make in (
        ("number", lambda: 3),
        ("shape", lambda: torch.ones(3)),
        ("one dim more", lambda: torch.ones(1, 2)),
        ("dtype", lambda: torch.ones(2, dtype=torch.float64)),
        ("dtype and shape", lambda: torch.ones(3, dtype=torch.int32)),
    ):
        x = _leaf(torch, 1.0, 2.0)
        with record.raises(label):
            x.grad = make()
    x = _leaf(torch, 1.0)
    with record.raises("itself"):
        x.grad = x
    plain = torch.ones(2, dtype=torch.int64)
    plain.grad = torch.zeros(2, dtype=torch.int64)
    record("of integers", plain.grad)
    del plain.grad
    record("deleted", plain.grad)
    inner = _leaf(torch, 1.0) * 2
    inner.grad = torch.zeros(1)
    record("of an inner tensor", inner.grad)


@scenario
def grad_of_an_inner_tensor_warns(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    y = x * 2
    record("plain", y.grad)
    y.retain_grad()
    record("retained", y.grad)
    record("of a leaf", x.grad)


@scenario
def grad_dtype_of_leaves(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    record("default", [x.grad_dtype, torch.ones(1, dtype=torch.int64).grad_dtype])
    x.grad_dtype = torch.float64
    (x * 2).sum().backward()
    record("wider", x.grad)
    record("grad", torch.autograd.grad((x * 2).sum(), x))
    with record.raises("assigned dtype"):
        x.grad = torch.ones(2)
    with record.raises("there is a gradient"):
        x.grad_dtype = torch.float16
    x.grad = None
    x.grad_dtype = None
    (x * 2).sum().backward()
    record("any", x.grad)
    x.grad = torch.ones(2, dtype=torch.float16)
    (x * 2).sum().backward()
    record("added to another dtype", x.grad)
    with record.raises("no dtype"):
        x.grad_dtype = 3
    with record.raises("inner, read"):
        record("it", (x * 2).grad_dtype)
    with record.raises("inner, set"):
        (x * 2).grad_dtype = torch.float64
    z = _leaf(torch, 1.0, 2.0)
    y = z * 2
    z.grad_dtype = torch.float16
    y.sum().backward()
    record("set after use", z.grad)


# Attributes --------------------------------------------------------------------------------------


@scenario
def setting_requires_grad(torch: Any, record: Recorder) -> None:
    cases: tuple[tuple[str, Any, Any], ...] = (
        ("number", lambda: torch.ones(1), 3),
        ("None", lambda: torch.ones(1), None),
        ("integers", lambda: torch.ones(1, dtype=torch.int64), True),
        ("integers, off", lambda: torch.ones(1, dtype=torch.int64), False),
        ("inner, on", lambda: _leaf(torch, 1.0) * 2, True),
        ("inner, off", lambda: _leaf(torch, 1.0) * 2, False),
        ("leaf, off", lambda: _leaf(torch, 1.0), False),
    )
    for label, make, value in cases:
        x = make()
        with record.raises(f"attribute, {label}"):
            x.requires_grad = value
            record("then", x.requires_grad)
        x = make()
        with record.raises(f"method, {label}"):
            record("result", x.requires_grad_(value))
    record("keyword", torch.ones(1).requires_grad_(requires_grad=False))


@scenario
def requires_grad_of_views(torch: Any, record: Recorder) -> None:
    x = torch.ones(2)
    view = x[:1]
    view.requires_grad_()
    (view * 2).sum().backward()
    record("view", [view, view.grad, x.requires_grad])
    x = torch.ones(2)
    view = x[:1]
    x.requires_grad_()
    record("base", [view.requires_grad, view.grad_fn, view.is_leaf])


@scenario
def detaching(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    detached = y.detach()
    record("detached", detached)
    y.add_(1)
    record("written together", detached)
    record("in place", y.detach_() is y)
    record("then", y)
    record("leaf in place", x.detach_())
    with record.raises("view in place"):
        (_leaf(torch, 1.0, 2.0) * 2)[:1].detach_()
    with record.raises("view of what needs no gradient"):
        torch.ones(2)[:1].detach_()
    z = _leaf(torch, 1.0) * 2
    z.retain_grad()
    z.detach_()
    record("still said to retain", [z.retains_grad, z.grad])


@scenario
def data_of_tensors(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = (x * x).sum()
    x.data.mul_(10)
    y.backward()
    record("written behind the graph", [x, x.grad, x.data])
    for label, value in (
        ("number", 3),
        ("integers", torch.ones(2, dtype=torch.int64)),
        ("shape", torch.ones(3)),
        ("dtype", torch.ones(2, dtype=torch.float64)),
    ):
        x = _leaf(torch, 1.0, 2.0)
        with record.raises(label):
            x.data = value
            record("then", x)
    with record.raises("deleted"):
        del x.data
    inner = _leaf(torch, 1.0, 2.0) * 2
    inner.data = torch.ones(2, dtype=torch.float64)
    record("of an inner tensor", inner)
    new = torch.zeros(2)
    x.data = new
    record("memory", [x.data_ptr() == new.data_ptr(), x._version])


@scenario
def attributes_that_cannot_be_set(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    for name in ("grad_fn", "is_leaf", "retains_grad", "output_nr"):
        with record.raises(name):
            setattr(x, name, None)


@scenario
def retaining_grad(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    x.retain_grad()
    record("leaf", x.retains_grad)
    with record.raises("needs no gradient"):
        torch.ones(1).retain_grad()
    y = x * 2
    y.retain_grad()
    y.retain_grad()
    root = (y * 2 + y * 3).sum()
    root.backward(retain_graph=True)
    first = y.grad
    record("retained", first)
    root.backward()
    record("added to", y.grad)
    record("another object", y.grad is first)
    z = x * 2
    z.retain_grad()
    (z * z).sum().backward(create_graph=True)
    record("recorded", z.grad)


@scenario
def retained_gradients_follow_writes(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    y.retain_grad()
    y.mul_(5)
    y.sum().backward()
    record("written", [y.grad, x.grad])
    y = x * 2
    y.retain_grad()
    y[:1].mul_(3)
    y.sum().backward()
    record("written through a view", y.grad)
    y = x * 2
    view = y[:1]
    view.retain_grad()
    y.mul_(3)
    view.sum().backward()
    record("view of what was written", view.grad)


@scenario
def legacy_variables(torch: Any, record: Recorder) -> None:
    Variable = torch.autograd.Variable
    x = torch.ones(2).add_(1)
    made = Variable(x)
    record("made", made)
    record("same memory, another object", [made.data_ptr() == x.data_ptr(), made is x])
    record("required", Variable(x, requires_grad=True))
    record("empty", Variable())
    record("of a leaf", Variable(_leaf(torch, 1.0)))
    record("volatile", Variable(x, volatile=True))
    record("instances", [isinstance(x, Variable), isinstance(3, Variable)])
    for label, data in (("number", 3), ("list", [1.0])):
        with record.raises(label):
            Variable(data)
    with record.raises("integers"):
        Variable(torch.ones(1, dtype=torch.int32), requires_grad=True)
    with record.raises("function"):
        torch.autograd.variable(3)
    record("found there, too", torch.autograd.variable.Variable is Variable)


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
