"""Which formulas are written into the code of a backward, and what is written there."""

from __future__ import annotations

import pytest

import autograd_core as torch
from autograd_core.derivatives.straight_lines import Reals, Rows, Text, expression
from autograd_core.engine.modes import interposed
from autograd_core.ops import complex_numbers, pointwise

SCALE = 2.0

WRITTEN = [
    (lambda xp, grad, other: grad * xp.conj(other), Reals, "(g * a)"),
    (lambda xp, grad, other: grad * xp.conj(other), Text, "(g * xp.conj(a))"),
    (lambda xp, grad, other: xp.real(grad), Reals, "xp.real(g)"),
    (lambda xp, grad, other: -grad / (other * other), Reals, "((-g) / (a * a))"),
    (lambda xp, grad, other: 2 * xp.sum(grad, (0,), keepdim=True), Reals,
     "(2 * xp.sum(g, (0,), keepdim=True))"),
    (lambda xp, grad, other: grad - other.shape[0] if other else grad, Reals, None),
    (lambda xp, grad, other: grad * SCALE, Reals, None),
    (lambda xp, grad, other: grad // other, Reals, None),
    (lambda xp, grad, other: (grad, other), Reals, None),
    (lambda xp, grad, dim: xp.slice(grad, dim, 1, 2, 1), Rows, "xp.slice(g, a + 1, 1, 2, 1)"),
    (lambda xp, grad, size: -xp.reshape(grad, size), Rows, "(-xp.reshape(g, (g.shape[0], *a)))"),
    (lambda xp, grad, dim: xp.slice(grad, dim, 1), Rows, None),
    (lambda xp, grad, dim: xp.slice(grad, dim=dim), Rows, None),
    (lambda xp, grad, dim: xp.sum(grad, dim), Rows, None),
]  # fmt: skip


@pytest.mark.parametrize("k", range(len(WRITTEN)))
def test_only_what_is_one_expression_without_a_question_is_written(k):
    formula, namespace, text = WRITTEN[k]
    assert expression(formula, ["xp", "g", "a"], namespace) == text


def test_closures_and_other_callables_are_called():
    scale = 3.0
    assert expression(lambda grad: grad * scale, ["g"], Text) is None
    assert expression(abs, ["g"], Text) is None


def test_only_nodes_of_real_numbers_leave_conjugates_out(monkeypatch):
    monkeypatch.setattr(interposed, "count", 0)  # else calls go the general way
    real = torch.tensor([1.0, 2.0], requires_grad=True)
    unreal = torch.tensor([1.0 + 2.0j], requires_grad=True)
    for op in (pointwise.mul, pointwise.abs, complex_numbers.complex):
        op.entry.plans.clear()  # another test may have, and calls keep the plan they were made with
    plan = pointwise.mul.entry.plan(3)
    assert plan.real is not plan
    assert (real * real).grad_fn.plan is plan.real
    assert (unreal * unreal).grad_fn.plan is plan
    assert unreal.abs().grad_fn.plan is pointwise.abs.entry.plan(1)  # a real result is not enough
    assert torch.complex(real, real).grad_fn.plan is complex_numbers.complex.entry.plan(3)


def test_a_hook_changes_the_plan_of_its_node_alone():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    watched, other = x * x, x * x
    watched.register_hook(lambda grad: None)
    assert watched.grad_fn.hooked
    assert not watched.grad_fn.plan.plain
    assert not other.grad_fn.hooked
    assert other.grad_fn.plan.plain
