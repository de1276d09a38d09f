"""Hooks on tensors, leaves, nodes and groups of tensors: when they run, on what, in which order."""

from __future__ import annotations

import functools
import gc
import pickle
import weakref
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _leaf(torch: Any, *values: float) -> Any:
    return torch.tensor(list(values), requires_grad=True)


# Tensor hooks ------------------------------------------------------------------------------------


@scenario
def tensor_hook_sees_the_sum_once(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    y.register_hook(lambda gradient: record("gradient", gradient))
    (y * 2 + y * 3 + y.exp()).sum().backward()
    record("grad", x.grad)


@scenario
def tensor_hooks_see_what_the_engine_holds(torch: Any, record: Recorder) -> None:
    def seen(label: str, function: Any) -> None:
        y = _leaf(torch, 0.5, 2.0) * 3
        y.register_hook(lambda gradient: record(label, gradient))
        function(y).backward()

    seen("sum", lambda y: y.sum())
    seen("mean", lambda y: y.mean())
    seen("product", lambda y: (y * 2).sum())
    seen("addition", lambda y: (y + 1).sum())
    seen("twice", lambda y: (y * y).sum())
    seen("element", lambda y: y[0])
    seen("view", lambda y: y.view(2, 1).sin().sum())
    seen("unsqueezed", lambda y: y.unsqueeze(0).sin().sum())
    seen("clone", lambda y: y.clone().sum())
    seen("matrix product", lambda y: torch.mm(y.view(1, 2), torch.ones(2, 2)).sum())


@scenario
def tensor_hooks_on_leaves(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    order: list[Any] = []
    x.register_hook(lambda gradient: order.append(("first", x.grad)))

    def twice(gradient: Any) -> Any:
        order.append("twice")
        return gradient * 2

    x.register_hook(twice)
    x.register_hook(twice)
    x.register_hook(lambda gradient: record("last", gradient))
    x.sum().backward()
    record("order", order)
    record("grad", x.grad)


@scenario
def tensor_hooks_replace(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    y.register_hook(lambda gradient: gradient * 10)
    y.register_hook(lambda gradient: None)
    y.register_hook(lambda gradient: gradient)
    y.register_hook(lambda gradient: record("third", gradient))
    y.sum().backward()
    record("grad", x.grad)


@scenario
def tensor_hook_results_are_passed_on_as_they_are(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x + 0
    given = torch.tensor([5.0, 7.0])
    seen: list[bool] = []
    y.register_hook(lambda gradient: given)
    y.register_hook(lambda gradient: seen.append(gradient is given))
    x.register_hook(lambda gradient: seen.append(gradient is given))
    (result,) = torch.autograd.grad(y.sum(), x, retain_graph=True)
    record("seen", seen)
    record("result", result is given)
    y.sum().backward()
    record("grad", x.grad)
    record("copied", x.grad.data_ptr() != given.data_ptr())


@scenario
def tensor_hooks_that_write(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    y.register_hook(lambda gradient: gradient.mul_(3))
    (y * y).sum().backward()
    record("grad", x.grad)


@scenario
def kept_gradients_are_not_written(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    kept: list[Any] = []
    x.register_hook(kept.append)
    (x * 2).sum().backward()
    (x * 3).sum().backward()
    record("kept", kept)
    record("grad", x.grad)


@scenario
def wrong_results_of_tensor_hooks(torch: Any, record: Recorder) -> None:
    class Callable:
        def __call__(self, gradient: Any) -> Any:
            return gradient.double()

    def named(gradient: Any) -> Any:
        return gradient[:1]

    for label, hook in (
        ("number", lambda gradient: 3),
        ("shape", named),
        ("dtype", lambda gradient: gradient.double()),
        ("of an object", Callable()),
        ("of a partial", functools.partial(lambda gradient: gradient.double())),
        ("not callable", 3),
        ("raising", lambda gradient: 1 / 0),
        ("no argument", lambda: None),
    ):
        y = _leaf(torch, 1.0, 2.0) * 2
        with record.raises(label):
            y.register_hook(hook)
            y.sum().backward()


@scenario
def hooks_need_a_gradient(torch: Any, record: Recorder) -> None:
    with record.raises("tensor"):
        torch.ones(1).register_hook(print)
    with record.raises("integers"):
        torch.ones(1, dtype=torch.int64).register_hook(print)
    with record.raises("after accumulation"):
        torch.ones(1).register_post_accumulate_grad_hook(print)
    with record.raises("after accumulation, inner"):
        (_leaf(torch, 1.0) * 2).register_post_accumulate_grad_hook(print)


@scenario
def hooks_change_while_they_run(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    y = x * 2
    order: list[Any] = []
    handles: list[Any] = []

    def first(gradient: Any) -> None:
        order.append("first")
        handles[1].remove()
        y.register_hook(lambda gradient: order.append("new"))

    handles.append(y.register_hook(first))
    handles.append(y.register_hook(lambda gradient: order.append("removed")))
    y.backward(retain_graph=True)
    order.append("|")
    y.backward(retain_graph=True)
    handles[0].remove()
    order.append("|")
    y.backward()
    record("order", order)


@scenario
def hooks_stay_with_the_value_they_were_put_on(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    y.register_hook(lambda gradient: record("before the write", gradient))
    y.mul_(5)
    y.register_hook(lambda gradient: record("after the write", gradient))
    y.sum().backward()
    record("grad", x.grad)


@scenario
def hooks_on_views_of_what_is_written(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    order: list[str] = []
    y = x * 2
    view = y.view(2, 1)
    view.register_hook(lambda gradient: order.append("before"))
    y.mul_(2)
    view.register_hook(lambda gradient: order.append("after"))
    view.sum().backward()
    record("added to the old ones", order)
    order.clear()
    y = x * 2
    view = y.view(2, 1)
    view.register_hook(lambda gradient: order.append("before"))
    y.mul_(2)
    record("name", view.grad_fn.name())
    view.register_hook(lambda gradient: order.append("after"))
    view.sum().backward()
    record("after the node was asked for", order)
    order.clear()
    y = x * 2
    y.register_hook(lambda gradient: order.append("base"))
    y[:1].mul_(3)
    y.register_hook(lambda gradient: order.append("base, written"))
    y.sum().backward()
    record("base", order)


@scenario
def hooks_and_none_gradients(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    first, second = torch.split(x * 2, 1)
    first.register_hook(lambda gradient: record("first", gradient))
    second.register_hook(lambda gradient: record("second", gradient))
    second.retain_grad()
    first.grad_fn.register_prehook(lambda gradients: record("before", gradients))
    first.grad_fn.register_hook(lambda inputs, outputs: record("after", [inputs, outputs]))
    first.sum().backward()
    record("retained", second.grad)
    first, second = torch.split(x * 2, 1)
    second.register_hook(lambda gradient: torch.ones(1))
    with record.raises("None is not replaced"):
        first.sum().backward()
    first, second = torch.split(x * 2, 1)
    first.grad_fn.register_prehook(lambda gradients: (gradients[0], torch.ones(1)))
    with record.raises("None is not replaced at a node"):
        first.sum().backward()


@scenario
def hooks_on_several_outputs_of_a_node(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0, 3.0)
    parts = torch.split(x * 2, 1)
    order: list[Any] = []
    for k in (2, 0, 1):
        parts[k].register_hook(lambda gradient, k=k: order.append(k))
    parts[0].register_hook(lambda gradient: order.append("again"))
    torch.cat(parts).sum().backward()
    record("order", order)


@scenario
def hooks_while_recording(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * x
    seen: list[Any] = []
    y.register_hook(lambda gradient: seen.append(torch.is_grad_enabled()))
    y.register_hook(lambda gradient: gradient * x)
    y.register_hook(lambda gradient: record("gradient", gradient))
    (first,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    record("first", first)
    record.graph("graph", first)
    record("second", torch.autograd.grad(first.sum(), x))
    record("grad mode", seen)


@scenario
def grad_mode_in_hooks(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    seen: list[bool] = []
    y = x * 2
    y.register_hook(lambda gradient: seen.append(torch.is_grad_enabled()))
    x.register_post_accumulate_grad_hook(lambda leaf: seen.append(torch.is_grad_enabled()))
    y.backward(retain_graph=True)
    y.backward(create_graph=True)
    record("seen", seen)


# After accumulation ------------------------------------------------------------------------------


@scenario
def hooks_after_accumulation(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    x.register_post_accumulate_grad_hook(lambda leaf: record("first", [leaf is x, leaf.grad]))

    def drop(leaf: Any) -> None:
        leaf.grad = None

    x.register_post_accumulate_grad_hook(drop)
    x.register_post_accumulate_grad_hook(lambda leaf: record("third", leaf.grad))
    (x * 2 + x * 3).sum().backward()
    record("grad", x.grad)
    torch.autograd.grad((x * 2).sum(), x)
    record("grad() runs none", x.grad)


@scenario
def wrong_hooks_after_accumulation(torch: Any, record: Recorder) -> None:
    for label, hook in (
        ("number", lambda leaf: 3),
        ("tensor", lambda leaf: leaf * 2),
        ("not callable", 3),
        ("raising", lambda leaf: 1 / 0),
    ):
        x = _leaf(torch, 1.0)
        with record.raises(label):
            x.register_post_accumulate_grad_hook(hook)
            (x * 2).backward()
        record(f"{label}: accumulated", x.grad)


@scenario
def stepping_after_accumulation(torch: Any, record: Recorder) -> None:
    leaves = [_leaf(torch, float(k)) for k in range(3)]

    def step(leaf: Any) -> None:
        with torch.no_grad():
            leaf -= 0.5 * leaf.grad
        leaf.grad = None

    handles = [leaf.register_post_accumulate_grad_hook(step) for leaf in leaves]
    (leaves[0] * leaves[1] + leaves[2].exp()).backward()
    record("leaves", leaves)
    handles[0].remove()
    (leaves[0] * leaves[1]).backward()
    record("one is removed", [leaf.grad for leaf in leaves])


# Node hooks --------------------------------------------------------------------------------------


@scenario
def node_hooks_are_given_gradients_of_both_sides(torch: Any, record: Recorder) -> None:
    x, z = _leaf(torch, 1.0, 2.0), torch.ones(2)
    y = x * z
    y.grad_fn.register_prehook(lambda gradients: record("before", gradients))
    y.grad_fn.register_hook(lambda inputs, outputs: record("after", [inputs, outputs]))
    (y * 3).sum().backward()
    leaf_node = y.grad_fn.next_functions[0][0]
    leaf_node.register_prehook(lambda gradients: record("before a leaf", gradients))
    leaf_node.register_hook(lambda inputs, outputs: record("after a leaf", [inputs, outputs]))
    (x * 5).sum().backward()
    record("grad", x.grad)


@scenario
def node_hooks_replace(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    y.grad_fn.register_prehook(lambda gradients: (gradients[0] * 10,))
    y.grad_fn.register_prehook(lambda gradients: record("second before", gradients))
    y.grad_fn.register_hook(lambda inputs, outputs: (inputs[0] + 1, None))
    y.grad_fn.register_hook(lambda inputs, outputs: record("second after", [inputs, outputs]))
    y.sum().backward(retain_graph=True)
    record("grad", x.grad)
    x.grad = None
    y.grad_fn.register_hook(lambda inputs, outputs: (None, None))
    y.sum().backward()
    record("dropped", x.grad)


@scenario
def wrong_results_of_node_hooks(torch: Any, record: Recorder) -> None:
    for label, hook in (
        ("tensor", lambda g: g[0]),
        ("list", lambda g: [g[0]]),
        ("count", lambda g: (g[0], g[0])),
        ("number in it", lambda g: (3,)),
        ("None in it", lambda g: (None,)),
        ("shape", lambda g: (g[0][:1],)),
        ("dtype", lambda g: (g[0].double(),)),
    ):
        x = _leaf(torch, 1.0, 2.0)
        y = x * 2
        y.grad_fn.register_prehook(hook)
        with record.raises(f"before, {label}"):
            y.sum().backward()
        record("grad", x.grad)
    for label, after in (
        ("tensor", lambda i, o: i[0]),
        ("count", lambda i, o: (i[0],)),
        ("number in it", lambda i, o: (3, None)),
        ("None replaced", lambda i, o: (i[0], i[0])),
        ("shape", lambda i, o: (i[0][:1], None)),
        ("dtype", lambda i, o: (i[0].double(), None)),
        ("arguments", lambda i: None),
    ):
        x = _leaf(torch, 1.0, 2.0)
        y = x * 2
        y.grad_fn.register_hook(after)
        with record.raises(f"after, {label}"):
            y.sum().backward()
        record("grad", x.grad)


@scenario
def all_kinds_of_hooks_in_order(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    order: list[Any] = []
    y = x * 2
    node, leaf_node = y.grad_fn, y.grad_fn.next_functions[0][0]
    leaf_node.register_hook(lambda inputs, outputs: order.append("after the leaf's node"))
    leaf_node.register_prehook(lambda gradients: order.append("before the leaf's node"))
    x.register_post_accumulate_grad_hook(lambda leaf: order.append("after accumulation"))
    x.register_hook(lambda gradient: order.append("leaf"))
    node.register_hook(lambda inputs, outputs: order.append("after the node"))
    node.register_prehook(lambda gradients: order.append("before the node"))
    y.register_hook(lambda gradient: order.append("tensor"))
    y.retain_grad()
    y.register_hook(lambda gradient: order.append("tensor, second"))
    y.sum().backward()
    record("order", order)


@scenario
def node_hooks_and_freeing(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x.exp()
    y.grad_fn.register_hook(lambda inputs, outputs: record("saved", y.grad_fn._saved_result))
    y.sum().backward()
    with record.raises("freed afterwards"):
        record("saved", y.grad_fn._saved_result)


# Captured gradients ------------------------------------------------------------------------------


@scenario
def hooks_and_captured_gradients(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    y.register_hook(lambda gradient: gradient * 10)
    y.retain_grad()
    record("only y", torch.autograd.grad(y.sum(), y, retain_graph=True))
    record("retained", y.grad)
    y.grad = None
    record("x and y", torch.autograd.grad(y.sum(), [x, y], retain_graph=True))
    record("retained then", y.grad)


@scenario
def node_hooks_and_captured_gradients(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    order: list[str] = []

    def before(gradients: Any) -> Any:
        order.append("before")
        return (gradients[0] * 10,)

    y.grad_fn.register_prehook(before)
    y.grad_fn.register_hook(lambda inputs, outputs: order.append("after"))
    record("only y", torch.autograd.grad(y.sum(), y, retain_graph=True))
    order.append("|")
    record("x and y", torch.autograd.grad(y.sum(), [x, y], retain_graph=True))
    order.append("|")
    y.sum().backward(inputs=[y])
    record("order", order)
    record("retained by inputs=", y.grad)


@scenario
def leaf_hooks_and_captured_gradients(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    order: list[str] = []
    x.register_hook(lambda gradient: gradient * 10)
    x.register_post_accumulate_grad_hook(lambda leaf: order.append("after accumulation"))
    y = x * 2
    leaf_node = y.grad_fn.next_functions[0][0]
    leaf_node.register_prehook(lambda gradients: order.append("before"))
    record("grad", torch.autograd.grad(y.sum(), x, retain_graph=True))
    order.append("|")
    y.sum().backward(inputs=[x])
    record("order", order)
    record("accumulated", x.grad)


@scenario
def hooks_off_the_path_do_not_run(torch: Any, record: Recorder) -> None:
    x, z = _leaf(torch, 1.0), _leaf(torch, 2.0)
    order: list[str] = []
    y, w = x * 2, z * 3
    for name, tensor in (("x", x), ("z", z), ("y", y), ("w", w)):
        tensor.register_hook(lambda gradient, name=name: order.append(name))
    root = y * w
    torch.autograd.grad(root, z, retain_graph=True)
    order.append("|")
    root.backward(inputs=[y], retain_graph=True)
    order.append("|")
    root.backward()
    record("order", order)


# Several tensors ---------------------------------------------------------------------------------


@scenario
def one_hook_for_several_tensors(torch: Any, record: Recorder) -> None:
    register = torch.autograd.graph.register_multi_grad_hook
    a, b, unused = _leaf(torch, 1.0), _leaf(torch, 2.0), _leaf(torch, 3.0)
    c, d = a * b, a + b
    handle = register((a, b, c, d, unused), lambda gradients: record("gradients", gradients))
    (c * 2).backward(retain_graph=True)
    (c * 2).backward(inputs=[a], retain_graph=True)
    (c * d).backward(retain_graph=True)
    handle.remove()
    (c * d).backward()
    record("kind", handle)


@scenario
def one_hook_for_the_first_of_several_tensors(torch: Any, record: Recorder) -> None:
    register = torch.autograd.graph.register_multi_grad_hook
    a, b = _leaf(torch, 1.0), _leaf(torch, 2.0)
    c = a * b
    handle = register((a, b, c, torch.ones(1)), lambda g: record("gradient", g), mode="any")
    c.backward(retain_graph=True)
    torch.autograd.grad(c, a, retain_graph=True)
    record("handles", len(handle.handles))
    with handle:
        pass
    c.backward()


@scenario
def corners_of_hooks_for_several_tensors(torch: Any, record: Recorder) -> None:
    register = torch.autograd.graph.register_multi_grad_hook
    a, b = _leaf(torch, 1.0), _leaf(torch, 2.0)
    with record.raises("mode"):
        register([a], print, mode="some")
    with record.raises("needs no gradient"):
        register([torch.ones(1)], print)
    record("that is fine with any", register([torch.ones(1)], print, mode="any"))
    record("none", register([], print))
    c = a * b
    register((a, c), lambda gradients: record("a lone root is not waited for", gradients))
    c.backward()
    c = a * b
    register((c,), lambda gradients: record("one of two roots", gradients))
    torch.autograd.backward([c, c * 2])
    x = _leaf(torch, 5.0)
    register((x, x), lambda gradients: record("twice", gradients))
    (x * 2).backward()
    with record.raises("leaf of grad()"):
        torch.autograd.grad(x * 2, x)
    y = _leaf(torch, 5.0)
    register((y,), lambda gradients: 1 / 0)
    with record.raises("raising"):
        (y * 2).backward()


# Handles and lifetime ----------------------------------------------------------------------------


@scenario
def handles(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    handle = x.register_hook(lambda gradient: gradient * 10)
    other = x.register_hook(lambda gradient: gradient * 100)
    record("kind", handle)
    record("next number", other.id - handle.id)
    record("dict", [type(x._backward_hooks), len(x._backward_hooks)])
    handle.remove()
    handle.remove()
    x.backward(torch.ones(1))
    with x.register_hook(lambda gradient: gradient * 7) as inside:
        record("same kind", type(inside) is type(handle))
        x.backward(torch.ones(1))
    other.remove()
    x.backward(torch.ones(1))
    record("grad", x.grad)
    record("none are left", len(x._backward_hooks))


@scenario
def handles_are_pickled(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    handle = x.register_hook(print)
    state = handle.__getstate__()
    record("state", [len(state), state[0] is x._backward_hooks, state[1] == handle.id, state[2]])
    copy = pickle.loads(pickle.dumps(handle))
    record("number", copy.id == handle.id)
    record("without hooks", copy.hooks_dict_ref() is None)
    copy.remove()
    record("the hook is still there", len(x._backward_hooks))


@scenario
def handles_hold_nothing(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    y = x * 2
    handle = y.register_hook(lambda gradient: None)
    after = y.grad_fn.register_hook(lambda inputs, outputs: None)
    tensor = weakref.ref(y)
    del y
    gc.collect()
    record("gone", [tensor() is None, handle.hooks_dict_ref() is None])
    handle.remove()
    after.remove()


@scenario
def hooks_go_with_what_they_are_on(torch: Any, record: Recorder) -> None:
    class Owner:
        pass

    def gone(put: Any) -> bool:
        x = _leaf(torch, 1.0)
        y = x * 2
        owner = Owner()
        alive = weakref.ref(owner)
        put(x, y, owner)
        del owner
        kept = alive() is not None
        del x, y
        gc.collect()
        return kept and alive() is None

    def hook(owner: Any) -> Any:
        return lambda *_: owner and None

    record("tensor", gone(lambda x, y, owner: y.register_hook(hook(owner))))
    record("leaf", gone(lambda x, y, owner: x.register_hook(hook(owner))))
    record("node", gone(lambda x, y, owner: y.grad_fn.register_hook(hook(owner))))
    record("before a node", gone(lambda x, y, owner: y.grad_fn.register_prehook(hook(owner))))
    record(
        "after accumulation",
        gone(lambda x, y, owner: x.register_post_accumulate_grad_hook(hook(owner))),
    )


@scenario
def hooks_of_leaves_outlive_their_nodes(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    order: list[str] = []
    x.register_hook(lambda gradient: order.append("hook"))
    x.register_post_accumulate_grad_hook(lambda leaf: order.append("after accumulation"))
    for _ in range(3):
        y = x * 2
        y.backward()
        del y
        gc.collect()
    record("order", order)


@scenario
def hooks_on_a_leaf_after_it_was_used(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    y = x * 2
    x.register_hook(lambda gradient: gradient * 10)
    y.backward()
    record("grad", x.grad)
    z = x * 2
    x._backward_hooks.clear()
    z.backward()
    record("cleared", x.grad)
