"""How functions are written, called and found in the graph; what keeps them alive."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from typing import Any

from autograd_conformance.scenarios.functions import doubled, function, leaf
from autograd_conformance.scenarios.recording import Recorder, scenario


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
