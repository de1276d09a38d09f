"""A case must agree with itself in every mode; a relation that torch does not keep is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from autograd_conformance.cases import Status
from autograd_conformance.execution import Bench, Chunk, Settings
from autograd_conformance.plan import Selection, make_plan
from autograd_conformance.subjects import SubjectSpec

Plant = Callable[..., str]
Run = Callable[..., list[Any]]
ENTRIES = (
    "exp",
    "mul",
    "softmax",
    "sort",
    "nn.functional.dropout",
    "masked_select",
    "linalg.det",
    "split",
    "cat",
    "index_put",
    "nn.functional.layer_norm",
    "nn.functional.linear_cross_entropy.chunked",
    "linalg.eig",
)


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("backend", ["numpy", "python"])
def test_backends_agree_with_themselves(entry: str, backend: str) -> None:
    bench = Bench(Settings((SubjectSpec("autograd_core", backend),)))
    chunk = Chunk(entry, "float64", ("metamorphic",), 0, 3)
    results = list(bench.run(chunk, lambda token, subject: None))
    assert results
    assert [
        (r.token.sample, r.outcome.message) for r in results if r.status is not Status.PASS
    ] == []


def _differing(mode: str) -> Callable[[Any], Any]:
    """An ``exp`` that is off by a little in one mode only."""

    def exp(x: Any) -> Any:
        off = {
            "no_grad": lambda: (
                not torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
            ),
            "inference_mode": torch.is_inference_mode_enabled,
            "anomaly_mode": torch.is_anomaly_enabled,
            "vmap": lambda: torch._C._functorch.is_batchedtensor(x),
        }[mode]()
        return torch.exp(x) * (1 + 1e-9) if off else torch.exp(x)

    return exp


@pytest.mark.parametrize("mode", ["no_grad", "inference_mode", "anomaly_mode", "vmap"])
def test_a_value_that_depends_on_a_mode_fails(mode: str, plant: Plant, run: Run) -> None:
    results = run(plant(exp=_differing(mode)), "exp", "metamorphic")
    messages = {r.outcome.message for r in results if r.status is Status.FAIL}
    assert messages == {f"{mode}: output 0: values differ"}


@pytest.mark.parametrize(("size", "status"), [(2.0**-52, Status.PASS), (1e-9, Status.FAIL)])
def test_what_has_no_bits_of_its_own_is_held_to_its_budget(
    size: float, status: Status, plant: Plant, run: Run
) -> None:
    """As torch's ``lstsq`` has none, which reads memory that nothing was written to."""
    calls: list[Any] = []

    def exp(x: Any) -> Any:
        calls.append(x)
        return torch.exp(x) * (1 + size * (-1) ** len(calls))

    results = run(plant(exp=exp), "exp", "metamorphic", samples=1)
    assert [r.status for r in results] == [status]


@pytest.mark.parametrize("mode", ["checkpoint", "saved_tensors_hooks"])
def test_a_gradient_that_depends_on_a_mode_fails(mode: str, plant: Plant, run: Run) -> None:
    calls: list[Any] = []

    class Exp(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            calls.append(x)
            ctx.calls, ctx.place = len(calls), x.data_ptr()
            ctx.save_for_backward(x)
            return torch.exp(x)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            again = {
                "checkpoint": len(calls) > ctx.calls,
                "saved_tensors_hooks": x.data_ptr() != ctx.place,
            }
            return grad * torch.exp(x) * (2 if again[mode] else 1)

    results = run(plant(exp=Exp.apply), "exp", "metamorphic", samples=1)
    assert [r.outcome.message for r in results] == [f"{mode}: gradient 0: values differ"]


def test_a_spelling_that_differs_from_the_other_fails(run: Run) -> None:
    from autograd_conformance.mutations.changes import method
    from autograd_conformance.mutations.planting import Attribute

    off = method(lambda right, x: right(x.add_(0.001)))
    wrong = Attribute("autograd_core:Tensor.exp_", off, "numpy")
    bench = Bench(Settings((wrong.subject,)))
    with wrong.planted():
        chunk = Chunk("exp", "float64", ("metamorphic",), 0, 1)
        (found,) = bench.run(chunk, lambda token, subject: None)
    assert found.status is Status.FAIL
    assert found.outcome.message == "in_place: output 0: values differ"


def test_what_torch_does_not_keep_is_no_relation(plant: Plant, run: Run) -> None:
    """``nonzero`` and the like are refused under ``vmap`` by torch as well."""
    assert {r.status for r in run(plant(), "masked_select", "metamorphic")} == {Status.PASS}
    assert {r.status for r in run(plant(), "nn.functional.dropout", "metamorphic")} == {Status.PASS}


@pytest.mark.parametrize(("tier", "asked"), [("smoke", False), ("core", True), ("full", True)])
def test_it_is_one_of_the_checks_of_core_and_full(tier: str, asked: bool) -> None:
    chunks = make_plan(Selection(tier, ops=("exp",), dtypes=("float64",)))
    assert ["metamorphic" in chunk.checks for chunk in chunks] == [asked]
