"""Hooks are kept as long as what they are on, and no longer; cycles through them are collected."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import autograd_core


class Owner:
    """Owns a leaf and a tensor computed from it."""

    def __init__(self, engine: Any) -> None:
        self.leaf = engine.tensor([1.0], requires_grad=True)
        self.tensor = self.leaf * 2


def hook_that_holds(owner: Owner) -> Callable[..., None]:
    def hook(*_: Any) -> None:
        assert owner.leaf is not None

    return hook


@pytest.mark.parametrize(
    "put",
    [
        lambda owner, hook: owner.tensor.register_hook(hook),
        lambda owner, hook: owner.leaf.register_hook(hook),
        lambda owner, hook: owner.leaf.register_post_accumulate_grad_hook(hook),
        lambda owner, hook: owner.tensor.grad_fn.register_hook(hook),
        lambda owner, hook: owner.tensor.grad_fn.register_prehook(hook),
    ],
)
def test_cycles_are_collected(engine: Any, put: Callable[[Any, Any], Any]) -> None:
    owner = Owner(engine)
    put(owner, hook_that_holds(owner))
    owner.tensor.backward()
    alive = weakref.ref(owner)
    del owner
    gc.collect()
    assert alive() is None


def test_a_backward_makes_no_cycle(engine: Any) -> None:
    owner = Owner(engine)
    owner.tensor.register_hook(lambda gradient: gradient * 2)
    owner.tensor.backward()
    alive = weakref.ref(owner.tensor.grad_fn)
    gc.disable()
    try:
        owner.tensor = None
        assert alive() is None
    finally:
        gc.enable()


def test_an_error_in_a_hook_makes_no_cycle(engine: Any) -> None:
    owner = Owner(engine)
    owner.tensor.register_hook(lambda gradient: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        owner.tensor.backward()
    alive = weakref.ref(owner.tensor.grad_fn)
    owner.tensor = None
    gc.collect()
    assert alive() is None


@pytest.mark.slow
def test_a_hook_on_every_node_of_a_long_chain(engine: Any) -> None:
    """A million nodes, each with a hook: built, run and freed without recursion."""
    x = engine.tensor(1.0, requires_grad=True)
    calls = [0]

    def hook(gradient: Any) -> None:
        calls[0] += 1

    y = x
    for _ in range(1_000_000):
        y = y.neg()
        y.register_hook(hook)
    alive = weakref.ref(y.grad_fn)
    y.backward()
    assert calls == [1_000_000]
    assert x.grad.item() == 1.0
    del y
    gc.collect()
    assert alive() is None


def test_nested_backward_of_any_depth(engine: Any) -> None:
    """A thousand runs inside one another, which is Python's recursion limit many times over."""
    depth = [0]

    def nest(gradient: Any) -> None:
        depth[0] += 1
        if depth[0] < 1_000:
            with engine.enable_grad():
                y = engine.tensor(1.0, requires_grad=True) * 2
                y.register_hook(nest)
                y.backward()

    y = engine.tensor(1.0, requires_grad=True) * 2
    y.register_hook(nest)
    y.backward()
    assert depth == [1_000]


@pytest.mark.filterwarnings("ignore:Using backward")
def test_state_of_the_thread_goes_with_nested_runs(engine: Any) -> None:
    found: list[Any] = []

    def nest(level: int) -> None:
        y = engine.tensor(1.0, requires_grad=True) * 2
        y.register_hook(lambda gradient: visit(level))
        y.backward(create_graph=level % 2 == 1)

    def visit(level: int) -> None:
        found.append((engine.is_grad_enabled(), type(engine.zeros(1)._backend).__name__))
        if level < 60:
            with engine.enable_grad():
                nest(level + 1)

    nest(0)
    backend = type(engine.zeros(1)._backend).__name__
    assert found == [(level % 2 == 1, backend) for level in range(61)]


@pytest.mark.parametrize(
    "put",
    [
        lambda leaf: leaf.register_hook(print),
        lambda leaf: leaf.register_post_accumulate_grad_hook(print),
    ],
)
def test_the_order_of_leaves_is_kept_only_while_a_hooked_one_lives(
    put: Callable[[Any], Any],
) -> None:
    from autograd_core.engine.node import leaf_hooks

    gc.collect()
    before = len(leaf_hooks)
    leaf = autograd_core.tensor([1.0], requires_grad=True)
    handle = put(leaf)
    put(leaf)
    assert len(leaf_hooks) == before + 1
    handle.remove()
    del leaf
    assert len(leaf_hooks) == before
