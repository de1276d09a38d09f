"""Sample calls of ordering elements and picking by rank."""

from __future__ import annotations

from .rows import leaf, real_row, row, without_derivative

ROWS = [
    real_row("sort", lambda t, x: t.sort(x, 1), leaf(2, 3)),
    real_row("sort stable", lambda t, x: t.sort(x, dim=1, stable=True), leaf(2, 3)),
    real_row("sort not stable", lambda t, x: t.sort(x, dim=1, stable=False), leaf(2, 3)),
    real_row("topk", lambda t, x: t.topk(x, 2, 1), leaf(2, 3)),
    real_row("kthvalue", lambda t, x: t.kthvalue(x, 2, 1), leaf(2, 3)),
    real_row("mode", lambda t, x: t.mode(x, 1), leaf(2, 3)),
    real_row("median", lambda t, x: t.median(x), leaf(5)),
    real_row("median dim", lambda t, x: t.median(x, 1), leaf(2, 3)),
    real_row("nanmedian", lambda t, x: t.nanmedian(x), leaf(5)),
    real_row("nanmedian dim", lambda t, x: t.nanmedian(x, 1), leaf(2, 3)),
    row(
        "bincount",
        lambda t, x: t.bincount(t.tensor([0, 2, 2]), x),
        leaf(3),
        **without_derivative(),
    ),
    real_row("unique", lambda t, x: t.unique(x), leaf(3), **without_derivative()),
    real_row(
        "unique_consecutive", lambda t, x: t.unique_consecutive(x), leaf(3), **without_derivative()
    ),
]
