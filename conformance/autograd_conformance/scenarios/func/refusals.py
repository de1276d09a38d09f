"""What transforms refuse."""

from __future__ import annotations

import functools
from typing import Any

from autograd_conformance.scenarios.func import unheard
from autograd_conformance.scenarios.recording import Recorder, scenario

# Refusals -----------------------------------------------------------------------------------------


@scenario
def grad_refuses_outputs(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    for label, f in {
        "vector": lambda x: x * 2,
        "number": lambda x: 2.0,
        "tuple": lambda x: (x.sum(), x),
    }.items():
        with record.raises(label):
            torch.func.grad(f)(x)
        with record.raises(f"{label} with aux"):
            torch.func.grad(f, has_aux=True)(x)
    with record.raises("aux that is no tensor"):
        torch.func.grad(lambda x: (x.sum(), "text"), has_aux=True)(x)


@scenario
def grad_refuses_inputs(torch: Any, record: Recorder) -> None:
    with record.raises("integers"):
        torch.func.grad(lambda x: x.sum())(torch.tensor([1, 2]))
    with record.raises("number"):
        torch.func.grad(lambda x: x)(2.0)
    with record.raises("tree of a number"):
        torch.func.grad(lambda x: x[0].sum())([torch.ones(2), 2.0])


@scenario
def argnums_are_checked(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])

    def f(x: Any, y: Any) -> Any:
        return (x * y).sum()

    for argnums in (2, -3, (0, 0), (), "x", (0, 5), (0, "y"), (0, -2), 1.5):
        with record.raises(f"grad {argnums}"):
            torch.func.grad(f, argnums=argnums)(x, x)
        with record.raises(f"jacrev {argnums}"):
            torch.func.jacrev(f, argnums=argnums)(x, x)


@scenario
def vjp_refuses(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    for label, f in {
        "number": lambda x: 2.0,
        "none": lambda x: None,
        "empty": lambda x: (),
        "partly": lambda x: (x, 2.0),
        "integers": lambda x: torch.tensor([1]),
    }.items():
        with record.raises(label):
            torch.func.vjp(f, x)
    with record.raises("aux"):
        torch.func.vjp(lambda x: x, x, has_aux=True)
    _, pull = torch.func.vjp(lambda x: (x, {"a": x}), x)
    with record.raises("structure"):
        pull(x)
    with record.raises("nested structure"):
        pull((x, {"b": x}))
    _, pull = torch.func.vjp(lambda x: x, x)
    with record.raises("shape"):
        pull(torch.ones(3))


@scenario
def jvp_refuses(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    jvp = torch.func.jvp
    with record.raises("primals"):
        jvp(lambda x: x, x, (x,))
    with record.raises("structure"):
        jvp(lambda x: x, (x,), (x, x))
    with record.raises("no primals"):
        jvp(lambda: x, (), ())
    with record.raises("numbers"):
        jvp(lambda x: x, (2.0,), (1.0,))
    with record.raises("shape"):
        jvp(lambda x: x, (x,), (torch.ones(3),))
    with record.raises("output"):
        jvp(lambda x: 2.0, (x,), (x,))
    with record.raises("no output"):
        jvp(lambda x: None, (x,), (x,))
    with record.raises("aux"):
        jvp(lambda x: x, (x,), (x,), has_aux=True)
    with record.raises("strict"):
        jvp(lambda x: torch.ones(2), (x,), (x,), strict=True)
    with record.raises("integers"):
        jvp(lambda x: x, (torch.tensor([1, 2]),), (torch.tensor([1, 2]),))


@scenario
def jacobians_refuse(torch: Any, record: Recorder) -> None:
    z = torch.tensor([1j, 2.0])
    x = torch.tensor([1.0, 2.0])
    for name in ("jacrev", "jacfwd"):
        transform = getattr(torch.func, name)
        with record.raises(f"{name} input"):
            transform(lambda z: z.abs())(z)
        with record.raises(f"{name} output"):
            transform(lambda x: torch.complex(x, x))(x)
        with record.raises(f"{name} number"):
            transform(lambda x: 2.0)(x)
    for chunk_size in (0, -1):
        with record.raises(f"chunk size {chunk_size}"):
            torch.func.jacrev(lambda x: x, chunk_size=chunk_size)


@scenario
def linearize_refuses(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    with unheard():
        _, push = torch.func.linearize(lambda x: x.sin(), x)
    with record.raises("shape"):
        push(torch.ones(3))
    with record.raises("dtype"):
        push(torch.ones(2, dtype=torch.float64))
    with record.raises("structure"):
        push(x, x)


@scenario
def what_is_refused_inside(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    func = torch.func
    with record.raises("requires_grad_"):
        func.grad(lambda x: x.requires_grad_().sum())(x)
    with record.raises("retain_grad"):
        func.grad(lambda x: (x * 2).retain_grad())(x)
    with record.raises("backward"):
        func.grad(lambda x: x.sum().backward())(x)
    with record.raises("numpy of a leaf"):
        func.grad(lambda x: x.numpy())(x)


@scenario
def transforms_inside_a_partial(torch: Any, record: Recorder) -> None:
    def f(scale: float, x: Any) -> Any:
        return (x * scale).sum()

    record("grad", torch.func.grad(functools.partial(f, 3.0))(torch.ones(2)))
    record("vmap", torch.vmap(functools.partial(f, 3.0))(torch.ones(2, 2)))
