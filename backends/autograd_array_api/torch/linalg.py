"""The capability "linalg" by torch's own decompositions."""

from __future__ import annotations

from typing import Any

from autograd_core import dtypes
from autograd_core.sizes import broadcast_shapes, column_major, row_major

from ..array import Array
from ..values import Values

Native = Any


class Linalg(Values):
    """Decompositions of matrices; those that come out are column-major."""

    def _matrices(self, value: Native, like: Array) -> Array:
        shape = tuple(value.shape)
        steps = column_major(shape)
        return self.new(value, like.dtype, None if steps == row_major(shape) else steps)

    def _info(self, value: Native) -> Array:
        return self.new(value, dtypes.int32)

    def cholesky_ex(self, input: Array, upper: bool) -> tuple[Array, Array]:
        factor, info = self.xp.torch.linalg.cholesky_ex(input.value, upper=upper)
        return self._matrices(factor, input), self._info(info)

    def lu_factor_ex(self, input: Array) -> tuple[Array, Array, Array]:
        factors, pivots, info = self.xp.torch.linalg.lu_factor_ex(input.value)
        return self._matrices(factors, input), self._info(pivots), self._info(info)

    def geqrf(self, input: Array) -> tuple[Array, Array]:
        factors, tau = self.xp.torch.geqrf(input.value)
        return self._matrices(factors, input), self.new(tau, input.dtype)

    def linalg_solve_triangular(
        self, input: Array, B: Array, upper: bool, left: bool, unitriangular: bool
    ) -> Array:
        batch = broadcast_shapes(input.shape[:-2], B.shape[:-2])
        matrices = self.xp.broadcast_to(input.value, (*batch, *input.shape[-2:]))
        right = self.xp.broadcast_to(B.value, (*batch, *B.shape[-2:]))
        solve = self.xp.torch.linalg.solve_triangular
        made = solve(matrices, right, upper=upper, left=left, unitriangular=unitriangular)
        return self._matrices(made, B)

    def ldl_factor_ex(self, input: Array, hermitian: bool) -> tuple[Array, Array, Array]:
        factor = self.xp.torch.linalg.ldl_factor_ex
        factors, pivots, info = factor(input.value, hermitian=hermitian)
        return self._matrices(factors, input), self._info(pivots), self._info(info)

    def linalg_svd(
        self, input: Array, full_matrices: bool, compute_uv: bool
    ) -> tuple[Array, Array, Array, Array]:
        torch, value = self.xp.torch, input.value
        finite = torch.isfinite(value).all(-1).all(-1)
        info = torch.where(finite, 0, -4).to(torch.int32)
        real = input.dtype.to_real()
        if compute_uv:
            safe = torch.where(finite[..., None, None], value, torch.zeros_like(value))
            u, s, vh = torch.linalg.svd(safe, full_matrices=full_matrices)
            return (
                self._matrices(u, input),
                self.new(s, real),
                self._matrices(vh, input),
                self._info(info),
            )
        safe = torch.where(finite[..., None, None], value, torch.zeros_like(value))
        s = torch.linalg.svdvals(safe)
        s = torch.where(finite[..., None], s, torch.full_like(s, float("nan")))
        none = torch.empty((0,), dtype=value.dtype, device=value.device)
        nothing = self.new(none, input.dtype)
        return nothing, self.new(s, real), nothing, self._info(torch.zeros_like(info))

    def linalg_eigh(self, input: Array, upper: bool, compute_v: bool) -> tuple[Array, Array, Array]:
        torch, value = self.xp.torch, input.value
        half = torch.triu(value) if upper else torch.tril(value)
        finite = torch.isfinite(half).all(-1).all(-1)
        safe = torch.where(finite[..., None, None], value, torch.zeros_like(value))
        info = self._info(torch.where(finite, 0, 1).to(torch.int32))
        letter, real = "U" if upper else "L", input.dtype.to_real()
        if compute_v:
            values, vectors = torch.linalg.eigh(safe, letter)
            return self.new(values, real), self._matrices(vectors, input), info
        values = torch.linalg.eigvalsh(safe, letter)
        none = torch.empty((0,), dtype=value.dtype, device=value.device)
        return self.new(values, real), self.new(none, input.dtype), info

    def linalg_eig(self, input: Array, compute_v: bool) -> tuple[Array, Array, Array]:
        torch, value = self.xp.torch, input.value
        finite = torch.isfinite(value).all(-1).all(-1)
        safe = torch.where(finite[..., None, None], value, torch.zeros_like(value))
        kind = input.dtype.to_complex()
        none = torch.empty((0,), dtype=value.dtype, device=value.device)
        if compute_v:
            info = self._info(torch.where(finite, 0, 1).to(torch.int32))
            values, vectors = torch.linalg.eig(safe)
            shape = tuple(vectors.shape)
            return self.new(values, kind), self.new(vectors, kind, column_major(shape)), info
        values = torch.linalg.eigvals(safe)
        lost = torch.full_like(values, complex("nan+nanj"))
        values = torch.where(finite[..., None], values, lost)
        info = self._info(torch.zeros_like(finite, dtype=torch.int32))
        return self.new(values, kind), self.new(none.to(values.dtype), kind), info
