"""What the scenarios of this file ask: learning rates by epoch, by cycle and by measure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.optim import one_parameter
from autograd_conformance.scenarios.recording import Recorder, scenario

Make = Callable[[Any, Any], Any]
SCHEDULERS: dict[str, Make] = {
    "constant": lambda s, o: s.ConstantLR(o, factor=0.25, total_iters=3),
    "polynomial": lambda s, o: s.PolynomialLR(o, total_iters=4, power=2.0),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 2, T_mult=2, eta_min=0.01),
    "triangles": lambda s, o: s.CyclicLR(o, 0.01, 0.1, step_size_up=2),
    "smaller triangles": lambda s, o: s.CyclicLR(
        o, [0.01], [0.2], step_size_up=2, step_size_down=3, mode="triangular2"
    ),
    "shrinking triangles": lambda s, o: s.CyclicLR(
        o, 0.01, 0.1, step_size_up=3, mode="exp_range", gamma=0.9, cycle_momentum=False
    ),
    "own triangles": lambda s, o: s.CyclicLR(
        o, 0.01, 0.1, step_size_up=3, scale_fn=lambda x: 1 / x, scale_mode="cycle"
    ),
    "one cycle": lambda s, o: s.OneCycleLR(o, 0.5, total_steps=9),
    "one cycle in three": lambda s, o: s.OneCycleLR(
        o, 0.5, epochs=3, steps_per_epoch=3, anneal_strategy="linear", three_phase=True
    ),
    "one cycle without momentum": lambda s, o: s.OneCycleLR(
        o, [0.5], total_steps=9, pct_start=0.5, cycle_momentum=False
    ),
    "one after the other": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.5), s.StepLR(o, 2)], [2, 5]
    ),
    "all at once": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.5)]
    ),
}


def _optimizer(torch: Any, kind: str = "SGD") -> Any:
    options = {"momentum": 0.9} if kind == "SGD" else {}
    return getattr(torch.optim, kind)([one_parameter(torch)], lr=0.1, **options)


@scenario
def rates_by_epoch(torch: Any, record: Recorder) -> None:
    for name, make in SCHEDULERS.items():
        for kind in ("SGD", "Adam"):
            optimizer = _optimizer(torch, kind)
            scheduler = make(torch.optim.lr_scheduler, optimizer)
            seen = []
            for _ in range(8):
                optimizer.step()
                scheduler.step()
                group = optimizer.param_groups[0]
                momentum = group["momentum"] if kind == "SGD" else group["betas"]
                seen.append([scheduler.get_last_lr(), momentum])
            record(f"{name}, {kind}", seen)


@scenario
def schedulers_go_on(torch: Any, record: Recorder) -> None:
    for name, make in SCHEDULERS.items():
        optimizer = _optimizer(torch)
        scheduler = make(torch.optim.lr_scheduler, optimizer)
        for _ in range(3):
            optimizer.step()
            scheduler.step()
        state = scheduler.state_dict()
        record(f"{name}, state", sorted(state))
        other = make(torch.optim.lr_scheduler, optimizer)
        other.load_state_dict(state)
        other.step()
        record(f"{name}, gone on", other.get_last_lr())


@scenario
def rates_at_epochs(torch: Any, record: Recorder) -> None:
    for name in ("constant", "polynomial", "restarts", "one cycle"):
        optimizer = _optimizer(torch)
        scheduler = SCHEDULERS[name](torch.optim.lr_scheduler, optimizer)
        optimizer.step()
        for epoch in (1, 3, 2):
            scheduler.step(epoch)
            record(f"{name} at {epoch}", scheduler.get_last_lr())


@scenario
def rates_by_measure(torch: Any, record: Recorder) -> None:
    losses = (1.0, 0.9, 0.95, 0.94, 0.93, 0.92, 0.91, 0.5, 0.6, 0.6, 0.6, 0.6)
    for options in (
        {"patience": 1},
        {"patience": 0, "mode": "max", "threshold": 0.2, "threshold_mode": "abs"},
        {"patience": 1, "cooldown": 2, "min_lr": 0.005, "factor": 0.3},
        {"patience": 0, "threshold_mode": "abs", "min_lr": [0.02]},
    ):
        optimizer = _optimizer(torch)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **options)
        rates = []
        for loss in losses:
            optimizer.step()
            scheduler.step(torch.tensor(loss))
            rates.append(optimizer.param_groups[0]["lr"])
        state = scheduler.state_dict()
        record(str(sorted(options)), [rates, sorted(state.items())])
        scheduler.load_state_dict(state)


@scenario
def schedulers_refuse(torch: Any, record: Recorder) -> None:
    optimizer = _optimizer(torch)
    other = _optimizer(torch)
    s = torch.optim.lr_scheduler
    plain = torch.optim.Adagrad([one_parameter(torch)])
    refused: dict[str, Callable[[], Any]] = {
        "factor": lambda: s.ConstantLR(optimizer, factor=2.0),
        "T_0": lambda: s.CosineAnnealingWarmRestarts(optimizer, 0),
        "T_mult": lambda: s.CosineAnnealingWarmRestarts(optimizer, 1, 0),
        "eta_min": lambda: s.CosineAnnealingWarmRestarts(optimizer, 1, 1, "a"),
        "cyclic of none": lambda: s.CyclicLR(None, 0.1, 0.2),
        "mode": lambda: s.CyclicLR(optimizer, 0.1, 0.2, mode="square"),
        "two rates": lambda: s.CyclicLR(optimizer, [0.1, 0.2], 0.2),
        "no momentum": lambda: s.CyclicLR(plain, 0.1, 0.2),
        "no steps": lambda: s.OneCycleLR(optimizer, 0.1),
        "total_steps": lambda: s.OneCycleLR(optimizer, 0.1, total_steps=-1),
        "epochs": lambda: s.OneCycleLR(optimizer, 0.1, epochs=-1, steps_per_epoch=1),
        "steps_per_epoch": lambda: s.OneCycleLR(optimizer, 0.1, epochs=1, steps_per_epoch=0),
        "pct_start": lambda: s.OneCycleLR(optimizer, 0.1, total_steps=3, pct_start=2.0),
        "anneal": lambda: s.OneCycleLR(optimizer, 0.1, total_steps=3, anneal_strategy="x"),
        "plateau factor": lambda: s.ReduceLROnPlateau(optimizer, factor=1.0),
        "plateau mode": lambda: s.ReduceLROnPlateau(optimizer, mode="x"),
        "plateau threshold": lambda: s.ReduceLROnPlateau(optimizer, threshold_mode="x"),
        "plateau min_lr": lambda: s.ReduceLROnPlateau(optimizer, min_lr=[1, 2]),
        "plateau of none": lambda: s.ReduceLROnPlateau(None),
        "no schedulers": lambda: s.SequentialLR(optimizer, [], []),
        "none chained": lambda: s.ChainedScheduler([]),
        "milestones": lambda: s.SequentialLR(optimizer, [s.StepLR(optimizer, 1)], [1]),
        "of another": lambda: s.ChainedScheduler([s.StepLR(optimizer, 1)], other),
        "no scheduler": lambda: s.ChainedScheduler([1], optimizer),
        "plateau in a chain": lambda: s.ChainedScheduler([s.ReduceLROnPlateau(optimizer)]),
    }
    for name, call in refused.items():
        with record.raises(name):
            call()
    scheduler = s.OneCycleLR(optimizer, 0.1, total_steps=2)
    with record.raises("too many steps"):
        for _ in range(4):
            optimizer.step()
            scheduler.step()
