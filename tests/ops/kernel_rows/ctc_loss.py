"""The derived kernel of ctc_loss in literals: two steps, two labels, one target."""

from __future__ import annotations

import math
from typing import Any

from .values import LN2

HALVES = [[[-LN2, -LN2]], [[-LN2, -LN2]]]
LOW = -math.inf
ALPHA = [[[-LN2, -LN2, LOW], [-2 * LN2, -LN2, -2 * LN2]]]
LOSS = 2 * LN2 - math.log(3.0)

ROWS: list[tuple[str, list[Any], Any]] = [
    ("ctc_loss", [HALVES, [[1]], (2,), (1,), 0, False], ([LOSS], ALPHA)),
    ("ctc_loss", [HALVES, [1], (2,), (1,), 0, False], ([LOSS], ALPHA)),
    (
        "ctc_loss",
        [[[[-LN2, -LN2]]], [[1, 1]], (1,), (2,), 0, True],
        ([math.inf], [[[-LN2, -LN2, LOW, LOW, LOW]]]),
    ),
    (
        "ctc_loss_backward",
        [[3.0], HALVES, [[1]], (2,), (1,), [LOSS], ALPHA, 0, False],
        [[[0.5, -0.5]], [[0.5, -0.5]]],
    ),
    (
        "ctc_paths",
        [
            [[[-1.0, -2.0, -3.0]], [[-1.0, -2.0, -3.0]]],
            [[False, False, True]],
            [[True, False, False]],
            (0,),
        ],
        [[[-1.0, LOW, LOW]], [[-2.0, -3.0, -4.0]]],
    ),
]
