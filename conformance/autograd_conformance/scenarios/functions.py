"""Custom Functions: what ``ctx`` is told, what outputs become, what backward may return."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def function(
    torch: Any,
    forward: Callable[..., Any],
    backward: Callable[..., Any] = lambda ctx, *grads: grads,
    **members: Any,
) -> Any:
    """A custom Function named Custom of these methods."""
    methods = {"forward": forward, "backward": backward, **members}
    methods = {k: staticmethod(v) if callable(v) else v for k, v in methods.items()}
    return type("Custom", (torch.autograd.Function,), methods)


def leaf(torch: Any) -> Any:
    return torch.tensor([1.0, 2.0], requires_grad=True)


def doubled(torch: Any) -> Any:
    return function(torch, lambda ctx, x: x * 2, lambda ctx, grad: grad * 2)


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


@scenario
def mark_dirty_gives_the_input_a_history(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.mul_(5)

    x = leaf(torch)
    a = x * 1
    before = a.grad_fn
    custom = function(torch, forward, lambda ctx, grad: grad * 5)
    y = custom.apply(a)
    record("same", y is a)
    record("output", y)
    record("on top", y.grad_fn.next_functions[0][0] is before)
    y.sum().backward()
    record("grad", x.grad)
    plain = torch.ones(2)
    record("unrecorded", custom.apply(plain) is plain)
    with torch.no_grad():
        b = x * 1
        record("no grad", custom.apply(b) is b)


@scenario
def mark_dirty_through_a_view(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.mul_(5)

    x = leaf(torch)
    base = x * 1
    part = base[:1]
    y = function(torch, forward, lambda ctx, grad: grad * 5).apply(part)
    record("same", y is part)
    record("view", y)
    record("base", base)
    record.graph("graph", base)
    record("grad", torch.autograd.grad(base.sum(), x))


@scenario
def mark_dirty_refusals(torch: Any, record: Recorder) -> None:
    def write(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.add_(1)

    custom = function(torch, write, lambda ctx, grad: grad)
    with record.raises("leaf"):
        custom.apply(leaf(torch))
    with record.raises("view of a leaf"):
        custom.apply(leaf(torch)[:1])
    with record.raises("one of several views"):
        custom.apply((leaf(torch) * 1).unbind()[0])

    def and_more(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.add_(1), x * 2

    with record.raises("view among others"):
        function(torch, and_more, lambda ctx, g, h: g).apply((leaf(torch) * 1)[:1])
    record("several", function(torch, and_more, lambda ctx, g, h: g).apply(leaf(torch) * 1))

    def not_returned(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        x.add_(1)
        return x * 2

    for x in (leaf(torch) * 1, torch.ones(2)):
        with record.raises("not returned"):
            function(torch, not_returned).apply(x)

    def no_input(ctx: Any, x: Any) -> Any:
        y = x * 2
        ctx.mark_dirty(y)
        return y

    record("no input", function(torch, no_input).apply(leaf(torch)))

    def no_tensor(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(3)
        return x * 2

    with record.raises("no tensor"):
        function(torch, no_tensor).apply(leaf(torch))


@scenario
def mark_dirty_of_what_requires_nothing(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any, y: Any) -> Any:
        ctx.mark_dirty(x)
        return x.mul_(y)

    plain = torch.ones(2)
    y = function(torch, forward, lambda ctx, grad: (grad, grad)).apply(plain, leaf(torch))
    record("same", y is plain)
    record("output", y)
    record.graph("graph", y)


@scenario
def mark_non_differentiable(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        order = x * 3
        ctx.mark_non_differentiable(order)
        ctx.save_for_backward(order)
        return x * 2, order, x.long()

    def backward(ctx: Any, *grads: Any) -> Any:
        record("grads", grads)
        return grads[0] * 2

    y, order, whole = function(torch, forward, backward).apply(leaf(torch))
    record("outputs", [y, order, whole])
    record("saved is itself", y.grad_fn.saved_tensors[0] is order)
    y.sum().backward()

    def all_marked(ctx: Any, x: Any) -> Any:
        ctx.mark_non_differentiable(x)
        return x

    x = leaf(torch) * 1
    z = function(torch, all_marked).apply(x)
    record("input", [z, z is x])

    def no_tensor(ctx: Any, x: Any) -> Any:
        ctx.mark_non_differentiable(3)
        return x * 2

    with record.raises("no tensor"):
        function(torch, no_tensor).apply(leaf(torch))


@scenario
def gradients_that_nothing_gave(torch: Any, record: Recorder) -> None:
    for materialize in (True, False):

        def forward(ctx: Any, x: Any, materialize: bool = materialize) -> Any:
            ctx.set_materialize_grads(materialize)
            return x * 2, 4, x.double(), None

        def backward(ctx: Any, *grads: Any) -> Any:
            record("grads", grads)
            return grads[0]

        y = function(torch, forward, backward).apply(leaf(torch))
        y[0].sum().backward()

    def wrong(ctx: Any, x: Any) -> Any:
        ctx.set_materialize_grads("yes")
        return x

    with record.raises("no bool"):
        function(torch, wrong).apply(leaf(torch))


@scenario
def gradients_of_marked_outputs(torch: Any, record: Recorder) -> None:
    for value in (True, False):

        def forward(ctx: Any, x: Any, value: bool = value) -> Any:
            order = x * 3
            ctx.mark_non_differentiable(order)
            ctx._materialize_non_diff_grads = value
            record("setting", ctx._materialize_non_diff_grads)
            return x * 2, order

        def backward(ctx: Any, *grads: Any) -> Any:
            record("grads", grads)
            return grads[0]

        function(torch, forward, backward).apply(leaf(torch))[0].sum().backward()


@scenario
def a_gradient_of_none_runs_the_next_function(torch: Any, record: Recorder) -> None:
    def backward(ctx: Any, grad: Any) -> Any:
        record("called with", grad)
        return grad

    for materialize in (True, False):

        def forward(ctx: Any, x: Any, materialize: bool = materialize) -> Any:
            ctx.set_materialize_grads(materialize)
            return x * 1

        x = leaf(torch)
        y = function(torch, forward, backward).apply(x)
        z = function(torch, lambda ctx, y: y * 1, lambda ctx, grad: None).apply(y)
        record("grad", torch.autograd.grad(z.sum(), x, allow_unused=True))


@scenario
def what_forward_may_return(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    returned: list[Callable[[Any], Any]] = [
        lambda x: None,
        lambda x: 3,
        lambda x: (),
        lambda x: [x * 1],
        lambda x: {"a": x * 1, "b": (x * 2,)},
        lambda x: (x * 1, "text", None, x * 2, [x * 3]),
        lambda x: (x * 1,),
        lambda x: x.long(),
        lambda x: (x.long(), x * 1),
    ]
    for make in returned:
        record("output", function(torch, lambda ctx, x, make=make: make(x)).apply(x))


@scenario
def one_output_twice(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        y = x * 2
        return y, y

    def backward(ctx: Any, *grads: Any) -> Any:
        record("grads", grads)
        return grads[0] + grads[1]

    y, z = function(torch, forward, backward).apply(leaf(torch))
    record("same", y is z)
    record("number", y.output_nr)
    y.sum().backward()


@scenario
def an_input_returned_as_it_is(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    custom = function(torch, lambda ctx, x: x, lambda ctx, grad: grad * 7)
    for given in (x, x * 1, torch.ones(2), torch.tensor([1, 2])):
        y = custom.apply(given)
        record("output", y)
        record("same", [y is given, y._base is given])
    record("grad", torch.autograd.grad(custom.apply(x).sum(), x))
    with torch.no_grad():
        record("no grad", custom.apply(x))
    two = function(torch, lambda ctx, x, y: (x, y), lambda ctx, g, h: (g, h))
    record("two", two.apply(torch.ones(2), x))


@scenario
def writing_an_input_returned_as_it_is(torch: Any, record: Recorder) -> None:
    custom = function(torch, lambda ctx, x: x, lambda ctx, grad: grad * 7)
    a = leaf(torch) * 1
    y = custom.apply(a)
    with record.raises("output"):
        y.add_(1)
    a.add_(1)
    with record.raises("history"):
        print(y.grad_fn)
    two = function(torch, lambda ctx, x, y: (x, y), lambda ctx, g, h: (g, h))
    y = two.apply(torch.ones(2), leaf(torch))[0]
    with record.raises("one of two"):
        y.add_(1)
    plain = custom.apply(torch.ones(2))
    record("plain", plain.add_(1))


@scenario
def views_made_in_forward(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    a = x * 1
    part = function(torch, lambda ctx, x: x[:1], lambda ctx, grad: torch.ones(2))
    y = part.apply(a)
    record("view of the input", [y, y._base is a])
    with record.raises("writing it"):
        y.add_(1)
    inner = function(torch, lambda ctx, x: (x * 2)[:1], lambda ctx, grad: torch.ones(2))
    y = inner.apply(x)
    record("view of an intermediate", [y, y._base is None])
    with record.raises("writing that"):
        y.add_(1)
    both = function(torch, lambda ctx, x: (x[:1], x[1:]), lambda ctx, *grads: torch.ones(2))
    y, z = both.apply(a)
    record("two", [y, z])
    with record.raises("writing one of two"):
        y.add_(1)
    a.add_(1)
    with record.raises("their history"):
        print(z.grad_fn)

    def with_view(ctx: Any, x: Any) -> Any:
        y = x * 2
        return y, y[:1]

    y, z = function(torch, with_view, lambda ctx, *grads: torch.ones(2)).apply(x)
    record("output and its view", [y, z, z._base is y])
    y.add_(1)
    with record.raises("the view's history"):
        print(z.grad_fn)


@scenario
def views_of_plain_inputs(torch: Any, record: Recorder) -> None:
    plain = torch.ones(2)
    part = function(torch, lambda ctx, x: x[:1], lambda ctx, grad: torch.ones(2))
    y = part.apply(plain)
    record("view", [y, y._base is plain])
    record("written", y.add_(1))
    with record.raises("recorded write"):
        y.mul_(leaf(torch)[:1])
    record("base", plain)


@scenario
def a_pure_view(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        ctx._is_pure_view = True
        return x.view(-1)

    a = leaf(torch) * 1
    y = function(torch, forward, lambda ctx, grad: grad).apply(a)
    record("view", [y, y._base is a])
    y.add_(1)
    record("written", [y, a])


@scenario
def detached_outputs(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = function(torch, lambda ctx, x: x.detach(), lambda ctx, grad: grad).apply(x)
    record("output", [y, y._base is None])
    y.add_(1)
    record("written", [y, x])


@scenario
def what_is_recorded_in_forward_is_replaced(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any, marks: bool) -> Any:
        with torch.enable_grad():
            y = x * 2
        if marks:
            ctx.mark_non_differentiable(y)
        return y

    custom = function(torch, forward, lambda ctx, grad: (grad * 3, None))
    x = leaf(torch)
    y = custom.apply(x, False)
    record("output", y)
    record.graph("graph", y)
    record("marked", custom.apply(x, True))
    record("from a plain input", custom.apply(torch.ones(2), False))


@scenario
def wrong_numbers_of_gradients(torch: Any, record: Recorder) -> None:
    ones = torch.ones(2)
    returned: list[Any] = [
        (ones,),
        ones,
        (ones, None, None),
        (ones, None, ones),
        (ones, None, 3),
        None,
        (),
        [ones, None],
    ]
    for create_graph in (False, True):
        for result in returned:
            custom = function(torch, lambda ctx, x, n: x * n, lambda ctx, grad, r=result: r)
            x = leaf(torch)
            y = custom.apply(x, 3)
            with record.raises("backward"):
                record("grad", torch.autograd.grad(y.sum(), x, create_graph=create_graph))


@scenario
def wrong_kinds_of_gradients(torch: Any, record: Recorder) -> None:
    ones = torch.ones(2)
    for result in ((3, None), ("a", None), ([ones], None), (ones, ones), (ones, 1)):
        custom = function(torch, lambda ctx, x, n: x * n, lambda ctx, grad, r=result: r)
        with record.raises("backward"):
            custom.apply(leaf(torch), 3).sum().backward()


@scenario
def gradients_of_other_shapes(torch: Any, record: Recorder) -> None:
    for shape in ((3,), (1,), (), (3, 2), (2, 1)):
        custom = function(torch, lambda ctx, x: x * 2, lambda ctx, grad, s=shape: torch.ones(s))
        x = leaf(torch)
        with record.raises("backward"):
            custom.apply(x).sum().backward()
        record("grad", x.grad)


@scenario
def gradients_of_other_dtypes(torch: Any, record: Recorder) -> None:
    for dtype in (torch.float64, torch.float16, torch.int64, torch.bool, torch.complex64):
        custom = function(
            torch, lambda ctx, x: x * 2, lambda ctx, grad, d=dtype: torch.ones(2, dtype=d)
        )
        for make in (leaf, lambda t: leaf(t).detach().to(t.complex64).requires_grad_()):
            x = make(torch)
            with record.raises("backward"):
                custom.apply(x).abs().sum().backward()
            record("grad", x.grad)


@scenario
def double_backward(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x**3

    def backward(ctx: Any, grad: Any) -> Any:
        (x,) = ctx.saved_tensors
        return 3 * x * x * grad

    x = leaf(torch)
    y = function(torch, forward, backward).apply(x)
    (first,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    record("first", first)
    record.graph("graph", first)
    (second,) = torch.autograd.grad(first.sum(), x, create_graph=True)
    record("second", second)
    record("third", torch.autograd.grad(second.sum(), x))


@scenario
def once_differentiable(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x**2

    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Any) -> Any:
        record("mode", torch.is_grad_enabled())
        return 2 * ctx.saved_tensors[0] * grad

    x = leaf(torch)
    custom = function(torch, forward, backward)
    record("plain", torch.autograd.grad(custom.apply(x).sum(), x))
    record("of constants", torch.autograd.grad(custom.apply(x).sum(), x, create_graph=True))
    y = custom.apply(x)
    (grad,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)
    record("grad", grad)
    record.graph("graph", grad)
    with record.raises("second"):
        grad.sum().backward()


@scenario
def once_differentiable_with_several_results(torch: Any, record: Recorder) -> None:
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Any) -> Any:
        return grad * 2, None, grad * 3

    x, y = leaf(torch), leaf(torch)
    z = function(torch, lambda ctx, x, n, y: x * n + y, backward).apply(x, 2, y)
    grads = torch.autograd.grad((z * z).sum(), [x, y], create_graph=True)
    record("grads", grads)
    record("same node", grads[0].grad_fn is grads[1].grad_fn)
    record("numbers", [grad.output_nr for grad in grads])
    with record.raises("second"):
        torch.autograd.grad(grads[1].sum(), x)


@scenario
def setup_context_fills_the_context(torch: Any, record: Recorder) -> None:
    def setup(ctx: Any, inputs: Any, output: Any) -> Any:
        record("inputs", inputs)
        record("output", output)
        record("mode", torch.is_grad_enabled())
        ctx.save_for_backward(inputs[0], output)
        return "ignored"

    def backward(ctx: Any, grad: Any) -> Any:
        record("saved", ctx.saved_tensors)
        return grad * 2, None

    x = leaf(torch)
    custom = function(torch, lambda x, n: x * n, backward, setup_context=setup)
    y = custom.apply(x, 2)
    record("result", y)
    y.sum().backward()
    record("grad", x.grad)


@scenario
def setup_context_and_inputs_returned_as_they_are(torch: Any, record: Recorder) -> None:
    def saves_output(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(output)

    def saves_input(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(inputs[0])

    for setup in (saves_output, saves_input):
        for x in (leaf(torch), torch.ones(2)):
            with record.raises("as it is"):
                function(torch, lambda x: x, setup_context=setup).apply(x)
    y = function(torch, lambda x: x.view_as(x), setup_context=saves_output).apply(leaf(torch))
    record("a view", y.grad_fn.saved_tensors)


@scenario
def keyword_arguments(torch: Any, record: Recorder) -> None:
    x, ones = leaf(torch), torch.ones(2)
    custom = function(torch, lambda ctx, a, b=None: a * 2 if b is None else a * b)
    record("by name", custom.apply(a=ones, b=x).grad_fn.needs_input_grad)
    record("any order", custom.apply(b=x, a=ones).grad_fn.needs_input_grad)
    record("mixed", custom.apply(x, b=ones).grad_fn.needs_input_grad)
    record("one", custom.apply(a=x).grad_fn.needs_input_grad)
    for args, kwargs in (
        ((x,), {"c": x}),
        ((), {"b": x}),
        ((x,), {"a": x}),
        ((x, x), {"b": x}),
        ((x, x, x), {}),
        ((), {}),
    ):
        with record.raises("refused"):
            custom.apply(*args, **kwargs)


@scenario
def keyword_arguments_with_setup_context(torch: Any, record: Recorder) -> None:
    def setup(ctx: Any, inputs: Any, output: Any) -> None:
        record("inputs", inputs)

    x = leaf(torch)
    custom = function(torch, lambda a, b=None: a * 2, setup_context=setup)
    record("default", custom.apply(x).grad_fn.needs_input_grad)
    record("by name", custom.apply(b=3, a=x).grad_fn.needs_input_grad)
    with record.raises("unknown"):
        custom.apply(x, c=1)
    only = function(torch, lambda a, *, b=None: a * 2, setup_context=setup)
    with record.raises("keyword only"):
        only.apply(x, b=1)


@scenario
def methods_that_are_missing(torch: Any, record: Recorder) -> None:
    base, x = torch.autograd.Function, leaf(torch)
    with record.raises("forward"):
        base.apply(x)
    with record.raises("setup_context"):
        base.setup_context(None, (), None)
    with record.raises("jvp"):
        base.jvp(None, x)
    with record.raises("vmap"):
        base.vmap(None, (), x)
    only: Any = type("Custom", (base,), {"forward": staticmethod(lambda ctx, x: x * 2)})
    with record.raises("backward"):
        only.apply(x).sum().backward()


@scenario
def vjp_is_another_name_of_backward(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    members = {
        "forward": staticmethod(lambda ctx, x: x * 9),
        "vjp": staticmethod(lambda ctx, grad: grad * 9),
    }
    custom: Any = type("Custom", (torch.autograd.Function,), members)
    record("grad", torch.autograd.grad(custom.apply(x).sum(), x))
    both: Any = type("Custom", (custom,), {"backward": staticmethod(lambda ctx, grad: grad)})
    with record.raises("both"):
        torch.autograd.grad(both.apply(x).sum(), x)


@scenario
def functions_are_not_to_be_instantiated(torch: Any, record: Recorder) -> None:
    custom = doubled(torch)
    made = custom()
    with record.raises("call"):
        made(leaf(torch))
    inplace = type("Custom", (torch.autograd.function.InplaceFunction,), {})
    record("inplace", inplace(True).inplace)
    record(
        "legacy base", issubclass(torch.autograd.function.NestedIOFunction, torch.autograd.Function)
    )


@scenario
def errors_pass_through(torch: Any, record: Recorder) -> None:
    def fail(ctx: Any, *args: Any) -> Any:
        raise ValueError("own text")

    with record.raises("forward"):
        function(torch, fail).apply(leaf(torch))
    with record.raises("backward"):
        function(torch, lambda ctx, x: x * 2, fail).apply(leaf(torch)).sum().backward()
    record("mode", torch.is_grad_enabled())


@scenario
def nodes_cannot_be_copied_or_called(torch: Any, record: Recorder) -> None:
    node = doubled(torch).apply(leaf(torch)).grad_fn
    for name, make in (("pickle", pickle.dumps), ("copy", copy.copy), ("deepcopy", copy.deepcopy)):
        with record.raises(name):
            make(node)
    with record.raises("call"):
        node(torch.ones(2))
    record("apply", node.apply(torch.ones(2)))


@scenario
def hooks_on_the_node(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = function(torch, lambda ctx, x, n, y: x * n, lambda ctx, g: (g * 2, None, None)).apply(
        x, 2, torch.ones(2)
    )
    node = y.grad_fn
    node.register_prehook(lambda grads: record("before", grads))
    node.register_hook(lambda inputs, outputs: record("after", [inputs, outputs]))
    handle = node.register_hook(lambda inputs, outputs: (inputs[0] * 10, None))
    y.sum().backward(retain_graph=True)
    record("grad", x.grad)
    handle.remove()
    y.sum().backward()
    record("again", x.grad)


@scenario
def a_graph_that_is_dropped_leaves_no_cycle(torch: Any, record: Recorder) -> None:
    def saves(which: str) -> bool:
        def forward(ctx: Any, x: Any) -> Any:
            y = x * 2
            ctx.save_for_backward({"input": x, "output": y, "intermediate": x * 3}[which])
            return y

        y = function(torch, forward).apply(leaf(torch))
        dead = weakref.ref(y)
        del y
        return dead() is None

    gc.collect()
    gc.disable()
    try:
        record("dead", [saves(which) for which in ("input", "output", "intermediate")])
    finally:
        gc.enable()


@scenario
def the_context_outlives_the_output(torch: Any, record: Recorder) -> None:
    kept = []

    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        kept.append(ctx)
        return x * 2

    custom = function(torch, forward)
    custom.apply(leaf(torch))
    record("recorded", [kept[0].saved_tensors, kept[0].needs_input_grad, kept[0].to_save])
    with torch.no_grad():
        custom.apply(leaf(torch))
    record("not recorded", [kept[1].saved_tensors, kept[1].needs_input_grad, kept[1].to_save])
    record("edges", [len(ctx.next_functions) for ctx in kept])


@scenario
def sequence_numbers_are_given_before_forward(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        with torch.enable_grad():
            inner = x * 1
        record("later", inner.grad_fn._sequence_nr() - ctx._sequence_nr())
        return x * 2

    y = function(torch, forward).apply(leaf(torch))
    record("next", (y * 1).grad_fn._sequence_nr() - y.grad_fn._sequence_nr())


@scenario
def in_inference_mode(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any, y: Any) -> Any:
        ctx.save_for_backward(y)
        return x * y

    custom = function(torch, forward, lambda ctx, grad: (grad * ctx.saved_tensors[0], None))
    x = leaf(torch)
    with torch.inference_mode():
        made = torch.ones(2)
        y = custom.apply(x, made)
        record("inside", [y.requires_grad, y.is_inference()])
    with record.raises("saving its tensors"):
        custom.apply(x, made)


@scenario
def backward_inside_backward(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        with torch.enable_grad():
            ctx.inner = x.detach().requires_grad_()
            ctx.result = (ctx.inner**2).sum()
        return ctx.result.detach()

    def backward(ctx: Any, grad: Any) -> Any:
        return torch.autograd.grad(ctx.result, ctx.inner, grad)[0]

    x = leaf(torch)
    function(torch, forward, backward).apply(x).backward()
    record("grad", x.grad)


@scenario
def saved_tensors_that_can_be_read_once(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * 2

    def twice(ctx: Any, grad: Any) -> Any:
        record("first", ctx.saved_tensors)
        print(ctx.saved_tensors)
        return grad

    once = function(torch, forward, twice, clear_saved_tensors_on_access=True)
    with record.raises("second"):
        once.apply(leaf(torch)).sum().backward()
    node = once.apply(leaf(torch)).grad_fn
    record("raw", len(node._raw_saved_tensors))
    record("read", node.saved_tensors)
    record("raw then", len(node._raw_saved_tensors))
    wrong = function(torch, forward, twice, clear_saved_tensors_on_access=3)
    with record.raises("no bool"):
        print(wrong.apply(leaf(torch)).grad_fn.saved_tensors)

    def clears(ctx: Any, grad: Any) -> Any:
        ctx.maybe_clear_saved_tensors()
        print(ctx.saved_tensors)
        return grad

    with record.raises("cleared"):
        function(torch, forward, clears).apply(leaf(torch)).sum().backward()


@scenario
def boxed_gradients(torch: Any, record: Recorder) -> None:
    def backward(ctx: Any, *args: Any) -> Any:
        record("arguments", args)
        return args[0].pop()

    custom = function(torch, lambda ctx, x: (x * 2, x * 3), backward, boxed_grads_call=True)
    x = leaf(torch)
    custom.apply(x)[1].sum().backward()
    record("grad", x.grad)


@scenario
def saved_tensor_hooks_see_what_is_saved(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        y = x.exp()
        ctx.save_for_backward(x, None, y, x * 2)
        return y

    def pack(tensor: Any) -> Any:
        record("pack", tensor)
        return tensor.detach()

    def unpack(tensor: Any) -> Any:
        record("unpack", tensor)
        return tensor

    x = leaf(torch)
    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        y = function(torch, forward, lambda ctx, grad: grad * ctx.saved_tensors[2]).apply(x)
    record("saved", y.grad_fn.saved_tensors)
    y.sum().backward()
    record("grad", x.grad)


@scenario
def hooks_on_one_saved_tensor(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x, None)
        return x * 2

    y = function(torch, forward, lambda ctx, grad: grad * ctx.saved_tensors[0]).apply(leaf(torch))
    first, second = y.grad_fn._raw_saved_tensors
    first.register_hooks(lambda t: t * 10, lambda t: t)
    record("saved", y.grad_fn.saved_tensors)
    with record.raises("again"):
        first.register_hooks(lambda t: t, lambda t: t)
    with record.raises("none"):
        second.register_hooks(lambda t: t, lambda t: t)


@scenario
def tangents_from_jvp(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any, n: int, y: Any) -> Any:
        ctx.save_for_forward(x)
        ctx.save_for_backward(y)
        record("tangent in forward", fw.unpack_dual(x).tangent)
        return x * x + y, 3

    def jvp(ctx: Any, x_t: Any, n: Any, y_t: Any) -> Any:
        record("tangents", [x_t, n, y_t])
        record("saved", ctx.saved_tensors)
        record("mode", torch.is_grad_enabled())
        return 2 * ctx.saved_tensors[0] * x_t, None

    fw = torch.autograd.forward_ad
    with fw.dual_level():
        x = fw.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([10.0, 20.0]))
        y, _ = function(torch, forward, jvp=jvp).apply(x, 3, torch.ones(2))
        record("dual", fw.unpack_dual(y))


@scenario
def wrong_results_of_jvp(torch: Any, record: Recorder) -> None:
    fw = torch.autograd.forward_ad
    results: list[Callable[[Any], Any]] = [
        lambda t: (t, t),
        lambda t: 3,
        lambda t: torch.ones(3),
        lambda t: torch.ones(2, dtype=torch.float64),
    ]
    with fw.dual_level():
        x = fw.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([10.0, 20.0]))
        with record.raises("no jvp"):
            doubled(torch).apply(x)
        for make in results:
            custom = function(torch, lambda ctx, x: x * 2, jvp=lambda ctx, t, make=make: make(t))
            with record.raises("jvp"):
                record("dual", fw.unpack_dual(custom.apply(x)))

        def marks(ctx: Any, x: Any) -> Any:
            y = x * 2
            ctx.mark_non_differentiable(y)
            return y

        with record.raises("not differentiable"):
            function(torch, marks, jvp=lambda ctx, t: t).apply(x)


@scenario
def jvp_of_writes_and_views(torch: Any, record: Recorder) -> None:
    fw = torch.autograd.forward_ad

    def writes(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.mul_(2)

    cases: list[tuple[str, Callable[..., Any], Callable[..., Any]]] = [
        ("write", writes, lambda ctx, t: t.mul_(2)),
        ("write, new tangent", writes, lambda ctx, t: t * 2),
        ("write, other tangent", writes, lambda ctx, t: (t.mul_(2), t.mul(1).mul_(2).mul_(2))[1]),
        ("view", lambda ctx, x: x[:1], lambda ctx, t: t[:1]),
        ("view, no view", lambda ctx, x: x[:1], lambda ctx, t: t[:1] * 1),
        ("view of another", lambda ctx, x: x[:1], lambda ctx, t: (t * 1)[:1]),
        ("as it is", lambda ctx, x: x, lambda ctx, t: t),
        ("as it is, view", lambda ctx, x: x, lambda ctx, t: t.view_as(t)),
    ]
    for name, forward, jvp in cases:
        with fw.dual_level():
            x = fw.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([10.0, 20.0]))
            with record.raises(name):
                record("dual", fw.unpack_dual(function(torch, forward, jvp=jvp).apply(x)))


@scenario
def jvp_where_the_written_input_has_no_tangent(torch: Any, record: Recorder) -> None:
    fw = torch.autograd.forward_ad

    def writes(ctx: Any, x: Any, y: Any) -> Any:
        ctx.mark_dirty(y)
        return y.mul_(x)

    with fw.dual_level():
        x = fw.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([10.0, 20.0]))
        y = torch.ones(2)
        z = function(torch, writes, jvp=lambda ctx, s, t: s * 1).apply(x, y)
        record("written", [fw.unpack_dual(z), fw.unpack_dual(y)])
        y = torch.ones(2)
        part = function(torch, lambda ctx, x, y: y[:1], jvp=lambda ctx, s, t: s[:1] * 1)
        z = part.apply(x, y)
        record("viewed", [fw.unpack_dual(z), fw.unpack_dual(y)])


@scenario
def backward_through_jvp(torch: Any, record: Recorder) -> None:
    fw = torch.autograd.forward_ad

    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_forward(x)
        return x * x

    custom = function(torch, forward, jvp=lambda ctx, t: 2 * ctx.saved_tensors[0] * t)
    x = leaf(torch)
    with fw.dual_level():
        tangent = torch.tensor([10.0, 20.0], requires_grad=True)
        y = custom.apply(fw.make_dual(x * 1, tangent))
        found = fw.unpack_dual(y).tangent
    record("tangent", found)
    record("grads", torch.autograd.grad(found.sum(), [x, tangent]))


@scenario
def under_transforms(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    combined = doubled(torch)
    with record.raises("no setup_context"):
        torch.func.grad(lambda x: combined.apply(x).sum())(x)

    def setup(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(inputs[0])

    cube = function(
        torch,
        lambda x: x**3,
        lambda ctx, grad: 3 * ctx.saved_tensors[0] ** 2 * grad,
        setup_context=setup,
        generate_vmap_rule=True,
    )
    record("grad", torch.func.grad(lambda x: cube.apply(x).sum())(x))
    record("second", torch.func.grad(lambda x: torch.func.grad(cube.apply)(x))(x[1]))
    record("vmap", torch.func.vmap(cube.apply)(x))
    record("both", torch.func.vmap(torch.func.grad(cube.apply))(x))


@scenario
def a_vmap_rule(torch: Any, record: Recorder) -> None:
    def rule(info: Any, in_dims: Any, x: Any, n: int) -> Any:
        record("info", [info.batch_size, info.randomness, in_dims])
        return x * n, in_dims[0]

    custom = function(
        torch,
        lambda x, n: x * n,
        lambda ctx, grad: (grad, None),
        setup_context=lambda ctx, inputs, output: None,
        vmap=rule,
    )
    record("output", torch.func.vmap(lambda x: custom.apply(x, 3))(torch.ones(2, 3)))
    without = function(
        torch,
        lambda x: x * 2,
        lambda ctx, grad: grad,
        setup_context=lambda ctx, inputs, output: None,
    )
    with record.raises("no rule"):
        torch.func.vmap(without.apply)(torch.ones(2, 3))
