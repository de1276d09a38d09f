"""Sample calls of factorizations, solvers and determinants."""

from __future__ import annotations

from typing import Any

from .rows import leaf, mismatch, real_row, row, without_derivative, without_forward


def _regular(t: Any, x: Any) -> Any:
    """Return square matrices far from singular ones, whose pivots stay where they are."""
    return 0.3 * x + t.diag(t.tensor([2.0, 3.0, 4.0], dtype=t.float64))


def _definite(t: Any, x: Any) -> Any:
    """Return Hermitian positive definite matrices."""
    return 0.2 * (x + x.mH) + t.diag(t.tensor([2.0, 3.0, 4.0], dtype=t.float64))


def _tall(t: Any, x: Any) -> Any:
    """Return tall matrices of full rank, whose pivots stay where they are."""
    return 0.3 * x + t.tensor([[2.0, 0.0], [0.0, 2.5], [0.5, 0.5]], dtype=t.float64)


def _pivots(t: Any) -> Any:
    return t.tensor([2, 3, 3], dtype=t.int32)


ROWS = [
    row("cholesky", lambda t, x: t.cholesky(_definite(t, x)), leaf(3, 3), **without_forward()),
    row("linalg.cholesky", lambda t, x: t.linalg.cholesky(_definite(t, x)), leaf(3, 3)),
    row(
        "linalg.cholesky upper",
        lambda t, x: t.linalg.cholesky(_definite(t, x), upper=True),
        leaf(3, 3),
    ),
    row(
        "cholesky_inverse",
        lambda t, x: t.cholesky_inverse(t.linalg.cholesky(_definite(t, x))),
        leaf(3, 3),
        forward=mismatch("the tangent is right where the inverse and its factor commute"),
        forward_over_backward=mismatch("likewise"),
    ),
    row(
        "cholesky_solve",
        lambda t, b, x: t.cholesky_solve(b, t.linalg.cholesky(_definite(t, x))),
        leaf(3, 2),
        leaf(3, 3),
    ),
    row("qr", lambda t, x: t.linalg.qr(_tall(t, x)), leaf(3, 2)),
    row("qr of wide matrices", lambda t, x: t.linalg.qr(_tall(t, x).mH), leaf(3, 2)),
    row("qr complete", lambda t, x: t.linalg.qr(_regular(t, x), "complete"), leaf(3, 3)),
    real_row("geqrf", lambda t, x: t.geqrf(_tall(t, x)), leaf(3, 2), **without_derivative()),
    row(
        "householder_product",
        lambda t, x, tau: t.linalg.householder_product(0.5 * x, 0.5 * tau),
        leaf(4, 3),
        leaf(2),
    ),
    row(
        "ormqr",
        lambda t, x, tau, b: t.ormqr(0.5 * x, 0.5 * tau, b),
        leaf(3, 2),
        leaf(2),
        leaf(3, 2),
        **without_forward(),
    ),
    row(
        "ormqr from the right, adjoint",
        lambda t, x, tau, b: t.ormqr(0.5 * x, 0.5 * tau, b, left=False, transpose=True),
        leaf(3, 2),
        leaf(2),
        leaf(2, 3),
        **without_forward(),
    ),
    row("lu", lambda t, x: t.linalg.lu(_regular(t, x))[1:], leaf(3, 3)),
    row("lu of tall matrices", lambda t, x: t.linalg.lu(_tall(t, x))[1:], leaf(3, 2)),
    row("lu of wide matrices", lambda t, x: t.linalg.lu(_tall(t, x).mH)[1:], leaf(3, 2)),
    row("lu_factor", lambda t, x: t.linalg.lu_factor(_tall(t, x))[0], leaf(3, 2)),
    row(
        "lu_factor of wide matrices", lambda t, x: t.linalg.lu_factor(_tall(t, x).mH)[0], leaf(3, 2)
    ),
    row("lu_unpack", lambda t, x: t.lu_unpack(x, _pivots(t)[:2])[1:], leaf(3, 2)),
    row(
        "lu_solve",
        lambda t, x, b: t.linalg.lu_solve(_regular(t, x), _pivots(t), b),
        leaf(3, 3),
        leaf(3, 2),
    ),
    row(
        "lu_solve from the right, adjoint",
        lambda t, x, b: t.linalg.lu_solve(_regular(t, x), _pivots(t), b, left=False, adjoint=True),
        leaf(3, 3),
        leaf(2, 3),
    ),
    row(
        "ldl_factor",
        lambda t, x: t.linalg.ldl_factor(_definite(t, x))[0],
        leaf(3, 3),
        **without_derivative(),
    ),
    row(
        "ldl_solve",
        lambda t, x, b: t.linalg.ldl_solve(_regular(t, x), _pivots(t) * 0 + 1, b),
        leaf(3, 3),
        leaf(3, 2),
        **without_derivative(),
    ),
    row(
        "solve_triangular",
        lambda t, x, b: t.linalg.solve_triangular(_regular(t, x), b, upper=True),
        leaf(3, 3),
        leaf(3, 2),
    ),
    row(
        "solve_triangular from the right, unitriangular",
        lambda t, x, b: t.linalg.solve_triangular(
            _regular(t, x), b, upper=False, left=False, unitriangular=True
        ),
        leaf(3, 3),
        leaf(2, 3),
    ),
    row(
        "triangular_solve",
        lambda t, b, x: t.triangular_solve(b, t.triu(_regular(t, x)))[0],
        leaf(3, 2),
        leaf(3, 3),
        forward_over_backward=mismatch("that of a transposed system is not transposed"),
    ),
    row(
        "triangular_solve transposed",
        lambda t, b, x: t.triangular_solve(b, t.tril(_regular(t, x)), False, True),
        leaf(3, 2),
        leaf(3, 3),
        forward=mismatch("that of a transposed system is not transposed"),
        forward_over_backward=mismatch("likewise"),
    ),
    row("solve", lambda t, x, b: t.linalg.solve(_regular(t, x), b), leaf(3, 3), leaf(3, 2)),
    row(
        "solve of a vector", lambda t, x, b: t.linalg.solve(_regular(t, x), b), leaf(3, 3), leaf(3)
    ),
    row(
        "solve from the right",
        lambda t, x, b: t.linalg.solve(_regular(t, x).mT, b, left=False),
        leaf(3, 3),
        leaf(2, 3),
    ),
    row(
        "solve of batches",
        lambda t, x, b: t.linalg.solve(_regular(t, x), b),
        leaf(2, 3, 3),
        leaf(3, 1),
    ),
    row("inv", lambda t, x: t.linalg.inv(_regular(t, x)), leaf(3, 3)),
    row("det", lambda t, x: t.linalg.det(_regular(t, x)), leaf(2, 3, 3)),
    row("slogdet", lambda t, x: t.linalg.slogdet(_regular(t, x)), leaf(3, 3)),
    row("logdet", lambda t, x: t.logdet(_regular(t, x)), leaf(3, 3)),
    row(
        "tensorinv",
        lambda t, x: t.linalg.tensorinv(_regular(t, x).reshape(3, 1, 3), ind=1),
        leaf(3, 3),
    ),
    row(
        "tensorsolve",
        lambda t, x, b: t.linalg.tensorsolve(_regular(t, x).reshape(3, 1, 3), b),
        leaf(3, 3),
        leaf(3, 1),
    ),
    row("matrix_power -2", lambda t, x: t.linalg.matrix_power(_regular(t, x), -2), leaf(3, 3)),
]
