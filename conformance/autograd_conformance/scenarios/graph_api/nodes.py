"""Nodes, their edges, and what they saved."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.graph_api import leaf
from autograd_conformance.scenarios.recording import Recorder, scenario


def saved_of(torch: Any, node: Any) -> list[tuple[str, Any]]:
    """What a node shows of what it saved, by name; what hooks can be put on by its kind."""
    found = []
    for name in sorted(dir(node)):
        if name.startswith("_saved_"):
            found.append((name, getattr(node, name)))
        elif name.startswith("_raw_saved_"):
            raw = getattr(node, name)
            found.append((name, [type(r).__name__ for r in raw] if type(raw) is tuple else "one"))
    return found


# Nodes ------------------------------------------------------------------------------------------


@scenario
def every_node_is_a_node(torch: Any, record: Recorder) -> None:
    node_class = torch.autograd.graph.Node
    x = leaf(torch)
    y = (x * 1).exp()
    base = x * 1
    base[:1].mul_(2)
    nodes = [y.grad_fn, y.grad_fn.next_functions[0][0], base.grad_fn]
    nodes.append(nodes[1].next_functions[0][0])
    record("names", [node.name() for node in nodes])
    record("instances", [isinstance(node, node_class) for node in nodes])
    record("classes", [issubclass(type(node), node_class) for node in nodes])
    record("others", [isinstance(other, node_class) for other in (x, None, torch, 3)])
    with record.raises("abstract"):
        node_class()


@scenario
def attributes_of_a_node(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = x * 2 + x
    node = y.grad_fn
    record("name", [node.name(), type(node).__name__])
    record("next", node.next_functions)
    record("requires", node.requires_grad)
    record("metadata", node.metadata)
    node.metadata["key"] = 1
    record("kept", node.metadata)
    record("same node", y.grad_fn is node)
    record("hash", [node == y.grad_fn, hash(node) == hash(y.grad_fn), node == x.exp().grad_fn])
    for name in ("metadata", "next_functions", "requires_grad"):
        with record.raises(name):
            setattr(node, name, 1)
    for name in ("missing", "_saved_missing", "_raw_saved_missing"):
        with record.raises(name):
            getattr(node, name)


@scenario
def what_dir_lists(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    public = ("metadata", "name", "next_functions", "register_hook", "register_prehook")
    for y in (x.exp(), x * 2, x + 1, x**2, x.softmax(0), x.view(2, 1), x[torch.tensor([0])]):
        names = dir(y.grad_fn)
        record("public", [name in names for name in public])
        record("saved", [name for name in sorted(names) if "saved" in name])


@scenario
def a_leaf_has_one_accumulator(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    first = (x * 1).grad_fn.next_functions[0][0]
    second = (x.exp()).grad_fn.next_functions[0][0]
    record("same", first is second)
    record("variable", first.variable is x)
    record("number", first._sequence_nr())
    record("next", first.next_functions)


@scenario
def sequence_numbers_grow(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    nodes = [(x * 1).grad_fn, x.exp().grad_fn, x.sum().grad_fn]
    numbers = [node._sequence_nr() for node in nodes]
    record("steps", [number - numbers[0] for number in numbers])


@scenario
def nodes_cannot_be_copied(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    for node in ((x * 1).grad_fn, (x * 1).grad_fn.next_functions[0][0]):
        for name, make in (("pickle", pickle.dumps), ("copy", copy.copy), ("deep", copy.deepcopy)):
            with record.raises(name):
                make(node)


@scenario
def calling_a_node(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    node = (x * 2).grad_fn
    record("one", node(torch.ones(2)))
    record("none", node(None))
    record("one of two outputs", x.max(0).values.grad_fn(torch.ones(())).clone())
    for args in ((), (torch.ones(2), torch.ones(2)), (3,)):
        with record.raises("refused"):
            node(*args)


@scenario
def names_of_the_modules(torch: Any, record: Recorder) -> None:
    record("graph", sorted(torch.autograd.graph.__all__))
    record("function", sorted(torch.autograd.function.__all__))
    here = ("Function", "Variable", "backward", "grad", "no_grad", "variable", "grad_mode")
    more = ("NestedIOFunction", "enforce_grad_layout_policy", "set_multithreading_enabled")
    record("autograd", [hasattr(torch.autograd, name) for name in (*here, *more)])


# What nodes saved -------------------------------------------------------------------------------


@scenario
def saved_operands(torch: Any, record: Recorder) -> None:
    x, y = leaf(torch), leaf(torch)
    plain = torch.ones(2)
    for z in (
        x * y,
        x * plain,
        plain * x,
        x / y,
        x / plain,
        x.exp(),
        x.sin(),
        x**y,
        torch.atan2(x, y),
    ):
        record(z.grad_fn.name(), saved_of(torch, z.grad_fn))
    record("itself", [(x * y).grad_fn._saved_self is x, (x * y).grad_fn._saved_other is y])


@scenario
def saved_numbers(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    for z in (
        x * 2,
        x * 2.5,
        x * True,
        3 / x,
        x / 3,
        x**2,
        x**0.5,
        x**-1,
        2**x,
        x - 1,
        1 - x,
        x + 1,
    ):
        record(z.grad_fn.name(), saved_of(torch, z.grad_fn))


@scenario
def saved_results_are_outputs_of_the_node(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = x.exp()
    saved = y.grad_fn._saved_result
    record("saved", saved)
    record("itself", [saved is y, saved.grad_fn is y.grad_fn])
    record("two reads", y.grad_fn._saved_result is saved)
    record("indices", x.max(0).values.grad_fn._saved_indices)
    record("number", saved.output_nr)


@scenario
def saved_dims(torch: Any, record: Recorder) -> None:
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    for z in (
        x.sum(1),
        x.sum(-1),
        x.sum((0, 1), keepdim=True),
        x.mean(1),
        x.mean(-1, keepdim=True),
        x.softmax(-1),
        x.log_softmax(1),
        x.logsumexp(-1),
        x.cumsum(-1),
        x.transpose(0, -1),
        x.unsqueeze(-1),
        x.squeeze(0),
        x.max(-1).values,
        x.flip(-1),
        x.roll(1, -1),
        x.unbind(-1)[0],
        x.split(1, -1)[0],
        torch.cat([x, x], -1),
        torch.stack([x, x], -1),
    ):
        record(z.grad_fn.name(), saved_of(torch, z.grad_fn))


@scenario
def saved_shapes_and_options(torch: Any, record: Recorder) -> None:
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    for z in (
        x.sum(),
        x.view(-1),
        x.expand(3, 2),
        x.repeat(2, 2),
        x.permute(1, 0),
        x.clamp(0),
        x.clamp(min=0, max=1.5),
        x.as_strided((2,), (1,)),
        x[:, 0:1],
        x.select(1, -1),
        x.diagonal(),
        x.tril(),
        x.t(),
        torch.nn.functional.leaky_relu(x),
        torch.nn.functional.gelu(x),
        torch.nn.functional.softplus(x),
    ):
        record(z.grad_fn.name(), saved_of(torch, z.grad_fn))


@scenario
def saved_lists_of_indices(torch: Any, record: Recorder) -> None:
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    index = torch.tensor([0])
    for z in (x[index], x[:, index], x[index, index]):
        record(z.grad_fn.name(), saved_of(torch, z.grad_fn))
    record("kind", type(x[index].grad_fn._raw_saved_indices).__name__)


@scenario
def a_mask_is_saved_as_one_index(torch: Any, record: Recorder) -> None:
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    z = x[torch.tensor([[True, False]])]
    record(z.grad_fn.name(), saved_of(torch, z.grad_fn))


@scenario
def indices_are_saved_as_they_were_given(torch: Any, record: Recorder) -> None:
    x = torch.ones(3, 2, requires_grad=True)
    mask = torch.tensor([True, False, True])
    for label, index in {
        "mask": mask,
        "from the back": torch.tensor([-1, 0]),
        "int32": torch.tensor([1], dtype=torch.int32),
        "second dim": (slice(None), torch.tensor([-1])),
        "mask and index": (mask, torch.tensor([1, -1])),
        "list": [0, -1],
        "bool": True,
    }.items():
        z = x[index]
        record(label, [z.grad_fn.name(), saved_of(torch, z.grad_fn)])
        (grad,) = torch.autograd.grad(z.pow(2).sum(), x, create_graph=True)
        record("gradient", [grad.detach().clone(), grad.grad_fn.name()])
        y = x.clone()
        y[index] = torch.ones_like(z)
        record("written", [y, y.grad_fn.name()])
        record("gradient of the rest", torch.autograd.grad(y.sum(), x)[0].clone())
        packed: list[Any] = []

        def pack(tensor: Any, packed: list[Any] = packed) -> Any:
            packed.append(tensor)
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            z = x[index]
        record("packed", packed)
        record("unpacked", torch.autograd.grad(z.sum(), x)[0].clone())
    place = torch.tensor([-1])
    z = x[place]
    place.add_(1)
    with record.raises("written index"):
        z.sum().backward()


@scenario
def what_is_saved_depends_on_what_requires_a_gradient(torch: Any, record: Recorder) -> None:
    x, w, plain = leaf(torch).view(1, 2), torch.ones(2, 2, requires_grad=True), torch.ones(2, 2)
    for z in (x @ w, x @ plain, x.detach() @ w):
        node = z.grad_fn
        record("mm", [node._saved_self is None, node._saved_mat2 is None])
    for left, right in ((x, x), (x, x.detach()), (x.detach(), x)):
        for op in (torch.mul, torch.div, torch.atan2, torch.pow):
            node = op(left, right).grad_fn
            record(node.name(), saved_of(torch, node))


@scenario
def saved_values_after_release(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = x**2
    node = y.grad_fn
    y.sum().backward()
    record("option", node._saved_exponent)
    with record.raises("tensor"):
        print(node._saved_self)
    record("raw", type(node._raw_saved_self).__name__)
    y = x.softmax(-1)
    y.sum().backward()
    record("dim", y.grad_fn._saved_dim)
    with record.raises("result"):
        print(y.grad_fn._saved_result)
    y = (x * 1).view(2, 1)
    y.sum().backward()
    record("shape", y.grad_fn._saved_self_sym_sizes)


@scenario
def writing_what_was_saved(torch: Any, record: Recorder) -> None:
    def written(y: Any, a: Any) -> None:
        node: Any = y.grad_fn
        with torch.no_grad():
            a.add_(1)
        with record.raises("read"):
            for name in sorted(n for n in dir(node) if n.startswith("_saved_")):
                getattr(node, name)
        with record.raises("backward"):
            y.sum().backward()

    makes: list[Callable[[Any], Any]] = [
        lambda a: a.sin(),
        lambda a: a * a,
        lambda a: a**2,
        lambda a: a.sum() * a,
    ]
    for make in makes:
        a = leaf(torch) * 1
        written(make(a), a)
    y = leaf(torch).exp()
    written(y, y)
    index = torch.tensor([0, 1])
    written(leaf(torch)[index], index)


@scenario
def a_tensor_that_needed_not_be_saved_is_checked(torch: Any, record: Recorder) -> None:
    x, plain = leaf(torch), torch.ones(2)
    for op in (torch.mul, torch.div, torch.atan2, torch.hypot):
        for args in ((x, plain), (plain, x)):
            y = op(*args)
            plain.add_(1)
            with record.raises(y.grad_fn.name()):
                y.sum().backward()
