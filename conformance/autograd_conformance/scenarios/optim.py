"""What the scenarios of this file ask: optimizers, their groups, state, hooks, schedulers."""

from __future__ import annotations

import copy
import pickle
import sys
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario

ROUNDINGS = 64.0
"""What dozens of steps may accumulate, in units in the last place."""


def trained(torch: Any, record: Recorder, make: Any, steps: int = 50) -> Any:
    """Fit a small model with an optimizer, record its parameters, and return the optimizer."""
    torch.manual_seed(0)
    nn = torch.nn
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double()
    x = torch.randn(8, 3, dtype=torch.float64)
    y = torch.randn(8, 2, dtype=torch.float64)
    optimizer = make(model.parameters())
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
    for name, parameter in model.named_parameters():
        record(name, parameter.detach().clone(), ulps=ROUNDINGS)
    return optimizer


def one_parameter(torch: Any, values: Any = (1.0, -2.0), **options: Any) -> Any:
    return torch.nn.Parameter(torch.tensor(values, **options))


# SGD ----------------------------------------------------------------------------------------------


@scenario
def sgd_plain(torch: Any, record: Recorder) -> None:
    trained(torch, record, lambda p: torch.optim.SGD(p, lr=0.1))


@scenario
def sgd_momentum(torch: Any, record: Recorder) -> None:
    trained(torch, record, lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9))


@scenario
def sgd_dampening_and_weight_decay(torch: Any, record: Recorder) -> None:
    trained(
        torch,
        record,
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, dampening=0.3, weight_decay=0.01),
    )


@scenario
def sgd_nesterov(torch: Any, record: Recorder) -> None:
    trained(torch, record, lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True))


@scenario
def sgd_maximize(torch: Any, record: Recorder) -> None:
    trained(torch, record, lambda p: torch.optim.SGD(p, lr=0.01, maximize=True), steps=10)


