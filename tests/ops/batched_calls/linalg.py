"""Calls of factorizations and solvers with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import Numbers, i, x, z


def pivots(*shape: int) -> Numbers:
    """Row numbers that are in range for three rows."""
    return i(4, *shape, low=1)


# Of a real matrix torch factors the transpose where it lies row by row, which batches change: the
# factors that are given with determinants and solutions are those of complex ones here.
CALLS: dict[str, list[list[Any]]] = {
    "cholesky": [[x(1, 1), False], [x(2, 1, 1), True]],
    "cholesky_ex": [[x(1, 1), False], [x(2, 2, 2), True]],
    "cholesky_inverse": [[x(3, 3), False], [z(2, 2, 2), True]],
    "cholesky_solve": [[x(3, 2), x(3, 3), False], [z(2, 3, 2), z(3, 3), True]],
    "geqrf": [[x(4, 3)], [z(2, 2, 3)]],
    "ldl_factor_ex": [[x(3, 3), False], [z(2, 2, 2), True]],
    "ldl_solve": [[x(3, 3), pivots(3), x(3, 2), False]],
    "linalg_check_errors": [[i(1), "linalg.inv", True], [i(1, 2), "linalg.inv", False]],
    "linalg_det": [[z(3, 3)], [z(2, 2, 2)]],
    "linalg_householder_product": [[x(4, 3), x(2)], [z(2, 3, 3), z(2, 3)]],
    "linalg_inv_ex": [[x(3, 3)], [z(2, 2, 2)]],
    "linalg_lu": [[x(3, 2), True]],
    "linalg_lu_solve": [
        [x(3, 3), pivots(3), x(3, 2), True, False],
        [x(3, 3), pivots(3), x(2, 2, 3), False, True],
        [x(2, 3, 3), pivots(2, 3), x(3, 2), True, True],
    ],
    "linalg_qr": [[x(4, 3), "reduced"], [z(2, 2, 3), "complete"]],
    "linalg_slogdet": [[z(3, 3)], [z(2, 2, 2)]],
    "linalg_solve_ex": [
        [z(3, 3), z(3, 2), True],
        [z(3, 3), z(2, 2, 3), False],
        [z(3, 3), z(3), True],
        [z(2, 3, 3), z(2, 3), True],
        [z(2, 3, 3), z(3), True],
    ],
    "linalg_solve_triangular": [
        [x(3, 3), x(3, 2), True, True, False],
        [x(2, 3, 3), x(2, 3), False, False, True],
    ],
    "lu_factor_ex": [[x(3, 4), True], [z(2, 3, 2), True]],
    "lu_unpack": [
        [x(3, 3), pivots(3), True, True],
        [x(2, 3, 2), pivots(2, 2), True, True],
    ],
    "ormqr": [[x(3, 2), x(2), x(3, 2), True, False]],
    "triangular_solve": [
        [x(3, 2), x(3, 3), True, False, False],
        [x(3, 2), x(2, 3, 3), False, True, True],
    ],
}
