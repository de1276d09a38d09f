"""Sample calls of the losses, in every reduction."""

from __future__ import annotations

import math
from typing import Any

from .rows import NO_FORWARD, Leaf, Row, leaf, real_row, row

REDUCTIONS = ("none", "mean", "sum")


def _rows(name: str, **options: Any) -> list[Row]:
    def call(reduction: str) -> Any:
        return lambda t, x, y: getattr(t.nn.functional, name)(x, y, reduction=reduction, **options)

    return [
        (row if name == "l1_loss" else real_row)(
            f"{name} {reduction}",
            call(reduction),
            leaf(2, 2),
            leaf(2, 2),
            forward_over_backward=NO_FORWARD if name == "huber_loss" else None,
        )
        for reduction in REDUCTIONS
    ]


def _fraction(*shape: int) -> Leaf:
    """An input of numbers in [0.1, 0.9), as probabilities are."""
    return leaf(*shape, low=0.1, high=0.9)


def _classes(t: Any, *shape: int) -> Any:
    """Classes of three for targets of a shape."""
    return (t.arange(math.prod(shape)) % 3).reshape(shape)


def _of_classes(name: str, *shape: int, **options: Any) -> list[Row]:
    def call(reduction: str) -> Any:
        def run(t: Any, x: Any) -> Any:
            given = {key: t.tensor(v) if key == "weight" else v for key, v in options.items()}
            target = _classes(t, *shape[:1], *shape[2:])
            function = getattr(t.nn.functional, name)
            return function(x, target, reduction=reduction, **_as_dtype(given, x))

        return run

    label = " ".join([name, str(shape), *options])
    return [
        real_row(f"{label} {reduction}", call(reduction), leaf(*shape)) for reduction in REDUCTIONS
    ]


def _as_dtype(options: dict[str, Any], x: Any) -> dict[str, Any]:
    """Options whose weights have the dtype of an input."""
    return {k: v.to(x.dtype) if k.endswith("weight") else v for k, v in options.items()}


def _of_fractions(name: str, first: Leaf, **options: Any) -> list[Row]:
    def call(reduction: str) -> Any:
        def run(t: Any, x: Any, y: Any) -> Any:
            given = _as_dtype({key: t.tensor(v) for key, v in options.items()}, x)
            return getattr(t.nn.functional, name)(x, y, reduction=reduction, **given)

        return run

    label = " ".join([name, *options])
    return [
        real_row(f"{label} {reduction}", call(reduction), first, _fraction(2, 3))
        for reduction in REDUCTIONS
    ]


ROWS = [
    *_of_fractions("binary_cross_entropy", _fraction(2, 3)),
    *_of_fractions("binary_cross_entropy", _fraction(2, 3), weight=[0.5, 1.0, 2.0]),
    *_of_fractions("binary_cross_entropy_with_logits", leaf(2, 3)),
    *_of_fractions(
        "binary_cross_entropy_with_logits", leaf(2, 3), weight=[0.5, 1.0, 2.0], pos_weight=[2.0]
    ),
    *_of_fractions("kl_div", leaf(2, 3)),
    *_of_classes("nll_loss", 2, 3),
    *_of_classes("nll_loss", 2, 3, weight=[0.5, 1.0, 2.0], ignore_index=1),
    *_of_classes("nll_loss", 2, 3, 2, 2, weight=[0.5, 1.0, 2.0]),
    *_of_classes("cross_entropy", 2, 3, 2),
    *_of_classes("cross_entropy", 4, 3, weight=[0.5, 1.0, 2.0], label_smoothing=0.1),
    *_rows("mse_loss"),
    *_rows("l1_loss"),
    *_rows("smooth_l1_loss", beta=0.9),
    *_rows("huber_loss", delta=0.9),
]
