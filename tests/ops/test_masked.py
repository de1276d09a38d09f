"""torch.masked on every backend and on torch itself: what a mask leaves, in literals."""

from __future__ import annotations

import math
from typing import Any

import pytest

X = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
MASK = [[True, False, True], [False, False, False]]


def same(got: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return len(got) == len(wanted) and all(map(same, got, wanted))
    return got == pytest.approx(wanted, rel=1e-6, nan_ok=True)


@pytest.mark.parametrize(
    ("name", "args", "wanted"),
    [
        ("sum", (1,), [4.0, 0.0]),
        ("prod", (1,), [3.0, 1.0]),
        ("amax", (1,), [3.0, -math.inf]),
        ("amin", (1,), [1.0, math.inf]),
        ("argmax", (1,), [2, 0]),
        ("argmin", (1,), [0, 0]),
        ("mean", (1,), [2.0, math.nan]),
        ("median", (1,), [1.0, math.nan]),
        ("norm", (1.0, 1), [4.0, 0.0]),
        ("norm", (-math.inf, 1), [1.0, math.inf]),
        ("var", (1,), [2.0, math.nan]),
        ("std", (1, False), [1.0, math.nan]),
        ("logsumexp", (1,), [3.0 + math.log1p(math.exp(-2)), -math.inf]),
        ("cumsum", (1,), [[1.0, 1.0, 4.0], [0.0, 0.0, 0.0]]),
        ("cumprod", (1,), [[1.0, 1.0, 3.0], [1.0, 1.0, 1.0]]),
        ("normalize", (1.0, 1), [[0.25, 0.0, 0.75], [0.0, 0.0, 0.0]]),
    ],
)
def test_what_a_mask_leaves(torch: Any, name: str, args: tuple[Any, ...], wanted: Any) -> None:
    made = getattr(torch.masked, name)(torch.tensor(X), *args, mask=torch.tensor(MASK))
    assert same(made.tolist(), wanted)


def test_softmax_is_zero_outside_and_nan_of_nothing(torch: Any) -> None:
    made = torch.masked.softmax(torch.tensor(X), 1, mask=torch.tensor(MASK))
    low = 1 / (1 + math.exp(2))
    assert same(made.tolist(), [[low, 0.0, 1 - low], [math.nan] * 3])
    low = torch.masked.softmin(torch.tensor(X[0]), 0, mask=torch.tensor(MASK[0]))[0].item()
    assert low == pytest.approx(1 / (1 + math.exp(-2)))


def test_gradient_is_zero_outside_the_mask(torch: Any) -> None:
    x = torch.tensor(X[0], requires_grad=True)
    torch.masked.mean(x, 0, mask=torch.tensor(MASK[0])).backward()
    assert x.grad.tolist() == [0.5, 0.0, 0.5]


def test_mask_is_broadcast_and_may_not_have_more_dims(torch: Any) -> None:
    x = torch.tensor(X)
    assert torch.masked.sum(x, 1, mask=torch.tensor([1, 0, 0])).tolist() == [1.0, 4.0]
    with pytest.raises(IndexError, match="mask dimensionality higher than of the input"):
        torch.masked.sum(x[0], 0, mask=torch.tensor(MASK))
    with pytest.raises(RuntimeError, match="dim=0 appears multiple times"):
        torch.masked.sum(x, (0, 0))
    with pytest.raises(ValueError, match="Could not infer output dtype"):
        torch.masked.mean(torch.tensor([1, 2]), 0)
