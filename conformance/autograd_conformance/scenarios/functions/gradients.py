"""What backward may return, and functions differentiated twice."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.functions import function, leaf
from autograd_conformance.scenarios.recording import Recorder, scenario


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
