"""Functions under old names, and what torch says of them (warnings are recorded with the rest)."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _matrix(torch: Any) -> Any:
    return torch.tensor([[4.0, 2.0], [2.0, 3.0]], dtype=torch.float64, requires_grad=True)


@scenario
def factorizations(torch: Any, record: Recorder) -> None:
    matrix = _matrix(torch)
    record("cholesky", torch.cholesky(matrix))
    record("cholesky method", matrix.cholesky(upper=True))
    record("qr", torch.qr(matrix).R.abs())
    record("lu", torch.lu(matrix)[1])
    record("lu method", matrix.lu()[1])


@scenario
def solvers(torch: Any, record: Recorder) -> None:
    matrix = _matrix(torch)
    side = torch.ones(2, 1, dtype=torch.float64)
    factors, pivots = torch.linalg.lu_factor(matrix)
    record("lu_solve", torch.lu_solve(side, factors, pivots))
    record("triangular_solve", torch.triangular_solve(side, matrix).solution)


@scenario
def chain_matmul(torch: Any, record: Recorder) -> None:
    matrix = _matrix(torch)
    record.graph("product", torch.chain_matmul(matrix, matrix))


@scenario
def ranges_and_grids(torch: Any, record: Recorder) -> None:
    record("range", torch.range(0, 2))
    record("grid", torch.meshgrid(torch.ones(2), torch.ones(3)))
    record("grid of a named order", torch.meshgrid(torch.ones(2), torch.ones(3), indexing="ij"))


@scenario
def options_without_effect(torch: Any, record: Recorder) -> None:
    torch.manual_seed(0)
    logits = torch.zeros(2, 3, requires_grad=True)
    shares = torch.nn.functional.gumbel_softmax(logits, hard=True, eps=1e-3)
    record("shares", shares)
    record.graph("graph", shares)
