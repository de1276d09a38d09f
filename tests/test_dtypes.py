"""Promotion, casting and the default dtype, on each backend and on torch."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

NAMES = [
    "bool",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations_with_replacement(NAMES, 2)))
def test_promotion_is_torchs(one: str, other: str) -> None:
    real = pytest.importorskip("torch")
    import autograd_core

    for a, b in ((one, other), (other, one)):
        ours = autograd_core.promote_types(getattr(autograd_core, a), getattr(autograd_core, b))
        assert repr(ours) == repr(real.promote_types(getattr(real, a), getattr(real, b)))
        castable = autograd_core.can_cast(getattr(autograd_core, a), getattr(autograd_core, b))
        assert castable == real.can_cast(getattr(real, a), getattr(real, b))


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda t: t.ones(2, dtype=t.int32) + t.tensor(1), "int32"),
        (lambda t: t.ones(2, dtype=t.int32) + 1.5, "float32"),
        (lambda t: t.ones(2, dtype=t.float16) + t.tensor(1.0, dtype=t.float64), "float16"),
        (lambda t: t.ones(2, dtype=t.uint8) + t.ones(2, dtype=t.int8), "int16"),
        (lambda t: t.ones(2, dtype=t.float64) * 1j, "complex128"),
        (lambda t: t.ones(2, dtype=t.int64) / 2, "float32"),
        (lambda t: t.ones(2, dtype=t.bool) + True, "bool"),
    ],
)
def test_results_have_the_promoted_dtype(torch: Any, make: Any, expected: str) -> None:
    assert make(torch).dtype is getattr(torch, expected)


def test_default_dtype(torch: Any) -> None:
    assert torch.get_default_dtype() is torch.float32
    torch.set_default_dtype(torch.float64)
    try:
        assert torch.tensor([1.5]).dtype is torch.float64
        assert torch.tensor([1.5j]).dtype is torch.complex128
        assert (torch.ones(1, dtype=torch.int64) / 2).dtype is torch.float64
        assert repr(torch.tensor([1.5])) == "tensor([1.5000])"
    finally:
        torch.set_default_dtype(torch.float32)
    with pytest.raises(TypeError, match="only floating-point types are supported"):
        torch.set_default_dtype(torch.int64)


def test_result_type(torch: Any) -> None:
    assert torch.result_type(torch.ones(2, dtype=torch.int8), 2.0) is torch.float32
    assert torch.result_type(torch.tensor(1), torch.ones(2, dtype=torch.int8)) is torch.int8
