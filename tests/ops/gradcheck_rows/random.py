"""Sample calls of sampling: the same numbers at every call, and gradients of zero."""

from __future__ import annotations

from typing import Any

from .rows import Row, inside, leaf, mismatch, positive, real_row, row


def _generator(torch: Any) -> Any:
    return torch.Generator().manual_seed(5)


SAMPLED = mismatch("a sample's derivative by its parameters is taken for zero")


def _filled(name: str, *parameters: Any) -> Row:
    return (row if name in ("normal_", "uniform_") else real_row)(
        f"{name} {len(parameters)}" if name == "random_" else name,
        lambda t, x: getattr(x.clone(), name)(*parameters, generator=_generator(t)),
        leaf(2, 2),
    )


ROWS = [
    _filled("normal_"),
    _filled("uniform_"),
    _filled("exponential_"),
    _filled("cauchy_"),
    _filled("log_normal_"),
    _filled("geometric_", 0.4),
    _filled("bernoulli_", 0.4),
    _filled("random_", 2, 9),
    _filled("random_", 9),
    _filled("random_"),
    real_row(
        "bernoulli_ of probabilities",
        lambda t, x, p: x.clone().bernoulli_(p.abs(), generator=_generator(t)),
        leaf(2, 2),
        inside(2, 2),
    ),
    row(
        "bernoulli",
        lambda t, p: t.bernoulli(p.abs() / 2, generator=_generator(t)),
        inside(2, 2),
    ),
    real_row(
        "normal of means",
        lambda t, x: t.normal(x, 0.5, generator=_generator(t)),
        leaf(2, 2),
        backward=SAMPLED,
        forward=SAMPLED,
    ),
    real_row(
        "normal of deviations",
        lambda t, x: t.normal(0.5, x, generator=_generator(t)),
        positive(2, 2),
        backward=SAMPLED,
        forward=SAMPLED,
    ),
    real_row(
        "normal of both",
        lambda t, x, y: t.normal(x, y, generator=_generator(t)),
        leaf(2, 2),
        positive(2, 2),
        backward=SAMPLED,
        forward=SAMPLED,
    ),
]
