"""Calls of ops of pointwise with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import x

CALLS: dict[str, list[list[Any]]] = {
    "add": [[x(2, 3), x(2, 3)], [x(2, 3), x(3)], [x(3), x(2, 3)], [x(2, 3), x()]],
    "mul": [[x(2, 3), x(2, 3)], [x(2, 1), x(3)], [x(), x(2, 3)], [x(), x()]],
    "lerp": [[x(2, 3), x(2, 3), x(3)]],
    "acosh": [[x(2, 3, low=1.1, high=3.0)]],
    "pow_base": [[2.0, x(2, 3)]],
    "remainder_of_number": [[2.0, x(2, 3)]],
    "floor_divide": [[x(2, 3), x(2, 3)]],
}
