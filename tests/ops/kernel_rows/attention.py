"""Derived kernels of attention in literals: two positions of one head, width one."""

from __future__ import annotations

import math
from typing import Any

from .values import LN2

ZEROS, VALUES, ONES = [[[[0.0], [0.0]]]], [[[[1.0], [3.0]]]], [[[[1.0], [1.0]]]]
LOW = -math.inf

ROWS: list[tuple[str, list[Any], Any]] = [
    (
        "scaled_dot_product_flash_attention_for_cpu",
        [ZEROS, ONES, VALUES, 0.0, False, None, None],
        ([[[[2.0], [2.0]]]], [[[LN2, LN2]]]),
    ),
    (
        "scaled_dot_product_flash_attention_for_cpu",
        [ZEROS, ONES, VALUES, 0.0, True, None, 2.0],
        ([[[[1.0], [2.0]]]], [[[0.0, LN2]]]),
    ),
    (
        "scaled_dot_product_flash_attention_for_cpu",
        [ZEROS, ONES, VALUES, 0.0, False, [[LOW, LOW], [LOW, 0.0]], None],
        ([[[[0.0], [3.0]]]], [[[0.0, 0.0]]]),
    ),
    (
        "scaled_dot_product_flash_attention_for_cpu_backward",
        [ONES, ZEROS, ONES, VALUES, [[[[2.0], [2.0]]]], [[[LN2, LN2]]], 0.0, False, None, 2.0],
        ([[[[0.0], [0.0]]]], [[[[0.0], [0.0]]]], [[[[1.0], [1.0]]]]),
    ),
]
