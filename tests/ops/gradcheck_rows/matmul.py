"""Sample calls of products of matrices, and of distances."""

from __future__ import annotations

from .rows import NO_DERIVATIVE, leaf, real_row, row, without_forward

ROWS = [
    row("mm", lambda t, x, y: t.mm(x, y), leaf(2, 3), leaf(3, 2)),
    row("bmm", lambda t, x, y: t.bmm(x, y), leaf(2, 1, 3), leaf(2, 3, 2)),
    row("mv", lambda t, x, y: t.mv(x, y), leaf(2, 3), leaf(3)),
    row("dot", lambda t, x, y: t.dot(x, y), leaf(3), leaf(3)),
    row("vdot", lambda t, x, y: t.vdot(x, y), leaf(3), leaf(3)),
    row("matmul", lambda t, x, y: t.matmul(x, y), leaf(2, 1, 3), leaf(3, 2)),
    row("outer", lambda t, x, y: t.outer(x, y), leaf(2), leaf(3)),
    row("kron", lambda t, x, y: t.kron(x, y), leaf(2, 1), leaf(1, 2)),
    row(
        "addmm",
        lambda t, s, x, y: t.addmm(s, x, y, beta=0.5, alpha=1.5),
        leaf(2),
        leaf(2, 3),
        leaf(3, 2),
    ),
    row(
        "addmv",
        lambda t, s, x, y: t.addmv(s, x, y, beta=0.5, alpha=1.5),
        leaf(2),
        leaf(2, 3),
        leaf(3),
    ),
    row(
        "addr",
        lambda t, s, x, y: t.addr(s, x, y, beta=0.5, alpha=1.5),
        leaf(2, 3),
        leaf(2),
        leaf(3),
    ),
    row(
        "addbmm",
        lambda t, s, x, y: t.addbmm(s, x, y, beta=0.5, alpha=1.5),
        leaf(2, 2),
        leaf(2, 2, 1),
        leaf(2, 1, 2),
    ),
    row(
        "baddbmm",
        lambda t, s, x, y: t.baddbmm(s, x, y, beta=0.5, alpha=1.5),
        leaf(2, 2, 2),
        leaf(2, 2, 1),
        leaf(2, 1, 2),
    ),
    real_row(
        "bilinear",
        lambda t, x, y, w, b: t.nn.functional.bilinear(x, y, w, b),
        leaf(2, 2),
        leaf(2, 1),
        leaf(2, 2, 1),
        leaf(2),
    ),
    row("linalg.cross", lambda t, x, y: t.linalg.cross(x, y), leaf(2, 3), leaf(1, 3)),
    *(
        real_row(
            f"cdist {p}",
            lambda t, x, y, p=p: t.cdist(x, y, p),
            leaf(2, 2),
            leaf(3, 2),
            second=NO_DERIVATIVE,
            **without_forward(),
        )
        for p in (0.5, 1.0, 1.5, 2.0, 3.0, float("inf"))
    ),
    real_row(
        "cdist by products",
        lambda t, x, y: t.cdist(x, y, 2.0, "use_mm_for_euclid_dist"),
        leaf(2, 2),
        leaf(3, 2),
        **without_forward(),
    ),
    *(
        real_row(
            f"pdist {p}",
            lambda t, x, p=p: t.pdist(x, p),
            leaf(3, 2),
            second=NO_DERIVATIVE,
            **without_forward(),
        )
        for p in (1.0, 1.5, 2.0, 3.0, float("inf"))
    ),
]
