"""Sample calls of softmax and of layer normalization."""

from __future__ import annotations

from .rows import leaf, positive, real_row

ROWS = [
    real_row("softmax", lambda t, x: t.softmax(x, 1), leaf(2, 3)),
    real_row("log_softmax", lambda t, x: t.log_softmax(x, 1), leaf(2, 3)),
    real_row(
        "layer_norm",
        lambda t, x, w, b: t.nn.functional.layer_norm(x, (3,), w, b),
        leaf(2, 3),
        positive(3),
        leaf(3),
    ),
    real_row("layer_norm alone", lambda t, x: t.nn.functional.layer_norm(x, (2, 2)), leaf(2, 2, 2)),
]
