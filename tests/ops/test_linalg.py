"""Factorizations, solvers and determinants held against torch: layout, graph and error texts.

A row is an expression of the language of ``expressions.py``.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

import autograd_core

real_torch = pytest.importorskip("torch")
EXPRESSIONS = runpy.run_path(str(Path(__file__).with_name("expressions.py")))
outcome = EXPRESSIONS["outcome"]

SINGULAR = "torch.ones(3, 3, dtype=torch.float64)"
BATCH = f"torch.stack([torch.eye(3, dtype=torch.float64), {SINGULAR}])"
NEGATIVE = "-torch.eye(3, dtype=torch.float64)"
PIVOTS = "torch.tensor([1, 2, 3], dtype=torch.int32)"
ROWS = f"""
torch.linalg.cholesky({NEGATIVE})
torch.linalg.cholesky(torch.stack([-{NEGATIVE}, {NEGATIVE}]))
torch.linalg.cholesky_ex({NEGATIVE}, check_errors=True)
torch.cholesky({NEGATIVE})
torch.linalg.cholesky(r(3))
torch.linalg.cholesky(r(2, 3))
torch.linalg.cholesky(i(3, 3))
torch.cholesky(i(3, 3))
torch.cholesky_inverse(r(2, 3))
torch.cholesky_solve(r(2, 2), r(3, 3))
torch.cholesky_solve(r(3, 2), r(3, 3, d=f32))
torch.linalg.lstsq(r(2, 3, 2) * torch.tensor([1.0, 0.0]).double(), r(2, 3, 1), driver='gels')
torch.linalg.lstsq(0 * r(2, 3, g=False), r(2, 1, g=False), driver='gels')[0]
torch.linalg.qr(r(3))
torch.linalg.qr(r(3, 3), mode='x')
torch.linalg.qr(r(2, 4, 2))[1]
torch.linalg.qr((r(3, 3) + torch.eye(3))[:2], mode='complete')[0]
torch.linalg.qr(r(4, 2, g=False), mode='r')[1]
torch.linalg.qr(r(4, 2, g=False), mode='complete')[1]
torch.geqrf(r(3))
torch.geqrf(r(3, 3, d=c))
torch.linalg.householder_product(r(2, 3), r(2))
torch.linalg.householder_product(r(3, 2), r(3))
torch.linalg.householder_product(r(2, 3, 2), r(3, 2))
torch.linalg.householder_product(r(4, 3), r(2))
torch.ormqr(r(3, 3), r(4), r(3, 3))
torch.ormqr(r(3, 3), r(3), r(2, 3))
torch.ormqr(r(3, 3), r(3, d=f32), r(3, 3))
torch.ormqr(r(3, 2), r(2), r(2, 3), left=False, transpose=True)
torch.linalg.lu((r(3, 3) + torch.eye(3))[:2])[2]
torch.linalg.lu(r(3, 3), pivot=False)
torch.linalg.lu_factor({SINGULAR})
torch.linalg.lu_factor_ex({BATCH}, check_errors=True)
torch.lu((r(3, 3) + torch.eye(3)), get_infos=True)[0]
torch.lu_unpack(r(3, 3), torch.tensor([0, 1, 2], dtype=torch.int32))
torch.lu_unpack(r(2, 3, 3), {PIVOTS})[1]
torch.lu_unpack(r(3, 3), i(3))
torch.linalg.lu_solve((r(3, 3) + torch.eye(3)), {PIVOTS}, r(3, 2))
torch.linalg.lu_solve(r(3, 3), {PIVOTS} - 1, r(3, 2))
torch.linalg.lu_solve(r(3, 3), {PIVOTS} + 1, r(3, 2))
torch.linalg.lu_solve(r(3, 3), {PIVOTS}, r(2, 2), left=False)
torch.triangular_solve(r(2, 1), r(3, 3))
torch.linalg.solve_triangular(r(3, 3), r(2, 3), upper=True)
torch.linalg.solve_triangular(r(3, 3), r(3, 3))
torch.linalg.solve_triangular(r(2, 3, 3), r(4, 3, 3), upper=True)
torch.linalg.solve({SINGULAR}, r(3))
torch.linalg.solve({BATCH}, r(2, 3, 1))
torch.linalg.solve_ex({SINGULAR}, r(3), check_errors=True)
torch.linalg.solve((r(3, 3) + torch.eye(3)), r(3))
torch.linalg.solve((r(3, 3) + torch.eye(3)).mT, r(2, 3), left=False)
torch.linalg.solve(r(3, 3), r(2))
torch.linalg.solve(r(3, 3), r(3, d=f32))
torch.linalg.inv({SINGULAR})
torch.linalg.inv({BATCH})
torch.inverse(r(3, 3, d=c) + torch.eye(3))
torch.linalg.inv(r(2, 3))
torch.linalg.det(r(2, 3))
torch.det((r(3, 3) + torch.eye(3)).mT)
torch.linalg.slogdet(r(3, 3, d=c) + torch.eye(3))[1]
torch.logdet(r(2, 3, 3) + 2 * torch.eye(3))
torch.logdet(i(3, 3))
torch.linalg.tensorinv(r(3, 4, 5))
torch.linalg.tensorinv(r(3, 3), ind=0)
torch.linalg.tensorinv((r(3, 3) + torch.eye(3)).reshape(3, 1, 3), ind=1)
torch.linalg.tensorsolve(r(2, 3, 6), r(2, 2))
torch.linalg.tensorsolve((r(3, 3) + torch.eye(3)).reshape(3, 3, 1), r(3, 1), dims=(1,))
torch.linalg.matrix_power((r(3, 3) + torch.eye(3)), -3)
torch.linalg.matrix_power({SINGULAR}, -1)
torch.linalg.ldl_factor(r(2, 3))
torch.linalg.ldl_solve(r(3, 3), {PIVOTS}, r(2, 1))
""".strip().splitlines()


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize("expression", ROWS)
def test_as_torch(expression: str, backend: str) -> None:
    expected, numbers = outcome(real_torch, expression)
    found, made = outcome(autograd_core, expression, backend)
    assert found == expected
    assert made == pytest.approx(numbers, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("mode", ["r", "complete"])
def test_a_factor_that_is_missing_or_free_is_not_differentiated(mode: str) -> None:
    def message(torch: Any) -> str:
        made = torch.linalg.qr(torch.ones(4, 2, requires_grad=True), mode=mode)
        with pytest.raises(RuntimeError) as caught:
            made[1].sum().backward()
        return str(caught.value)

    assert message(autograd_core) == message(real_torch)


@pytest.mark.parametrize("torch", [real_torch, autograd_core], ids=["torch", "autograd_core"])
def test_a_singular_matrix_has_an_error_of_its_own(torch: Any) -> None:
    with pytest.raises(torch.linalg.LinAlgError) as caught:
        torch.linalg.inv(torch.zeros(2, 2))
    assert type(caught.value).__name__ == "_LinAlgError"
    assert isinstance(caught.value, RuntimeError)


@pytest.mark.parametrize("torch", [real_torch, autograd_core], ids=["torch", "autograd_core"])
def test_a_singular_determinant_has_second_derivatives(torch: Any) -> None:
    x = torch.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=torch.float64, requires_grad=True)
    (grad,) = torch.autograd.grad(torch.linalg.det(x), x, create_graph=True)
    (second,) = torch.autograd.grad(grad.square().sum(), x)
    assert grad.flatten().tolist() == pytest.approx([4.0, -2.0, -2.0, 1.0])
    assert second.flatten().tolist() == pytest.approx([2.0, 4.0, 4.0, 8.0])


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize(
    "of_U, of_Vh",
    [(50, 49.7), (50, 49.3), (-50, -49.7), (0.0049, 0), (0.00503, 0), (0, 0.00503), (0, 0.0051)],
)
def test_a_loss_may_move_with_the_phases_by_a_hundredth(
    of_U: float, of_Vh: float, backend: str
) -> None:
    def answer(torch: Any) -> str:
        A = torch.tensor([[3 + 1j, 0.5], [-1j, 2.0]], dtype=torch.complex128, requires_grad=True)
        found = {size: part for size, part in zip((of_U, None, of_Vh), torch.linalg.svd(A)) if size}
        slopes = [part.detach() * 1j * size for size, part in found.items()]
        try:
            torch.autograd.grad(list(found.values()), A, slopes)
        except RuntimeError as error:
            return str(error)
        return "accepted"

    with autograd_core.use_backend(backend):
        assert answer(autograd_core) == answer(real_torch)
