"""Sample calls of special functions."""

from __future__ import annotations

from .rows import inside, leaf, positive, real_row, without_derivative, without_forward

ROWS = [
    real_row("erf", lambda t, x: t.erf(x), leaf(3)),
    real_row("erfc", lambda t, x: t.erfc(x), leaf(3)),
    real_row("erfcx", lambda t, x: t.special.erfcx(x), leaf(3)),
    real_row("erfinv", lambda t, x: t.erfinv(x), inside(3)),
    real_row("lgamma", lambda t, x: t.lgamma(x), positive(3)),
    real_row("digamma", lambda t, x: t.digamma(x), positive(3)),
    real_row("polygamma", lambda t, x: t.polygamma(1, x), positive(3)),
    real_row("polygamma_", lambda t, x: x.clone().polygamma_(1), positive(3)),
    real_row("mvlgamma", lambda t, x: t.mvlgamma(x, 2), leaf(3, low=1.2, high=3.0)),
    real_row("i0", lambda t, x: t.i0(x), leaf(3)),
    real_row("i0e", lambda t, x: t.special.i0e(x), leaf(3)),
    real_row("i1", lambda t, x: t.special.i1(x), leaf(3)),
    real_row("i1e", lambda t, x: t.special.i1e(x), leaf(3)),
    real_row("entr", lambda t, x: t.special.entr(x), positive(3)),
    real_row("ndtri", lambda t, x: t.special.ndtri(x), leaf(3, low=0.1, high=0.9)),
    real_row("log_ndtr", lambda t, x: t.special.log_ndtr(x), leaf(3)),
    real_row("ndtr", lambda t, x: t.special.ndtr(x), leaf(3)),
    real_row("logit", lambda t, x: t.logit(x), leaf(3, low=0.1, high=0.9)),
    real_row("logit eps", lambda t, x: t.logit(x, 0.2), leaf(4, low=0.0, high=1.0)),
    real_row("xlogy", lambda t, x, y: t.xlogy(x, y), leaf(2, 3), positive(3)),
    real_row("xlogy of number", lambda t, y: t.xlogy(1.5, y), positive(3)),
    real_row("xlogy number", lambda t, x: t.xlogy(x, 1.5), leaf(3)),
    real_row("xlog1py", lambda t, x, y: t.special.xlog1py(x, y), leaf(2, 3), positive(3)),
    real_row("xlog1py of number", lambda t, y: t.special.xlog1py(1.5, y), positive(3)),
    real_row("xlog1py number", lambda t, x: t.special.xlog1py(x, 1.5), leaf(3)),
    real_row(
        "zeta",
        lambda t, x, y: t.special.zeta(x, y),
        leaf(3, low=1.5, high=3.0),
        positive(3),
        **without_derivative(),
    ),
    real_row(
        "zeta of number", lambda t, y: t.special.zeta(2.5, y), positive(3), **without_forward()
    ),
    real_row(
        "zeta number",
        lambda t, x: t.special.zeta(x, 1.5),
        leaf(3, low=1.5, high=3.0),
        **without_derivative(),
    ),
    *(
        real_row(
            name,
            lambda t, x, y, name=name: getattr(t, name)(x, y),
            positive(3),
            positive(3),
            **without_derivative(),
        )
        for name in ("igamma", "igammac")
    ),
    *(
        real_row(
            f"{name} of a number",
            lambda t, y, name=name: getattr(t, name)(t.tensor(1.5, dtype=y.dtype), y),
            positive(3),
            **without_forward(),
        )
        for name in ("igamma", "igammac")
    ),
]
