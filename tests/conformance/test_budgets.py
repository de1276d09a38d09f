"""Error budgets let rounding through and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from autograd_conformance.budgets import Oracle, array_of, tensor_of
from autograd_conformance.cases import Mismatch, Status, Token
from autograd_conformance.execution import sample_seed, torch_subject
from autograd_conformance.freezing import freeze
from autograd_conformance.judging import Agreement, compare
from autograd_conformance.opinfo_cases import Entry, Sample, entries, samples

Judge = Callable[[Any], Agreement]


def judge(entry: str, *inputs: Any, **kwargs: Any) -> tuple[Any, Judge]:
    """Torch's answer, and a function that compares another answer with it."""
    first, *rest = freeze([*inputs])
    dtype = str(inputs[0].dtype).removeprefix("torch.")
    sample = Sample(0, dtype, first, tuple(rest), kwargs)
    oracle = Oracle(torch_subject(), entries()[entry], sample, "function", 0)
    (expected,) = oracle.expected.values()
    return tensor_of(expected), lambda got: compare(
        "output", expected, array_of(got), oracle, "values", 0
    )


def numbers(count: int, dtype: Any) -> Any:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(count, generator=generator, dtype=torch.float64).to(dtype) * 4 - 2


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_a_few_ulp_pass_and_many_fail(dtype: Any) -> None:
    expected, compared = judge("exp", numbers(50, dtype))
    eps = torch.finfo(dtype).eps
    assert compared(expected).ulp == 0
    assert 0 < compared((expected.double() * (1 + 2 * eps)).to(dtype)).ulp <= 4
    with pytest.raises(Mismatch, match="values differ"):
        compared((expected.double() * (1 + 400 * eps)).to(dtype))


def test_another_order_of_summation_passes() -> None:
    x = numbers(400, torch.float64) * 1e8
    x = torch.cat([x, -x[:-1], torch.ones(1, dtype=torch.float64)])  # all but two terms cancel
    expected, compared = judge("sum", x)
    backwards = torch.zeros((), dtype=torch.float64)
    for value in x.flip(0):
        backwards = backwards + value
    assert backwards != expected
    assert compared(backwards).ulp > 4
    with pytest.raises(Mismatch, match="values differ"):
        compared(backwards * (1 + 1e-9))


@pytest.mark.parametrize("place", [0, 49])
def test_one_digit_wrong_in_one_element_fails(place: int) -> None:
    """Errors elsewhere in a tensor give an element no leave, however large they are."""
    x = numbers(50, torch.float64)
    x[25] = 300.0  # exp of it is 1e130, and its last place 1e114
    expected, compared = judge("exp", x)
    wrong = expected.clone()
    wrong[place] *= 1 + 1e-12
    with pytest.raises(Mismatch) as caught:
        compared(wrong)
    assert f"at flat index {place};" in caught.value.detail


def test_rounding_before_numbers_cancel_passes_and_a_wrong_term_fails() -> None:
    """1 - tanh(x)**2 near 0 is a difference of numbers that are rounded."""
    x = torch.full((5,), 14.0, dtype=torch.float64, requires_grad=True)
    sample = Sample(0, "float64", freeze(x), (), {})
    oracle = Oracle(torch_subject(), entries()["tanh"], sample, "function", 0)
    (torchs,) = oracle.expected.gradients()
    assert torchs is not None
    expected = tensor_of(torchs)
    other = torch.nextafter(torch.tanh(x.detach()), torch.zeros(()).double())
    rounded = expected * ((1 - other * other) / (1 - torch.tanh(x.detach()) ** 2))

    def compared(got: Any) -> Any:
        return compare("gradient", torchs, array_of(got), oracle, "gradients", 0)

    assert compared(rounded).ulp > 1e3
    with pytest.raises(Mismatch, match="values differ"):
        compared(expected * 1.01)


def test_a_wrong_term_that_nearly_cancels_fails() -> None:
    """The gradient of a softmax by an almost uniform cotangent is small; half of it is wrong."""
    x = numbers(6, torch.float64).requires_grad_()
    sample = Sample(0, "float64", freeze(x), (0,), {})
    oracle = Oracle(torch_subject(), entries()["softmax"], sample, "function", 0)
    (torchs,) = oracle.expected.gradients()
    assert torchs is not None
    y = torch.softmax(x.detach(), 0)
    cotangent = oracle.expected.cotangent("first", 0, y)
    weighted = (cotangent * y).sum()

    def compared(weight: Any) -> Any:
        got = y * cotangent - y * weight
        return compare("gradient", torchs, array_of(got), oracle, "gradients", 0)

    compared(weighted)
    with pytest.raises(Mismatch, match="values differ"):
        compared(weighted * (1 + 1e-13))


