"""Kernels and gradients on every library, against the same calls on plain Python lists."""

from __future__ import annotations

import math
from typing import Any

import pytest

import autograd_core
from autograd_core import dtypes

pytest.importorskip("autograd_array_api")

NAN, INF = math.nan, math.inf


def flat(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return [number for member in value for number in flat(member)]
    return flat(value.tolist()) if hasattr(value, "tolist") else [value]


def close(got: list[Any], expected: list[Any]) -> bool:
    return len(got) == len(expected) and all(
        a == b or (a != a and b != b) or abs(a - b) <= 1e-12 * max(1, abs(b))
        for a, b in zip(got, expected)
    )


CALLS = {
    "rests": lambda t, x: [
        rest(of, y.to(of.dtype))
        for rest in (t.remainder, t.fmod)
        for y in (t.tensor([2.0, -0.7, INF]), t.tensor([0.0, NAN, 1.0]))
        for of in (x, x.double())
    ],
    "quotients": lambda t, x: t.div(x, t.tensor([2.0, -0.3, 0.0]), rounding_mode="floor"),
    "whole numbers": lambda t, x: [
        f(t.tensor([-7, 7, -8]), t.tensor([3, -3, 3])) for f in (t.fmod, t.remainder)
    ],
    "whole powers": lambda t, x: t.tensor([1, -1, 0, 3]) ** t.tensor([-3, -3, 2, 3]),
    "bools": lambda t, x: [(x > 0) + (x < 1), (x > 0) * (x < 1), (x > 0).sum(), (x > 0).prod()],
    "running": lambda t, x: [t.tensor([1.0, 3, NAN, 2, 3]).cummax(0), x.cumsum(0), x.cumprod(0)],
    "running bools": lambda t, x: t.tensor([0, 1, 0, 1]).cummax(0),
    "sorted": lambda t, x: t.tensor([[2.0, NAN, 1], [2, 0, 2]]).sort(1, descending=True),
    "sorted stably": lambda t, x: t.tensor([1, 0, 1, 0, 1]).sort(0, descending=True, stable=True),
    "extremes": lambda t, x: [t.tensor([1.0, NAN, 3]).max(0), t.tensor([1, 3, 3]).max(0)],
    "searched": lambda t, x: [
        t.searchsorted(t.tensor([1.0, 2, 2, 4]), t.tensor([2.0, 9, 0]), right=k)
        for k in (False, True)
    ],
    "searched in rows": lambda t, x: t.searchsorted(
        t.tensor([[1.0, 2, 3], [0, 5, NAN]]), t.tensor([[2.5, 0], [NAN, 5]])
    ),
    "picked": lambda t, x: t.arange(24).view(2, 3, 4)[:, t.tensor([2, 0]), t.tensor([[1], [3]])],
    "picked rows": lambda t, x: [
        t.arange(24).view(2, 3, 4)[t.tensor([1, 1, 0])],
        t.arange(24).view(2, 3, 4)[:, t.tensor([2, 0, 2])],
        t.zeros(3, 2).index_put((t.tensor([0, 2, 0]),), x.view(3, 1), accumulate=True),
        t.zeros(2, 3, 2).index_put((t.tensor([0, 1]), t.tensor([2, 2])), x[:2]),
        t.zeros(2, 0)[t.tensor([1, 0, 0])],
    ],
    "picked apart": lambda t, x: t.arange(24).view(2, 3, 4)[t.tensor([1, 0]), :, t.tensor([3, 1])],
    "added at": lambda t, x: t.zeros(4).index_put((t.tensor([1, 1, 3]),), x, accumulate=True),
    "put at": lambda t, x: t.zeros(4).scatter(0, t.tensor([1, 1, 3]), x),
    "reduced at": lambda t, x: [
        t.ones(3).scatter_reduce(0, t.tensor([0, 0, 2]), x, how, include_self=own)
        for how in ("sum", "prod", "mean", "amax", "amin")
        for own in (True, False)
    ],
    "not zero": lambda t, x: [t.tensor([[0, 1], [2, 0]]).nonzero(), t.tensor(3).nonzero()],
    "signs": lambda t, x: [t.tensor([NAN, -0.0, -2.0]).sign(), t.tensor([-1.0, NAN]).angle()],
    "numbers": lambda t, x: [t.arange(0.5, 3, 0.5), t.arange(3, -3, -2), t.linspace(0, 1, 5)],
    "wrapped": lambda t, x: t.tensor([250, 5], dtype=t.uint8) + 10,
    "convolved": lambda t, x: t.nn.functional.conv1d(x.view(1, 1, 3), t.ones(2, 1, 2)),
    "pooled": lambda t, x: t.nn.functional.max_pool1d(x.view(1, 1, 3), 2, 1),
    "complex": lambda t, x: t.complex(x.double(), -x.double()).exp().abs(),
    "matrices": lambda t, x: t.outer(x, x) @ x + t.bmm(x.view(1, 1, 3), x.view(1, 3, 1)).sum(),
}


@pytest.mark.parametrize("name", CALLS)
def test_calls(engine, name):
    values = [0.5, -1.25, 2.0]
    with autograd_core.use_backend("python"):
        expected = flat(CALLS[name](autograd_core, autograd_core.tensor(values)))
    assert close(flat(CALLS[name](engine, engine.tensor(values))), expected)


FUNCTIONS = {
    "rational": lambda t, x: (x.exp() / (1 + x * x)).tanh(),
    "gathered": lambda t, x: x[t.tensor([0, 0, 2])] * x.flip(0),
    "softmax": lambda t, x: (x.softmax(0) * x.cumsum(0)).log_softmax(0),
    "windows": lambda t, x: x.unfold(0, 2, 1).prod(1) * x.diff(),
    "norm": lambda t, x: t.nn.functional.layer_norm(x.outer(x), (3,)),
    "written": lambda t, x: (x * 1).index_fill(0, t.tensor([1]), 2).sigmoid_() ** 2,
    "expanded": lambda t, x: x.expand(2, 3).t().reshape(-1).sin().view(2, 3),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_first_and_second_gradients(engine, name):
    def gradients(torch: Any) -> list[Any]:
        x = torch.tensor([0.5, -1.25, 2.0], dtype=torch.float64, requires_grad=True)
        made = FUNCTIONS[name](torch, x)
        (first,) = torch.autograd.grad(made.sin().sum(), x, create_graph=True)
        (second,) = torch.autograd.grad((first * first).sum(), x)
        return flat([first, second])

    with autograd_core.use_backend("python"):
        expected = gradients(autograd_core)
    assert close(gradients(engine), expected)


def test_a_step_of_training(engine):
    engine.manual_seed(0)
    model = engine.nn.Sequential(engine.nn.Linear(3, 4), engine.nn.ReLU(), engine.nn.Linear(4, 1))
    optimizer = engine.optim.Adam(model.parameters(), lr=0.05)
    x = engine.randn(8, 3)
    y = x.sum(1, keepdim=True)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] * 0.9


def test_a_library_s_own_array_becomes_a_tensor_and_back(engine, backend):
    from autograd_array_api import native

    own = backend.xp.namespace.asarray([[1, 2], [3, 4]], dtype=backend.natives[dtypes.int32])
    x = engine.tensor(own)
    assert (x.dtype, x.tolist()) == (engine.int32, [[1, 2], [3, 4]])
    x.add_(1)
    assert type(native(x.t())) is type(own)
    assert backend.xp.elements(native(x.t()[0])) == [2, 4]
    assert backend.xp.elements(own[0, ...]) == [1, 2]
    assert engine.tensor(own, dtype=engine.float64).requires_grad_().dtype is engine.float64


def test_a_tensor_becomes_an_array_of_numpy(engine, backend):
    pytest.importorskip("numpy")
    x = engine.tensor([[2, 3], [4, 5]], dtype=engine.int32)
    assert x.numpy().tolist() == [[2, 3], [4, 5]]
