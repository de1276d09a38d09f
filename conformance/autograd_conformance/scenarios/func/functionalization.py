"""``functionalize``: writes come out as results, and results share no memory."""

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
def results_share_no_memory(torch: Any, record: Recorder) -> None:
    def parts(x: Any) -> Any:
        y = x * 1
        y.add_(2)
        z = y.view(2, 1)
        z.mul_(2)
        return y, z, x[:1]

    x = torch.tensor([1.0, 2.0])
    for remove in ("mutations", "mutations_and_views"):
        record(remove, torch.func.functionalize(parts, remove=remove)(x))
    view = torch.func.functionalize(lambda x: x[:1])(x)
    view.zero_()
    record("not written", x)
    record("as it came", torch.func.functionalize(lambda x: x)(x) is x)
    with record.raises("another option"):
        torch.func.functionalize(parts, remove="views")(x)


@scenario
def functionalize_with_other_transforms(torch: Any, record: Recorder) -> None:
    def function(x: Any) -> Any:
        return (x * x).add_(1)

    functionalized = torch.func.functionalize(function)
    x = torch.tensor([1.0, 2.0])
    record("grad", torch.func.grad(lambda x: functionalized(x).sum())(x))
    record("vmap", torch.vmap(functionalized)(x.expand(2, 2)))
    y = torch.tensor([1.0, 2.0], requires_grad=True)
    functionalized(y).sum().backward()
    record("backward", y.grad)
