"""Marks on inputs and outputs, views and inputs among the outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.functions import function, leaf
from autograd_conformance.scenarios.recording import Recorder, scenario


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
