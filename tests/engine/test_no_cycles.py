"""Ordinary programs leave nothing to the garbage collector: graphs go with their last tensor."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest

from autograd_core.engine.modes import interposed
from autograd_core.utils.checkpoint import checkpoint


def _expression(torch: Any) -> None:
    x = torch.ones(4, requires_grad=True)
    ((x * 2).exp() + x).sum().backward()


def _write(torch: Any) -> None:
    x = torch.ones(4, requires_grad=True)
    x.clone().mul_(3).sum().backward()


def _write_through_a_view(torch: Any) -> None:
    x = torch.ones(4, requires_grad=True)
    y = x * 2
    y[0].add_(1)
    y.sum().backward()


def _hooks(torch: Any) -> None:
    x = torch.ones(4, requires_grad=True)
    x.register_hook(lambda grad: None)
    y = x * 2
    y.retain_grad()
    y.sum().backward()


def _second_order(torch: Any) -> None:
    x = torch.ones(4, requires_grad=True)
    (first,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    torch.autograd.grad(first.sum(), x)


def _checkpoint(torch: Any) -> None:
    x = torch.ones(2, requires_grad=True)
    checkpoint(lambda a: a.sin().cos(), x, use_reentrant=False).sum().backward()


def _batched_gradients(torch: Any) -> None:
    torch.vmap(torch.func.grad(lambda a: (a * a).sum()))(torch.ones(3, 2))


def _tangents(torch: Any) -> None:
    torch.func.jvp(lambda a: a.sin(), (torch.ones(2),), (torch.ones(2),))


def _pullback(torch: Any) -> None:
    _, pull = torch.func.vjp(lambda a: a.sin(), torch.ones(2))
    pull(torch.ones(2))


def _hessian(torch: Any) -> None:
    torch.func.hessian(lambda a: (a**3).sum())(torch.ones(2))


PROGRAMS = [
    _expression,
    _write,
    _write_through_a_view,
    _hooks,
    _second_order,
    _checkpoint,
    _batched_gradients,
    _tangents,
    _pullback,
    _hessian,
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__.strip("_"))
def test_nothing_is_left_to_the_collector(program: Callable[[Any], None], engine: Any) -> None:
    program(engine)  # fills caches
    gc.collect()
    before = interposed.count
    gc.disable()
    try:
        program(engine)
        assert interposed.count == before
        assert gc.collect() == 0
    finally:
        gc.enable()
