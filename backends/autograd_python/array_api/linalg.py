"""Linear algebra: products of the namespace itself, and decompositions of its extension."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

from autograd_core.dtypes import DType

from . import products, statistics
from .array import Array, own
from .data_types import COMPLEX, REAL_FLOATING, floating_limits, require
from .kernels import Raw, axes_of, axis_of, common_shape, kernels
from .manipulation import matrix_transpose
from .pointwise import together

__all__ = [
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]

_FLOATING = REAL_FLOATING + COMPLEX


class LinAlgError(ValueError):
    """A matrix without the inverse or the decomposition that was asked for."""


# Products -----------------------------------------------------------------------------------------


def matmul(x1: Array, x2: Array, /) -> Array:
    """Return the products of stacks of matrices; 1-d ones are a row or a column."""
    return Array(products.matmul(own("matmul", x1), own("matmul", x2)))


def vecdot(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """Return the sums of products along an axis, ``x1`` conjugated; the other axes broadcast."""
    return Array(products.vecdot(own("vecdot", x1), own("vecdot", x2), axis))


def tensordot(
    x1: Array, x2: Array, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2
) -> Array:
    """Return the sums of products over the last axes of ``x1`` and first of ``x2``, or lists."""
    return Array(products.tensordot(own("tensordot", x1), own("tensordot", x2), axes))


def outer(x1: Array, x2: Array, /) -> Array:
    """Return all products of an element of one vector and one of another."""
    one, two = products.operands("outer", own("outer", x1), own("outer", x2))
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(f"outer takes vectors, not shapes {x1.shape} and {x2.shape}")
    return Array(kernels.mul(kernels.unsqueeze(one, 1), two))


def cross(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """Return the cross products of vectors of three along an axis; the other axes broadcast."""
    one, two = products.operands("cross", own("cross", x1), own("cross", x2))
    for x in (x1, x2):
        if x.shape[axis_of(axis, x.ndim)] != 3:
            raise ValueError(f"cross takes vectors of three, not shapes {x1.shape}, {x2.shape}")
    shape = common_shape(one.shape, two.shape)
    operands = [kernels.expand(operand, shape) for operand in (one, two)]
    return Array(kernels.linalg_cross(*operands, axis_of(axis, len(shape))))


# Matrices -----------------------------------------------------------------------------------------


def _matrices(
    function: str, x: Array, dtypes: tuple[DType, ...] = _FLOATING, square: bool = False
) -> Raw:
    raw = own(function, x)
    require(function, x.dtype, dtypes)
    if x.ndim < 2 or (square and x.shape[-1] != x.shape[-2]):
        kind = "square matrices" if square else "matrices"
        raise ValueError(f"{function} takes {kind}, not shape {x.shape}")
    return raw


def _found(function: str, info: Raw) -> None:
    """Raise LinAlgError where a kernel says that it found nothing."""
    if kernels.anywhere(kernels.ne(info, 0)):
        raise LinAlgError(f"{function}: a matrix has none")


def diagonal(x: Array, /, *, offset: int = 0) -> Array:
    """Return the diagonals of matrices, ``offset`` above the main one; a view."""
    raw = own("diagonal", x)
    if x.ndim < 2:
        raise ValueError(f"diagonal takes matrices, not shape {x.shape}")
    return Array(kernels.diagonal(raw, offset, x.ndim - 2, x.ndim - 1))


def trace(x: Array, /, *, offset: int = 0, dtype: DType | None = None) -> Array:
    """Return the sums of diagonals."""
    return statistics.sum(diagonal(x, offset=offset), axis=-1, dtype=dtype)


def det(x: Array, /) -> Array:
    """Return determinants."""
    return Array(kernels.linalg_det(_matrices("det", x, square=True))[0])


class Slogdet(NamedTuple):
    """What `slogdet` returns."""

    sign: Array
    logabsdet: Array


def slogdet(x: Array, /) -> Slogdet:
    """Return determinants as their sign (phase) and the logarithm of their modulus."""
    sign, modulus, _, _ = kernels.linalg_slogdet(_matrices("slogdet", x, square=True))
    return Slogdet(Array(sign), Array(modulus))


def inv(x: Array, /) -> Array:
    """Return inverses."""
    inverse, info = kernels.linalg_inv_ex(_matrices("inv", x, square=True))
    _found("inv", info)
    return Array(inverse)


def solve(x1: Array, x2: Array, /) -> Array:
    """Return the solutions of ``x1 @ x = x2``; a 1-d ``x2`` is one vector, else matrices."""
    matrix = _matrices("solve", x1, square=True)
    left, right = together(matrix, own("solve", x2))
    is_vector = x2.ndim == 1
    if is_vector:
        right = kernels.unsqueeze(right, 1)
    if len(right.shape) < 2 or right.shape[-2] != left.shape[-1]:
        raise ValueError(f"solve of shapes {x1.shape} and {x2.shape}")
    common_shape(left.shape[:-2], right.shape[:-2])
    factors, pivots, info = kernels.lu_factor_ex(left)
    _found("solve", info)
    solution = kernels.linalg_lu_solve(factors, pivots, right, True, False)
    return Array(kernels.select(solution, len(solution.shape) - 1, 0) if is_vector else solution)


def matrix_power(x: Array, n: int, /) -> Array:
    """Return powers of matrices, of their inverses for negative ``n``."""
    _matrices("matrix_power", x, square=True)
    base = (inv(x) if n < 0 else x).raw
    power = kernels.expand(kernels.eye_like(base, *x.shape[-2:]), x.shape)
    n = abs(n)
    while n:
        if n % 2:
            power = kernels.matmul(power, base)
        n //= 2
        if n:
            base = kernels.matmul(base, base)
    return Array(kernels.clone(power))


def cholesky(x: Array, /, *, upper: bool = False) -> Array:
    """Return the triangular factors L of L L^H, or L^H with ``upper``."""
    factor, info = kernels.cholesky_ex(_matrices("cholesky", x, square=True), upper)
    _found("cholesky", info)
    return Array(factor)


class Qr(NamedTuple):
    """What `qr` returns."""

    Q: Array
    R: Array


def qr(x: Array, /, *, mode: Literal["reduced", "complete"] = "reduced") -> Qr:
    """Return factors with orthonormal columns and upper triangular ones."""
    raw = _matrices("qr", x)
    if mode not in ("reduced", "complete"):
        raise ValueError(f"mode is 'reduced' or 'complete', not {mode!r}")
    return Qr(*map(Array, kernels.linalg_qr(raw, mode)))


class Eigh(NamedTuple):
    """What `eigh` returns."""

    eigenvalues: Array
    eigenvectors: Array


def eigh(x: Array, /) -> Eigh:
    """Return the eigenvalues, ascending, and eigenvectors of Hermitian matrices."""
    values, vectors, info = kernels.linalg_eigh(_matrices("eigh", x, square=True), False, True)
    _found("eigh", info)
    return Eigh(Array(values), Array(vectors))


def eigvalsh(x: Array, /) -> Array:
    """Return the eigenvalues of Hermitian matrices, ascending."""
    matrices = _matrices("eigvalsh", x, square=True)
    values, _, info = kernels.linalg_eigh(matrices, False, False)
    _found("eigvalsh", info)
    return Array(values)


class Svd(NamedTuple):
    """What `svd` returns."""

    U: Array
    S: Array
    Vh: Array


def svd(x: Array, /, *, full_matrices: bool = True) -> Svd:
    """Return singular vectors and values, descending, of ``U @ diag(S) @ Vh``."""
    u, s, vh, info = kernels.linalg_svd(_matrices("svd", x), full_matrices, True)
    _found("svd", info)
    return Svd(Array(u), Array(s), Array(vh))


def svdvals(x: Array, /) -> Array:
    """Return singular values, descending."""
    return Array(_singular("svdvals", x))


def _singular(function: str, x: Array) -> Raw:
    _, values, _, info = kernels.linalg_svd(_matrices(function, x), False, False)
    _found(function, info)
    return values  # type: ignore[no-any-return]


def _smallest(x: Array, values: Raw, rtol: float | Array | None) -> Raw:
    """Return what singular values count from: a share of the largest one."""
    count = len(values.shape)
    if rtol is None:
        rtol = max(x.shape[-2:]) * floating_limits(x.dtype).eps
    if isinstance(rtol, Array):
        share = kernels.unsqueeze(kernels.cast(rtol.raw, values.dtype), rtol.ndim)
    else:
        share = kernels.scalar(rtol, values.dtype)
    if not values.shape[-1]:
        return kernels.mul(kernels.full((1,), 0, values.dtype), share)  # type: ignore[no-any-return]
    return kernels.mul(kernels.amax(values, (count - 1,), True), share)  # type: ignore[no-any-return]


def matrix_rank(x: Array, /, *, rtol: float | Array | None = None) -> Array:
    """Return how many singular values are above ``rtol`` times the largest one."""
    values = _singular("matrix_rank", x)
    return statistics.count_nonzero(Array(kernels.gt(values, _smallest(x, values, rtol))), axis=-1)


def pinv(x: Array, /, *, rtol: float | Array | None = None) -> Array:
    """Return pseudo-inverses, where small singular values count as zero."""
    u, s, vh = (part.raw for part in svd(x, full_matrices=False))
    kept = kernels.gt(s, _smallest(x, s, rtol))
    inverse = kernels.where(kept, kernels.reciprocal(kernels.where(kept, s, 1)), 0)
    scale = kernels.cast(kernels.unsqueeze(inverse, x.ndim - 2), x.dtype)
    return Array(kernels.matmul(kernels.mul(kernels.mH(vh), scale), kernels.mH(u)))


# Norms --------------------------------------------------------------------------------------------


def vector_norm(
    x: Array,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    ord: float = 2,
) -> Array:
    """Return norms over axes taken as one vector: roots of sums of powers, extremes, counts (0)."""
    raw = own("vector_norm", x)
    require("vector_norm", x.dtype, _FLOATING)
    axes = axes_of(axis, x.ndim)
    if ord == math.inf and 0 in [x.shape[d] for d in axes]:
        ord = 1  # of nothing: 0, where the kernel looks for a largest element
    return Array(kernels.vector_norm(raw, ord, axes, keepdims))


def matrix_norm(
    x: Array,
    /,
    *,
    keepdims: bool = False,
    ord: float | Literal["fro", "nuc"] | None = "fro",
) -> Array:
    """Return norms of matrices: Frobenius, nuclear, 1, 2 and infinity, and the least (-1 ...)."""
    raw = _matrices("matrix_norm", x)
    axes = (x.ndim - 2, x.ndim - 1)
    if ord is None or ord == "fro":
        return vector_norm(x, axis=axes, keepdims=keepdims)
    if ord == "nuc" or ord in (2, -2):
        values = _singular("matrix_norm", x)
        norm = _over(values, ord, (len(values.shape) - 1,), False)
    elif ord in (1, -1, math.inf, -math.inf):
        rows_or_columns = axes[0] if ord in (1, -1) else axes[1]
        sums = kernels.sum(kernels.abs(raw), (rows_or_columns,), True)
        norm = _over(sums, ord, axes, False)
    else:
        raise ValueError(f"no norm of matrices is called {ord!r}")
    return Array(kernels.reshape(norm, (*x.shape[:-2], 1, 1)) if keepdims else norm)


def _over(values: Raw, ord: float | str, axes: tuple[int, ...], keepdims: bool) -> Raw:
    if ord == "nuc":
        return kernels.sum(values, axes, keepdims)  # type: ignore[no-any-return]
    if 0 in [values.shape[axis] for axis in axes]:
        return kernels.sum(values, axes, keepdims)  # type: ignore[no-any-return]
    extreme = kernels.amin if float(ord) < 0 else kernels.amax
    return extreme(values, axes, keepdims)  # type: ignore[no-any-return]
