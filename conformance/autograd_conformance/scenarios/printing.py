"""How tensors of every place in the graph print."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


@scenario
def leaves_print_requires_grad(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.5])
    record("plain", repr(x))
    record("leaf", repr(x.requires_grad_()))
    record("detached", str(x.detach()))


@scenario
def results_print_their_node(torch: Any, record: Recorder) -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    record("product", repr(x * x))
    record("matrix product", repr(x @ x))
    record("reduction", repr(x.sum()))
    record("view", repr(x[0]))
    record("several outputs", [repr(part) for part in x.unbind()])
    with torch.no_grad():
        record("not recorded", repr(x * x))


@scenario
def written_tensors_print_the_write(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    view = y[:2]
    y.mul_(3)
    record("base", repr(y))
    record("view of it", repr(view))
    view.add_(1)
    record("base written through the view", repr(y))


@scenario
def nodes_and_edges_print(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0], requires_grad=True)
    y = x.exp()
    record("node", repr(y.grad_fn))
    record("next functions", repr(y.grad_fn.next_functions))
    record("type", str(type(y.grad_fn)))


@scenario
def formatting_a_tensor(torch: Any, record: Recorder) -> None:
    x = torch.tensor(1.5, requires_grad=True)
    record("plain format", f"{x}")
    record("number format", f"{x.detach():.3f}")
    with record.raises("number format of a leaf"):
        record("it", f"{x:.3f}")
    with record.raises("number format of a vector"):
        f"{torch.ones(2):.3f}"


@scenario
def nodes_of_custom_functions_print(torch: Any, record: Recorder) -> None:
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * 2

    y = Double.apply(torch.ones(1, requires_grad=True))
    record("tensor", repr(y))
    record("node", repr(y.grad_fn))
    record("type", str(type(y.grad_fn)))
