"""Numbers that random programs came upon: NaN, infinities, 16 bits and nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import autograd_core

NAN, INF = float("nan"), float("inf")
CALLS: list[Callable[[Any], Any]] = [
    lambda t: t.nn.functional.rms_norm(t.tensor([1e-3, 2e-3], dtype=t.float16), (2,)),
    lambda t: t.nn.functional.rms_norm(t.tensor([1e-3, 2e-3], dtype=t.bfloat16), (2,)),
    lambda t: t.nn.functional.threshold(t.tensor([0.1, 0.09], dtype=t.bfloat16), 0.1, 20),
    lambda t: t.tensor([0.37, 2.0], dtype=t.float16) / t.tensor([70001]),
    lambda t: t.tensor([0.37, 2.0], dtype=t.bfloat16) * t.tensor([[70001]]),
    lambda t: t.zeros(2).scatter_(0, t.zeros((0,), dtype=t.int64), t.tensor(1.5)),
    lambda t: t.fft.fft(t.tensor([INF, 1.0]), norm="ortho"),
    lambda t: t.fft.ifft(t.tensor([INF, 1.0, 2.0])),
    lambda t: t.special.zeta(t.tensor([NAN, 1.0, INF, INF, INF]), t.tensor([-1.0, NAN, 1, 2, 0.5])),
    lambda t: t.linalg.svdvals(t.tensor([[NAN, 1.0], [1.0, 2.0]])),
    lambda t: t.linalg.svdvals(t.tensor([[INF, 1.0], [1.0, 2.0]])),
    lambda t: t.linalg.cond(t.full((2, 2, 3), NAN)),
    lambda t: t.linalg.cond(t.tensor([[INF, 1.0], [1.0, 2.0]], requires_grad=True)),
]


def answer(call: Callable[[Any], Any], module: Any) -> str:
    try:
        return str(call(module).tolist())
    except RuntimeError as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize("call", CALLS, ids=[str(k) for k in range(len(CALLS))])
def test_the_answer_is_torchs(backend: str, call: Callable[[Any], Any]) -> None:
    with autograd_core.use_backend(backend):
        got = answer(call, autograd_core)
    assert got.replace("-0j", "+0j") == answer(call, torch).replace("-0j", "+0j")
