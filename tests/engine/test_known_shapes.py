"""Formulas of pointwise ops give gradients of the shape and dtype that backward does not check."""

from __future__ import annotations

import gc
from typing import Any

import pytest

import autograd_core
from autograd_core import ops

UNARY = sorted(
    {
        entry.kernel_name: entry
        for entries in ops.table().values()
        for entry in entries
        if entry.alike and len(entry.parameters) == 1
    }.items()
)
BINARY = sorted(
    {
        entry.kernel_name: entry
        for entries in ops.table().values()
        for entry in entries
        if entry.alike and len(entry.parameters) == 2 and entry.inputs == (0, 1)
    }.items()
)


def _is_like(grad: Any, node: Any) -> bool:
    ((shape, native),) = node._outputs
    return grad.shape == shape and grad.dtype == native


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
@pytest.mark.parametrize("name, entry", [*UNARY, *BINARY])
def test_gradients_are_like_the_result(name: str, entry: Any, shape: Any, dtype: str) -> None:
    native = getattr(autograd_core, dtype)
    operands = [
        autograd_core.full(shape, 0.25 + 0.5 * k, dtype=native).requires_grad_()
        for k in range(len(entry.parameters))
    ]
    try:
        result = entry.function(*operands)
    except (NotImplementedError, RuntimeError) as error:
        pytest.skip(str(error)[:60])
    node = result.grad_fn
    if node is None or not node.plan.alike or node._outputs[0][1] != operands[0]._array.dtype:
        pytest.skip("nothing is taken for granted")
    cotangent = autograd_core.ones_like(result)._array
    try:
        grads = result._backend.quietly(node.plan.raw, node, cotangent, True)
    except (NotImplementedError, RuntimeError) as error:
        if "is not implemented" in str(error):
            return
        raise
    assert all(_is_like(grad, node) for grad in grads if grad is not None)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(
    "compute",
    [
        lambda x: x * 0.3,
        lambda x: x / 3.0,
        lambda x: x**3,
        lambda x: 2.0**x,
        lambda x: autograd_core.sub(x, x.detach(), alpha=0.3),
        lambda x: x.rsqrt(),
        lambda x: x.exp2(),
        lambda x: x.erf(),
        lambda x: autograd_core.lerp(x, x.detach(), 0.3),
    ],
)
def test_gradients_of_16_bits_are_rounded(engine: Any, compute: Any, dtype: str) -> None:
    """Formulas may go on in float32 beside a number, whatever is known of the op."""
    x = engine.tensor([0.5, 0.3, 2.0], dtype=getattr(engine, dtype), requires_grad=True)
    compute(x).sum().backward()
    (gradient,) = engine.autograd.grad(compute(x).sum(), x)
    (recorded,) = engine.autograd.grad(compute(x).sum(), x, create_graph=True)
    found = [x.grad, gradient, recorded]
    if recorded.requires_grad:
        found += engine.autograd.grad(recorded.sum(), x, retain_graph=True)
        x.grad = None
        recorded.sum().backward()
        found.append(x.grad)
    assert {each._array.dtype for each in found} == {x._array.dtype}


def test_there_are_such_ops() -> None:
    assert len(UNARY) > 30
    assert len(BINARY) > 5


def test_steps_leave_nothing_behind(engine: Any) -> None:
    x = engine.tensor([0.5, 0.25], requires_grad=True)

    def step() -> None:
        x.grad = None
        y = x * 2
        y[0].mul_(3.0)
        ((y + x).sin() * x).sum().backward()

    def objects() -> int:
        gc.collect()
        return len(gc.get_objects())

    for _ in range(100):
        step()
    before = objects()
    for _ in range(1_000):
        step()
    assert objects() - before < 100
