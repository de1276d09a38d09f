"""Sample calls of softmax and of layer normalization."""

from __future__ import annotations

from typing import Any

from .rows import leaf, positive, real_row, without_forward


def _statistics(torch: Any) -> tuple[Any, Any]:
    """Return running statistics, which training moves: new ones at every call."""
    mean = torch.tensor([0.1, -0.2], dtype=torch.float64)
    return mean, torch.tensor([0.9, 1.2], dtype=torch.float64)


def _dropped(torch: Any, x: Any) -> Any:
    """Drop the same elements at every call."""
    torch.manual_seed(3)
    return torch.dropout(x, 0.4, True)


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
    real_row("_safe_softmax", lambda t, x: t.ops.aten._safe_softmax.default(x, 1), leaf(2, 3)),
    real_row(
        "native_batch_norm of running statistics",
        lambda t, x, w, b: t.native_batch_norm(x, w, b, *_statistics(t), False, 0.1, 1e-5)[0],
        leaf(3, 2),
        positive(2),
        leaf(2),
    ),
    real_row(
        "native_batch_norm",
        lambda t, x, w, b: t.native_batch_norm(x, w, b, *_statistics(t), True, 0.1, 1e-5)[0],
        leaf(3, 2),
        positive(2),
        leaf(2),
    ),
    real_row(
        "_native_batch_norm_legit",
        lambda t, x, w, b: t._native_batch_norm_legit(x, w, b, *_statistics(t), True, 0.1, 1e-5)[0],
        leaf(3, 2),
        positive(2),
        leaf(2),
    ),
    real_row(
        "_native_batch_norm_legit of the batch",
        lambda t, x, w, b: t._native_batch_norm_legit(x, w, b, True, 0.1, 1e-5)[0],
        leaf(3, 2),
        positive(2),
        leaf(2),
    ),
    real_row(
        "_batch_norm_with_update",
        lambda t, x, w, b: t.ops.aten._batch_norm_with_update(x, w, b, *_statistics(t), 0.1, 1e-5)[
            0
        ],
        leaf(3, 2),
        positive(2),
        leaf(2),
    ),
    real_row(
        "native_group_norm",
        lambda t, x, w, b: t.native_group_norm(x, w, b, 2, 4, 2, 2, 1e-5)[0],
        leaf(2, 4, 2),
        positive(4),
        leaf(4),
    ),
    real_row("dropout", lambda t, x: _dropped(t, x), leaf(2, 3)),
    real_row(
        "native_dropout_backward",
        lambda t, x: t.ops.aten.native_dropout_backward.default(
            x, t.tensor([True, False, True]), 2.0
        ),
        leaf(2, 3),
        **without_forward(),
    ),
]