def test_what_rounding_turns_to_nan_is_undetermined() -> None:
    """log(1 - x * (1 / x)) is log(0) or log of a number of either sign."""

    def uncertain(x: Any) -> Any:
        return torch.log(1 - x * (1 / x))

    info = SimpleNamespace(op=uncertain, name="uncertain")
    x = torch.tensor([3.0, 49.0, 2.0], dtype=torch.float64)
    sample = Sample(0, "float64", freeze(x), (), {})
    oracle = Oracle(torch_subject(), Entry("uncertain", info), sample, "function", 0)
    (torchs,) = oracle.expected.values()
    expected = tensor_of(torchs)
    assert torch.isfinite(expected).tolist() == [False, True, False]

    def compared(got: Any) -> Any:
        return compare("output", torchs, array_of(got), oracle, "values", 0)

    swapped = expected[[1, 0, 2]]
    assert compared(swapped).undetermined == 2
    with pytest.raises(Mismatch, match="in other places"):  # 1 - 2 * 0.5 is 0 however one rounds
        compared(torch.cat([expected[:2], torch.zeros(1).double()]))
    everything = compared(swapped).and_also(Agreement(0.0, 0, 1))
    assert everything.outcome().status is Status.BLIND


def test_a_jump_adds_nothing_to_the_budget() -> None:
    expected, compared = judge("floor", torch.tensor([2.0, 3.0], dtype=torch.float64))
    with pytest.raises(Mismatch, match="values differ"):
        compared(expected - 1)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 1e300])
def test_special_values_stand_in_the_same_places(wrong: float) -> None:
    expected, compared = judge("log", torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64))
    assert compared(expected.clone()).ulp == 0
    for place in range(3):
        changed = expected.clone()
        changed[place] = wrong
        if not torch.equal(changed.nan_to_num(5.5), expected.nan_to_num(5.5)):
            with pytest.raises(Mismatch):
                compared(changed)


def test_integers_are_exact() -> None:
    expected, compared = judge("add", torch.tensor([2**62, 1]), torch.tensor([1, 1]))
    assert compared(expected.clone()).ulp == 0
    with pytest.raises(Mismatch, match="values differ"):
        compared(expected + torch.tensor([1, 0]))


def test_flat_is_told_from_steep() -> None:
    def oracle(entry: str, x: Any, *args: Any) -> Oracle:
        sample = Sample(0, "float64", freeze(x.requires_grad_()), args, {})
        return Oracle(torch_subject(), entries()[entry], sample, "function", 0)

    x = torch.tensor([0.3, 1.7], dtype=torch.float64)
    assert oracle("floor", x.clone()).is_flat("values")
    assert oracle("softmax", x[:1].clone(), 0).is_flat("values")
    assert not oracle("exp", x.clone()).is_flat("values")


def test_first_gradients_can_be_asked_for_after_the_second() -> None:
    """A variation of a budget serves the checks of several subjects in any order."""
    entry = entries()["pow"]
    sample = next(s for s in samples(entry, "float64", 0) if isinstance(s, Sample))
    late, early = (
        Oracle(torch_subject(), entry, sample, "function", 0).perturbed(1, 2.0**-20)
        for _ in range(2)
    )
    late.second_order()
    assert [g and g.values for g in late.gradients()] == [g and g.values for g in early.gradients()]


def test_a_formula_that_is_another_under_a_mode_is_measured_without_one() -> None:
    entry = entries()["masked.prod"]
    (sample,) = samples(entry, "complex128", 0, 35, 36)
    assert isinstance(sample, Sample)
    oracle = Oracle(torch_subject(), entry, sample, "function", 0)
    own, watched, moved = (
        [tensor_of(g) for g in side.second_gradients() if g is not None]
        for side in (oracle.expected, oracle.neighbour(0, watched=True), oracle.neighbour(1))
    )
    assert not all(map(torch.equal, own, watched))
    largest = max(float(g.abs().max()) for g in own)
    assert all(float((a - b).abs().max()) < 1e-13 * largest for a, b in zip(own, moved))
    assert max(oracle.spread("second_gradients", 0)) > 0


def test_another_way_under_a_mode_is_seen_where_both_come_to_the_same_at_the_inputs() -> None:
    """Two terms cancel to exactly 0 either way: at inputs off by a rounding torch's do not."""
    entry = entries()["masked.prod"]
    (sample,) = samples(entry, "complex64", 0, 34, 35)
    assert isinstance(sample, Sample)
    seed = sample_seed(0, Token("masked.prod", "complex64", 34, "second_order"))
    oracle = Oracle(torch_subject(), entry, sample, "function", seed)
    first = oracle.expected.second_gradients()[0]
    assert first is not None
    assert not any(first.values)
    assert 0 < max(oracle.spread("second_gradients", 0)) < 1e-5
