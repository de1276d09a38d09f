"""What torch composes of singular values and eigenvalues: the same calls in the same order."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..dtypes import float64, int64
from ..engine.modes import forward_level, modes
from ..engine.tangents import is_dual
from ..tensor import Given, Tensor


def is_differentiated(tensor: Tensor) -> bool:
    """Whether a derivative of what is made of the tensor may be asked for."""
    if modes.grad_enabled and tensor.requires_grad:
        return True
    return forward_level.current is not None and is_dual((tensor,))


def svd(input: Tensor, some: bool, compute_uv: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Return U, S and V; without ``compute_uv`` U and V are zeros."""
    if compute_uv:
        U, S, Vh = ops.linalg_svd(input, not some, True)
        return U, S, ops.mH(Vh)
    S = svdvals(input)
    *batch, m, n = input._array.shape
    left, right = (ops.new_zeros(input, (*batch, count, count)).zero_() for count in (m, n))
    return left, S, ops.mH(right)


def svdvals(A: Tensor) -> Tensor:
    """Return the singular values; vectors are computed where a derivative needs them."""
    values: Tensor = ops.linalg_svd(A, False, is_differentiated(A))[1]
    return values


def eigvalsh(A: Tensor, UPLO: str) -> Tensor:
    """Return the eigenvalues of Hermitian matrices; vectors where a derivative needs them."""
    values: Tensor = ops.linalg_eigh(A, UPLO, is_differentiated(A))[0]
    return values


def eigvals(A: Tensor) -> Tensor:
    """Return the eigenvalues of any matrices; vectors where a derivative needs them."""
    if is_differentiated(A):
        return ops.linalg_eig(A)[0]
    return ops.linalg_eigvals(A)


def tolerance(input: Tensor, value: Any) -> Tensor | None:
    """Return a tolerance as a tensor; None stays None."""
    if value is None or isinstance(value, Tensor):
        return value
    return ops.scalar_like(ops.to_dtype(ops.new_zeros(input, ()), float64), float(value))


def vander(x: Tensor, N: int | None) -> Tensor:
    """Return the powers 0, 1 ... N - 1 of every element as a new last dim."""
    if x.ndim == 0:
        x = ops.unsqueeze(x, Given(0, -1))
    shape = tuple(x._array.shape)
    count = shape[-1] if N is None else N
    if count <= 1:
        raise RuntimeError("N must be greater than 1.")
    spread = ops.expand(ops.unsqueeze(x, Given(x.ndim, -1)), (*shape, count - 1))
    powers = ops.cumprod(spread, Given(len(shape), -1), None if x._dtype.is_inexact else int64)
    ones = ops.ones_like(ops.new_zeros(powers, (*shape, 1)))
    return ops.cat([ones, powers], Given(len(shape), -1))
