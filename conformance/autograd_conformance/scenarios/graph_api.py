"""torch.autograd.graph: nodes, what they saved, hooks on saved tensors, edges, versions."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import weakref
from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def leaf(torch: Any) -> Any:
    return torch.tensor([1.0, 2.0], requires_grad=True)


def same(value: Any) -> Any:
    return value


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
