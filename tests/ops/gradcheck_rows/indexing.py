"""Sample calls of reading and writing elements that indices or masks name."""

from __future__ import annotations

from typing import Any

from .rows import (
    Refused,
    leaf,
    mismatch,
    positive,
    real_row,
    row,
    without_derivative,
    without_forward,
)


def _index(torch: Any) -> Any:
    return torch.tensor([[0, 2, 1], [2, 0, 0]])


def _different(torch: Any) -> Any:
    """An index that names no element of a 3-row matrix twice."""
    return torch.tensor([[0, 2], [1, 0]])


def _mask(torch: Any) -> Any:
    return torch.tensor([True, False, True])


def _reduce(reduce: str, include_self: bool) -> Any:
    return lambda t, x, y: x.scatter_reduce(1, _index(t), y, reduce, include_self=include_self)


def _index_reduce(reduce: str, include_self: bool) -> Any:
    return lambda t, x, y: x.index_reduce(
        0, t.tensor([2, 0, 2]), y, reduce, include_self=include_self
    )


PRODUCT = {
    "forward": mismatch("torch leaves the tangent of a product out"),
    "forward_over_backward": mismatch("likewise"),
}

ZEROS = Refused(
    "Double backward is unsupported for src when >1 zeros",
    "torch divides by what is not zero",
)

ROWS = [
    row("gather", lambda t, x: t.gather(x, 1, _index(t)), leaf(2, 3)),
    row("scatter", lambda t, x, y: t.scatter(x, 0, _different(t), y), leaf(3, 2), leaf(2, 2)),
    row("scatter value", lambda t, x: t.scatter(x, 0, _different(t), 1.5), leaf(3, 2)),
    row(
        "scatter add by name",
        lambda t, x, y: t.scatter(x, 0, _different(t), y, reduce="add"),
        leaf(3, 2),
        leaf(2, 2),
        **without_derivative(),
    ),
    row(
        "scatter multiply value",
        lambda t, x: t.scatter(x, 0, _different(t), 1.5, reduce="multiply"),
        leaf(3, 2),
        **without_derivative(),
    ),
    row("scatter_add", lambda t, x, y: t.scatter_add(x, 1, _index(t), y), leaf(2, 3), leaf(2, 3)),
    *(
        real_row(
            f"scatter_reduce {reduce}{'' if own else ' without self'}",
            _reduce(reduce, own),
            positive(2, 3),
            positive(2, 3),
            **(PRODUCT if reduce == "prod" else {}),
        )
        for reduce in ("sum", "mean", "prod", "amax", "amin")
        for own in (True, False)
    ),
    real_row(
        "scatter_reduce prod of zeros",
        lambda t, x, y: x.scatter_reduce(
            0, t.tensor([0, 0, 1]), y * t.tensor([0.0, 0.0, 1.0]), "prod"
        ),
        leaf(2),
        leaf(3),
        second=ZEROS,
        **PRODUCT,
    ),
    row("index_select", lambda t, x: t.index_select(x, 0, t.tensor([2, 0, 2])), leaf(3, 2)),
    row(
        "index_add",
        lambda t, x, y: t.index_add(x, 0, t.tensor([2, 0, 2]), y, alpha=1.5),
        leaf(3, 2),
        leaf(3, 2),
    ),
    row(
        "index_copy",
        lambda t, x, y: t.index_copy(x, 0, t.tensor([2, 0]), y),
        leaf(3, 2),
        leaf(2, 2),
    ),
    row("index_fill", lambda t, x: t.index_fill(x, 0, t.tensor([2, 0]), 1.5), leaf(3, 2)),
    row(
        "index_fill tensor",
        lambda t, x, y: t.index_fill(x, 0, t.tensor([2, 0]), y),
        leaf(3, 2),
        leaf(),
    ),
    *(
        real_row(
            f"index_reduce {reduce}{'' if own else ' without self'}",
            _index_reduce(reduce, own),
            positive(3, 2),
            positive(3, 2),
            **without_forward(),
        )
        for reduce in ("mean", "prod", "amax", "amin")
        for own in (True, False)
    ),
    row("take", lambda t, x: t.take(x, t.tensor([4, 0, 4])), leaf(2, 3)),
    row(
        "put",
        lambda t, x, y: t.put(x, t.tensor([4, 0]), y),
        leaf(2, 3),
        leaf(2),
    ),
    row(
        "put accumulate",
        lambda t, x, y: t.put(x, t.tensor([4, 0, 4]), y, accumulate=True),
        leaf(2, 3),
        leaf(3),
    ),
    row("subscript", lambda t, x: x[t.tensor([1, 0, 1]), :, t.tensor([2, 0, 0])], leaf(2, 2, 3)),
    row(
        "index_put",
        lambda t, x, y: t.index_put(x, (t.tensor([2, 0]),), y),
        leaf(3, 2),
        leaf(2, 2),
    ),
    row(
        "index_put accumulate",
        lambda t, x, y: t.index_put(x, (t.tensor([2, 0, 2]),), y, accumulate=True),
        leaf(3, 2),
        leaf(3, 2),
    ),
    row(
        "_index_put_impl_",
        lambda t, x, y: t._index_put_impl_(x * 1, (t.tensor([2, 0]),), y),
        leaf(3, 2),
        leaf(2, 2),
    ),
    row("_unsafe_index", lambda t, x: t._unsafe_index(x, (t.tensor([2, 0, 2]),)), leaf(3, 2)),
    row(
        "_unsafe_index_put",
        lambda t, x, y: t._unsafe_index_put(x, (t.tensor([2, 0]),), y),
        leaf(3, 2),
        leaf(2, 2),
    ),
    row(
        "_unsafe_masked_index",
        lambda t, x: t._unsafe_masked_index(x, _mask(t), (t.tensor([2, 0, 1]),), 1.5),
        leaf(3),
    ),
    row(
        "_unsafe_masked_index_put_accumulate",
        lambda t, x, y: t._unsafe_masked_index_put_accumulate(
            x, _mask(t), (t.tensor([2, 0, 1]),), y
        ),
        leaf(3),
        leaf(3),
    ),
    row("masked_fill", lambda t, x: t.masked_fill(x, _mask(t), 1.5), leaf(2, 3)),
    row("masked_fill tensor", lambda t, x, y: t.masked_fill(x, _mask(t), y), leaf(2, 3), leaf()),
    row(
        "masked_scatter",
        lambda t, x, y: t.masked_scatter(x, _mask(t), y),
        leaf(2, 3),
        leaf(5),
        forward_over_backward=Refused(
            "a forward gradient that has a different size",
            "torch takes the mask's size for the source's",
        ),
    ),
    row("masked_select", lambda t, x: t.masked_select(x, _mask(t)), leaf(2, 3)),
    real_row(
        "embedding",
        lambda t, w: t.nn.functional.embedding(_index(t), w, padding_idx=1),
        leaf(3, 2),
        backward=mismatch("the row of the padding gets none"),
    ),
    real_row(
        "embedding scaled by frequency",
        lambda t, w: t.nn.functional.embedding(t.tensor([0, 1, 2]), w, scale_grad_by_freq=True),
        leaf(3, 2),
    ),
]
