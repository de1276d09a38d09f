"""Matrix products held against torch: values, layout, graph, gradients and error texts.

A row is an expression of the language of ``expressions.py``.
"""

from __future__ import annotations

import itertools
import runpy
from pathlib import Path
from typing import Any

import pytest

import autograd_core

real_torch = pytest.importorskip("torch")
EXPRESSIONS = runpy.run_path(str(Path(__file__).with_name("expressions.py")))
outcome = EXPRESSIONS["outcome"]

SHAPES = [
    ("3", "3"),
    ("3", "3, 2"),
    ("3", "2, 3, 2"),
    ("4, 3", "3"),
    ("4, 3", "3, 2"),
    ("4, 3", "2, 3, 2"),
    ("4, 3", "2, 2, 3, 2"),
    ("2, 4, 3", "3"),
    ("2, 4, 3", "3, 2"),
    ("2, 4, 3", "2, 3, 2"),
    ("1, 4, 3", "2, 3, 2"),
    ("2, 4, 3", "1, 3, 2"),
    ("2, 2, 4, 3", "2, 3, 2"),
    ("2, 4, 3", "3, 2, 3, 2"),
    ("0, 4, 3", "3"),
    ("4, 3", "2, 2"),
    ("2, 4, 3", "3, 3, 2"),
]
MATMULS = [
    f"torch.matmul(r({a}, g={first}), r({b}, g={second}))"
    for (a, b), (first, second) in itertools.product(
        SHAPES, [(True, True), (True, False), (False, True)]
    )
]
ROWS = """
r(4, 3) @ r(3)
r(3) @ 2
torch.matmul(r(2, 3, 4).mT, r(3, g=False))
torch.matmul(r(2, 2, 3, 4).mT, r(3, 2, g=False))
torch.matmul(r(2, 2, 3, 4).mT, r(3, 2))
torch.matmul(r(), r(2))
torch.mm(r(3, 2).t(), r(3, 2))
torch.mm(r(2, 3), r(2, 3).t())
torch.mm(r(2, 3, d=c), r(3, 2, d=c))
torch.mm(r(2, 3), r(3, 2, d=f32))
torch.mm(r(3), r(2, 3))
torch.mm(r(2, 3), r(3))
torch.mm(r(2, 3), 3)
torch.mm(i(2, 3), i(3, 2))
torch.mm(i(2, 3, d=b), i(3, 2, d=b))
torch.bmm(r(2, 2, 3), r(2, 3, 3))
torch.bmm(r(2, 3), r(2, 3))
torch.bmm(r(2, 2, 3), r(2, 2, 3))
torch.bmm(r(2, 2, 3), r(2, 3, 3, d=f32))
torch.bmm(i(2, 2, 3, d=b), i(2, 3, 3, d=b))
torch.mv(r(2, 3, d=c), r(3, d=c))
torch.mv(r(2, 3), r(2))
torch.mv(r(3), r(3))
torch.mv(r(2, 3), r(3, d=f32))
torch.mv(r(3, 0), r(0))
torch.dot(r(3, d=c), r(3, d=c))
torch.vdot(r(3, d=c), r(3, d=c))
torch.dot(r(2), r(3))
torch.dot(r(2, 3), r(3))
torch.vdot(r(2), r(2, d=f32))
torch.dot(i(2, d=b), i(2, d=b))
torch.outer(r(2), r(3, d=f32))
torch.ger(r(2, 3), r(3))
torch.inner(r(3), r(3))
torch.inner(r(2, 2, 3), r(4, 3))
torch.inner(r(4)[::2], r(2))
torch.inner(r(2, 3), r(4, 2))
torch.inner(r(), r(4, 3))
torch.addmm(r(4), r(2, 3), r(3, 4), beta=2, alpha=3)
torch.addmm(r(4), r(2, 3), r(3, 4), beta=0)
torch.addmm(r(3, 2).t(), r(2, 3), r(3, 3))
torch.addmm(r(2, 3), r(2, 3), r(3, 4))
torch.addmm(r(4), r(2), r(2, 4))
torch.addmm(r(1, 2, 4), r(2, 3), r(3, 4))
torch.addmm(r(4, d=f32), r(2, 3), r(3, 4))
torch.addmm(r(4), r(2, 3, d=f32), r(3, 4))
torch.addmm(r(4), r(2, 3), r(3, 4), beta=1j)
torch.addmm(i(4), i(2, 3), i(3, 4), alpha=0.5)
torch.addmv(r(), r(2, 3), r(3), alpha=2)
torch.addmv(r(3), r(2, 3), r(3))
torch.addmv(r(1, 2), r(2, 3), r(3))
torch.addmv(r(2), r(2, 3), r(3, d=f32))
torch.addbmm(r(4), r(2, 3, 4), r(2, 4, 4), alpha=2)
torch.addbmm(r(4), r(2, 3, 4), r(2, 3, 4))
torch.addbmm(r(4), r(2, 3, 4), r(1, 4, 4))
torch.addbmm(r(4), r(3, 4), r(2, 3, 4))
torch.baddbmm(r(4), r(2, 3, 4), r(2, 4, 4), beta=3)
torch.baddbmm(r(4), r(2, 3, 4), r(3, 4))
torch.baddbmm(r(4, d=f32), r(2, 3, 4), r(2, 4, 4))
torch.addr(r(3), r(2), r(3), beta=2, alpha=0.5)
torch.addr(i(3), i(2), i(3), alpha=0.5)
torch.addr(i(3, d=b), i(2, d=b), i(3, d=b), alpha=2)
torch.addr(r(3), r(2, 1), r(2))
r(2, 3, g=False).addmm_(r(2, 2), r(2, 3))
r(3, g=False).addmm_(r(2, 2), r(2, 3))
r(3).addmm_(r(2, 2), r(2, 3))
r(3, g=False).addr_(r(2), r(3))
r(2, 3, g=False).addr_(r(2), r(3))
torch.tensordot(r(2, 3, 4), r(4, 5, 3), ([1, 2], [2, 0]))
torch.tensordot(r(1, 3), r(3, 3), ([0], [0]))
torch.tensordot(r(2, 3), r(3, 2), ([0, 1], [1, 0]))
torch.tensordot(r(2, 3), r(3, 4), dims=-1)
torch.tensordot(r(2, 3), r(2, 4), dims=1)
torch.tensordot(r(2, 3), r(3, 4), dims=([0], [0, 1]))
torch.tensordot(r(2, 3), r(3, 4), dims=(1, 0))
torch.kron(r(2, 1, 3), r(1, 2))
torch.kron(r(3, 2).t(), r(3, 2))
torch.chain_matmul(r(2, 3))
torch.chain_matmul(r(2, 3), r(3, 4), r(4, 5))
torch.linalg.multi_dot([r(3), r(3, 4), r(4, 5), r(5)])
torch.linalg.multi_dot([r(9, 2), r(2, 9), r(9, 3), r(3, 4)])
torch.linalg.multi_dot([r(2, 2), r(2, 2), r(2, 2)])
torch.linalg.multi_dot([r(2, 3)])
torch.linalg.multi_dot([r(2, 3), r(3), r(3, 1)])
torch.linalg.multi_dot([r(2, 3), r(2, 3)])
torch.linalg.vecdot(r(2, 3, d=c), r(2, 3, d=c))
torch.linalg.vecdot(r(3), r(3))
torch.linalg.vecdot(i(3), i(3))
torch.matrix_power(r(3, 3), 0)
torch.matrix_power(r(3, 3), 7)
torch.matrix_power(r(2, 3, 3), 3)
torch.matrix_power(r(3, 2), 2)
torch.cross(r(3, 1), r(3, 4))
torch.cross(r(2, 4), r(2, 4))
torch.cross(r(3, 3), r(3, 3, d=f32))
torch.linalg.cross(r(2, 3), r(1, 3))
torch.linalg.cross(r(3), r(2, 3))
F.linear(r(4, 3), r(2, 3), r(2))
F.linear(r(3), r(2, 3), r(2))
F.linear(r(5, 4, 3), r(2, 3), r(2))
F.linear(r(5, 4, 3), r(2, 3), r(4, 2))
F.linear(r(5, 3, 4).mT, r(2, 3), r(2))
F.linear(r(5, 4, 3), r(3), r())
F.linear(r(4, 3), r(2, 2))
F.linear(r(4, 3), r(1, 2, 3))
F.bilinear(r(2, 4, 3), r(2, 4, 5), r(6, 3, 5), r(6))
F.bilinear(r(4, 2), r(4, 5), r(6, 3, 5))
torch.cdist(r(4, 3), r(5, 3))
torch.cdist(r(2, 4, 3), r(1, 5, 3), p=3.0)
torch.cdist(r(30, 3), r(5, 3))
torch.cdist(r(2, 30, 3), r(5, 3))
torch.cdist(r(4, 3), r(5, 3), p=0.5)
torch.cdist(r(4, 3), r(5, 3), p=float('inf'))
torch.cdist(r(2, 3), r(2, 4))
F.pdist(r(4, 3), 1.0)
F.pdist(r(4, 3).t())
F.pdist(r(3))
""".strip().splitlines()

