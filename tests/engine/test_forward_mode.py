"""Dual levels and dual tensors."""

from __future__ import annotations

from typing import Any

import pytest


def test_tangent_of_a_small_expression(torch: Any) -> None:
    forward_ad = torch.autograd.forward_ad
    x, t = torch.tensor([1.0, 2.0]), torch.tensor([1.0, -1.0])
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x, t)
        primal, tangent = forward_ad.unpack_dual((dual * dual + 3 * dual).sum())
        assert primal.item() == 14.0
        assert tangent.item() == -2.0


def test_tangent_is_gone_after_the_level(torch: Any) -> None:
    forward_ad = torch.autograd.forward_ad
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(torch.ones(2), torch.ones(2))
    assert forward_ad.unpack_dual(dual).tangent is None


def test_operand_without_tangent_counts_as_constant(torch: Any) -> None:
    forward_ad = torch.autograd.forward_ad
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(torch.tensor([2.0]), torch.tensor([1.0]))
        assert forward_ad.unpack_dual(dual * torch.tensor([5.0])).tangent.tolist() == [5.0]
        assert forward_ad.unpack_dual(torch.tensor([5.0]) * 2).tangent is None


def test_levels_do_not_nest(torch: Any) -> None:
    forward_ad = torch.autograd.forward_ad
    with forward_ad.dual_level(), pytest.raises(RuntimeError) as caught:
        forward_ad.enter_dual_level()
    assert str(caught.value) == "Nested forward mode AD is not supported at the moment"


def test_dual_needs_a_level(torch: Any) -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.autograd.forward_ad.make_dual(torch.ones(1), torch.ones(1))
    assert "no level exists" in str(caught.value)


def test_reverse_over_forward(torch: Any) -> None:
    forward_ad = torch.autograd.forward_ad
    x = torch.tensor([2.0], requires_grad=True)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x, torch.tensor([1.0]))
        tangent = forward_ad.unpack_dual(dual**3).tangent
        (second,) = torch.autograd.grad(tangent, x)
    assert second.tolist() == [12.0]
