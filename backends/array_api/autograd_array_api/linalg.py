"""The capability "linalg" by a library's own decompositions: layouts, infos, and lost matrices.

The standard's decompositions are not LAPACK's (no LU, no Householder vectors), so each library's
package that has them holds a module of plain functions of native arrays, ``(..., m, n)``:

* ``cholesky(value, upper)``: the factor and info;
* ``lu(value)``: both factors in one, pivots from 1 on, and info;
* ``qr(value)``: R with the Householder vectors below it, and their factors;
* ``solve_triangular(matrices, right, upper, unit)``: for the same batch dims;
* ``ldl(value, hermitian)``: factors, pivots and info;
* ``svd(value, full)`` and ``singular_values(value)``;
* ``eigh(value, upper)`` and ``eigvalsh(value, upper)``;
* ``eig(value)`` and ``eigvals(value)``.

Those of the last three lines are given finite numbers only.
"""

from __future__ import annotations

from typing import Any

from autograd_core import dtypes
from autograd_core.dtypes import DType
from autograd_core.sizes import broadcast_shapes, column_major, row_major

from .array import Array
from .values import Values

Native = Any


class Linalg(Values):
    """Decompositions of matrices; those that come out are column-major."""

    def _matrices(self, value: Native, dtype: DType) -> Array:
        shape = tuple(value.shape)
        steps = column_major(shape)
        return self.new(value, dtype, None if steps == row_major(shape) else steps)

    def _int32(self, value: Native) -> Array:
        return self.new(value, dtypes.int32)

    def _info(self, found: Native, code: int) -> Array:
        """A code where a condition does not hold, 0 where it does."""
        zero, other = self.number(0, dtypes.int32), self.number(code, dtypes.int32)
        return self._int32(self.xp.where(found, zero, other))

    def _nothing(self, dtype: DType) -> Array:
        native = self.natives[dtype]
        return self.new(self.xp.empty((0,), dtype=native, device=self.xp.device), dtype)

    def _whole(self, value: Native, dtype: DType) -> tuple[Native, Native]:
        """Which matrices are finite, and zeros in the place of those that are not."""
        xp = self.xp
        finite = xp.all(xp.isfinite(value), axis=(-2, -1))
        held = xp.reshape(finite, (*finite.shape, 1, 1))
        return finite, xp.where(held, value, self.number(0, dtype))

    def _lost(self, values: Native, finite: Native, dtype: DType) -> Array:
        """Numbers of matrices, NaN for those that are not finite."""
        nan = float("nan")
        lost = self.number(complex(nan, nan) if dtype.is_complex else nan, dtype)
        held = self.xp.reshape(finite, (*finite.shape, 1))
        return self.new(self.xp.where(held, values, lost), dtype)

    def cholesky_ex(self, input: Array, upper: bool) -> tuple[Array, Array]:
        factor, info = self.xp.decompositions.cholesky(input.value, upper)
        return self._matrices(factor, input.dtype), self._int32(info)

    def lu_factor_ex(self, input: Array) -> tuple[Array, Array, Array]:
        factors, pivots, info = self.xp.decompositions.lu(input.value)
        return self._matrices(factors, input.dtype), self._int32(pivots), self._int32(info)

    def geqrf(self, input: Array) -> tuple[Array, Array]:
        factors, tau = self.xp.decompositions.qr(input.value)
        return self._matrices(factors, input.dtype), self.new(tau, input.dtype)

    def linalg_solve_triangular(
        self, input: Array, B: Array, upper: bool, left: bool, unitriangular: bool
    ) -> Array:
        xp = self.xp
        batch = broadcast_shapes(input.shape[:-2], B.shape[:-2])
        matrices = xp.broadcast_to(input.value, (*batch, *input.shape[-2:]))
        right = xp.broadcast_to(B.value, (*batch, *B.shape[-2:]))
        solve = xp.decompositions.solve_triangular
        if left:
            made = solve(matrices, right, upper, unitriangular)
        else:
            matrices, right = xp.matrix_transpose(matrices), xp.matrix_transpose(right)
            made = xp.matrix_transpose(solve(matrices, right, not upper, unitriangular))
        return self._matrices(made, B.dtype)

    def ldl_factor_ex(self, input: Array, hermitian: bool) -> tuple[Array, Array, Array]:
        factors, pivots, info = self.xp.decompositions.ldl(input.value, hermitian)
        return self._matrices(factors, input.dtype), self._int32(pivots), self._int32(info)

    def linalg_svd(
        self, input: Array, full_matrices: bool, compute_uv: bool
    ) -> tuple[Array, Array, Array, Array]:
        dtype, real = input.dtype, input.dtype.to_real()
        finite, value = self._whole(input.value, dtype)
        if compute_uv:
            u, s, vh = self.xp.decompositions.svd(value, full_matrices)
            values, info = self.new(s, real), self._info(finite, -4)
            return self._matrices(u, dtype), values, self._matrices(vh, dtype), info
        values = self._lost(self.xp.decompositions.singular_values(value), finite, real)
        return self._nothing(dtype), values, self._nothing(dtype), self._info(finite, 0)

    def linalg_eigh(self, input: Array, upper: bool, compute_v: bool) -> tuple[Array, Array, Array]:
        dtype, real = input.dtype, input.dtype.to_real()
        half = self.xp.triu(input.value) if upper else self.xp.tril(input.value)
        finite, value = self._whole(half, dtype)
        info = self._info(finite, 1)
        if compute_v:
            values, vectors = self.xp.decompositions.eigh(value, upper)
            return self.new(values, real), self._matrices(vectors, dtype), info
        values = self.xp.decompositions.eigvalsh(value, upper)
        return self.new(values, real), self._nothing(dtype), info

    def linalg_eig(self, input: Array, compute_v: bool) -> tuple[Array, Array, Array]:
        kind = input.dtype.to_complex()
        finite, value = self._whole(input.value, input.dtype)
        if compute_v:
            values, vectors = self.xp.decompositions.eig(value)
            info = self._info(finite, 1)
            return self.new(values, kind), self._matrices(vectors, kind), info
        values = self._lost(self.xp.decompositions.eigvals(value), finite, kind)
        return values, self._nothing(kind), self._info(finite, 0)
