"""Numbers that random programs came upon: NaN, infinities, 16 bits and nothing at all."""

from __future__ import annotations

import warnings
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


def _assigned(tensor: Any, value: Any) -> Any:
    tensor[0] = value
    return tensor


WRITES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "clamp": lambda t, tensor, value: tensor.clamp(max=value),
    "clamp_": lambda t, tensor, value: tensor.clamp_(value, value),
    "clamp_min": lambda t, tensor, value: tensor.clamp_min(value),
    "fill_": lambda t, tensor, value: tensor.fill_(value),
    "full": lambda t, tensor, value: t.full((2,), value, dtype=tensor.dtype),
    "full_like": lambda t, tensor, value: t.full_like(tensor, value),
    "index_fill": lambda t, tensor, value: tensor.index_fill(0, t.tensor([0]), value),
    "masked_fill": lambda t, tensor, value: tensor.masked_fill(t.tensor(True), value),
    "new_full": lambda t, tensor, value: tensor.new_full((2,), value),
    "new_tensor": lambda t, tensor, value: tensor.new_tensor([value]),
    "scalar_tensor": lambda t, tensor, value: t.scalar_tensor(value, dtype=tensor.dtype),
    "scatter": lambda t, tensor, value: tensor.scatter(0, t.tensor([0]), value),
    "subscript": lambda t, tensor, value: _assigned(tensor, value),
    "tensor": lambda t, tensor, value: t.tensor(value, dtype=tensor.dtype),
}
NUMBERS = [
    *(300, -1, -129, 256, True, 2**31, 2**62 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63) - 1),
    *(2.7, -0.5, -1.5, 65519.0, 65520.0, 70000.0, 3.4e38, 3.41e38, 1e39, -1e300, INF, NAN),
    *(2 + 0j, 1 + 2j, 1e300 + 0j, 1e39j),
]
DTYPES = (
    *("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32"),
    *("float64", "complex64", "complex128"),
)


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize("write", WRITES)
def test_numbers_that_may_not_fit(backend: str, write: str) -> None:
    """What is written of a number, or why not, silently."""

    def told(t: Any, dtype: str, value: Any) -> str:
        tensor = t.zeros(2, dtype=getattr(t, dtype))
        try:
            return repr(WRITES[write](t, tensor, value).flatten()[0].item())
        except (OverflowError, RuntimeError, TypeError, ValueError) as error:
            return f"{type(error).__name__}: {error}".split("\n")[0]

    with autograd_core.use_backend(backend), warnings.catch_warnings():
        warnings.simplefilter("error")
        bounds = write.startswith("clamp")  # which bool and complex tensors do not have
        for dtype in DTYPES[1:-2] if bounds else DTYPES:
            for value in NUMBERS[:-4] if bounds else NUMBERS:
                assert told(autograd_core, dtype, value) == told(torch, dtype, value), (
                    dtype,
                    value,
                )


def test_padding_with_a_number_that_does_not_fit() -> None:
    for t in (torch, autograd_core):
        with pytest.raises(RuntimeError, match="converted to type int8_t without overflow"):
            t.nn.functional.pad(t.zeros(2, dtype=t.int8), (1, 1), value=300)
