"""Derived kernels of linear algebra, written in the functions of the capability "linalg"."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from .. import dtypes, sizes
from ..number_limits import finfo

Array = Any


class LinalgDefaults:
    """Derived functions of factorizations, solvers and determinants.

    Matrices are the last two dims; those of two operands broadcast their other dims. Results are
    column-major as in torch, unless the function says otherwise.
    """

    def mH(self: Any, input: Array) -> Array:
        """The matrices transposed and conjugated."""
        return self.conj(self.mT(input))

    def eye_like(self: Any, input: Array, rows: int, columns: int) -> Array:
        """Column-major identity matrices, not square ones cut off, in the batch of ``input``."""
        shape = (*input.shape[:-2], rows, columns)
        result = self.empty_strided(shape, sizes.column_major(shape), self.dtype(input))
        self.copy_(result, self.scalar(0, self.dtype(input)))
        diagonal = self.diagonal(result, 0, len(shape) - 2, len(shape) - 1)
        self.copy_(diagonal, self.scalar(1, self.dtype(input)))
        return result

    def leading(self: Any, input: Array, rows: int, columns: int) -> Array:
        """The upper left part of each matrix, as a view."""
        rank = len(input.shape)
        rows_cut = self.slice(self.own(input), rank - 2, 0, rows, 1)
        return self.slice(rows_cut, rank - 1, 0, columns, 1)

    def broadcast_batch(self: Any, input: Array, batch: Sequence[int]) -> Array:
        """The matrices expanded to these batch dims, as a view."""
        return self.expand(input, (*batch, *input.shape[-2:]))

    # Cholesky -------------------------------------------------------------------------------------

    def cholesky_solve(self: Any, input: Array, input2: Array, upper: bool) -> Array:
        """X of A @ X = input, where ``input2`` is the triangular factor of A."""
        if upper:
            input2 = self.mH(input2)
        half = self.linalg_solve_triangular(input2, input, False, True, False)
        return self.linalg_solve_triangular(self.mH(input2), half, True, True, False)

    def cholesky_inverse(self: Any, input: Array, upper: bool) -> Array:
        """The inverse of the matrix whose triangular factor is ``input``."""
        size = input.shape[-1]
        return self.cholesky_solve(self.eye_like(input, size, size), input, upper)

    # Householder vectors --------------------------------------------------------------------------

    def linalg_householder_product(self: Any, input: Array, tau: Array) -> Array:
        """The first columns of the product of the reflections that geqrf describes."""
        result = self.eye_like(input, *input.shape[-2:])
        self._reflect(input, tau, result, False)
        return result

    def ormqr(
        self: Any, input: Array, tau: Array, other: Array, left: bool, transpose: bool
    ) -> Array:
        """Q @ other or other @ Q, with Q^H for Q with ``transpose``; Q is square."""
        if not left:
            turned = self.ormqr(input, tau, self.mH(other), True, not transpose)
            return self.column_major(self.mH(turned))
        result = self.column_major(other)
        self._reflect(input, tau, result, transpose)
        return result

    def _reflect(self: Any, input: Array, tau: Array, target: Array, adjoint: bool) -> None:
        """Multiply the product of the reflections, or its adjoint, into ``target``."""
        row = len(input.shape) - 2
        rows = input.shape[-2]
        order = range(tau.shape[-1])
        for k in order if adjoint else reversed(order):
            vector = self.clone(
                self.slice(self.slice(input, row, k, rows, 1), row + 1, k, k + 1, 1)
            )
            self.copy_(self.slice(vector, row, 0, 1, 1), self.scalar(1, self.dtype(input)))
            factor = self.slice(tau, len(tau.shape) - 1, k, k + 1, 1)
            factor = self.unsqueeze(self.conj(factor) if adjoint else factor, len(tau.shape))
            part = self.slice(target, row, k, rows, 1)
            along = self.matmul(self.mH(vector), part)
            self.copy_(part, self.sub(part, self.mul(factor, self.matmul(vector, along))))

    def linalg_qr(self: Any, A: Array, mode: str) -> tuple[Array, Array]:
        """Q and R: "reduced", "complete" or "r" (R alone: Q is empty)."""
        m, n = A.shape[-2:]
        factors, tau = self.geqrf(A)
        if mode == "r":
            rows = min(m, n)
            return self.full((0,), 0, self.dtype(A)), self._upper(factors, rows, n)
        if mode == "complete" and m > n:
            wide = self.eye_like(A, m, m)
            self.copy_(self.leading(wide, m, n), factors)
            return self.linalg_householder_product(wide, tau), self._upper(factors, m, n)
        k = min(m, n)
        q = self.linalg_householder_product(self.leading(factors, m, k), tau)
        return q, self._upper(factors, k, n)

    def _upper(self: Any, input: Array, rows: int, columns: int) -> Array:
        return self.column_major(self.triu(self.leading(input, rows, columns), 0))

    # LU -------------------------------------------------------------------------------------------

    def lu_permutation(self: Any, pivots: Array, size: int) -> Array:
        """int64 (..., size): for each row of A's permuted rows, which row of A it is."""
        places = self.to_flat(pivots)
        batch, count = pivots.shape[:-1], pivots.shape[-1]
        orders: list[int] = []
        for matrix in range(sizes.numel(batch)):
            order = list(range(size))
            for k, pivot in enumerate(places[matrix * count : (matrix + 1) * count]):
                order[k], order[pivot - 1] = order[pivot - 1], order[k]
            orders += order
        return self.from_flat(orders, (*batch, size), dtypes.int64)

    def lu_unpack(
        self: Any, LU_data: Array, LU_pivots: Array, unpack_data: bool, unpack_pivots: bool
    ) -> tuple[Array, Array, Array]:
        """Row-major P, L and U of A = P @ L @ U; what is not unpacked is empty."""
        m, n = LU_data.shape[-2:]
        k = min(m, n)
        rank = len(LU_data.shape)
        dtype = self.dtype(LU_data)
        p = lower = upper = self.full((0,), 0, dtype)
        if unpack_data:
            lower = self.contiguous(self.tril(self.leading(LU_data, m, k), -1))
            self.copy_(self.diagonal(lower, 0, rank - 2, rank - 1), self.scalar(1, dtype))
            upper = self.contiguous(self.triu(self.leading(LU_data, k, n), 0))
        if unpack_pivots:
            batch = LU_data.shape[:-2]
            order = self.unsqueeze(self.lu_permutation(LU_pivots, m), len(LU_pivots.shape) - 1)
            order = self.expand(order, (*batch, 1, m))
            ones = self.full((*batch, 1, m), 1, dtype)
            p = self.scatter(self.full((*batch, m, m), 0, dtype), rank - 2, order, ones)
        return p, lower, upper

    def linalg_lu(self: Any, A: Array, pivot: bool) -> tuple[Array, Array, Array]:
        """Row-major P, L and U of A = P @ L @ U."""
        factors, pivots, _ = self.lu_factor_ex(A)
        return self.lu_unpack(factors, pivots, True, True)  # type: ignore[no-any-return]

    def linalg_lu_solve(
        self: Any, LU: Array, pivots: Array, B: Array, left: bool, adjoint: bool
    ) -> Array:
        """X of A @ X = B or X @ A = B, with A^H for A with ``adjoint``, of A's LU and pivots.

        Without ``left`` the result is row-major.
        """
        if not left:
            turned = self.linalg_lu_solve(LU, pivots, self.mH(B), True, not adjoint)
            return self.mH(turned)
        batch = sizes.broadcast_shapes(LU.shape[:-2], B.shape[:-2])
        B = self.broadcast_batch(B, batch)
        order = self.lu_permutation(pivots, LU.shape[-1])
        if adjoint:
            half = self.linalg_solve_triangular(self.mH(LU), B, False, True, False)
            full = self.linalg_solve_triangular(self.mH(LU), half, True, True, True)
            _, order = self.sort(order, len(order.shape) - 1)
            return self.column_major(self._rows_taken(full, order))
        half = self.linalg_solve_triangular(LU, self._rows_taken(B, order), False, True, True)
        return self.linalg_solve_triangular(LU, half, True, True, False)

    def _rows_taken(self: Any, input: Array, order: Array) -> Array:
        index = self.unsqueeze(order, len(order.shape))
        return self.gather(input, len(input.shape) - 2, self.expand(index, input.shape))

    def lu_adjoint_of(self: Any, A: Array) -> bool:
        """Whether torch factors the transpose of A: that of a real row-major A needs no copy."""
        row_major = sizes.is_contiguous(A.shape, self.strides(A))
        return row_major and not self.dtype(A).is_complex

    def lu_factor_either(self: Any, A: Array) -> tuple[Array, Array, Array]:
        """LU, pivots and info of A or, where ``lu_adjoint_of`` says so, of its transpose."""
        factored = self.mT(A) if self.lu_adjoint_of(A) else A
        return self.lu_factor_ex(factored)  # type: ignore[no-any-return]

    # Solvers --------------------------------------------------------------------------------------

    def linalg_solve_ex(
        self: Any, A: Array, B: Array, left: bool
    ) -> tuple[Array, Array, Array, Array]:
        """X of A @ X = B, or of X @ A = B; LU and pivots of A; info.

        B may be a vector, or a batch of them with the shape of A without its last dim. The result
        is row-major without ``left``.
        """
        factors, pivots, info = self.lu_factor_ex(A)
        result = self.solve_factored(A, factors, pivots, B, left, False)
        return result, factors, pivots, info

    def solve_factored(
        self: Any, A: Array, LU: Array, pivots: Array, B: Array, left: bool, adjoint: bool
    ) -> Array:
        """X of A @ X = B or X @ A = B, with A^H for A with ``adjoint``, of LU and pivots of A.

        On Tensors this is a solver of A itself: LU has no derivative.
        """
        if not sizes.is_vector_side(A.shape, B.shape):
            return self.linalg_lu_solve(LU, pivots, B, left, adjoint)
        column = self.unsqueeze(B, len(B.shape))
        result = self.linalg_lu_solve(LU, pivots, column, left, adjoint)
        return self.column_major(self.select(result, len(result.shape) - 1, 0))

    def solve_either_factored(
        self: Any, A: Array, LU: Array, pivots: Array, B: Array, left: bool, adjoint: bool
    ) -> Array:
        """X as of ``solve_factored``, of LU and pivots of ``lu_factor_either``."""
        return self.solve_factored(A, LU, pivots, B, left, self.lu_adjoint_of(A) is not adjoint)

    def linalg_inv_ex(self: Any, A: Array) -> tuple[Array, Array]:
        """The inverses, and info."""
        identity = self.eye_like(A, *A.shape[-2:])
        result, _, _, info = self.linalg_solve_ex(A, identity, True)
        return result, info

    def triangular_solve(
        self: Any, input: Array, A: Array, upper: bool, transpose: bool, unitriangular: bool
    ) -> tuple[Array, Array]:
        """X of A @ X = input, or of A^T @ X = input, and a copy of A in the same batch."""
        batch = sizes.broadcast_shapes(input.shape[:-2], A.shape[:-2])
        copy = self.column_major(self.broadcast_batch(A, batch))
        triangle = self.mT(A) if transpose else A
        upper = upper is not transpose
        return self.linalg_solve_triangular(triangle, input, upper, True, unitriangular), copy

    # Determinants ---------------------------------------------------------------------------------

    def linalg_det(self: Any, A: Array) -> tuple[Array, Array, Array]:
        """Determinants; LU and pivots of A or its transpose."""
        factors, pivots, _ = self.lu_factor_either(A)
        diagonal = self._diagonal(factors)
        product = self.prod(diagonal, (len(diagonal.shape) - 1,))
        return self.mul(self._parity(pivots, product), product), factors, pivots

    def cofactors(self: Any, A: Array, LU: Array, pivots: Array, det: Array, grad: Array) -> Array:
        """grad times det A^-H, of what A was factored to; of a singular A by one near it.

        On Tensors this is the matrix of conjugated cofactors of A itself, with its derivatives.
        """
        rank, size = len(A.shape), A.shape[-1]
        diagonal = self._diagonal(LU)
        epsilon = self.scalar(finfo(self.dtype(LU)).eps, self.dtype(LU))
        near = self.where(self.eq(diagonal, 0), epsilon, self.zeros_like(diagonal))
        LU = self.add(LU, self.diag_embed(near, 0, rank - 2, rank - 1))
        spread = self.unsqueeze(self.mul(grad, self.conj(det)), rank - 2)
        spread = self.expand(spread, (*A.shape[:-2], size))
        identity = self.diag_embed(spread, 0, rank - 2, rank - 1)
        return self.linalg_lu_solve(LU, pivots, identity, True, not self.lu_adjoint_of(A))

    def linalg_slogdet(self: Any, A: Array) -> tuple[Array, Array, Array, Array]:
        """Sign and logarithm of the modulus of determinants; LU and pivots likewise."""
        factors, pivots, _ = self.lu_factor_either(A)
        diagonal = self._diagonal(factors)
        last = (len(diagonal.shape) - 1,)
        sign = self.prod(self.sgn(diagonal), last)
        modulus = self.sum(self.log(self.abs(diagonal)), last)
        return self.mul(self._parity(pivots, sign), sign), modulus, factors, pivots

    def _diagonal(self: Any, input: Array) -> Array:
        rank = len(input.shape)
        return self.diagonal(input, 0, rank - 2, rank - 1)

    def _parity(self: Any, pivots: Array, like: Array) -> Array:
        """1 or -1, whether an even or an odd number of rows were exchanged."""
        count = pivots.shape[-1]
        own = self.arange(1, 1, count, self.dtype(pivots))
        moved = self.cast(self.ne(pivots, own), dtypes.int64)
        odd = self.sum(moved, (len(pivots.shape) - 1,)) % 2
        return self.cast(odd * -2 + 1, self.dtype(like))

    # L D L^H --------------------------------------------------------------------------------------

    def ldl_solve(self: Any, LD: Array, pivots: Array, B: Array, hermitian: bool) -> Array:
        """X of A @ X = B, of what ``ldl_factor_ex`` makes of A."""
        batch = sizes.broadcast_shapes(LD.shape[:-2], B.shape[:-2])
        result = self.column_major(self.broadcast_batch(B, batch))
        factors = self.broadcast_batch(LD, batch)
        places = self.expand(pivots, (*batch, pivots.shape[-1]))
        for at in itertools.product(*map(range, batch)):
            matrix, row, right = factors, places, result
            for index in at:
                matrix, row, right = (self.select(x, 0, index) for x in (matrix, row, right))
            self._ldl_solve_one(matrix, self.to_flat(row), right, hermitian)
        return result

    def _ldl_solve_one(
        self: Any, LD: Array, pivots: Sequence[int], target: Array, hermitian: bool
    ) -> None:
        """Solve with one matrix in place: down through L, D block by block, up through L^H."""
        size = len(pivots)
        blocks = []
        k = 0
        while k < size:
            width = 1 if pivots[k] > 0 else 2
            blocks.append((k, width))
            k += width
        for k, width in blocks:
            self._exchange(target, k + width - 1, abs(pivots[k]) - 1)
            below = self.slice(target, 0, k + width, size, 1)
            block = self.slice(target, 0, k, k + width, 1)
            column = self._part(LD, k + width, size, k, k + width)
            self.copy_(below, self.sub(below, self.mm(column, block)))
            self.copy_(
                block, self._divided(self._part(LD, k, k + width, k, k + width), block, hermitian)
            )
        for k, width in reversed(blocks):
            below = self.slice(target, 0, k + width, size, 1)
            block = self.slice(target, 0, k, k + width, 1)
            row = self.mT(self._part(LD, k + width, size, k, k + width))
            row = self.conj(row) if hermitian else row
            self.copy_(block, self.sub(block, self.mm(row, below)))
            self._exchange(target, k + width - 1, abs(pivots[k]) - 1)

    def _part(self: Any, input: Array, top: int, bottom: int, start: int, end: int) -> Array:
        return self.slice(self.slice(input, 0, top, bottom, 1), 1, start, end, 1)

    def _exchange(self: Any, input: Array, one: int, two: int) -> None:
        if one != two:
            first, second = self.select(input, 0, one), self.select(input, 0, two)
            kept = self.clone(first)
            self.copy_(first, second)
            self.copy_(second, kept)

    def _divided(self: Any, block: Array, right: Array, hermitian: bool) -> Array:
        """The solution of one 1x1 or 2x2 block of D, of which the lower triangle counts."""
        entries = self.to_flat(block)
        if len(entries) == 1:
            (pivot,) = entries
            return self.div(
                right, self.scalar(pivot.real if hermitian else pivot, self.dtype(right))
            )
        a, _, b, d = entries
        c = b.conjugate() if hermitian else b
        determinant = a * d - b * c
        rows = [self.slice(right, 0, k, k + 1, 1) for k in range(2)]
        upper = self.sub(self.mul_scalar(rows[0], d), self.mul_scalar(rows[1], c))
        lower = self.sub(self.mul_scalar(rows[1], a), self.mul_scalar(rows[0], b))
        solved = self.cat([upper, lower], 0)
        return self.div(solved, self.scalar(determinant, self.dtype(right)))
