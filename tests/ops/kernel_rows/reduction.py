"""Derived kernels of reduction in literals."""

from __future__ import annotations

import math
from typing import Any

from .values import GRID, INF, LN2, NAN, zero_d

NORM = 5 + 1e-7  # never zero

ROWS: list[tuple[str, list[Any], Any]] = [
    ("widened", [[1.0]], [1.0]),
    ("sum_all", [GRID], zero_d(10.0)),
    ("mean_all", [GRID], zero_d(2.5)),
    ("mean", [GRID, (0,)], [2.0, 3.0]),
    ("mean", [GRID, (0, 1), True], [[2.5]]),
    ("mean", [[], (0,)], zero_d(NAN)),
    ("var_mean", [GRID, (1,), 1], ([0.5, 0.5], [1.5, 3.5])),
    ("var_mean", [[1 + 1j, 3 - 1j], (0,), 0], (zero_d(2.0), zero_d(2 + 0j))),
    ("var", [[1.0, 3.0], (0,), 0, True], [1.0]),
    ("var", [[1.0], (0,), 1], zero_d(NAN)),
    ("var_mean", [[0.0, INF, 0.0], (0,), 0], (zero_d(NAN), zero_d(NAN))),
    ("var_mean", [[0.0, 0.0, INF], (0,), 0], (zero_d(NAN), zero_d(INF))),
    ("std_mean", [[1.0, 3.0], (0,), 0], (zero_d(1.0), zero_d(2.0))),
    ("std", [[1.0, 3.0], (0,), 1], zero_d(math.sqrt(2))),
    ("nansum", [[[1.0, NAN], [NAN, NAN]], (1,)], [1.0, 0.0]),
    ("count_nonzero", [[[1.0, 0.0], [NAN, 2.0]], (1,)], [1, 2]),
    ("aminmax", [GRID, (0,)], ([1.0, 2.0], [3.0, 4.0])),
    ("max_dim", [[[1.0, 5.0, 5.0], [NAN, 2.0, NAN]], 1], ([5.0, NAN], [1, 0])),
    ("min_dim", [[[1.0, 1.0], [2.0, 0.0]], 1, True], ([[1.0], [0.0]], [[0], [1]])),
    ("max_dim", [zero_d(3.0), 0], (zero_d(3.0), zero_d(0))),
    ("only_element", [zero_d(3.0)], (zero_d(3.0), zero_d(0))),
    ("picked", [GRID, 0, [[1, 0]], False], ([3.0, 2.0], [1, 0])),
    ("logsumexp", [[[0.0, 0.0], [1000.0, -INF]], (1,)], [LN2, 1000.0]),
    ("logsumexp", [[[], []], (1,)], [-INF, -INF]),
    ("logcumsumexp", [[0.0, 0.0, -INF], 0], [0.0, LN2, LN2]),
    ("logaddexp_shifted", [[0.0, INF, -INF], [0.0, INF, -INF]], [LN2, INF, -INF]),
    ("vector_norm", [[3.0, -4.0], 2, (0,)], zero_d(5.0)),
    ("vector_norm", [[3.0, -4.0, 0.0], 0, (0,)], zero_d(2.0)),
    ("vector_norm", [[3.0, -4.0], 1, (0,), True], [7.0]),
    ("vector_norm", [[3.0, -4.0], INF, (0,)], zero_d(4.0)),
    ("vector_norm", [[3.0, -4.0], -INF, (0,)], zero_d(3.0)),
    ("vector_norm", [[2.0, 2.0], 3, (0,)], zero_d(16 ** (1 / 3))),
    ("vector_norm", [[3 + 4j, 0j], 2, (0,)], zero_d(5.0)),
    ("dist", [[1.0, 2.0], [4.0, 6.0], 2], zero_d(5.0)),
    ("renorm", [[[3.0, 4.0], [0.3, 0.4]], 2, 0, 1.0], [[3 / NORM, 4 / NORM], [0.3, 0.4]]),
]
