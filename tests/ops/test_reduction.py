"""Reductions, running reductions and statistics: values, gradients, named results, refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

INF, NAN = math.inf, math.nan


def _gradient(torch: Any, call: Callable[[Any, Any], Any], data: Any) -> Any:
    x = torch.tensor(data, dtype=torch.float64, requires_grad=True)
    result = call(torch, x)
    result.sum().backward()
    return x.grad.tolist()


ROW = [1.0, 3.0, 3.0, 2.0]
GRADIENTS = [
    ("sum", lambda t, x: x.sum(), ROW, [1, 1, 1, 1]),
    ("mean", lambda t, x: x.mean(), ROW, [0.25] * 4),
    ("mean over one dim", lambda t, x: x.mean(0, keepdim=True), ROW, [0.25] * 4),
    ("prod", lambda t, x: x.prod(), [2.0, 3.0, 4.0], [12, 8, 6]),
    ("prod beside a zero", lambda t, x: x.prod(), [2.0, 0.0, 4.0], [0, 8, 0]),
    ("prod beside two zeros", lambda t, x: x.prod(), [0.0, 0.0, 4.0], [0, 0, 0]),
    ("prod of a dim", lambda t, x: x.prod(0), [2.0, 0.0, 4.0], [0, 8, 0]),
    ("amax shares evenly", lambda t, x: x.amax(), ROW, [0, 0.5, 0.5, 0]),
    ("max of all shares evenly", lambda t, x: x.max(), ROW, [0, 0.5, 0.5, 0]),
    ("max of a dim takes the first", lambda t, x: x.max(0).values, ROW, [0, 1, 0, 0]),
    ("min of a dim", lambda t, x: x.min(0)[0], ROW, [1, 0, 0, 0]),
    ("aminmax", lambda t, x: t.aminmax(x).max * 2 + t.aminmax(x).min, ROW, [1, 1, 1, 0]),
    ("var", lambda t, x: x.var(), [1.0, 3.0], [-2, 2]),
    ("var, uncorrected", lambda t, x: x.var(correction=0), [1.0, 3.0], [-1, 1]),
    ("std of equals", lambda t, x: x.std(), [2.0, 2.0], [0, 0]),
    ("mean of var_mean", lambda t, x: t.var_mean(x)[1], [1.0, 3.0], [0.5, 0.5]),
    ("nansum", lambda t, x: x.nansum(), [1.0, NAN, 3.0], [1, 0, 1]),
    ("nanmean", lambda t, x: x.nanmean(), [1.0, NAN, 3.0], [0.5, 0, 0.5]),
    ("norm 2", lambda t, x: x.norm(), [3.0, 4.0], [0.6, 0.8]),
    ("norm 2 at 0", lambda t, x: x.norm(), [0.0, 0.0], [0, 0]),
    ("norm 1", lambda t, x: x.norm(1), [3.0, -4.0, 0.0], [1, -1, 0]),
    ("norm inf", lambda t, x: x.norm(INF), [3.0, -3.0, 1.0], [0.5, -0.5, 0]),
    ("cumsum", lambda t, x: x.cumsum(0), ROW, [4, 3, 2, 1]),
    ("cumprod", lambda t, x: x.cumprod(0), [2.0, 3.0], [4, 2]),
    ("cumprod beside a zero", lambda t, x: x.cumprod(0), [2.0, 0.0, 3.0], [1, 8, 0]),
    ("cummax takes the last", lambda t, x: x.cummax(0).values, ROW, [1, 1, 2, 0]),
    ("diff", lambda t, x: x.diff(), ROW, [-1, 0, 0, 1]),
    ("trapezoid", lambda t, x: t.trapezoid(x), ROW, [0.5, 1, 1, 0.5]),
    ("a 0-d tensor", lambda t, x: x[0].sum(0) + x[0].max(0).values, ROW, [2, 0, 0, 0]),
]


@pytest.mark.parametrize(("call", "data", "expected"), [row[1:] for row in GRADIENTS])
def test_gradient(torch: Any, call: Any, data: Any, expected: Any) -> None:
    assert _gradient(torch, call, data) == pytest.approx(expected)


def test_gradient_of_logsumexp_is_softmax(torch: Any) -> None:
    data = [[0.0, math.log(3.0)], [-INF, 0.0]]
    found = _gradient(torch, lambda t, x: x.logsumexp(1), data)
    assert found[0] == pytest.approx([0.25, 0.75])
    assert found[1] == pytest.approx([0.0, 1.0])


def test_second_order_of_prod_beside_a_zero(torch: Any) -> None:
    x = torch.tensor([2.0, 0.0, 5.0], dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(x.prod(), x, create_graph=True)
    (second,) = torch.autograd.grad(first[1], x)
    assert second.tolist() == [5.0, 0.0, 2.0]


VALUES = [
    ("integers are summed as int64", lambda t: t.tensor([1, 2], dtype=t.int8).sum(), 3, "int64"),
    ("bools are counted", lambda t: t.tensor([True, True]).sum(), 2, "int64"),
    ("a dtype is computed in", lambda t: t.tensor([1.0, 2.0]).sum(dtype=t.float64), 3, "float64"),
    ("uint8 stays in any", lambda t: t.tensor([0, 2], dtype=t.uint8).any(), 1, "uint8"),
    ("nothing sums to 0", lambda t: t.zeros(0).sum(), 0, "float32"),
    ("nothing multiplies to 1", lambda t: t.zeros(0).prod(), 1, "float32"),
    ("-inf rows", lambda t: t.tensor([-INF, -INF]).logsumexp(0), -INF, "float32"),
    ("halves are averaged wide", lambda t: t.full((4,), 6e4, dtype=t.float16).mean(), 6e4, None),
]


@pytest.mark.parametrize(("call", "value", "dtype"), [row[1:] for row in VALUES])
def test_value(torch: Any, call: Any, value: Any, dtype: Any) -> None:
    result = call(torch)
    assert result.item() == pytest.approx(value, rel=1e-3)
    assert dtype is None or str(result.dtype) == f"torch.{dtype}"


def test_nan_wins_in_extremes(torch: Any) -> None:
    x = torch.tensor([1.0, NAN, 3.0])
    for result in (x.max(), x.min(), x.amax(), x.median()):
        assert math.isnan(result.item())
    assert x.nanmedian().item() == 1.0
    assert x.max(0).indices.item() == 1


def test_named_results(torch: Any) -> None:
    found: Any = torch.max(torch.tensor([[1, 4], [3, 2]]), 1)
    assert issubclass(type(found), tuple)
    assert type(found).__name__ == "max"
    assert repr(found) == (
        "torch.return_types.max(\nvalues=tensor([4, 3]),\nindices=tensor([1, 0]))"
    )
    values, indices = found
    assert values is found.values
    assert indices is found.indices
    with pytest.raises(TypeError, match="takes a 2-sequence"):
        type(found)((1,))


def test_results_are_written_to_out(torch: Any) -> None:
    values, indices = torch.zeros(2), torch.zeros(2, dtype=torch.int64)
    found = torch.min(torch.tensor([[1.0, 4.0], [3.0, 2.0]]), 1, out=(values, indices))
    assert found.values is values
    assert values.tolist() == [1.0, 2.0]
    assert indices.tolist() == [0, 1]


NODES = [
    ("sum()", lambda t, x: x.sum(), "SumBackward0"),
    ("sum(0)", lambda t, x: x.sum(0), "SumBackward1"),
    ("mean()", lambda t, x: x.mean(), "MeanBackward0"),
    ("max()", lambda t, x: x.max(), "MaxBackward1"),
    ("max(0)", lambda t, x: x.max(0)[0], "MaxBackward0"),
    ("norm", lambda t, x: x.norm(), "LinalgVectorNormBackward0"),
    ("binary max", lambda t, x: t.max(x, x), "MaximumBackward0"),
]


@pytest.mark.parametrize(("call", "node"), [row[1:] for row in NODES])
def test_node(torch: Any, call: Any, node: str) -> None:
    assert call(torch, torch.zeros(2, 2, requires_grad=True)).grad_fn.name() == node


def test_indices_have_no_history(torch: Any) -> None:
    values, indices = torch.zeros(2, 2, requires_grad=True).max(0)
    assert values.requires_grad
    assert not indices.requires_grad


REFUSALS = [
    (lambda t, x: x.sum((0, 0)), RuntimeError, "dim 0 appears multiple times in the list of dims"),
    (lambda t, x: x.max(5), IndexError, "expected to be in range of"),
    (lambda t, x: t.zeros(0).max(), RuntimeError, "Expected reduction dim to be specified"),
    (lambda t, x: t.zeros(0, 2).amax(0), IndexError, "Expected reduction dim 0 to have non-zero"),
    (lambda t, x: t.tensor([1]).mean(), RuntimeError, "could not infer output dtype"),
    (lambda t, x: t.tensor([1]).std(), RuntimeError, "std and var only support floating point"),
    (lambda t, x: t.max(1, 2), TypeError, "received an invalid combination of arguments"),
    (lambda t, x: x.renorm(-1, 0, 1), RuntimeError, "non-positive-norm not supported"),
]


@pytest.mark.parametrize(("call", "error", "text"), REFUSALS)
def test_refusal(torch: Any, call: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        call(torch, torch.zeros(2, 2))


def test_no_degree_of_freedom_warns(torch: Any) -> None:
    with pytest.warns(UserWarning, match="degrees of freedom is <= 0"):
        assert math.isnan(torch.tensor([1.0]).var().item())


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("x.mean()", "Div1 Expand0 Mul0"),
        ("x.mean((0, 1))", "Div1 Expand0 Unsqueeze0 Unsqueeze0 Mul0"),
        ("x.sum(())", "Expand0 Mul0"),
        ("x.amax(0)", "Mul0 Div0 View0 Mul0"),
        ("x.norm(1)", "Mul0 Mul0"),
        ("x.var()", "Mul0 Mul1 Mul0"),
    ],
)
def test_gradients_are_recorded_as_torch_composes_them(
    torch: Any, call: str, expected: str
) -> None:
    x = torch.tensor([[1.0, 3.0], [2.0, 5.0]], requires_grad=True)
    result = eval(call, {"x": x}).exp().sum()
    (gradient,) = torch.autograd.grad(result, x, create_graph=True)
    names, node = [], gradient.grad_fn
    while "Exp0" not in names:
        names.append(node.name().replace("Backward", ""))
        ways = [way for way, _ in node.next_functions if way is not None]
        node = next((way for way in ways if way.name() not in ("SgnBackward0",)), None)
    assert " ".join(names[:-1]) == expected
