"""Batching of spectra: all functions of matrices take dims in front, and so the batch dim."""

from __future__ import annotations

from typing import Any

from .arrays import Batch, Batched, padded, rank
from .rules import along, give, rule

give(along("dim"), "fft_c2c", "fft_r2c", "fft_c2r")
give(
    along(),
    "linalg_svd",
    "linalg_eigh",
    "linalg_eig",
    "linalg_eigvals",
    "linalg_matrix_exp",
)


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
