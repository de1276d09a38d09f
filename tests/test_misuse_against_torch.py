"""Calls that fit no signature, on every backend and on torch: the same words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Misuse = Callable[[Any, Any], Any]
ROWS: list[tuple[Misuse, str]] = [
    (lambda t, x: t.logsumexp(x), 'logsumexp() missing 1 required positional arguments: "dim"'),
    (
        lambda t, x: t.logsumexp(),
        'logsumexp() missing 2 required positional argument: "input", "dim"',
    ),
    (
        lambda t, x: t.logsumexp(x, "a"),
        "logsumexp(): argument 'dim' (position 2) must be tuple of ints, not str",
    ),
    (
        lambda t, x: t.logsumexp(x, dim="a"),
        "logsumexp(): argument 'dim' must be tuple of ints, not str",
    ),
    (
        lambda t, x: t.logsumexp(x, 0, True, 3),
        "logsumexp() takes from 2 to 3 positional arguments but 4 were given",
    ),
    (lambda t, x: t.cos(x, x), "cos() takes 1 positional argument but 2 were given"),
    (lambda t, x: t.cos(3), "cos(): argument 'input' (position 1) must be Tensor, not int"),
    (
        lambda t, x: t.mm(x, x, foo=1),
        "mm() received an invalid combination of arguments - got (Tensor, Tensor, foo=int), but "
        "expected one of:\n * (Tensor input, Tensor mat2, *, Tensor out = None)\n"
        " * (Tensor input, Tensor mat2, torch.dtype out_dtype, *, Tensor out = None)\n",
    ),
    (
        lambda t, x: t.logsumexp(x, 0, input=x),
        "logsumexp() got multiple values for argument 'input'",
    ),
    (
        lambda t, x: t.special.psi("a"),
        "special_psi(): argument 'input' (position 1) must be Tensor, not str",
    ),
    (
        lambda t, x: t.arccos(None),
        "arccos(): argument 'input' (position 1) must be Tensor, not NoneType",
    ),
    (
        lambda t, x: t.add(x),
        "add() received an invalid combination of arguments - got (Tensor), but expected (Tensor "
        "input, Tensor other, *, Number alpha = 1, Tensor out = None)",
    ),
    (
        lambda t, x: t.clamp(x, "a"),
        "clamp() received an invalid combination of arguments - got (Tensor, str), but expected "
        "one of:\n * (Tensor input, Tensor min = None, Tensor max = None, *, Tensor out = None)\n"
        " * (Tensor input, Number min = None, Number max = None, *, Tensor out = None)\n",
    ),
    (
        lambda t, x: t.nn.functional.avg_pool2d(x),
        'avg_pool2d() missing 1 required positional arguments: "kernel_size"',
    ),
]


@pytest.mark.parametrize(("misuse", "text"), ROWS, ids=[text[:40] for _, text in ROWS])
def test_misuse_is_named_as_by_torch(torch: Any, misuse: Misuse, text: str) -> None:
    with pytest.raises(TypeError) as caught:
        misuse(torch, torch.ones(2, 2))
    assert str(caught.value) == text


def test_errors_of_calls_that_fit_stay_as_they_are(torch: Any) -> None:
    x = torch.ones(2, 3)
    with pytest.raises(TypeError, match="expected Tensor as element 1 in argument 0, but got str"):
        torch.cat([x, "a"])
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        torch.mm(x, x)