EINSUMS = """
torch.einsum('ij,jk->ik', r(2, 3), r(3, 4))
torch.einsum('i,i', r(2), r(2))
torch.einsum('ij->ji', r(2, 3))
torch.einsum('ii->i', r(3, 3))
torch.einsum('iji->j', r(3, 2, 3))
torch.einsum('...ij,...jk->...ik', r(2, 3, 4), r(4, 2))
torch.einsum('bij,bjk,bkl->bil', r(2, 3, 2), r(2, 2, 4), r(2, 4, 2))
torch.einsum('ij,ij->', r(2, 3), r(2, 3))
torch.einsum('b...c,b...', r(3, 2, 2), r(3, 2))
torch.einsum('ab,cb->ca', r(2, 3), r(4, 3))
torch.einsum(r(2, 3), [0, 1], r(3, 4), [1, 2], [2, 0])
torch.einsum(r(2, 3), [..., 1], r(3), [1])
torch.einsum('ij,jk->k', i(2, 3, d=u8), i(3, 2, d=u8))
torch.einsum('ij,jk->ik', r(2, 3), r(4, 5))
torch.einsum('ij->ijk', r(2, 3))
torch.einsum('ij->ii', r(2, 3))
torch.einsum('i.j->i', r(2, 3))
torch.einsum('...i...->i', r(2, 3))
torch.einsum('i1->i', r(2, 3))
torch.einsum('ijk->i', r(2, 3))
torch.einsum('i...jk->i', r(2, 2))
torch.einsum('i,i->i', r(2))
torch.einsum('i->i', r(2), r(2))
torch.einsum('ii->i', r(2, 3))
torch.einsum('...,...->...', r(2), r(3))
torch.einsum('i->.', r(2))
torch.einsum('i')
torch.einsum(r(2), [52])
""".strip().splitlines()


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize("expression", MATMULS + ROWS + EINSUMS)
def test_as_torch(expression: str, backend: str) -> None:
    expected, numbers = outcome(real_torch, expression)
    found, made = outcome(autograd_core, expression, backend)
    assert found == expected
    assert made == pytest.approx(numbers, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("alpha", [1, 2.5])
def test_second_order_of_addmm(alpha: float) -> None:
    def graphs(torch: Any) -> list[str]:
        a, b, c = (torch.ones(3, 3, requires_grad=True) for _ in range(3))
        weight = torch.ones(3, 3, requires_grad=True)
        made = torch.addmm(a, b, c, beta=alpha, alpha=alpha)
        gradients = torch.autograd.grad(made, (a, b, c), weight, create_graph=True)
        return [EXPRESSIONS["graph"](gradient.grad_fn) for gradient in gradients]

    assert graphs(autograd_core) == graphs(real_torch)


def test_cdist_has_no_second_derivative() -> None:
    def message(torch: Any) -> str:
        a, b = torch.ones(2, 3, requires_grad=True), torch.ones(4, 3, requires_grad=True) * 2
        (gradient,) = torch.autograd.grad(torch.cdist(a, b).sum(), a, create_graph=True)
        with pytest.raises(NotImplementedError) as caught:
            gradient.sum().backward()
        return str(caught.value)

    assert message(autograd_core) == message(real_torch)
