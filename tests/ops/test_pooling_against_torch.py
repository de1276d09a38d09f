"""Pooling held against torch over random windows: elements, places, layouts, gradients, errors.

Numbers are few and small, so that windows have ties; some inputs have NaN or nothing but -inf.
"""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

real_torch = pytest.importorskip("torch")

NUMBERS = {
    "ties": [-1.0, 0.0, 1.0, 2.0],
    "nan": [-1.0, 1.0, 2.0, math.nan],
    "infinite": [-math.inf, -math.inf, -math.inf, 1.0],
    "whole": [-3, 0, 1, 4],
}
DRAWS = 120


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _input(draw: random.Random, rank: int) -> tuple[Any, str]:
    """A torch tensor of (N, C, space) or (C, space) in some layout, and the kind of its numbers."""
    shape = [draw.choice([0, 1, 2])] * (draw.random() < 0.7) + [draw.choice([1, 2, 3])]
    shape += [draw.randrange(1, 7) for _ in range(rank)]
    kind = draw.choice(sorted(NUMBERS))
    numbers = [draw.choice(NUMBERS[kind]) for _ in range(math.prod(shape))]
    dtype = (
        real_torch.int64
        if kind == "whole"
        else draw.choice([real_torch.float64] * 2 + [real_torch.float32])
    )
    made = real_torch.tensor(numbers, dtype=dtype).reshape(shape)
    layout = draw.choice(["row-major", "channels-last", "exchanged"])
    # Of windows of -inf in a channels-last space, torch tells places in the first plane only.
    if layout == "channels-last" and len(shape) == rank + 2 and rank > 1 and kind != "infinite":
        last = real_torch.channels_last if rank == 2 else real_torch.channels_last_3d
        made = made.to(memory_format=last)
    elif layout == "exchanged" and rank > 1:
        made = made.transpose(-1, -2)
    return made, kind


def _option(draw: random.Random, rank: int, low: int, high: int) -> Any:
    each = tuple(draw.randrange(low, high) for _ in range(rank))
    return draw.choice([each, each[0]])


