"""Torch as the subject of its own comparison passes, and what carries no information is blind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from autograd_conformance.cases import ANY_DTYPE, CHECKS, Status

Run = Callable[..., list[Any]]

SPREAD = (
    "add", "abs", "pow", "__rsub__", "where", "sum", "std", "cumprod", "amax", "cat", "split",
    "expand", "as_strided", "index_put", "__getitem__", "gather", "sort", "mm", "einsum",
    "softmax", "nn.functional.gelu", "nn.functional.dropout", "nn.functional.conv2d",
    "nn.functional.mse_loss", "fft.rfft", "linalg.svd", "linalg.slogdet", "special.i1",
    "masked.mean", "polygamma.polygamma_n_2", "slice", "addmm", "bernoulli", "normal",
)  # fmt: skip


@pytest.mark.parametrize("dtype", ["float64", "complex128", "float32", "bfloat16", "int64"])
@pytest.mark.parametrize("entry", SPREAD)
def test_the_mirror_of_torch_passes(
    entry: str, dtype: str, plant: Callable[..., str], run: Run
) -> None:
    results = run(plant(), entry, *CHECKS, dtype=dtype, samples=3)
    bad = [r for r in results if r.status not in (Status.PASS, Status.BLIND)]
    assert not bad, [(str(r.token), r.outcome) for r in bad]
    from autograd_conformance.opinfo_cases import entries

    assert bool(results) == (dtype in entries()[entry].dtypes)


@pytest.mark.parametrize("entry", ["cat", "gather", "mean", "linalg.cross"])
def test_error_inputs_of_the_mirror_pass(entry: str, plant: Callable[..., str], run: Run) -> None:
    results = run(plant(), entry, "errors", dtype=ANY_DTYPE)
    assert results
    assert all(r.outcome.type_match and r.outcome.text_match for r in results)


def test_a_zero_gradient_is_blind_and_explained(plant: Callable[..., str], run: Run) -> None:
    results = run(plant(), "floor", *CHECKS)
    by_check = {r.token.check: r for r in results}
    assert by_check["values"].status is Status.PASS
    assert by_check["gradients"].status is Status.BLIND
    assert "does not move" in by_check["gradients"].outcome.reason


def test_a_wrong_gradient_of_zero_still_fails(
    plant_gradients: Callable[..., str], run: Run
) -> None:
    subject = plant_gradients(lambda gradients, inputs: [g + 1 for g in gradients])
    assert {r.status for r in run(subject, "floor", "gradients")} == {Status.FAIL}


def test_a_declared_zero_gradient_is_explained_by_the_data_file(
    plant: Callable[..., str], run: Run
) -> None:
    results = run(plant(), "normal", "gradients", samples=1)
    assert [r.status for r in results] == [Status.BLIND]
    assert "random draw" in results[0].outcome.reason


def test_cotangents_are_signed_not_uniform_and_repeatable() -> None:
    from autograd_conformance.execution import torch_subject
    from autograd_conformance.observation import Observation
    from autograd_conformance.opinfo_cases import Sample, entries

    def draw(kind: str, seed: int) -> Any:
        sample = Sample(0, "float64", None, (), {})
        observation = Observation(torch_subject(), entries()["exp"], sample, "function", seed)
        return observation.cotangent(kind, 0, torch.empty(50, dtype=torch.float64))

    first = draw("first", 1)
    assert (first > 0).any()
    assert (first < 0).any()
    assert first.abs().unique().numel() > 40
    assert torch.equal(first, draw("first", 1))
    assert not torch.equal(first, draw("other", 1))
    assert not torch.equal(first, draw("first", 2))


def test_samples_do_not_depend_on_what_else_runs() -> None:
    from autograd_conformance.opinfo_cases import entries, samples

    entry = entries()["index_select"]
    torch.manual_seed(5)
    all_of_them = list(samples(entry, "float64", 0))
    torch.rand(7)
    (second,) = samples(entry, "float64", 0, 1, 2)
    expected: Any = all_of_them[1]
    got: Any = second
    assert got.input.storage.values.values == expected.input.storage.values.values
    (other,) = samples(entry, "float64", 1, 1, 2)
    reseeded: Any = other
    assert reseeded.input.storage.values.values != expected.input.storage.values.values


def test_the_database_has_547_differentiable_entries() -> None:
    from autograd_conformance.families import OTHER, family_of
    from autograd_conformance.opinfo_cases import entries
    from autograd_conformance.report import ENTRIES

    assert len(entries()) == ENTRIES == 547
    assert not [name for name in entries() if family_of(name) == OTHER]
