"""What the scenarios of this file ask: the optimizers beside SGD and Adam, with every option."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.optim import one_parameter, trained
from autograd_conformance.scenarios.recording import Recorder, scenario

Options = dict[str, Any]
WAYS: dict[str, list[Options]] = {
    "RMSprop": [
        {},
        {"momentum": 0.9, "weight_decay": 0.1},
        {"centered": True, "alpha": 0.9},
        {"centered": True, "momentum": 0.5, "maximize": True},
    ],
    "Adagrad": [
        {},
        {"lr_decay": 0.1, "weight_decay": 0.1},
        {"initial_accumulator_value": 0.5, "maximize": True},
    ],
    "Adadelta": [{}, {"rho": 0.8, "weight_decay": 0.1}, {"lr": 0.5, "maximize": True}],
    "Adamax": [{}, {"betas": (0.8, 0.99), "weight_decay": 0.1}, {"maximize": True}],
    "NAdam": [
        {},
        {"weight_decay": 0.1},
        {"weight_decay": 0.1, "decoupled_weight_decay": True, "momentum_decay": 0.01},
        {"maximize": True},
    ],
    "RAdam": [
        {},
        {"weight_decay": 0.1, "lr": 0.1},
        {"weight_decay": 0.1, "decoupled_weight_decay": True, "betas": (0.8, 0.9)},
        {"maximize": True},
    ],
    "Rprop": [{}, {"etas": (0.4, 1.5), "step_sizes": (1e-3, 0.1)}, {"maximize": True}],
    "ASGD": [{}, {"t0": 3, "lambd": 0.01, "weight_decay": 0.1}, {"maximize": True, "alpha": 0.5}],
}
WRONG: dict[str, list[Options]] = {
    "RMSprop": [{"lr": -1.0}, {"eps": -1.0}, {"momentum": -1.0}, {"alpha": -1.0}],
    "Adagrad": [{"lr_decay": -1.0}, {"initial_accumulator_value": -1.0}, {"eps": -1.0}],
    "Adadelta": [{"rho": 1.5}, {"eps": -1.0}, {"weight_decay": -1.0}],
    "Adamax": [{"betas": (1.0, 0.5)}, {"betas": (0.5, -1.0)}, {"eps": -1.0}],
    "NAdam": [{"momentum_decay": -1.0}, {"betas": (0.5, 1.0)}, {"weight_decay": -1.0}],
    "RAdam": [{"lr": -1.0}, {"eps": -1.0}],
    "Rprop": [{"etas": (1.1, 1.2)}, {"lr": -1.0}],
    "ASGD": [{"weight_decay": -1.0}, {"lr": -1.0}],
    "LBFGS": [{"lr": -1.0}],
}


@scenario
def optimizers_train(torch: Any, record: Recorder) -> None:
    for name, ways in WAYS.items():
        for options in ways:
            steps = 8 if options.get("maximize") else 20
            trained(
                torch, record, lambda p, o=options, n=name: getattr(torch.optim, n)(p, **o), steps
            )


@scenario
def optimizers_with_complex_parameters(torch: Any, record: Recorder) -> None:
    for name in WAYS:
        p = one_parameter(torch, (1 + 2j, -1j), dtype=torch.complex128)
        optimizer = getattr(torch.optim, name)([p], lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            (p * p.conj()).real.sum().backward()
            optimizer.step()
        record(name, p, ulps=64.0)


@scenario
def states_of_optimizers(torch: Any, record: Recorder) -> None:
    for name in WAYS:
        p = one_parameter(torch)
        optimizer = getattr(torch.optim, name)([p])
        for gradient in ([1.0, 2.0], [-1.0, 0.5]):
            p.grad = torch.tensor(gradient)
            optimizer.step()
        state = optimizer.state_dict()
        record(f"{name}, state", state)
        record(f"{name}, repr", repr(optimizer))
        other = getattr(torch.optim, name)([p])
        other.load_state_dict(state)
        other.step()
        record(f"{name}, gone on", [p, other.state_dict()])


@scenario
def optimizers_refuse(torch: Any, record: Recorder) -> None:
    for name, ways in WRONG.items():
        for options in ways:
            with record.raises(f"{name} {sorted(options)}"):
                getattr(torch.optim, name)([one_parameter(torch)], **options)
        with record.raises(f"{name} with two rates"):
            getattr(torch.optim, name)([one_parameter(torch)], lr=torch.tensor([1.0, 2.0]))
    for name in ("RMSprop", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD"):
        p = one_parameter(torch)
        p.grad = torch.tensor([1.0, 2.0])
        with record.raises(f"{name} capturable"):
            getattr(torch.optim, name)([p], capturable=True).step()


@scenario
def optimizers_differentiated(torch: Any, record: Recorder) -> None:
    for name in WAYS:
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        p = w.clone()
        optimizer = getattr(torch.optim, name)([p], lr=0.5, differentiable=True)
        p.grad = w * 3
        optimizer.step()  # a second step would write what the first has saved
        p.sum().backward()
        record(name, [p, w.grad], ulps=64.0)


@scenario
def lbfgs(torch: Any, record: Recorder) -> None:
    for options in (
        {"max_iter": 5},
        {"lr": 0.5, "history_size": 2},
        {"line_search_fn": "strong_wolfe"},
        {"line_search_fn": "strong_wolfe", "max_iter": 4, "lr": 3},
    ):
        x = one_parameter(torch, (-1.2, 1.0, 0.5), dtype=torch.float64)
        optimizer = torch.optim.LBFGS([x], **options)
        calls: list[int] = []

        def closure(x: Any = x, optimizer: Any = optimizer, calls: Any = calls) -> Any:
            optimizer.zero_grad()
            loss = ((1 - x[:-1]) ** 2 + 10 * (x[1:] - x[:-1] ** 2) ** 2).sum()
            loss.backward()
            calls.append(1)
            return loss

        name = str(sorted(options.items()))
        for k in range(2):
            record(f"{name}, loss {k}", optimizer.step(closure), ulps=2.0**20)
        record(f"{name}, x", x, ulps=2.0**20)
        state = optimizer.state[x]
        record(f"{name}, counts", [len(calls), state["func_evals"], state["n_iter"], sorted(state)])
    with record.raises("another search"):
        x.grad = torch.ones(3, dtype=torch.float64)
        torch.optim.LBFGS([x], line_search_fn="armijo").step(lambda: (x * x).sum())
    with record.raises("two groups"):
        torch.optim.LBFGS([{"params": [x]}, {"params": [one_parameter(torch)]}])
