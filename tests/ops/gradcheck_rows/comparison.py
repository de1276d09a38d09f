"""Sample calls of the choice of one operand, away from ties."""

from __future__ import annotations

from typing import Any

from .rows import leaf, real_row, row, without_derivative


def _compared_in_place(name: str) -> Any:
    return lambda t, x, y: getattr(x.clone(), f"{name}_")(y)


def _compared_to_number(name: str) -> Any:
    return lambda t, x: getattr(x.clone(), f"{name}_")(0.1)


ROWS = [
    real_row("maximum", lambda t, x, y: t.maximum(x, y), leaf(2, 3), leaf(3)),
    real_row("minimum", lambda t, x, y: t.minimum(x, y), leaf(2, 3), leaf(3)),
    real_row("fmax", lambda t, x, y: t.fmax(x, y), leaf(2, 3), leaf(3)),
    real_row("fmin", lambda t, x, y: t.fmin(x, y), leaf(2, 3), leaf(3)),
    real_row("clamp", lambda t, x: t.clamp(x, -0.7, 0.9), leaf(5)),
    real_row("clamp lower only", lambda t, x: t.clamp(x, -0.7), leaf(5)),
    real_row(
        "clamp tensors",
        lambda t, x, low, high: t.clamp(x, low, high),
        leaf(2, 3),
        leaf(3, low=-1.5, high=-0.4),
        leaf(2, 1, low=0.3, high=1.2),
    ),
    real_row("clamp_min", lambda t, x: t.clamp_min(x, 0.1), leaf(5)),
    real_row("clamp_max", lambda t, x: t.clamp_max(x, 0.1), leaf(5)),
    real_row("clamp_min tensor", lambda t, x, y: t.clamp_min(x, y), leaf(2, 3), leaf(3)),
    real_row("clamp_max tensor", lambda t, x, y: t.clamp_max(x, y), leaf(2, 3), leaf(3)),
    row(
        "where",
        lambda t, x, y: t.where(t.tensor([True, False, True]), x, y),
        leaf(2, 3),
        leaf(3),
    ),
    real_row(
        "heaviside", lambda t, x, y: t.heaviside(x, y), leaf(3), leaf(3), **without_derivative()
    ),
    real_row("nan_to_num", lambda t, x: t.nan_to_num(x), leaf(3)),
    real_row(
        "heaviside_",
        lambda t, x, y: x.clone().heaviside_(y),
        leaf(3),
        leaf(3),
        **without_derivative(),
    ),
    *(
        (row if name in ("eq", "ne") else real_row)(
            f"{name}_", _compared_in_place(name), leaf(2, 3), leaf(3)
        )
        for name in ("eq", "ne", "lt", "le", "gt", "ge")
    ),
    *(
        (row if name in ("eq", "ne") else real_row)(
            f"{name}_ number", _compared_to_number(name), leaf(2, 3)
        )
        for name in ("eq", "ne", "lt", "le", "gt", "ge")
    ),
]
