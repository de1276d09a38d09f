"""Sorting and selection by rank: order, ties, gradients, refusals."""

from __future__ import annotations

import random
from typing import Any

import pytest


def test_sort_is_differentiated_where_elements_came_from(torch: Any) -> None:
    x = torch.tensor([3.0, 1.0, 2.0], requires_grad=True)
    values, indices = x.sort(descending=True)
    assert values.tolist() == [3.0, 2.0, 1.0]
    assert indices.tolist() == [0, 2, 1]
    (values * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.grad.tolist() == [1.0, 3.0, 2.0]


def test_nodes_of_sort(torch: Any) -> None:
    x = torch.zeros(2, requires_grad=True)
    assert x.sort()[0].grad_fn.name() == "SortBackward0"
    assert torch.sort(x, stable=True)[0].grad_fn.name() == "SortBackward1"


SELECTIONS = [
    ("topk", lambda t, x: x.topk(2), [3.0, 3.0]),
    ("smallest", lambda t, x: x.topk(2, largest=False), [1.0, 2.0]),
    ("kthvalue", lambda t, x: x.kthvalue(2), 2.0),
    ("lower median", lambda t, x: x.median(0), 2.0),
    ("mode", lambda t, x: x.mode(), 3.0),
]


@pytest.mark.parametrize(("call", "expected"), [row[1:] for row in SELECTIONS])
def test_selection(torch: Any, call: Any, expected: Any) -> None:
    x = torch.tensor([3.0, 1.0, 3.0, 2.0], requires_grad=True)
    values, indices = call(torch, x)
    assert values.tolist() == expected
    assert x[indices].tolist() == expected
    values.sum().backward()
    assert x.grad.sum().item() == values.numel()


@pytest.mark.parametrize("name", ["sort", "topk", "kthvalue", "mode", "median", "nanmedian"])
@pytest.mark.parametrize("count", [3, 17, 60])
def test_ties_are_broken_as_in_torch(engine: Any, name: str, count: int) -> None:
    real = pytest.importorskip("torch")
    generator = random.Random(count)
    options = {"topk": (count // 2,), "kthvalue": (count // 2,)}.get(name, (-1,))
    for _ in range(5):
        data = [[generator.randrange(4) for _ in range(count)] for _ in range(2)]
        expected = getattr(real.tensor(data), name)(*options)
        found = getattr(engine.tensor(data), name)(*options)
        assert found[0].tolist() == expected[0].tolist()
        assert found[1].tolist() == expected[1].tolist()


def test_quantiles_lie_between_neighbours(torch: Any) -> None:
    x = torch.tensor([1.0, 2.0, 4.0, 8.0], requires_grad=True)
    found = torch.quantile(x, torch.tensor([0.0, 0.5, 1.0]))
    assert found.tolist() == [1.0, 3.0, 8.0]
    found.sum().backward()
    assert x.grad.tolist() == [1.0, 0.5, 0.5, 1.0]


def test_distinct_elements(torch: Any) -> None:
    x = torch.tensor([3, 1, 3, 1, 1])
    values, inverse, counts = torch.unique(x, return_inverse=True, return_counts=True)
    assert values.tolist() == [1, 3]
    assert inverse.tolist() == [1, 0, 1, 0, 0]
    assert counts.tolist() == [3, 2]
    assert torch.unique_consecutive(x).tolist() == [3, 1, 3, 1]
    assert torch.bincount(x, minlength=5).tolist() == [0, 3, 0, 2, 0]


def test_histograms(torch: Any) -> None:
    x = torch.tensor([0.5, -1.25, 2.0], requires_grad=True)
    counts = x.histc(4)
    assert counts.tolist() == [1.0, 0.0, 1.0, 1.0]
    assert not counts.requires_grad
    assert torch.histc(x, 2, min=0, max=1).tolist() == [0.0, 1.0]
    assert torch.histc(torch.ones(3).half(), bins=3).tolist() == [0.0, 3.0, 0.0]
    out = torch.zeros(3)
    assert torch.histc(x, 3, out=out) is out
    assert out.tolist() == [1.0, 1.0, 1.0]


REFUSALS = [
    (lambda x: x.histc(0), RuntimeError, "bins must be > 0, but got 0 for dimension 0"),
    (lambda x: x.histc(4, 1, 0), RuntimeError, "max must be larger than min"),
    (lambda x: x.histc(4, 0, 1e99), RuntimeError, "converted to type float without overflow"),
    (lambda x: x.histc(4, 0, 1e999), RuntimeError, r"range of \[0, inf\] is not finite"),
    (lambda x: x.int().histc(), NotImplementedError, "\"histogram_cpu\" not implemented for 'Int'"),
    (lambda x: x.topk(9), RuntimeError, "selected index k out of range"),
    (lambda x: x.kthvalue(9), RuntimeError, "selected number k out of range for dimension 0"),
    (lambda x: x.quantile(1.5), RuntimeError, r"q must be in the range \[0, 1\] but got 1.5"),
]


@pytest.mark.parametrize(("call", "error", "text"), REFUSALS)
def test_refusal(torch: Any, call: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        call(torch.zeros(3))
