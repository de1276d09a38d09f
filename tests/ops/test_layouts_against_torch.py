"""Strides of pointwise results, dims of size 1 included, and graphs of recorded formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import autograd_core

torch = pytest.importorskip("torch")

CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "a unary function": lambda t, x: x.sin(),
    "a derived kernel": lambda t, x: t.special.erfcx(x),
    "a comparison": lambda t, x: t.isfinite(x),
    "a number beside it": lambda t, x: x * 2,
    "bounds": lambda t, x: x.clamp(min=0),
    "allocated like the operand": lambda t, x: t.nn.functional.hardtanh(x),
    "row-major": lambda t, x: 2**x,
    "ones": lambda t, x: x**0,
    "a copy": lambda t, x: x**1,
    "a copy of integers": lambda t, x: x.long().floor(),
    "an answer for all": lambda t, x: x.long().isinf(),
    "conjugates": lambda t, x: x.to(t.complex128).conj_physical(),
    "running sums": lambda t, x: x.logcumsumexp(0),
}
LAYOUTS = [
    ((1, 3), (1, 2)),
    ((3, 1), (1, 3)),
    ((2, 3), (1, 2)),
    ((2, 1, 3), (1, 7, 2)),
    ((1, 2, 1, 2), (1, 2, 2, 1)),
    ((1,), (2,)),
    ((0,), (2,)),
    ((2, 0), (3, 7)),
    ((0, 2), (3, 7)),
]


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize("shape, stride", LAYOUTS)
@pytest.mark.parametrize("what", CALLS)
def test_a_pointwise_result_lies_as_in_torch(
    what: str, shape: tuple[int, ...], stride: tuple[int, ...], backend: str
) -> None:
    def strides(module: Any) -> tuple[int, ...]:
        numbers = module.tensor([0.1 + k / 40 for k in range(30)], dtype=module.float64)
        return tuple(CALLS[what](module, numbers.as_strided(shape, stride)).stride())

    with autograd_core.use_backend(backend):
        assert strides(autograd_core) == strides(torch)


def graph(node: Any) -> Any:
    """The names of a graph's nodes, as nested tuples."""
    return node and (node.name(), [graph(source) for source, _ in node.next_functions])


@pytest.mark.parametrize("name", ["log1p", "logit", "atan", "erf", "expm1", "std", "norm", "sinc"])
def test_a_recorded_formula_computes_with_numbers_as_torch_does(name: str) -> None:
    def recorded(module: Any) -> Any:
        x = module.tensor([0.1, 0.4, 0.7], dtype=module.float64).requires_grad_()
        result = getattr(x, name)()
        (grad,) = module.autograd.grad(result.sum(), x, create_graph=True)
        return graph(grad.grad_fn)

    assert recorded(autograd_core) == recorded(torch)
