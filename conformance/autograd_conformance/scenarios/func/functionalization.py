"""``functionalize``: writes come out at the end, and what results share memory with."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


@scenario
def an_argument_is_written_once_at_the_end(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    output = torch.func.functionalize(lambda x: x.add_(3).mul_(2))(x)
    record("both", [output, x])
    record("same", output is x)
    base = torch.ones(4)
    torch.func.functionalize(lambda view: view.mul_(5))(base[1:3])
    record("through a view", base)
    y = torch.ones(2, requires_grad=True) * 2
    record("recorded", torch.func.functionalize(lambda y: y.mul_(3))(y))
    record("its history", y)


@scenario
def what_results_share_memory_with(torch: Any, record: Recorder) -> None:
    def parts(x: Any) -> Any:
        y = x * 1
        y.add_(2)
        z = y.view(2, 1)
        z.mul_(2)
        return y, z

    for remove in ("mutations", "mutations_and_views"):
        functionalize = torch.func.functionalize
        x = torch.tensor([1.0, 2.0])
        record(remove, [part.tolist() for part in functionalize(parts, remove=remove)(x)])
        record("as it came", functionalize(lambda x: x, remove=remove)(x) is x)
        view = functionalize(lambda x: x[:1], remove=remove)(x)
        record("a view", [view._is_view(), view._base is x])
        view.zero_()
        record("written", x)
    with record.raises("another option"):
        torch.func.functionalize(parts, remove="views")(x)


@scenario
def functionalize_with_other_transforms(torch: Any, record: Recorder) -> None:
    def function(x: Any) -> Any:
        return (x * x).add_(1)

    functionalized = torch.func.functionalize(function)
    x = torch.tensor([1.0, 2.0])
    record("grad", torch.func.grad(lambda x: functionalized(x).sum())(x))
    record("vmap", torch.vmap(functionalized)(x.expand(2, 2)).tolist())
    y = torch.tensor([1.0, 2.0], requires_grad=True)
    functionalized(y).sum().backward()
    record("backward", y.grad.tolist())
