"""Calls of ops of reduction with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import b, i, x

CALLS: dict[str, list[list[Any]]] = {
    **{name: [[x(2, 3), (1,), False], [x(2, 3), (0, 1), True]] for name in ("amax", "amin")},
    "sum": [[x(2, 3), (1,)], [x(2, 3), (0, 1), True]],
    "mean": [[x(2, 3), (1,)], [x(2, 3), (0, 1), True]],
    "nansum": [[x(2, 3), (1,)]],
    "prod": [[x(2, 3), (1,)]],
    "var": [[x(2, 3), (1,), 1]],
    "std": [[x(2, 3), (0, 1), 1, True]],
    "var_mean": [[x(2, 3), (1,), 1]],
    "std_mean": [[x(2, 3), (1,), 1]],
    "logsumexp": [[x(2, 3), (1,)], [x(), ()]],
    "any": [[b(2, 3), (1,)]],
    "all": [[b(2, 3), (0, 1)]],
    "count_nonzero": [[i(2, 2, 3), (1,)]],
    "vector_norm": [[x(2, 3), 2, (1,)], [x(2, 3), 3, (0, 1), True]],
    "renorm": [[x(2, 3), 2, 0, 0.5]],
    "aminmax": [[x(2, 3), (1,)]],
    "cumsum": [[x(2, 3), 1], [x(), 0]],
    "cumprod": [[x(2, 3), 0], [x(), 0]],
    "cummax": [[x(2, 3), 1], [x(), 0]],
    "max_dim": [[x(2, 3), 1], [x(2, 3), 0, True], [x(), 0]],
    "dist": [[x(2, 3), x(2, 3), 2], [x(2, 3), x(3), 3]],
}
