"""``linearize``: what is recorded, and that the function is not called again."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _linearized(torch: Any, function: Callable[..., Any], *primals: Any) -> Any:
    """Linearize, and push zeros once; torch's tracer warns of itself the first time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        output, push = torch.func.linearize(function, *primals)
        push(*(torch.zeros_like(primal) for primal in primals))
    return output, push


@scenario
def the_function_runs_twice_and_never_again(torch: Any, record: Recorder) -> None:
    calls: list[Any] = []

    def function(x: Any) -> Any:
        calls.append(x.shape)
        return {"wave": x.sin() * x, "sum": [x.sum()]}

    x = torch.tensor([1.0, 2.0])
    output, push = _linearized(torch, function, x)
    record("output", output)
    for factor in (1.0, 2.0):
        record("tangents", push(torch.tensor([1.0, 3.0]) * factor))
    record("calls", len(calls))


@scenario
def writes_are_part_of_the_recording(torch: Any, record: Recorder) -> None:
    def function(x: Any) -> Any:
        y = x.clone()
        y.mul_(x)
        y[0] = 5 * y[1]
        z = torch.zeros(3)
        z[1:] = y
        return y, z.add_(1)

    output, push = _linearized(torch, function, torch.tensor([1.0, 2.0]))
    record("output", output)
    tangent = torch.tensor([1.0, 2.0])
    for _ in range(2):
        record("tangents", [found.tolist() for found in push(tangent)])
    record("given", tangent)
    record("a batch", [found.tolist() for found in torch.vmap(push)(torch.eye(2))])


@scenario
def nothing_flows_back_to_what_was_captured(torch: Any, record: Recorder) -> None:
    weight = torch.tensor([3.0, 4.0], requires_grad=True)
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    output, push = _linearized(torch, lambda x: x * x * weight, x)
    tangent = torch.ones(2, requires_grad=True)
    pushed = push(tangent)
    record("pushed", [pushed.tolist(), pushed.requires_grad])
    pushed.sum().backward()
    record("gradients", [x.grad, weight.grad, tangent.grad.tolist()])
    output.sum().backward()
    record("of the output", [x.grad.tolist(), weight.grad.tolist()])


@scenario
def transforms_of_what_was_recorded(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    _, push = _linearized(torch, lambda x: x.sin() * x, x)
    record("grad", torch.func.grad(lambda t: push(t).sum())(x))
    record("jacrev", torch.func.jacrev(push)(x))
    record("vmap", torch.vmap(push)(torch.eye(2)))
    gradient = torch.func.grad(lambda x: (x**3).sum())
    record("of a gradient", _linearized(torch, gradient, x)[1](torch.ones(2)))


@scenario
def linearize_stands_on_forward_ad(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    linearize = torch.func.linearize

    def pushed(x: Any) -> Any:
        return _linearized(torch, lambda x: x * x, x)[1](torch.ones(2))

    with torch.autograd.forward_ad.dual_level(), record.raises("in a level"):
        pushed(x)
    with record.raises("under jvp"):
        torch.func.jvp(pushed, (x,), (x,))
    with record.raises("under vmap"):
        torch.vmap(pushed)(torch.ones(3, 2))
    with record.raises("of itself"):
        _linearized(torch, pushed, x)
    with record.raises("integers"):
        linearize(lambda x: x * 2, torch.tensor([1, 2]))
    with record.raises("numbers"):
        linearize(lambda x: x, 3)
    with torch.no_grad():
        record("without grad mode", pushed(x))


@scenario
def custom_functions_are_asked_for_tangents_once(torch: Any, record: Recorder) -> None:
    calls: list[str] = []

    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            calls.append("forward")
            ctx.save_for_forward(x)
            return x * x

        @staticmethod
        def jvp(ctx: Any, tangent: Any) -> Any:
            calls.append("jvp")
            (x,) = ctx.saved_tensors
            return 2 * x * tangent

    _, push = _linearized(torch, Square.apply, torch.tensor([1.0, 2.0]))
    record("pushed", push(torch.tensor([1.0, 10.0])))
    record("calls", calls)
