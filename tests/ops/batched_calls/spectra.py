"""Calls of ops of spectra with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import x, z

CALLS: dict[str, list[list[Any]]] = {
    "linalg_svd": [[x(3, 2), False, True], [x(2, 2, 3), True, True], [z(2, 3), False, True]],
    "linalg_eigh": [[x(3, 3), "L", True], [z(2, 2, 2), "U", True]],
    "linalg_eig": [[x(3, 3)], [z(2, 2)]],
    "linalg_eigvals": [[x(3, 3)]],
    "linalg_pinv": [[x(3, 2), None, x(), False], [x(2, 2, 3), x(), None, False]],
    "linalg_matrix_rank": [[x(3, 2), x(), None, False], [x(2, 2, 2), None, x(), True]],
    "linalg_lstsq": [
        [x(4, 2), x(4, 3), None, "gelsd"],
        [x(4, 2), x(4), None, None],
        [x(2, 4, 2), x(2, 4, 3), None, "gels"],
    ],
    "linalg_matrix_exp": [[x(3, 3)], [z(2, 2, 2)]],
}
