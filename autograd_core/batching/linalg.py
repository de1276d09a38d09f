"""Batching of factorizations, solvers and spectra: matrices may have dims in front of them."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..sizes import is_vector_side
from ..tensor import Tensor
from .arrays import Batch, Batched, is_batched, padded, rank
from .rules import along, give, rule, stretched

give(along("dim"), "fft_c2c", "fft_r2c", "fft_c2r")
give(
    along(),
    "cholesky",
    "cholesky_ex",
    "cholesky_inverse",
    "geqrf",
    "ldl_factor_ex",
    "linalg_det",
    "linalg_eig",
    "linalg_eigh",
    "linalg_eigvals",
    "linalg_householder_product",
    "linalg_inv_ex",
    "linalg_matrix_exp",
    "linalg_qr",
    "linalg_slogdet",
    "linalg_svd",
    "lu_factor_ex",
    "lu_unpack",
)
give(stretched, "cholesky_solve", "linalg_solve_triangular", "triangular_solve")


@rule("linalg_check_errors")
def _check_errors(batch: Batch, values: list[Any]) -> Any:
    info, api_name, is_matrix = values
    batched = is_batched(info)
    made = batch.run([info._array.value, api_name, is_matrix and not batched])
    return Batched(made, info._array.bdim)


@rule("linalg_lu_solve")
def _lu_solve(batch: Batch, values: list[Any]) -> Any:
    factors, pivots, sides, *options = values
    wanted = max(rank(factors), rank(sides))
    return batch.run(
        [
            _with_rank(batch, factors, wanted),
            _with_rank(batch, pivots, wanted - 1),
            _with_rank(batch, sides, wanted),
            *options,
        ]
    )


def _with_rank(batch: Batch, tensor: Tensor, wanted: int) -> Tensor:
    """Return the Tensor below with the batch dim in front and new dims of size 1 behind it."""
    value = batch.stretched(tensor)
    size, *shape = value._array.shape
    return ops.reshape(value, (size, *(1,) * (wanted - rank(tensor)), *shape))


@rule("linalg_solve_ex")
def _solve(batch: Batch, values: list[Any]) -> Any:
    matrices, sides, *options = values
    if not is_vector_side(matrices._array.shape, sides._array.shape):
        result, *factored = stretched(batch, values)
        shape = (batch.size, *matrices._array.shape)
        ends = (len(shape), -1, -2)
        return result, *[ops.reshape(t, shape[:end]) for t, end in zip(factored, ends)]
    wanted = max(rank(matrices), 2)
    sides_below = _with_rank(batch, sides, wanted - 1)
    if rank(sides) == 1 and wanted > 2:  # one vector for all matrices of a batch
        shape = (*matrices._array.shape[:-2], sides._array.shape[0])
        sides_below = ops.expand(sides_below, (batch.size, *shape))
    return batch.run([batch.stretched(matrices), sides_below, *options])


@rule("linalg_pinv", "linalg_matrix_rank")
def _with_tolerances(batch: Batch, values: list[Any]) -> Any:
    """Line the tolerances up with the batch dims of the matrices."""
    matrices, *tolerances, hermitian = values
    wanted = rank(matrices) - 2
    lined_up = [None if t is None else padded(t, wanted) for t in tolerances]
    return batch.run([batch.stretched(matrices), *lined_up, hermitian])


@rule("linalg_lstsq")
def _lstsq(batch: Batch, values: list[Any]) -> Any:
    matrices, sides, *options = values
    made = batch.run([batch.stretched(matrices), batch.stretched(sides), *options])
    return tuple(Batched(part, 0 if part._array.shape != (0,) else None) for part in made)
