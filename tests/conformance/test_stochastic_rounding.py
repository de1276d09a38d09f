"""Random roundings move what an op rounds by about a unit in the last place, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from autograd_conformance.stochastic_rounding import RandomRounding

X = torch.linspace(-1.7, 2.9, 24, dtype=torch.float64).reshape(4, 6)


def under(draw: int, function: Any, *, steady: bool = False) -> Any:
    with RandomRounding(draw, steady=steady):
        return function()


@pytest.mark.parametrize(
    "function",
    [
        lambda: X.t()[1:, ::2].reshape(-1),
        lambda: X.clone().index_put_((torch.tensor([0, 2]),), X[:2]),
        lambda: torch.cat([-X, X.abs(), X.relu(), X.clamp(-0.5, 0.5)]),
        lambda: torch.nn.functional.max_pool1d(X[None], 2),
        lambda: X.sort(1).values + 0,
        lambda: X.floor() * torch.sign(X),
        lambda: (torch.arange(6.0) + 0.5) * 4,
        lambda: torch.cat([torch.complex(X, X * 0)] * 2).index_select(0, torch.tensor([1, 5])),
    ],
)
def test_what_is_not_rounded_stays(function: Any) -> None:
    plain = function()
    assert torch.equal(under(0, function), plain)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.complex128])
@pytest.mark.parametrize(
    "function", [torch.exp, lambda x: x * x / 3, lambda x: x.cumsum(1), torch.sum]
)
def test_what_is_rounded_moves_by_its_last_places(function: Any, dtype: Any) -> None:
    x = X.to(dtype)
    plain = function(x)
    wide = torch.complex128 if dtype.is_complex else torch.float64
    drawn = [under(draw, lambda: function(x)) for draw in range(4)]
    moves = [(d.to(wide) - plain.to(wide)).abs() for d in drawn]
    assert all(d.dtype is dtype for d in drawn)
    assert bool((torch.stack(moves).amax(0) > 0).any())
    limit = 20 * torch.finfo(dtype).eps * (plain.to(wide).abs() + x.to(wide).abs().amax())
    assert all(bool((m <= limit).all()) for m in moves)


def test_a_sum_that_is_one_of_its_terms_by_chance_is_rounded_all_the_same() -> None:
    numbers = torch.tensor([1.0, 2.0, 3.0, 4.0, -7.0])  # they sum up to 3
    moved = [under(draw, lambda: torch.fft.rfft(numbers)[0].real) for draw in range(4)]
    assert all(0 < abs(float(m) - 3) < 16 * 2.0**-23 * 17 for m in moved)


def test_a_steady_rounding_keeps_what_is_equal() -> None:
    z = torch.complex(X, X.flip(0))

    def ties() -> Any:
        return torch.equal(z.abs(), z.abs().clone())

    assert under(1, ties, steady=True)
    assert not under(1, ties)
    assert not torch.equal(under(1, z.abs, steady=True), under(2, z.abs, steady=True))


def test_backward_in_place_and_tangents_are_seen() -> None:
    from torch.autograd import forward_ad

    x = X.clone().requires_grad_()

    def gradient() -> Any:
        y = torch.softmax(x, 1)
        return torch.autograd.grad(y, x, X)[0]

    def in_place() -> Any:
        return X.clone().exp_().div_(3)

    def tangent() -> Any:
        return forward_ad.unpack_dual(torch.softmax(dual, 1)).tangent

    with forward_ad.dual_level():
        dual = forward_ad.make_dual(X, X.flip(1))
        for function in (gradient, in_place, tangent):
            plain, moved = function(), under(3, function)
            assert not torch.equal(plain, moved)
            torch.testing.assert_close(moved, plain, rtol=1e-12, atol=1e-15)


def test_an_error_that_single_precision_has_is_scaled() -> None:
    """A sum of 1 and many small numbers is off by what torch's own summation loses."""
    x = torch.full((4096,), 1e-9 / 3, dtype=torch.float64)
    x[0] = 1.0
    moves = [abs(float(under(draw, x.sum) - x.sum())) for draw in range(4)]
    assert 0 < max(moves) < 1e-13


def test_factors_move_by_a_rounding_of_the_largest_number_of_their_matrix() -> None:
    graded = torch.tensor([[1.0, 1e-3], [1e-3, 2e-6]], dtype=torch.float64)
    plain = torch.linalg.eigvalsh(graded)[0]
    moves = [under(draw, lambda: torch.linalg.eigvalsh(graded)[0]) - plain for draw in range(8)]
    assert 1e-17 < max(float(move.abs()) for move in moves) < 1e-14


def test_what_is_written_out_moves_by_the_roundings_of_what_was_computed() -> None:
    x = torch.tensor([True, False])
    moved = under(0, lambda: torch.exp(x, out=torch.zeros(2, dtype=torch.float64)))
    off = abs(moved[0].item() - 2.7182817459106445)
    assert 1e-8 < off < 1e-6
    assert moved[1] == 1
