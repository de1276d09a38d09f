"""Gradients of all elements of an output in one run: those of a run for each, to the bit."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from gradcheck_rows import ROWS, Row

from autograd_core.engine import backward
from autograd_core.engine.modes import threads
from autograd_core.engine.node import gradient_edge

ANY = object()


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Warnings of some ops are tested with those ops, and threads may have been used before."""
    monkeypatch.setattr(threads, "record", False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _facts(backend: Any, array: Any) -> Any:
    """A gradient's shape, dtype and numbers, of which zeros show their signs."""
    numbers = [repr(number) for number in backend.to_flat(backend.contiguous(array))]
    return tuple(array.shape), array.dtype, numbers


def _one_by_one(engine: Any, output: Any, inputs: Any) -> Any:
    rows = []
    for j in range(output.nelement()):
        root = output.reshape(-1)[j]
        found = engine.autograd.grad(root, inputs, retain_graph=True, allow_unused=True)
        rows.append([None if g is None else _facts(g._backend, g._owned()) for g in found])
    return [None if column[0] is None else list(column) for column in zip(*rows, strict=True)]


def _together(output: Any, inputs: Any) -> Any:
    pieces = backward.run_rows(gradient_edge(output), [gradient_edge(x) for x in inputs])
    if pieces is None:
        return ANY
    columns = []
    for point, arrays in zip(inputs, zip(*pieces, strict=True), strict=True):
        xp = point._backend
        columns.append(
            None
            if arrays[0] is None
            else [_facts(xp, row) for array in arrays for row in xp.unbind(array, 0)]
        )
    return columns


def _outcome(function: Any, *args: Any) -> Any:
    try:
        return function(*args)
    except (NotImplementedError, RuntimeError) as error:
        return type(error), str(error)


def _check(engine: Any, outputs: Any, inputs: Any) -> None:
    for output in outputs:
        if output.is_complex():
            output = engine.view_as_real(output.resolve_conj())
        if output.requires_grad and output.nelement() > 1:
            together = _outcome(_together, output, inputs)
            if together is not ANY:
                assert together == _outcome(_one_by_one, engine, output, inputs)


def _with_graph(engine: Any, *args: Any) -> Any:
    return engine.autograd.grad(*args, create_graph=True, allow_unused=True)


def _inputs(engine: Any, row: Row, dtype: Any, turned: bool) -> Any:
    """The leaves of a row, matrices column-major where ``turned``."""
    return tuple(
        x.detach().mT.contiguous().mT.requires_grad_() if turned and x.ndim > 1 else x
        for x in row.inputs(engine, dtype)
    )


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", ROWS)
def test_of_every_op_and_of_its_gradient(engine: Any, name: str, turned: bool) -> None:
    row = ROWS[name]
    for dtype in (engine.float64, engine.complex128)[: 1 + row.complex]:
        inputs = _inputs(engine, row, dtype, turned)
        made = _outcome(row.call, engine, *inputs)
        if not isinstance(made, engine.Tensor) and not isinstance(made[0], engine.Tensor):
            continue
        outputs = [o for o in (made if isinstance(made, tuple) else (made,)) if o.requires_grad]
        _check(engine, outputs, inputs)
        weights = [engine.ones_like(output).requires_grad_() for output in outputs]
        grads = _outcome(_with_graph, engine, outputs, inputs, weights)
        if any(isinstance(g, engine.Tensor) for g in grads):
            second = [g for g in grads if g is not None and g.requires_grad]
            _check(engine, second, (*inputs, *weights))


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_of_other_dtypes_and_of_mixed_ones(engine: Any, dtype: str) -> None:
    x = engine.tensor([0.5, -1.5, 2.0], dtype=getattr(engine, dtype), requires_grad=True)
    y = engine.tensor([[1.0], [2.0]], dtype=engine.float64, requires_grad=True)
    narrow = (x.exp() * x).reshape(3, 1)
    _check(engine, [narrow, x * y, (x * y).sin() + x, narrow.to(engine.float64) ** 2], (x, y))


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: x**0 + y,
        lambda x, y: (x * y).sum((0,)) * 2,
        lambda x, y: x.expand(2, 2, 3).exp() * x,
        lambda x, y: (x[:, 1:] * x[:, :-1])[:, ::2] + y[0],
        lambda x, y: x.t().reshape(-1)[1:5] * y.sum(),
        lambda x, y: x.diagonal() * y[1:] + y.unfold(0, 2, 1)[:, 0],
        lambda x, y: x.unsqueeze(1).squeeze().t() * y[:2],
        lambda x, y: x.unbind()[1] * y + x.max(1).values.sum(),
        lambda x, y: (x.mT @ x).tanh() + y,
        lambda x, y: y,
        lambda x, y: x.sum() * y.sum() + y[:1],
        lambda x, y: x.masked_fill(x > 0, 0.0).mean(0) / y,
    ],
)
def test_of_programs(engine: Any, monkeypatch: Any, function: Any) -> None:
    x = engine.tensor([[0.5, -1.5, 2.0], [0.25, 0.75, -0.5]], requires_grad=True)
    y = engine.tensor([1.0, -2.0, 0.5], requires_grad=True)
    output = function(x, y)
    assert output.nelement() < 2 or _together(output, (x, y)) is not ANY
    _check(engine, [output], (x, y))
    monkeypatch.setattr(backward, "_AT_ONCE", 20)  # three rows of the inputs at once
    _check(engine, [output], (x, y))
