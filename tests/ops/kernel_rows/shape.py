"""Derived kernels of shape in literals."""

from __future__ import annotations

from typing import Any

from autograd_core import dtypes

from .values import GRID, arrays, filled, zero_d

ROWS: list[tuple[str, list[Any], Any]] = [
    ("empty", [(2, 0), dtypes.float64], [[], []]),
    ("new_zeros", [[1], (2,)], [0, 0]),
    ("zeros_like", [[1.0, 2.0]], [0.0, 0.0]),
    ("ones_like", [[True, False]], [True, True]),
    ("full_in_layout", [GRID, 7], [[7.0, 7.0], [7.0, 7.0]]),
    ("fill_tensor", [GRID, zero_d(3)], [[3.0, 3.0], [3.0, 3.0]]),
    ("in_format_of", [GRID, [[5.0, 6.0], [7.0, 8.0]]], GRID),
    ("new_numbers", [[0.5], (1, 2, 3, 4), (2, 2)], GRID),
    ("new_positions", [[1.0], 3], [0, 1, 2]),
    ("new_positions", [[1.0], 3, 2], [0, 2, 4]),
    ("to_dtype", [[1.5, -1.5], dtypes.int64], [1, -1]),
    ("clone_row_major", [GRID], GRID),
    ("clone_strided", [GRID, (1, 2)], GRID),
    ("clone_storage", [GRID], GRID),
    ("geometry", [GRID], ((2, 2), (2, 1), 0)),
    ("reshape", [GRID, (-1,)], [1.0, 2.0, 3.0, 4.0]),
    ("reshape_alias", [GRID, (4,), (1,)], [1.0, 2.0, 3.0, 4.0]),
    ("alias", [GRID], GRID),
    ("transpose", [GRID, 0, 1], [[1.0, 3.0], [2.0, 4.0]]),
    ("transpose", [zero_d(1.0), 0, 0], zero_d(1.0)),
    ("t", [[[1.0, 2.0]]], [[1.0], [2.0]]),
    ("t", [[1.0, 2.0]], [1.0, 2.0]),
    ("squeeze", [[[[1.0], [2.0]]]], [1.0, 2.0]),
    ("squeeze_dim", [[[1.0], [2.0]], 0], [[1.0], [2.0]]),
    ("squeeze_dims", [[[[1.0], [2.0]]], (0, 2)], [1.0, 2.0]),
    ("subscript", [GRID, (1, slice(1, None))], [4.0]),
    ("subscript", [GRID, (slice(None, -1),)], [[1.0, 2.0]]),
    ("subscript", [GRID, (-1, 0, ...)], zero_d(3.0)),
    ("unsqueeze", [[1.0, 2.0], 1], [[1.0], [2.0]]),
    ("diagonal", [filled(2, 3), 1, 0, 1], [2.0, 6.0]),
    ("unfold", [[1.0, 2.0, 3.0, 4.0, 5.0], 0, 3, 2], [[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]]),
    ("split", [[1.0, 2.0, 3.0], 2, 0], arrays([1.0, 2.0], [3.0])),
    ("split_with_sizes", [[1.0, 2.0, 3.0], (1, 2), 0], arrays([1.0], [2.0, 3.0])),
    ("unbind", [GRID, 1], arrays([1.0, 3.0], [2.0, 4.0])),
    ("select_scatter", [GRID, [8.0, 9.0], 1, 0], [[8.0, 2.0], [9.0, 4.0]]),
    ("slice_scatter", [[1.0, 2.0, 3.0], [8.0, 9.0], 0, 0, 3, 2], [8.0, 2.0, 9.0]),
    ("diagonal_scatter", [GRID, [8.0, 9.0], 0, 0, 1], [[8.0, 2.0], [3.0, 9.0]]),
    ("placed", [[8.0, 9.0], 5, (2,), (2,), 1], [0.0, 8.0, 0.0, 9.0, 0.0]),
    ("as_strided_scatter", [GRID, [8.0, 9.0], (2,), (2,), 1], [[1.0, 8.0], [3.0, 9.0]]),
    ("select_backward", [[8.0, 9.0], (2, 2), 0, 1], [[0.0, 0.0], [8.0, 9.0]]),
    ("slice_backward", [[8.0, 9.0], (4,), 0, 1, 4, 2], [0.0, 8.0, 0.0, 9.0]),
    ("diagonal_backward", [[8.0], (2, 2), 1, 0, 1], [[0.0, 8.0], [0.0, 0.0]]),
    ("unfold_backward", [[[1.0, 2.0], [3.0, 4.0]], (3,), 0, 2, 1], [1.0, 5.0, 4.0]),
]
