"""jvp, vmap and transforms of custom functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.functions import doubled, function, leaf
from autograd_conformance.scenarios.recording import Recorder, scenario


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
