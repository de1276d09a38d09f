"""Sample calls of the losses of margins and distances."""

from __future__ import annotations

from typing import Any

from .rows import NO_DERIVATIVE, NO_FORWARD, Row, leaf, real_row, row, without_forward

REDUCTIONS = ("none", "mean", "sum")


def _of_classes(name: str, targets: list[Any], **options: Any) -> list[Row]:
    def call(reduction: str) -> Any:
        def run(t: Any, x: Any) -> Any:
            given = {
                key: t.tensor(value).to(x.dtype) if key == "weight" else value
                for key, value in options.items()
            }
            function = getattr(t.nn.functional, name)
            return function(x, t.tensor(targets), reduction=reduction, **given)

        return run

    return [
        real_row(
            " ".join([name, *options, reduction]),
            call(reduction),
            leaf(2, 4),
            second=NO_DERIVATIVE,
            **without_forward(),
        )
        for reduction in REDUCTIONS
    ]


ROWS = [
    *(
        row(
            f"pairwise_distance {p}",
            lambda t, x, y, p=p: t.pairwise_distance(x, y, p),
            leaf(3, 2),
            leaf(3, 2),
        )
        for p in (1.0, 2.0, 3.0)
    ),
    real_row(
        "cosine_similarity", lambda t, x, y: t.cosine_similarity(x, y), leaf(3, 2), leaf(3, 2)
    ),
    *(
        real_row(
            f"cosine_embedding_loss {reduction}",
            lambda t, x, y, reduction=reduction: t.nn.functional.cosine_embedding_loss(
                x, y, t.tensor([1, -1, 1]), margin=-0.7, reduction=reduction
            ),
            leaf(3, 2),
            leaf(3, 2),
        )
        for reduction in REDUCTIONS
    ),
    *(
        row(
            f"soft_margin_loss {reduction}",
            lambda t, x, reduction=reduction: t.nn.functional.soft_margin_loss(
                x, t.tensor([1.0, -1.0], dtype=t.float64), reduction=reduction
            ),
            leaf(2, 2, real=True),
            forward_over_backward=NO_FORWARD,
        )
        for reduction in REDUCTIONS
    ),
    *_of_classes("multi_margin_loss", [1, 3]),
    *_of_classes("multi_margin_loss", [1, 3], p=2, margin=0.7, weight=[0.5, 1.0, 2.0, 1.5]),
    *_of_classes("multilabel_margin_loss", [[1, 3, -1, 0], [2, -1, 0, 0]]),
]