def _call(draw: random.Random, kind: str, rank: int) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments of a pooling; those that torch refuses are among them."""
    if kind.startswith("adaptive"):
        named = {"return_indices": True} if "max" in kind else {}
        return (_option(draw, rank, 1, 6),), named
    named = {"padding": draw.choice([0, 0, 1]), "ceil_mode": draw.random() < 0.5}
    if draw.random() < 0.6:
        named["stride"] = _option(draw, rank, 1, 4)
    if "max" in kind:
        named["return_indices"] = draw.random() < 0.7
        # A window of padding only has a place outside, and dilation makes such windows.
        named["dilation"] = 1 if named["padding"] else draw.choice([1, 2])
    else:
        named["count_include_pad"] = draw.random() < 0.5
        if rank > 1:
            named["divisor_override"] = draw.choice([None, 3, -2])
    return (_option(draw, rank, 1, 4),), named


def _outcome(call: Any) -> Any:
    try:
        made = call()
    except (RuntimeError, IndexError, ValueError) as error:
        return error
    return made if isinstance(made, tuple) else (made,)


def _same(got: Any, expected: Any) -> bool:
    if tuple(got.shape) != tuple(expected.shape) or got.stride() != expected.stride():
        return False
    if str(got.dtype).rpartition(".")[2] != str(expected.dtype).rpartition(".")[2]:
        return False
    pairs = zip(got.flatten().tolist(), expected.flatten().tolist(), strict=True)
    return all(
        a == b or (a != a and b != b) or math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6)
        for a, b in pairs
    )


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["max_pool", "avg_pool", "adaptive_max_pool", "adaptive_avg_pool"])
def test_random_pooling(engine: Any, kind: str, rank: int) -> None:
    draw = random.Random(f"{kind} {rank}")
    name = f"{kind}{rank}d"
    for _ in range(DRAWS):
        x, numbers = _input(draw, rank)
        arguments, named = _call(draw, kind, rank)
        y = engine.empty_strided(
            tuple(x.shape), x.stride(), dtype=getattr(engine, str(x.dtype).rpartition(".")[2])
        )
        y.copy_(engine.tensor(x.tolist(), dtype=y.dtype).reshape(tuple(x.shape)))
        if numbers != "whole" and draw.random() < 0.7:
            x.requires_grad_()
            y.requires_grad_()
        functions = (getattr(torch.nn.functional, name) for torch in (real_torch, engine))
        expected, got = (
            _outcome(partial(function, leaf, *arguments, **named))
            for function, leaf in zip(functions, (x, y), strict=True)
        )
        told = (name, tuple(x.shape), x.stride(), x.dtype, numbers, arguments, named)
        if isinstance(expected, Exception):
            assert type(got) is type(expected), told
            assert str(got) == str(expected), told
            continue
        assert not isinstance(got, Exception), told
        for one, two in zip(got, expected, strict=True):
            assert _same(one, two), told
            assert one._is_view() == two._is_view(), told
        if expected[0].requires_grad and expected[0].numel():
            weights = [draw.uniform(-2, 2) for _ in range(expected[0].numel())]
            gradients = []
            for torch, made, leaf in ((engine, got[0], y), (real_torch, expected[0], x)):
                given = torch.tensor(weights, dtype=made.dtype).reshape(tuple(made.shape))
                gradients.append(torch.autograd.grad(made, leaf, given)[0])
            assert _same(*gradients), told


@pytest.mark.parametrize("rank", [2, 3])
def test_fractional_pooling_on_the_stream(engine: Any, rank: int) -> None:
    """The windows are drawn from the same random numbers."""
    found = []
    for torch in (engine, real_torch):
        torch.manual_seed(5)
        x = torch.randn(2, 3, *(7, 8, 6)[:rank], dtype=torch.float64)
        pool = getattr(torch.nn.functional, f"fractional_max_pool{rank}d")
        values, places = pool(x, 2, output_size=(3, 4, 2)[:rank], return_indices=True)
        found.append((values.flatten().tolist(), places.flatten().tolist(), torch.rand(2).tolist()))
    assert found[0] == found[1]


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_unpooling_restores_what_was_largest(engine: Any, rank: int) -> None:
    found = []
    for torch in (engine, real_torch):
        torch.manual_seed(1)
        x = torch.randn(2, 2, *(5, 6, 4)[:rank])
        functional = torch.nn.functional
        pooled = getattr(functional, f"max_pool{rank}d")(x, 2, return_indices=True)
        unpool = getattr(functional, f"max_unpool{rank}d")
        found.append(unpool(*pooled, 2, output_size=tuple(x.shape)).flatten().tolist())
    assert found[0] == found[1]


def _transformed(torch: Any, name: str) -> list[float]:
    """Batches, tangents and derivatives of derivatives of what is pooled of random planes."""
    torch.manual_seed(2)
    x = torch.randn(3, 2, 5, 4, dtype=torch.float64)
    func = torch.func
    pool = getattr(torch.nn.functional, name)
    slope = func.grad(lambda x: (pool(x, 2) ** 3).sum())
    made = (
        func.vmap(slope)(x),
        func.jvp(slope, (x[0],), (x[1],))[1],
        func.grad(lambda x: (slope(x) ** 2).sum())(x[0]),
    )
    return [number for tensor in made for number in tensor.flatten().tolist()]


@pytest.mark.parametrize(
    "name", ["avg_pool2d", "max_pool2d", "adaptive_avg_pool2d", "adaptive_max_pool2d"]
)
def test_pooling_under_transforms(engine: Any, name: str) -> None:
    assert _transformed(engine, name) == pytest.approx(_transformed(real_torch, name), rel=1e-12)
