"""torch's randomised low-rank decompositions (Halko, Martinsson and Tropp, 2009)."""

from __future__ import annotations

from .. import ops
from ..tensor import Tensor
from . import random
from .linalg import qr
from .registration import function


def _basis(A: Tensor, q: int, niter: int, M: Tensor | None) -> Tensor:
    """Return q orthonormal columns whose span nearly holds that of A - M (algorithm 4.4)."""

    def orthonormal(matrix: Tensor, mean: Tensor | None, columns: Tensor) -> Tensor:
        product = ops.matmul(matrix, columns)
        if mean is not None:
            product = ops.sub(product, ops.matmul(mean, columns))
        basis: Tensor = qr(product)[0]
        return basis

    drawn = random.randn(A._array.shape[-1], q, dtype=A._dtype, backend=A._backend)
    Q = orthonormal(A, M, drawn)
    for _ in range(niter):
        Q = orthonormal(ops.mH(A), None if M is None else ops.mH(M), Q)
        Q = orthonormal(A, M, Q)
    return Q


@function
def svd_lowrank(
    A: Tensor, q: int | None = 6, niter: int | None = 2, M: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """U, S and V of the best q singular values of A - M, nearly (algorithm 5.1)."""
    q = 6 if q is None else q
    niter = 2 if niter is None else niter
    m, n = A._array.shape[-2:]
    if M is not None:
        M = ops.expand(M, tuple(A._array.shape))
    if m < n:
        A = ops.mH(A)
        M = None if M is None else ops.mH(M)
    Q = _basis(A, q, niter, M)
    B = ops.matmul(ops.mH(Q), A)
    if M is not None:
        B = ops.sub(B, ops.matmul(ops.mH(Q), M))
    U, S, Vh = ops.linalg_svd(B, False, True)
    U, V = ops.matmul(Q, U), ops.mH(Vh)
    return (V, S, U) if m < n else (U, S, V)


@function
def pca_lowrank(
    A: Tensor, q: int | None = None, center: bool = True, niter: int = 2
) -> tuple[Tensor, Tensor, Tensor]:
    """``svd_lowrank`` of A, less the mean of its rows with ``center``.

    Raises:
        ValueError: q or niter are out of range (torch's texts).
    """
    m, n = A._array.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ValueError(
            f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}"
        )
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    if not center:
        return svd_lowrank(A, q, niter)
    return svd_lowrank(ops.sub(A, A.mean((-2,), True)), q, niter)
