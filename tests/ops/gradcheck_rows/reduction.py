"""Sample calls of reductions, running ones, norms and spreads."""

from __future__ import annotations

from .rows import Refused, leaf, positive, real_row, row

NORM_0 = Refused("Expected a proper Tensor but got None", "torch negates a gradient it has not")

ROWS = [
    row("sum", lambda t, x: x.sum(), leaf(2, 2)),
    row("sum dim", lambda t, x: x.sum(1), leaf(2, 2)),
    row("mean", lambda t, x: x.mean(), leaf(2, 2)),
    row("mean dim", lambda t, x: x.mean((0, 2), keepdim=True), leaf(2, 2, 2)),
    real_row("nansum", lambda t, x: t.nansum(x, 0), leaf(2, 2)),
    row("prod", lambda t, x: x.prod(), leaf(2, 2)),
    row("prod of a zero", lambda t, x: (x * t.tensor([0.0, 1.0, 1.0])).prod(), leaf(3)),
    row("prod dim", lambda t, x: x.prod(0), leaf(3, 2)),
    row("var", lambda t, x: x.var(1), leaf(2, 3)),
    row("var uncorrected", lambda t, x: x.var(correction=0), leaf(2, 3)),
    row("std", lambda t, x: x.std(1), leaf(2, 3)),
    row("var_mean", lambda t, x: t.var_mean(x, 1), leaf(2, 3)),
    row("std_mean", lambda t, x: t.std_mean(x, 1), leaf(2, 3)),
    real_row("amax", lambda t, x: t.amax(x, 1), leaf(2, 3)),
    real_row("amin", lambda t, x: t.amin(x, (0, 1)), leaf(2, 3)),
    real_row("aminmax", lambda t, x: t.aminmax(x, dim=1), leaf(2, 3)),
    real_row("max", lambda t, x: x.max(), leaf(2, 3)),
    real_row("min", lambda t, x: x.min(), leaf(2, 3)),
    real_row("max dim", lambda t, x: x.max(1), leaf(2, 3)),
    real_row("min dim", lambda t, x: x.min(1), leaf(2, 3)),
    row("trapezoid", lambda t, y, x: t.trapezoid(y, x, dim=1), leaf(2, 3), leaf(3)),
    row("cumsum", lambda t, x: t.cumsum(x, 1), leaf(2, 3)),
    row("cumprod", lambda t, x: t.cumprod(x, 1), leaf(2, 3)),
    row("cumprod of a zero", lambda t, x: t.cumprod(x * t.tensor([1.0, 0.0, 1.0]), 0), leaf(3)),
    real_row("cummax", lambda t, x: t.cummax(x, 1), leaf(2, 3)),
    real_row("cummin", lambda t, x: t.cummin(x, 1), leaf(2, 3)),
    row("logcumsumexp", lambda t, x: t.logcumsumexp(x, 1), leaf(2, 3)),
    row("logsumexp", lambda t, x: t.logsumexp(x, 1), leaf(2, 3)),
    *(
        row(
            f"vector_norm {p}",
            lambda t, x, p=p: t.linalg.vector_norm(x, p, 1),
            leaf(2, 3),
        )
        for p in (0, 0.5, 1, 1.5, 2, 3, float("inf"), -float("inf"), -1)
    ),
    *(
        row(f"dist {p}", lambda t, x, y, p=p: t.dist(x, y, p), leaf(2, 2), leaf(2))
        for p in (1, 2, 3, float("inf"))
    ),
    row(
        "dist 0",
        lambda t, x, y: t.dist(x, y, 0),
        leaf(2, 2),
        leaf(2),
        backward=NORM_0,
        second=NORM_0,
        forward_over_backward=NORM_0,
    ),
    *(
        row(f"renorm {p}", lambda t, x, p=p: t.renorm(x, p, 0, 1.5), positive(3, 2))
        for p in (1, 2, 3)
    ),
]
