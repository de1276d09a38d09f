"""Levels leave nothing behind: not after errors, not in other threads, not on ordinary calls."""

from __future__ import annotations

import gc
import threading
from typing import Any

import pytest

import autograd_core
from autograd_core.derivatives.call import MixedBackendError
from autograd_core.engine.levels import stack
from autograd_core.engine.modes import interposed


def test_ordinary_calls_are_short_again_after_transforms(engine: Any) -> None:
    gc.collect()
    before = interposed.count
    x = engine.tensor([1.0, 2.0])
    engine.vmap(engine.func.grad(lambda x: x * x))(x)
    engine.func.hessian(lambda x: (x * x).sum())(x)
    gc.collect()
    assert interposed.count == before
    assert stack.current is None


def test_an_escaped_tensor_keeps_calls_on_the_general_way(engine: Any) -> None:
    gc.collect()
    before = interposed.count
    kept: list[Any] = []

    def f(x: Any) -> Any:
        kept.append(x)
        return x.sum()

    engine.func.grad(f)(engine.tensor([1.0, 2.0]))
    assert interposed.count > before
    assert (kept[0] * 2).tolist() == [2.0, 4.0]
    kept.clear()
    gc.collect()
    assert interposed.count == before


@pytest.mark.parametrize("transform", ["grad", "vmap", "jacrev", "jacfwd"])
def test_an_error_inside_closes_the_level(engine: Any, transform: str) -> None:
    def fails(x: Any) -> Any:
        raise KeyError("inside")

    x = engine.tensor([1.0, 2.0])
    for _ in range(2):
        with pytest.raises(KeyError, match="inside"):
            getattr(engine.func, transform)(fails)(x)
    assert stack.current is None
    assert engine.is_grad_enabled()
    assert engine.vmap(lambda x: x * 2)(x).tolist() == [2.0, 4.0]


def test_threads_have_levels_of_their_own(engine: Any) -> None:
    x = engine.tensor([1.0, 2.0])
    seen: list[Any] = []

    def f(y: Any) -> Any:
        def other() -> None:
            seen.append((stack.current, (x * 2).tolist()))

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        return y.sum()

    engine.func.grad(f)(x)
    assert seen == [(None, [2.0, 4.0])]


def test_backends_do_not_meet_at_a_level() -> None:
    pytest.importorskip("numpy")
    ones = autograd_core.ones(2, backend="numpy")
    others = autograd_core.ones(2, backend="python")
    with pytest.raises(MixedBackendError, match="'numpy' and 'python'"):
        autograd_core.func.grad(lambda x: (x * others).sum())(ones)
    with pytest.raises(MixedBackendError):
        autograd_core.vmap(lambda x: x * others[0])(ones)


def test_deep_nesting(engine: Any) -> None:
    def f(x: Any) -> Any:
        return x**6

    for _ in range(5):
        f = engine.func.grad(f)
    assert f(engine.tensor(2.0)).tolist() == 720.0 * 2
    nested = engine.vmap(engine.vmap(engine.vmap(lambda x: x * x)))
    x = engine.arange(8.0).reshape(2, 2, 2)
    assert nested(x).tolist() == (x * x).tolist()


def test_the_tangent_of_a_gradient_keeps_the_nodes_of_zeros(torch: Any) -> None:
    x = torch.tensor([0.5, 2.0], requires_grad=True)
    slope = torch.func.grad(lambda t: (t**3).sum())
    _, tangent = torch.func.jvp(slope, (x,), (torch.ones(2),))
    terms = [node.name() for node, _ in tangent.grad_fn.next_functions]
    assert terms == ["MulBackward0", "MulBackward0"]
    assert tangent.tolist() == [3.0, 12.0]


def test_what_is_differentiated_in_inference_mode_is_no_inference_tensor(torch: Any) -> None:
    with torch.inference_mode():
        x = torch.ones(2)
        assert not torch.func.grad(lambda t: t.sin().sum())(x).is_inference()
        assert torch.func.vmap(lambda t: t.sin())(x).is_inference()


@pytest.mark.filterwarnings("ignore:Attempted to insert a get_attr Node")
def test_a_linearized_function_lays_tangents_out_like_primals(torch: Any) -> None:
    x = torch.ones(3, 2).t()
    _, slope = torch.func.linearize(lambda t: t.sin() * t, x)
    assert slope(torch.ones(2, 3)).stride() == (1, 2)
