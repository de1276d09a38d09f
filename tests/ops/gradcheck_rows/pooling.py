"""Sample calls of pooling and unpooling."""

from __future__ import annotations

from typing import Any

from .rows import leaf, real_row, row


def _samples(torch: Any, x: Any, *numbers: float) -> Any:
    """Where windows lie, alike in every plane."""
    rank = x.ndim - 2
    numbers = numbers[:rank]
    return torch.tensor([[list(numbers)] * x.shape[1]] * x.shape[0], dtype=x.dtype)


def _fractional(torch: Any, x: Any) -> Any:
    functional = torch.nn.functional
    pool = functional.fractional_max_pool2d if x.ndim == 4 else functional.fractional_max_pool3d
    return pool(x, 2, output_size=2, _random_samples=_samples(torch, x, 0.3, 0.8, 0.6))


def _unpooled(torch: Any, x: Any) -> Any:
    functional = torch.nn.functional
    unpool = functional.max_unpool2d if x.ndim == 4 else functional.max_unpool3d
    places = torch.arange(x[0, 0].numel()).reshape(x[0, 0].shape).expand(x.shape) * 2 + 1
    return unpool(x, places, 2)


ROWS = [
    real_row(
        "avg_pool2d",
        lambda t, x: t.nn.functional.avg_pool2d(x, (3, 2), 2, 1, True, False),
        leaf(1, 2, 5, 4),
    ),
    real_row(
        "avg_pool2d divided",
        lambda t, x: t.nn.functional.avg_pool2d(x, 2, 1, divisor_override=3),
        leaf(2, 3, 3),
    ),
    real_row(
        "avg_pool3d",
        lambda t, x: t.nn.functional.avg_pool3d(x, 2, 1, 1),
        leaf(1, 1, 2, 3, 2),
    ),
    real_row(
        "adaptive_avg_pool2d",
        lambda t, x: t.nn.functional.adaptive_avg_pool2d(x, (2, 3)),
        leaf(1, 2, 3, 4),
    ),
    row(
        "adaptive_avg_pool2d to one",
        lambda t, x: t.nn.functional.adaptive_avg_pool2d(x, 1),
        leaf(1, 2, 3, 4),
    ),
    real_row(
        "adaptive_avg_pool3d",
        lambda t, x: t.nn.functional.adaptive_avg_pool3d(x, (2, 1, 3)),
        leaf(2, 3, 2, 4),
    ),
    real_row(
        "max_pool1d",
        lambda t, x: t.nn.functional.max_pool1d(x, 3, 2, 1),
        leaf(1, 2, 7),
    ),
    real_row(
        "max_pool2d",
        lambda t, x: t.nn.functional.max_pool2d(x, (3, 2), 1, 1, (1, 2), True),
        leaf(1, 2, 4, 5),
    ),
    real_row(
        "max_pool3d",
        lambda t, x: t.nn.functional.max_pool3d(x, 2, 1),
        leaf(1, 2, 2, 3, 3),
    ),
    real_row(
        "adaptive_max_pool2d",
        lambda t, x: t.nn.functional.adaptive_max_pool2d(x, (2, 3)),
        leaf(1, 2, 3, 4),
    ),
    real_row(
        "adaptive_max_pool3d",
        lambda t, x: t.nn.functional.adaptive_max_pool3d(x, (2, 1, 2)),
        leaf(2, 3, 2, 3),
    ),
    real_row("fractional_max_pool2d", _fractional, leaf(1, 2, 5, 4)),
    real_row("fractional_max_pool3d", _fractional, leaf(1, 1, 4, 5, 4)),
    real_row(
        "lp_pool2d",
        lambda t, x: t.nn.functional.lp_pool2d(x, 3.0, 2, 1),
        leaf(1, 1, 3, 3, low=0.3),
    ),
    real_row("max_unpool2d", _unpooled, leaf(1, 2, 2, 3)),
    real_row("max_unpool3d", _unpooled, leaf(1, 2, 2, 1, 2)),
]
