"""Numbers that random programs came upon: NaN, infinities, 16 bits and nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import autograd_core

NAN, INF = float("nan"), float("inf")


def added_products(t: Any, dtype: str, **factors: float) -> Any:
    """Sums with products of 16-bit matrices, which are rounded once."""
    t.manual_seed(0)
    whole = t.randn(5, 7, 7).to(getattr(t, dtype))
    left, right, matrix = whole[:2], whole[2:4], whole[4]
    made = [
        t.addmm(matrix, left[0], right[0], **factors),
        t.addmv(matrix[0], left[0], right[0, 0], **factors),
        t.baddbmm(whole[:2], left, right, **factors),
        t.addbmm(matrix, left, right, **factors),
        t.nn.functional.linear(left[0], right[0], matrix[0]),
    ]
    return t.cat([part.flatten() for part in made])


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
    lambda t: added_products(t, "bfloat16"),
    lambda t: added_products(t, "float16", beta=0.5, alpha=1.5),
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
