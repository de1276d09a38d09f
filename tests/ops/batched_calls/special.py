"""Calls of ops of special with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import x

CALLS: dict[str, list[list[Any]]] = {
    "polygamma": [[1, x(2, 3)]],
    "mvlgamma": [[x(2, 3, low=1.0, high=3.0), 2]],
    "xlogy_of_number": [[2.0, x(2, 3)]],
    "xlog1py_of_number": [[2.0, x(2, 3)]],
    "zeta": [[x(2, 3, low=2.0, high=3.0), x(2, 3)]],
    "zeta_of_number": [[2.5, x(2, 3)]],
    "zeta_scalar": [[x(2, 3, low=2.0, high=3.0), 0.5]],
}
