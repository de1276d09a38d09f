"""Writes in place, and what the Tensors of a level look like."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario

# In place -----------------------------------------------------------------------------------------


@scenario
def writes_to_what_was_made_inside(torch: Any, record: Recorder) -> None:
    def f(x: Any) -> Any:
        y = torch.zeros(2)
        y.add_(x)
        y.mul_(x)
        z = x.clone()
        z[0] = 5.0
        z[1] *= y[0]
        return (y * z).sum()

    record("gradient", torch.func.grad(f)(torch.tensor([1.0, 2.0])))


@scenario
def writes_to_captured_tensors_are_refused(torch: Any, record: Recorder) -> None:
    captured = torch.zeros(2)
    x = torch.ones(2)

    def add(x: Any) -> Any:
        captured.add_(x)
        return captured.sum()

    def add_number(x: Any) -> Any:
        captured.add_(1)
        return x.sum()

    def exponential(x: Any) -> Any:
        captured.exp_()
        return x.sum()

    for f in (add, add_number, exponential):
        with record.raises(f.__name__):
            torch.func.grad(f)(x)
    record("captured", captured)


@scenario
def writes_to_an_input_reach_it(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])

    def f(x: Any) -> Any:
        y = x * 1
        y.mul_(2)
        return y.sum()

    record("gradient", torch.func.grad(f)(x))
    record("input", x)
    with record.raises("leaf"):
        torch.func.grad(lambda x: x.mul_(2).sum())(x)


@scenario
def writes_through_views(torch: Any, record: Recorder) -> None:
    def f(x: Any) -> Any:
        y = x * 1
        y[0].mul_(3)
        y.view(4)[1:3].add_(x.view(4)[0])
        return (y * y).sum()

    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    record("grad", torch.func.grad(f)(x))
    record("jacfwd", torch.func.jacfwd(f)(x))


# What a level's tensors look like -----------------------------------------------------------------


@scenario
def printed_tensors(torch: Any, record: Recorder) -> None:
    seen: list[str] = []

    def f(x: Any) -> Any:
        seen.extend((repr(x), repr(x * 2), str(torch.ones(2))))
        return x.sum()

    torch.func.grad(f)(torch.tensor([1.0, 2.0]))
    torch.func.grad(torch.func.grad(f))(torch.tensor(1.0))
    torch.func.jvp(f, (torch.ones(2),), (torch.ones(2),))
    record("printed", seen)


@scenario
def tensors_that_escape(torch: Any, record: Recorder) -> None:
    kept: list[Any] = []

    def f(x: Any) -> Any:
        kept.extend((x, x * 2))
        return x.sum()

    torch.func.grad(f)(torch.tensor([1.0, 2.0]))
    record("printed", [repr(t) for t in kept])
    record("sum", kept[0] + kept[1])
    record("product", kept[1] * 3)


@scenario
def numbers_of_a_level(torch: Any, record: Recorder) -> None:
    def f(x: Any) -> Any:
        if x.sum() > 0:
            return x.sum() * x[0].item() + float(x[1]) * x.prod()
        return x.sum()

    record("gradient", torch.func.grad(f)(torch.tensor([1.0, 2.0])))
    record("list", torch.func.grad(lambda x: x.sum() * x.tolist()[1])(torch.tensor([1.0, 2.0])))


@scenario
def functions_keep_their_names(torch: Any, record: Recorder) -> None:
    def loss(x: Any) -> Any:
        """Say something."""
        return x.sum()

    for transform in ("grad", "grad_and_value", "jacrev", "jacfwd", "hessian", "vmap"):
        made = getattr(torch.func, transform)(loss)
        record(transform, [made.__name__, made.__doc__])
