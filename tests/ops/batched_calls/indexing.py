"""Calls of ops of indexing with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import b, i, x

CALLS: dict[str, list[list[Any]]] = {
    "masked_fill": [[x(2, 3), b(2, 3), 2.0], [x(2, 3), b(3), 2.0]],
    "masked_fill_tensor": [[x(2, 3), b(3), x()]],
    "gather": [[x(2, 3), 1, i(3, 2, 2)], [x(), 0, i(1)]],
    "scatter": [[x(2, 3), 1, i(3, 2, 1), x(2, 3)]],
    "scatter_value": [[x(2, 3), 1, i(3, 2, 2), 0.5]],
    "scatter_add": [[x(2, 3), 1, i(3, 2, 2), x(2, 3)]],
    "scatter_combined": [[x(2, 3), 1, i(3, 2, 2), x(2, 3), "sum"]],
    "scatter_value_combined": [[x(2, 3), 1, i(3, 2, 2), 0.5, "sum"]],
    "scatter_reduce": [[x(2, 3), 1, i(3, 2, 2), x(2, 3), "sum"]],
    "index_select": [[x(2, 3), 1, i(3, 2)], [x(3), 0, i(3, 4)]],
    "index_add": [[x(2, 3), 1, i(3, 2), x(2, 2)]],
    "index_copy": [[x(2, 3), 1, i(3, 1), x(2, 1)]],
    "index_fill": [[x(2, 3), 1, i(3, 2), 0.5]],
    "index_fill_tensor": [[x(2, 3), 1, i(3, 2), x()]],
    "index_reduce": [[x(2, 3), 1, i(3, 2), x(2, 2), "prod"]],
    "take": [[x(2, 3), i(6, 2, 2)]],
    "put": [[x(2, 3), i(6, 1), x(1)]],
    "index": [
        [x(2, 3, 4), [i(2, 3), None, None]],
        [x(2, 3, 4), [None, i(3, 2), i(4, 2, 1)]],
        [x(2, 3, 4), [i(2, 2), None, i(4, 2)]],
    ],
    "unsafe_index": [[x(2, 3, 4), [None, i(3, 2), None]]],
    "index_put": [
        [x(2, 3, 4), [None, i(3, 1), None], x(2, 1, 4)],
        [x(2, 3, 4), [i(2, 1), None, i(4, 1)], x(3), True],
    ],
    "index_put_impl": [[x(2, 3), [i(2, 1), None], x(3), False]],
    "unsafe_index_put": [[x(2, 3), [i(2, 2), None], x(2, 3), True]],
    "unsafe_masked_index": [[x(3, 4), b(2), [i(3, 2), i(4, 2)], 0.5]],
    "unsafe_masked_index_put_accumulate": [[x(3, 4), b(2), [i(3, 2), i(4, 2)], x(2)]],
    "masked_scatter": [[x(2, 3), b(2, 3), x(6)]],
    "masked_scatter_backward": [[x(2, 3), b(2, 3), (6,)]],
    "embedding": [[x(4, 3), i(4, 2)]],
    "embedding_dense_backward": [[x(2, 3), i(4, 2), 4, -1, False]],
    "searchsorted": [[x(4), x(2, 3), True], [x(2, 4), x(2, 3), False]],
    "among": [[i(5, 2, 3), i(5, 2)]],
}