@scenario
def sgd_state(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    plain, fast = torch.optim.SGD([p], lr=0.1), torch.optim.SGD([p], lr=0.1, momentum=0.5)
    for optimizer in (plain, fast):
        p.grad = torch.tensor([1.0, 2.0])
        optimizer.step()
        optimizer.step()
        record("parameter", p)
        record("state", optimizer.state_dict())


@scenario
def sgd_refuses(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    for options in (
        {"lr": -1},
        {"momentum": -0.1},
        {"weight_decay": -1},
        {"nesterov": True},
        {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
        {"lr": torch.tensor([1.0, 2.0])},
        {"fused": True, "foreach": True},
        {"fused": True, "differentiable": True},
    ):
        with record.raises(str(sorted(options))):
            torch.optim.SGD([p], **options)


@scenario
def sgd_with_a_tensor_for_a_rate(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    optimizer = torch.optim.SGD([p], lr=torch.tensor(0.25))
    p.grad = torch.tensor([1.0, 2.0])
    optimizer.step()
    record("parameter", [p, optimizer.param_groups[0]["lr"]])


@scenario
def sgd_differentiable(torch: Any, record: Recorder) -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    p = w.clone()
    optimizer = torch.optim.SGD([p], lr=0.5, differentiable=True)
    p.grad = w * 3
    optimizer.step()
    record("parameter", p)
    p.sum().backward()
    record("gradient", w.grad)


# Adam and AdamW -----------------------------------------------------------------------------------


@scenario
def adam_plain(torch: Any, record: Recorder) -> None:
    trained(torch, record, lambda p: torch.optim.Adam(p, lr=0.01))


@scenario
def adam_options(torch: Any, record: Recorder) -> None:
    trained(
        torch,
        record,
        lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1),
    )


@scenario
def adam_amsgrad(torch: Any, record: Recorder) -> None:
    optimizer = trained(torch, record, lambda p: torch.optim.Adam(p, lr=0.01, amsgrad=True))
    record("state", [sorted(state) for state in optimizer.state.values()])


@scenario
def adam_maximize(torch: Any, record: Recorder) -> None:
    trained(torch, record, lambda p: torch.optim.Adam(p, lr=0.01, maximize=True), steps=10)


@scenario
def adamw_plain(torch: Any, record: Recorder) -> None:
    trained(torch, record, lambda p: torch.optim.AdamW(p, lr=0.01))


@scenario
def adamw_options(torch: Any, record: Recorder) -> None:
    trained(torch, record, lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.3, amsgrad=True))


@scenario
def adam_decoupled_is_adamw(torch: Any, record: Recorder) -> None:
    trained(
        torch,
        record,
        lambda p: torch.optim.Adam(p, weight_decay=0.1, decoupled_weight_decay=True),
        steps=5,
    )


@scenario
def adam_of_complex_parameters(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch, [1 + 2j, -1j])
    optimizer = torch.optim.Adam([p], lr=0.1, amsgrad=True)
    for _ in range(3):
        p.grad = torch.tensor([0.5 - 1j, 2 + 0j])
        optimizer.step()
    record("parameter", p)
    record("moments", optimizer.state[p], ulps=8)


@scenario
def adam_state(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    optimizer = torch.optim.Adam([p], lr=0.1)
    record("before", optimizer.state_dict())
    p.grad = torch.tensor([1.0, 2.0])
    optimizer.step()
    record("after", optimizer.state_dict())
    record("parameter", p)


@scenario
def adam_step_count_follows_the_default_dtype(torch: Any, record: Recorder) -> None:
    for dtype in (torch.float64, torch.float32):
        torch.set_default_dtype(dtype)
        p = one_parameter(torch, dtype=torch.float16)
        p.grad = torch.ones(2, dtype=torch.float16)
        optimizer = torch.optim.Adam([p])
        optimizer.step()
        record("state", optimizer.state[p])


@scenario
def adam_refuses(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    for options in (
        {"lr": -1},
        {"eps": -1},
        {"betas": (1.0, 0.9)},
        {"betas": (0.9, -0.1)},
        {"betas": (0.9, 0)},
        {"weight_decay": -1},
        {"lr": torch.tensor([1.0, 2.0])},
        {"lr": torch.tensor(0.1), "foreach": True},
        {"fused": True, "foreach": True},
    ):
        with record.raises(str(sorted(options))):
            torch.optim.Adam([p], **options)
    p.grad = torch.ones(2)
    with record.raises("capturable"):
        torch.optim.Adam([p], capturable=True).step()


@scenario
def adam_with_a_tensor_for_a_rate(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    optimizer = torch.optim.Adam([p], lr=torch.tensor([0.25]))
    p.grad = torch.tensor([1.0, 2.0])
    optimizer.step()
    record("parameter", p)


@scenario
def adam_differentiable(torch: Any, record: Recorder) -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    p = w.clone()
    optimizer = torch.optim.Adam([p], lr=0.5, differentiable=True)
    p.grad = w * 3
    optimizer.step()
    record("parameter", p)
    p.sum().backward()
    record("gradient", w.grad, ulps=16)


# Groups -------------------------------------------------------------------------------------------


@scenario
def groups_have_their_own_options(torch: Any, record: Recorder) -> None:
    a, b = one_parameter(torch), one_parameter(torch)
    optimizer = torch.optim.SGD([{"params": [a]}, {"params": b, "lr": 1.0}], lr=0.1)
    a.grad, b.grad = torch.ones(2), torch.ones(2)
    optimizer.step()
    record("parameters", [a, b])
    record(
        "groups", [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups]
    )
    record("printed", repr(optimizer))


@scenario
def groups_of_named_parameters(torch: Any, record: Recorder) -> None:
    m = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(m.named_parameters(), lr=0.1)
    record("names", optimizer.param_groups[0]["param_names"])
    record("state", optimizer.state_dict()["param_groups"])
    with record.raises("without names"):
        optimizer.add_param_group({"params": [one_parameter(torch)]})
    with record.raises("some names"):
        torch.optim.SGD([("a", m.weight), m.bias])


@scenario
def groups_are_added(torch: Any, record: Recorder) -> None:
    a, b = one_parameter(torch), one_parameter(torch)
    optimizer = torch.optim.Adam([a])
    optimizer.add_param_group({"params": [b], "lr": 0.5})
    record("printed", repr(optimizer))
    record("state", optimizer.state_dict())


@scenario
def parameters_that_are_refused(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    for label, given in (
        ("a tensor", p),
        ("nothing", []),
        ("a number", [3]),
        ("a text", ["x"]),
        ("a result", [p * 2]),
        ("a set", [{"params": {p}}]),
        ("two groups", [{"params": [p]}, {"params": [p]}]),
        ("no group", [{"params": [p]}, p]),
    ):
        with record.raises(label):
            torch.optim.SGD(given, lr=0.1)
    record("twice", len(torch.optim.SGD([p, p], lr=0.1).param_groups[0]["params"]))


@scenario
def required_options(torch: Any, record: Recorder) -> None:
    required = sys.modules[torch.optim.Optimizer.__module__].required
    p = one_parameter(torch)
    record("printed", repr(required))
    with record.raises("missing"):
        torch.optim.Optimizer([p], {"lr": required})
    made = torch.optim.Optimizer([{"params": [p], "lr": 1}], {"lr": required})
    record("given", made.param_groups[0]["lr"])
    with record.raises("step"):
        made.step()


# Steps --------------------------------------------------------------------------------------------


@scenario
def parameters_without_gradient_stay(torch: Any, record: Recorder) -> None:
    a, b = one_parameter(torch), one_parameter(torch)
    a.grad = torch.ones(2)
    for kind in (torch.optim.SGD, torch.optim.Adam):
        optimizer = kind([a, b], lr=0.1)
        optimizer.step()
        record("parameters", [a, b, len(optimizer.state)])


@scenario
def zero_grad_of_all_groups(torch: Any, record: Recorder) -> None:
    a, b = one_parameter(torch), one_parameter(torch)
    a.grad = torch.ones(2)
    optimizer = torch.optim.SGD([{"params": a}, {"params": b}], lr=0.1)
    optimizer.zero_grad(set_to_none=False)
    record("zeros", [a.grad, b.grad])
    optimizer.zero_grad()
    record("none", [a.grad, b.grad])


@scenario
def closures_are_recorded(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    optimizer = torch.optim.SGD([p], lr=0.1)
    modes: list[bool] = []

    def closure() -> Any:
        modes.append(torch.is_grad_enabled())
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with torch.no_grad():
        record("loss", optimizer.step(closure))
    record("parameter", [p, modes])


@scenario
def steps_are_not_recorded(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    optimizer = torch.optim.Adam([p])
    (p * 2).sum().backward()
    optimizer.step()
    record("parameter", [p, p.is_leaf])


@scenario
def a_step_between_forward_and_backward_is_noticed(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    optimizer = torch.optim.SGD([p], lr=0.1)
    p.grad = torch.ones(2)
    loss = (p * p).sum()
    optimizer.step()
    with record.raises("backward"):
        loss.backward()


@scenario
def step_hooks_run_around(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    p.grad = torch.ones(2)
    optimizer = torch.optim.SGD([p], lr=0.1)
    order: list[Any] = []
    register = sys.modules[torch.optim.Optimizer.__module__]
    handles = [
        register.register_optimizer_step_pre_hook(lambda o, a, k: order.append("all before")),
        register.register_optimizer_step_post_hook(lambda o, a, k: order.append("all after")),
        optimizer.register_step_pre_hook(lambda o, a, k: order.append(("before", len(a), k))),
        optimizer.register_step_post_hook(lambda o, a, k: order.append(("after", len(a), k))),
    ]
    optimizer.step()
    for handle in handles:
        handle.remove()
    optimizer.step()
    record("order", order)
    record("parameter", p)


@scenario
def step_hooks_replace_arguments(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    optimizer = torch.optim.SGD([p], lr=0.1)
    optimizer.register_step_pre_hook(lambda o, a, k: ((a[0], lambda: torch.tensor(7.0)), k))
    record("loss", optimizer.step())


# State --------------------------------------------------------------------------------------------


@scenario
def a_loaded_state_goes_on(torch: Any, record: Recorder) -> None:
    for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW):
        options = {"momentum": 0.9} if kind is torch.optim.SGD else {}
        p, q = one_parameter(torch), one_parameter(torch)
        first = kind([p], lr=0.1, **options)
        second = kind([q], lr=0.7, **options)
        for step in range(4):
            if step == 2:
                with torch.no_grad():
                    q.copy_(p)
                second.load_state_dict(first.state_dict())
            for parameter in (p, q):
                parameter.grad = torch.tensor([1.0, -0.5]) * (step + 1)
            first.step()
            second.step()
        record("parameters", [p, q])
        record("state", second.state_dict())


@scenario
def a_loaded_state_is_cast(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    p.grad = torch.ones(2)
    first = torch.optim.Adam([p])
    first.step()
    second = torch.optim.Adam([one_parameter(torch, dtype=torch.float64)])
    second.load_state_dict(first.state_dict())
    record("state", list(second.state.values()))


@scenario
def a_state_that_does_not_fit(torch: Any, record: Recorder) -> None:
    p, q = one_parameter(torch), one_parameter(torch)
    one = torch.optim.SGD([p], lr=0.1)
    with record.raises("size"):
        one.load_state_dict(torch.optim.SGD([p, q], lr=0.1).state_dict())
    with record.raises("groups"):
        one.load_state_dict(torch.optim.SGD([{"params": p}, {"params": q}], lr=0.1).state_dict())


@scenario
def state_dict_hooks(torch: Any, record: Recorder) -> None:
    optimizer = torch.optim.SGD([one_parameter(torch)], lr=0.1)
    order: list[Any] = []
    optimizer.register_state_dict_pre_hook(lambda o: order.append("before"))
    optimizer.register_state_dict_post_hook(lambda o, s: {**s, "more": 1})
    optimizer.register_load_state_dict_pre_hook(lambda o, s: order.append(sorted(s)))
    optimizer.register_load_state_dict_post_hook(lambda o: order.append("loaded"))
    optimizer.register_state_dict_pre_hook(lambda o: order.append("first"), prepend=True)
    state = optimizer.state_dict()
    optimizer.load_state_dict(state)
    record("order", [order, sorted(state)])


@scenario
def copies_of_optimizers(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    p.grad = torch.ones(2)
    optimizer = torch.optim.Adam([p], lr=0.1)
    optimizer.step()
    for other in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        record("state", other.state_dict())
        q = other.param_groups[0]["params"][0]
        record("apart", [q is p, q])
        q.grad = torch.ones(2)
        other.step()
        record("stepped", q)


@scenario
def printed_optimizers(torch: Any, record: Recorder) -> None:
    p = one_parameter(torch)
    record("sgd", repr(torch.optim.SGD([p], lr=0.1, momentum=0.9)))
    record("adam", repr(torch.optim.Adam([p])))
    record("adamw", repr(torch.optim.AdamW([p])))


# Schedulers ---------------------------------------------------------------------------------------


def rates(torch: Any, make: Any, steps: int = 12) -> list[Any]:
    p = one_parameter(torch)
    optimizer = torch.optim.SGD(
        [{"params": p}, {"params": one_parameter(torch), "lr": 2.0}], lr=0.1
    )
    scheduler = make(optimizer)
    found = [scheduler.get_last_lr()]
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
        found.append(scheduler.get_last_lr())
    return found


@scenario
def schedulers_have_torch_s_rates(torch: Any, record: Recorder) -> None:
    s = torch.optim.lr_scheduler
    for label, make in {
        "step": lambda o: s.StepLR(o, 3, 0.5),
        "multi step": lambda o: s.MultiStepLR(o, [2, 5, 5], 0.1),
        "exponential": lambda o: s.ExponentialLR(o, 0.9),
        "cosine": lambda o: s.CosineAnnealingLR(o, 4, 0.01),
        "lambda": lambda o: s.LambdaLR(o, lambda epoch: 0.95**epoch),
        "lambdas": lambda o: s.LambdaLR(o, [lambda epoch: epoch, lambda epoch: 1 / (epoch + 1)]),
        "multiplicative": lambda o: s.MultiplicativeLR(o, lambda epoch: 0.8),
        "linear": lambda o: s.LinearLR(o, 0.25, 0.75, 6),
    }.items():
        record(label, rates(torch, make))


@scenario
def schedulers_jump_to_an_epoch(torch: Any, record: Recorder) -> None:
    s = torch.optim.lr_scheduler
    makers: list[Any] = [
        lambda o: s.StepLR(o, 3, 0.5),
        lambda o: s.ExponentialLR(o, 0.9),
        lambda o: s.CosineAnnealingLR(o, 4),
        lambda o: s.LambdaLR(o, lambda epoch: epoch + 1),
    ]
    for make in makers:
        optimizer = torch.optim.SGD([one_parameter(torch)], lr=0.1)
        scheduler = make(optimizer)
        optimizer.step()
        scheduler.step(7)
        record("rate", [scheduler.get_last_lr(), scheduler.last_epoch])


@scenario
def schedulers_warn_of_order(torch: Any, record: Recorder) -> None:
    s = torch.optim.lr_scheduler
    optimizer = torch.optim.SGD([one_parameter(torch)], lr=0.1)
    scheduler = s.StepLR(optimizer, 1)
    scheduler.step()
    record("rate", scheduler.get_last_lr())
    record("outside", scheduler.get_lr())


@scenario
def schedulers_refuse(torch: Any, record: Recorder) -> None:
    s = torch.optim.lr_scheduler
    optimizer = torch.optim.SGD([one_parameter(torch)], lr=0.1)
    with record.raises("no optimizer"):
        s.StepLR(3, 1)
    with record.raises("going on"):
        s.StepLR(optimizer, 1, last_epoch=3)
    with record.raises("lambdas"):
        s.LambdaLR(optimizer, [abs, abs])
    with record.raises("start"):
        s.LinearLR(optimizer, start_factor=0)
    with record.raises("end"):
        s.LinearLR(optimizer, end_factor=2)
    with record.raises("base"):
        s.LRScheduler(optimizer)


@scenario
def schedulers_keep_their_state(torch: Any, record: Recorder) -> None:
    s = torch.optim.lr_scheduler
    optimizer = torch.optim.SGD([one_parameter(torch)], lr=0.1)
    scheduler = s.StepLR(optimizer, 2, 0.5)
    for _ in range(3):
        optimizer.step()
        scheduler.step()
    state = scheduler.state_dict()
    record("state", state)
    other = s.StepLR(torch.optim.SGD([one_parameter(torch)], lr=0.1), 9)
    other.load_state_dict(state)
    record("loaded", [other.step_size, other.last_epoch, other.get_last_lr()])
    record("initial", optimizer.param_groups[0]["initial_lr"])


@scenario
def schedulers_of_tensor_rates(torch: Any, record: Recorder) -> None:
    rate = torch.tensor(0.5)
    optimizer = torch.optim.SGD([one_parameter(torch)], lr=rate)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.step()
    scheduler.step()
    record("rate", [rate, optimizer.param_groups[0]["lr"] is rate, scheduler.get_last_lr()])
