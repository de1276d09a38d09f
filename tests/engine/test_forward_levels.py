"""Levels of forward mode as the engine keeps them: nesting, what is freed, threads, long chains."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from autograd_core.engine.modes import forward_level
from autograd_core.engine.tangents import is_dual, primal, tangent_of


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    assert forward_level.current is None


def _jvp(engine: Any, function: Any, x: Any, direction: Any) -> Any:
    """The tangent of a function, by a level that may be inside others."""
    level = forward_level.enter(transform=True)
    try:
        dual = x.view_as(x)
        engine.autograd.forward_ad.apart_from_base(dual)
        engine.autograd.forward_ad.set_tangent(dual, level, direction)
        return primal(tangent_of(function(dual), level), level)
    finally:
        forward_level.exit()


def test_transforms_nest(engine: Any) -> None:
    x, one = (engine.tensor(v, dtype=engine.float64) for v in (2.0, 1.0))

    def cube(a: Any) -> Any:
        return a * a * a

    def first(a: Any) -> Any:
        return _jvp(engine, cube, a, one)

    def second(a: Any) -> Any:
        return _jvp(engine, first, a, one)

    assert first(x).item() == 12.0
    assert second(x).item() == 12.0
    assert _jvp(engine, second, x, one).item() == 6.0


def test_nested_levels_do_not_mix(engine: Any) -> None:
    """d/dx (x · d/dy (x + y)) is 1; confused perturbations would make it 2."""
    one = engine.tensor(1.0)

    def outer(x: Any) -> Any:
        return x * _jvp(engine, lambda y: x + y, one, one)

    assert _jvp(engine, outer, one, one).item() == 1.0


def test_a_users_level_is_the_only_one(engine: Any) -> None:
    forward_ad = engine.autograd.forward_ad
    with forward_ad.dual_level(), pytest.raises(RuntimeError, match="Nested"):
        forward_level.enter(transform=True)
    forward_level.enter(transform=True)
    try:
        with pytest.raises(RuntimeError, match="Nested"):
            forward_ad.enter_dual_level()
    finally:
        forward_level.exit()


def test_tangents_are_freed_as_the_level_closes(engine: Any) -> None:
    forward_ad = engine.autograd.forward_ad
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(engine.ones(3), engine.ones(3))
        result = dual.exp()
        tangent = weakref.ref(forward_ad.unpack_dual(result).tangent)
        assert tangent() is not None
    gc.collect()
    assert tangent() is None
    assert not result._tangents


def test_tangents_are_freed_with_their_tensor(engine: Any) -> None:
    forward_ad = engine.autograd.forward_ad
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(engine.ones(3), engine.ones(3))
        tangent = weakref.ref(forward_ad.unpack_dual(dual * 2).tangent)
        gc.collect()
        assert tangent() is None


def test_saved_outputs_lose_their_tangents_with_the_level(engine: Any) -> None:
    forward_ad = engine.autograd.forward_ad
    x = engine.tensor([1.0, 2.0], requires_grad=True)
    with forward_ad.dual_level():
        result = forward_ad.make_dual(x, engine.ones(2)).exp()
    with forward_ad.dual_level():
        (grad,) = engine.autograd.grad(result.sum(), x)
        assert forward_ad.unpack_dual(grad).tangent is None


def test_a_long_chain(engine: Any) -> None:
    forward_ad = engine.autograd.forward_ad
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(engine.tensor([1.0]), engine.tensor([1.0]))
        result = dual
        for _ in range(5000):
            result = result + dual
        assert forward_ad.unpack_dual(result).tangent.item() == 5001.0


def test_threads_share_a_level(engine: Any) -> None:
    forward_ad = engine.autograd.forward_ad
    found: dict[int, list[float]] = {}
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(engine.tensor([1.0, 2.0]), engine.tensor([1.0, 10.0]))

        def work(k: int) -> None:
            result = dual
            for _ in range(50):
                result = result * 1.0 + dual * float(k)
            found[k] = forward_ad.unpack_dual(result).tangent.tolist()

        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {k: [1.0 + 50 * k, 10.0 + 500 * k] for k in range(4)}


def test_views_cut_before_a_write_are_dual(engine: Any) -> None:
    forward_ad = engine.autograd.forward_ad
    with forward_ad.dual_level():
        base = engine.zeros(2, 3)
        views = [base[0], base.t(), base[:, 1:]]
        assert not any(map(is_dual, views))
        base.copy_(forward_ad.make_dual(engine.ones(2, 3), engine.ones(2, 3)))
        assert all(map(is_dual, views))


@pytest.mark.filterwarnings("ignore:index_reduce")
def test_refusals_say_which_form(torch: Any) -> None:
    forward_ad = torch.autograd.forward_ad
    index, source = torch.tensor([0]), torch.ones(1)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(torch.ones(2), torch.ones(2))
        with pytest.raises(NotImplementedError) as out_of_place:
            dual.index_reduce(0, index, source, "prod")
        with pytest.raises(NotImplementedError) as in_place:
            (dual * 1).index_reduce_(0, index, source, "prod")
    common = (
        "Trying to use forward AD with {} that does not support it because it has not been "
        "implemented yet.\nPlease file an issue to PyTorch at https://github.com/pytorch/pytorch/"
        "issues/new?template=feature-request.yml so that we can prioritize its implementation{}"
    )
    assert str(out_of_place.value) == common.format(
        "index_reduce", " or submit a PR adding the implementation to derivatives.yaml"
    )
    assert str(in_place.value) == common.format("index_reduce_", ".")
