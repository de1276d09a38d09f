"""Sample calls of copies, views, their in-place forms, their ``_copy`` forms, and scatters."""

from __future__ import annotations

from typing import Any

from .rows import leaf, mismatch, real_row, row


def _written(target: Any, source: Any) -> Any:
    target[1] = source
    return target


ROWS = [
    row("clone", lambda t, x: x.clone(), leaf(2, 2)),
    row("to dtype", lambda t, x: x.to(t.complex128), leaf(2, 2)),
    row("to copy", lambda t, x: x.to(x.dtype, copy=True), leaf(2, 2)),
    row("contiguous", lambda t, x: x.mT.contiguous(), leaf(2, 3)),
    row("copy_", lambda t, x, y: x.clone().copy_(y) * x, leaf(2, 2), leaf(2)),
    row("copy_ to a view", lambda t, x, y: _written(x.clone(), y), leaf(2, 2), leaf(2)),
    row("fill", lambda t, x: t.fill(x, 1.5), leaf(2, 2)),
    row("fill tensor", lambda t, x, y: t.fill(x, y) * x, leaf(2, 2), leaf()),
    row("fill_", lambda t, x: x.clone().fill_(1.5), leaf(2, 2)),
    row("fill_ tensor", lambda t, x, y: x.clone().fill_(y) * x, leaf(2, 2), leaf()),
    row("zero_", lambda t, x: x.clone().zero_(), leaf(2, 2)),
    # Views
    row("alias", lambda t, x: t.ops.aten.alias(x), leaf(2, 2)),
    row("view", lambda t, x: x.view(4), leaf(2, 2)),
    row("reshape with copy", lambda t, x: x.mT.reshape(6), leaf(2, 3)),
    row("reshape of spaced", lambda t, x: x[:, ::2].reshape(4), leaf(2, 4)),
    row("unflatten", lambda t, x: x.unflatten(0, (2, 2)), leaf(4)),
    row("expand", lambda t, x: x.expand(2, 2, 3), leaf(2, 1)),
    row("permute", lambda t, x: x.permute(2, 0, 1), leaf(1, 2, 3)),
    row("transpose", lambda t, x: x.transpose(0, 1), leaf(2, 3)),
    row("transpose_", lambda t, x: x.clone().transpose_(0, 1), leaf(2, 3)),
    row("t", lambda t, x: x.t(), leaf(2, 3)),
    row("t_", lambda t, x: x.clone().t_(), leaf(2, 3)),
    row("squeeze", lambda t, x: x.squeeze(), leaf(1, 2, 1)),
    row("squeeze_", lambda t, x: x.clone().squeeze_(), leaf(1, 2, 1)),
    row("squeeze dim", lambda t, x: x.squeeze(0), leaf(1, 2, 1)),
    row("squeeze_ dim", lambda t, x: x.clone().squeeze_(0), leaf(1, 2, 1)),
    row("squeeze dims", lambda t, x: x.squeeze((0, 1)), leaf(1, 2, 1)),
    row("squeeze_ dims", lambda t, x: x.clone().squeeze_((0, 1)), leaf(1, 2, 1)),
    row("unsqueeze", lambda t, x: x.unsqueeze(1), leaf(2)),
    row("unsqueeze_", lambda t, x: x.clone().unsqueeze_(1), leaf(2)),
    row("as_strided", lambda t, x: x.clone().as_strided((2, 2), (1, 2), 1), leaf(5)),
    row("as_strided_", lambda t, x: x.clone().as_strided_((2, 2), (1, 2), 1), leaf(5)),
    row("as_strided overlapping", lambda t, x: x.clone().as_strided((2, 2), (1, 1)), leaf(3)),
    row("select", lambda t, x: x[1], leaf(2, 3)),
    row("slice", lambda t, x: x[:, ::2], leaf(2, 3)),
    row("diagonal", lambda t, x: x.diagonal(1), leaf(2, 3)),
    row("unfold", lambda t, x: x.unfold(1, 2, 1), leaf(2, 3)),
    row("split", lambda t, x: x.split(2, 1), leaf(2, 3)),
    row("split_with_sizes", lambda t, x: x.split([1, 2], 1), leaf(2, 3)),
    row("unbind", lambda t, x: x.unbind(1), leaf(2, 3)),
    row("unsafe_split", lambda t, x: t.unsafe_split(x, 2, 1), leaf(2, 3)),
    row(
        "unsafe_split_with_sizes", lambda t, x: t.unsafe_split_with_sizes(x, [1, 2], 1), leaf(2, 3)
    ),
    # Views as copies
    row("alias_copy", lambda t, x: t.alias_copy(x), leaf(2)),
    row("as_strided_copy", lambda t, x: t.as_strided_copy(x.clone(), (2, 2), (1, 2), 1), leaf(5)),
    row("diagonal_copy", lambda t, x: t.diagonal_copy(x, 1), leaf(2, 3)),
    row("expand_copy", lambda t, x: t.expand_copy(x, (2, 3)), leaf(2, 1)),
    row("permute_copy", lambda t, x: t.permute_copy(x, (1, 0)), leaf(2, 3)),
    real_row("select_copy", lambda t, x: t.select_copy(x, 0, 1), leaf(2, 3)),
    real_row("slice_copy", lambda t, x: t.slice_copy(x, 1, 0, 3, 2), leaf(2, 3)),
    row("split_copy", lambda t, x: t.split_copy(x, 2, 1), leaf(2, 3)),
    row("split_with_sizes_copy", lambda t, x: t.split_with_sizes_copy(x, [1, 2], 1), leaf(2, 3)),
    row("squeeze_copy", lambda t, x: t.squeeze_copy(x), leaf(1, 2, 1)),
    row("squeeze_copy dim", lambda t, x: t.squeeze_copy(x, 0), leaf(1, 2, 1)),
    row("squeeze_copy dims", lambda t, x: t.squeeze_copy(x, (0, 1)), leaf(1, 2, 1)),
    row("t_copy", lambda t, x: t.t_copy(x), leaf(2, 3)),
    row("transpose_copy", lambda t, x: t.transpose_copy(x, 0, 1), leaf(2, 3)),
    row("unbind_copy", lambda t, x: t.unbind_copy(x, 1), leaf(2, 3)),
    row("unfold_copy", lambda t, x: t.unfold_copy(x, 1, 2, 1), leaf(2, 3)),
    row("unsqueeze_copy", lambda t, x: t.unsqueeze_copy(x, 1), leaf(2)),
    row("view_copy", lambda t, x: t.view_copy(x, (4,)), leaf(2, 2)),
    row("narrow_copy", lambda t, x: t.narrow_copy(x, 1, 1, 2), leaf(2, 3)),
    # Writing into a copy
    real_row("select_scatter", lambda t, x, y: t.select_scatter(x, y, 0, 1), leaf(2, 3), leaf(3)),
    real_row(
        "slice_scatter", lambda t, x, y: t.slice_scatter(x, y, 1, 0, 3, 2), leaf(2, 3), leaf(2, 2)
    ),
    row("diagonal_scatter", lambda t, x, y: t.diagonal_scatter(x, y, 1), leaf(2, 3), leaf(2)),
    row(
        "as_strided_scatter",
        lambda t, x, y: t.as_strided_scatter(x, y, (2, 2), (1, 2), 1),
        leaf(5),
        leaf(2, 2),
        backward=mismatch("self gets the gradient of elements that are overwritten, too"),
    ),
]
