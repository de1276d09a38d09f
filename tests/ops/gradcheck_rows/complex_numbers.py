"""Sample calls of what takes complex numbers apart and builds them."""

from __future__ import annotations

from .rows import leaf, positive, real_row, row

ROWS = [
    row("conj", lambda t, x: t.conj(x) * x.sin(), leaf(3)),
    row("conj_physical", lambda t, x: t.conj_physical(x), leaf(3)),
    row("conj_physical_", lambda t, x: (x * 1).conj_physical_(), leaf(3)),
    row("_neg_view", lambda t, x: t._neg_view(x) * x, leaf(3)),
    row("real", lambda t, x: t.real(x), leaf(3)),
    row("imag", lambda t, x: t.imag(x * 1j), leaf(3)),
    row("view_as_real", lambda t, x: t.view_as_real(x * (1 + 2j)), leaf(2, 2)),
    real_row("view_as_complex", lambda t, x: t.view_as_complex(x), leaf(2, 2)),
    real_row("complex", lambda t, x, y: t.complex(x, y), leaf(2, 2), leaf(2)),
    real_row("polar", lambda t, x, y: t.polar(x, y), positive(3), leaf(3)),
    row("angle", lambda t, x: t.angle(x), leaf(3)),
    row("angle of complex", lambda t, x: t.angle(x * (1 + 2j)), leaf(3)),
]
