"""Modules and optimizers train as torch's do: the same seed, the same numbers, on every backend."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

real = pytest.importorskip("torch")


def trained(t: Any, kind: str, dtype: str, **options: Any) -> list[Any]:
    """The parameters of a small classifier after 50 steps."""
    t.manual_seed(11)
    nn = t.nn
    net = nn.Sequential(
        nn.Linear(4, 6), nn.LayerNorm(6), nn.GELU(), nn.Dropout(0.1), nn.Linear(6, 3)
    ).to(getattr(t, dtype))
    x = t.randn(16, 4, dtype=getattr(t, dtype))
    y = t.randint(0, 3, (16,))
    optimizer = getattr(t.optim, kind)(net.parameters(), **options)
    scheduler = t.optim.lr_scheduler.StepLR(optimizer, 10, 0.7)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)
    for _ in range(50):
        optimizer.zero_grad()
        loss = loss_of(net(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
    return [p.detach().reshape(-1).tolist() for p in net.parameters()] + [[loss.item()]]


@pytest.mark.parametrize(
    "kind,options",
    [
        ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3}),
        ("Adam", {"lr": 0.01, "amsgrad": True}),
        ("AdamW", {"lr": 0.01, "weight_decay": 0.1}),
    ],
)
@pytest.mark.parametrize("dtype,close", [("float64", 1e-10), ("float32", 2e-4)])
def test_fifty_steps(
    engine: Any, kind: str, options: dict[str, Any], dtype: str, close: float
) -> None:
    for ours, theirs in zip(
        trained(engine, kind, dtype, **options), trained(real, kind, dtype, **options), strict=True
    ):
        assert ours == pytest.approx(theirs, rel=close, abs=close / 10)


def test_a_module_is_freed_with_its_hooks(engine: Any) -> None:
    net = engine.nn.Linear(2, 2)
    net.register_full_backward_hook(lambda m, gi, go: None)
    net.register_forward_hook(lambda m, a, o: None)
    net(engine.ones(1, 2, requires_grad=True)).sum().backward()
    gone = weakref.ref(net)
    del net
    gc.collect()
    assert gone() is None


def test_a_wrong_hook_is_noticed(engine: Any) -> None:
    """The scenarios compare hooks with torch's; here a planted difference shows in a gradient."""
    net = engine.nn.Identity()
    x = engine.ones(2, requires_grad=True)
    handle = net.register_full_backward_hook(lambda m, gi, go: (gi[0] * 5,))
    net(x).sum().backward()
    assert x.grad.tolist() == [5.0, 5.0]
    handle.remove()
    x.grad = None
    net(x).sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]
