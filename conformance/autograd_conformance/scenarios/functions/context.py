"""What ctx is told, keeps and saves."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.functions import doubled, function, leaf
from autograd_conformance.scenarios.recording import Recorder, scenario


@scenario
def the_context_is_the_node(torch: Any, record: Recorder) -> None:
    seen = []

    def forward(ctx: Any, x: Any) -> Any:
        seen.append(ctx)
        return x * 2

    custom = function(torch, forward)
    y = custom.apply(leaf(torch))
    node = y.grad_fn
    record("same", seen[0] is node)
    record("names", [type(node).__name__, node.name(), type(node).__qualname__])
    record("forward class", node._forward_cls is custom)
    record("backward class", type(node) is custom._backward_cls)
    record("kinds", [isinstance(node, torch.autograd.graph.Node)])
    record("context kind", isinstance(node, torch.autograd.function.FunctionCtx))
    record("backward kind", isinstance(node, torch.autograd.function.BackwardCFunction))
    record("shown", repr(y))
    record("output", y)


@scenario
def what_the_context_says_in_forward(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any, n: int, y: Any) -> Any:
        record("needs", ctx.needs_input_grad)
        record("saved", ctx.saved_tensors)
        record("marks", [ctx.to_save, ctx.dirty_tensors, ctx.non_differentiable])
        record("for forward", ctx.saved_for_forward)
        record("requires", ctx.requires_grad)
        record("next", [edge[1] for edge in ctx.next_functions])
        record("name", ctx.name())
        record("metadata", ctx.metadata)
        record("mode", torch.is_grad_enabled())
        record("inputs", [x.requires_grad, y.requires_grad])
        return x * n + y

    function(torch, forward).apply(leaf(torch), 3, torch.ones(2))


@scenario
def backward_runs_without_recording(torch: Any, record: Recorder) -> None:
    def backward(ctx: Any, grad: Any) -> Any:
        record("mode", [torch.is_grad_enabled(), grad.requires_grad])
        return grad * 2

    x = leaf(torch)
    y = function(torch, lambda ctx, x: x * 2, backward).apply(x)
    y.sum().backward(retain_graph=True)
    record("grad", x.grad)
    torch.autograd.grad(y.sum(), x, create_graph=True)


@scenario
def attributes_of_the_context_are_kept(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any, n: int) -> Any:
        ctx.n = n
        ctx.outputs, ctx.backend, ctx.saved = (x * 2,), "a", None
        record("all", sorted(vars(ctx).keys() - {"needs_input_grad"}))
        return x * n

    def backward(ctx: Any, grad: Any) -> Any:
        record("attributes", [ctx.n, ctx.outputs, ctx.backend, ctx.saved])
        with record.raises("missing"):
            print(ctx.missing)
        return grad * ctx.n, None

    x = leaf(torch)
    function(torch, forward, backward).apply(x, 3).sum().backward()
    record("grad", x.grad)


@scenario
def saving_inputs_outputs_and_intermediates(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        middle = x.exp()
        result = middle + 1
        ctx.save_for_backward(x, middle, None, result)
        record("not yet", ctx.saved_tensors)
        return result

    def backward(ctx: Any, grad: Any) -> Any:
        record("in backward", ctx.saved_tensors)
        return grad * ctx.saved_tensors[1]

    x = leaf(torch)
    y = function(torch, forward, backward).apply(x)
    saved = y.grad_fn.saved_tensors
    record("saved", saved)
    record("input is itself", saved[0] is x)
    record("output has the node", saved[3].grad_fn is y.grad_fn)
    record("output is new", saved[3] is y)
    record("left", y.grad_fn.to_save)
    record("raw", len(y.grad_fn._raw_saved_tensors))
    y.sum().backward()
    record("grad", x.grad)


@scenario
def saving_twice_keeps_the_last(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        ctx.save_for_backward(x * 2, x * 3)
        return x * 4

    record("saved", function(torch, forward).apply(leaf(torch)).grad_fn.saved_tensors)


@scenario
def saving_what_is_no_tensor(torch: Any, record: Recorder) -> None:
    for value in (3, "a", [torch.ones(2)], (torch.ones(2),)):

        def forward(ctx: Any, x: Any, value: Any = value) -> Any:
            ctx.save_for_backward(x, value)
            return x * 2

        with record.raises("refused"):
            function(torch, forward).apply(leaf(torch))
        record("unrecorded", function(torch, forward).apply(torch.ones(2)))


@scenario
def saved_tensors_after_release(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * 2

    y = function(torch, forward, lambda ctx, grad: grad * ctx.saved_tensors[0]).apply(leaf(torch))
    y.sum().backward()
    node = y.grad_fn
    with record.raises("saved_tensors"):
        print(node.saved_tensors)
    with record.raises("raw"):
        print(node._raw_saved_tensors)
    with record.raises("backward"):
        y.sum().backward()
    record("next", len(node.next_functions))


@scenario
def a_function_that_saves_nothing_runs_again(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = doubled(torch).apply(x)
    y.sum().backward()
    y.sum().backward()
    record("grad", x.grad)
    with record.raises("saved"):
        print(y.grad_fn.saved_tensors)


@scenario
def saved_variables_is_deprecated(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * 2

    record("variables", function(torch, forward).apply(leaf(torch)).grad_fn.saved_variables)


@scenario
def writing_saved_tensors_is_noticed(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        middle, result = x * 2, x * 3
        ctx.save_for_backward(x, middle, result)
        return result, middle

    for k in range(3):
        x = leaf(torch) * 1
        y, middle = function(torch, forward, lambda ctx, *g: (ctx.saved_tensors, g[0])[1]).apply(x)
        node = y.grad_fn
        with torch.no_grad():
            (x, middle, y)[k].add_(1)
        with record.raises("saved"):
            print(node.saved_tensors)


@scenario
def context_attributes_that_cannot_be_set(torch: Any, record: Recorder) -> None:
    names = ("saved_tensors", "saved_variables", "next_functions", "metadata", "requires_grad")
    for name in (*names, "_raw_saved_tensors"):

        def forward(ctx: Any, x: Any, name: str = name) -> Any:
            setattr(ctx, name, 1)
            return x * 2

        with record.raises(name):
            function(torch, forward).apply(leaf(torch))

    def reads(ctx: Any, x: Any) -> Any:
        return ctx.materialize_grads

    with record.raises("materialize_grads"):
        function(torch, reads).apply(leaf(torch))


@scenario
def context_attributes_of_the_wrong_kind(torch: Any, record: Recorder) -> None:
    wrong: list[tuple[str, Any]] = [
        ("to_save", 3),
        ("to_save", [torch.ones(2)]),
        ("dirty_tensors", 3),
        ("dirty_tensors", (3,)),
        ("non_differentiable", 3),
        ("non_differentiable", (3,)),
        ("materialize_grads", 0),
        ("_materialize_non_diff_grads", 0),
    ]
    for name, value in wrong:

        def forward(ctx: Any, x: Any, name: str = name, value: Any = value) -> Any:
            setattr(ctx, name, value)
            return x * 2

        with record.raises(name):
            function(torch, forward).apply(leaf(torch))


@scenario
def needs_input_grad_by_argument(torch: Any, record: Recorder) -> None:
    custom = function(torch, lambda ctx, *args: args[0] * 2)
    x, ints = leaf(torch), torch.tensor([1, 2])
    y = custom.apply(x, 3, torch.ones(2), None, ints, [x], x)
    record("needs", y.grad_fn.needs_input_grad)
    record.graph("graph", y)
    with torch.no_grad():
        y = custom.apply(x)
    record("no grad", y)
