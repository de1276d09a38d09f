"""Every bug planted into a mirror of torch is caught by the check whose question it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from autograd_conformance.cases import Status

Plant = Callable[..., str]
Run = Callable[..., list[Any]]
Overlay = Callable[..., Any]


_PLAIN = "structure of the result differs"
_CLONED = "node torch::autograd::AccumulateGrad(input 0) is CloneBackward0"
_SWAPPED = (
    "node torch::autograd::AccumulateGrad(input 0) is torch::autograd::AccumulateGrad(input 1)"
)


def messages(results: list[Any]) -> set[str]:
    """The causes of the failures, none of the results being anything but failed or passed."""
    assert results
    assert {r.status for r in results} <= {Status.FAIL, Status.PASS, Status.BLIND}
    return {r.outcome.message for r in results if r.status is Status.FAIL}


def first(change: Callable[[Any], Any]) -> Callable[[list[Any], list[Any]], list[Any]]:
    """Changes the first gradient of a list."""

    def changed(gradients: list[Any], inputs: list[Any]) -> list[Any]:
        return [change(gradients[0]), *gradients[1:]]

    return changed


@pytest.mark.parametrize(
    ("change", "entry", "cause"),
    [
        (lambda g: -g, "exp", "gradient 0: values differ"),
        (lambda g: g * (1 + 1e-12), "exp", "gradient 0: values differ"),
        (torch.ones_like, "exp", "gradient 0: values differ"),
        (lambda g: g.new_full(g.shape, float("nan")), "exp", "gradient 0: nan in other places"),
        (lambda g: None, "exp", "gradient 0: expected a tensor, got None"),
        (lambda g: g.float(), "exp", "gradient 0: dtype differs"),
        (torch.nan_to_num, "__rpow__", "gradient 0: nan in other places"),
        (lambda g: g.unsqueeze(0), "exp", "gradient 0: shape differs"),
    ],
)
def test_a_wrong_gradient_fails(
    change: Any, entry: str, cause: str, plant_gradients: Plant, run: Run
) -> None:
    subject = plant_gradients(first(change))
    assert messages(run(subject, entry, "gradients")) == {cause}


def test_a_dropped_broadcast_reduction_fails(plant_gradients: Plant, run: Run) -> None:
    def widen(gradients: list[Any], inputs: list[Any]) -> list[Any]:
        shape = torch.broadcast_shapes(*(g.shape for g in gradients))
        return [g.expand(shape) for g in gradients]

    found = messages(run(plant_gradients(widen), "mul", "gradients", samples=5))
    assert found == {"gradient 0: shape differs", "gradient 1: shape differs"}


def test_an_extra_gradient_fails(plant_gradients: Plant, run: Run) -> None:
    def fill(gradients: list[Any], inputs: list[Any]) -> list[Any]:
        pairs = zip(gradients, inputs, strict=True)
        return [torch.zeros_like(i) if g is None else g for g, i in pairs]

    found = messages(run(plant_gradients(fill), "nn.functional.hinge_embedding_loss", "gradients"))
    assert found == {"gradient 1: expected None, got a tensor"}


@pytest.mark.parametrize(
    ("name", "function", "check", "cause"),
    [
        ("exp", lambda x: torch.exp(x) * (1 + 1e-12), "values", "output 0: values differ"),
        ("exp", lambda x: torch.exp(x).float(), "values", "output 0: dtype differs"),
        ("exp", lambda x: (torch.exp(x),), "values", _PLAIN),
        ("exp", lambda x: torch.exp(x).detach(), "attributes", "output 0: requires_grad differs"),
        ("exp", torch.exp2, "graph", "node ExpBackward0 is Exp2Backward0"),
        ("dot", lambda x, y: torch.dot(y, x), "graph", _SWAPPED),
        ("dot", lambda x, y: torch.dot(x, y.detach()), "graph", "edges of DotBackward0 differ"),
        ("exp", lambda x: torch.exp(x.clone()), "graph", _CLONED),
        ("sort", lambda *a, **k: tuple(torch.sort(*a, **k)), "values", _PLAIN),
    ],
)
def test_a_wrong_output_fails(
    name: str, function: Any, check: str, cause: str, plant: Plant, run: Run
) -> None:
    found = messages(run(plant(**{name: function}), name, check))
    assert found == {cause}


def test_a_copy_instead_of_a_view_fails(plant: Plant, run: Run) -> None:
    def transpose(x: Any, *args: Any) -> Any:
        y = torch.transpose(x, *args)
        return torch.empty_strided(y.shape, y.stride(), dtype=y.dtype).copy_(y)

    subject = plant(transpose=transpose)
    values = run(subject, "transpose", "values")
    assert messages(values) == {"output 0: shares memory with other inputs"}
    assert "output 0: grad_fn differs" in messages(run(subject, "transpose", "attributes"))


def test_wrong_strides_fail(plant: Plant, run: Run) -> None:
    subject = plant(transpose=lambda x, *args: torch.transpose(x, *args).contiguous())
    assert "output 0: strides differ" in messages(run(subject, "transpose", "values", samples=8))


def test_a_graph_behind_the_tangent_is_not_enough(plant: Plant, overlay: Overlay, run: Run) -> None:
    def unpack(tensor: Any, **kwargs: Any) -> Any:
        found = torch.autograd.forward_ad.unpack_dual(tensor, **kwargs)
        return found._replace(tangent=-found.tangent)

    forward_ad = overlay(torch.autograd.forward_ad, unpack_dual=unpack)
    subject = plant(autograd=overlay(torch.autograd, forward_ad=forward_ad))
    assert messages(run(subject, "exp", "tangents")) == {"tangent 0: values differ"}


def test_a_gradient_that_cannot_be_differentiated_fails(plant: Plant, run: Run) -> None:
    class Exp(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.result = torch.exp(x)
            return ctx.result

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return (grad * ctx.result).detach()

    subject = plant(exp=Exp.apply)
    assert messages(run(subject, "exp", "gradients")) == set()
    found = messages(run(subject, "exp", "second_order"))
    assert found == {"requires_grad of the gradients differs"}


def test_a_wrong_second_order_gradient_fails(plant: Plant, run: Run) -> None:
    class Exp(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.exp(x)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad * torch.exp(x).detach() * (1 + 0 * x)

    subject = plant(exp=Exp.apply)
    assert messages(run(subject, "exp", "gradients")) == set()
    found = messages(run(subject, "exp", "second_order"))
    assert found == {"second-order gradient 0: values differ"}


def test_a_missing_version_bump_fails(plant: Plant, overlay: Overlay, run: Run) -> None:
    def leaky_relu(x: Any, *args: Any, inplace: bool = False, **kwargs: Any) -> Any:
        with torch.autograd._unsafe_preserve_version_counter(x):
            return torch.nn.functional.leaky_relu(x, *args, inplace=inplace, **kwargs)

    functional = overlay(torch.nn.functional, leaky_relu=leaky_relu)
    subject = plant(nn=overlay(torch.nn, functional=functional))
    found = messages(run(subject, "nn.functional.leaky_relu", "inplace"))
    assert found == {"output 0: version differs"}


def test_an_input_written_to_fails(plant: Plant, run: Run) -> None:
    def exp(x: Any) -> Any:
        result = torch.exp(x)
        x.detach().mul_(2)
        return result

    subject = plant(exp=exp)
    assert messages(run(subject, "exp", "values")) == {"input 0 after the call: values differ"}
    assert messages(run(subject, "exp", "attributes")) == {"versions of the inputs differ"}


def test_an_input_left_unwritten_fails(plant: Plant, overlay: Overlay, run: Run) -> None:
    def instance_norm(x: Any, **kwargs: Any) -> Any:
        for name in {"running_mean", "running_var"} & kwargs.keys():
            kwargs[name] = None if kwargs[name] is None else kwargs[name].clone()
        return torch.nn.functional.instance_norm(x, **kwargs)

    functional = overlay(torch.nn.functional, instance_norm=instance_norm)
    subject = plant(nn=overlay(torch.nn, functional=functional))
    entry = "nn.functional.instance_norm"
    assert "versions of the inputs differ" in messages(run(subject, entry, "attributes"))
    assert "input 1 after the call: values differ" in messages(run(subject, entry, "values"))


def test_wrong_error_text_and_type_are_told_apart(plant: Plant, run: Run) -> None:
    def refuse(kind: type[Exception]) -> Callable[..., Any]:
        def cat(*args: Any, **kwargs: Any) -> Any:
            raise kind("no")

        return cat

    found = run(plant(cat=refuse(RuntimeError)), "cat", "errors", dtype="any")
    by_text = [r for r in found if r.outcome.message == "message text differs"]
    assert by_text
    assert all(r.outcome.type_match and not r.outcome.text_match for r in by_text)
    found = run(plant(cat=refuse(LookupError)), "cat", "errors", dtype="any")
    assert found
    assert all(r.status is Status.FAIL and r.outcome.type_match is False for r in found)


def test_accepting_what_torch_refuses_fails(plant: Plant, run: Run) -> None:
    subject = plant(cat=lambda *args, **kwargs: torch.ones(1))
    assert messages(run(subject, "cat", "errors", dtype="any")) == {"accepts what torch refuses"}


def test_an_absent_op_is_missing_and_a_bug_inside_one_is_not(plant: Plant, run: Run) -> None:
    absent = run(plant(exp=None), "exp", "values", "gradients")
    assert {r.status for r in absent} == {Status.MISSING}

    def unwritten(x: Any) -> Any:
        raise NotImplementedError("backend lacks exp")

    assert {r.status for r in run(plant(exp=unwritten), "exp", "values")} == {Status.MISSING}

    broken = run(plant(exp=lambda x: x.no_such_method()), "exp", "values")
    assert {r.status for r in broken} == {Status.FAIL}


def test_a_lambda_of_opinfo_runs_on_the_subject(plant: Plant, run: Run) -> None:
    """`polygamma.polygamma_n_1` is a lambda with a closure over the database's module."""
    subject = plant(polygamma=lambda n, x: torch.polygamma(n, x) + 1)
    found = messages(run(subject, "polygamma.polygamma_n_1", "values"))
    assert found == {"output 0: values differ"}
    absent = run(plant(polygamma=None), "polygamma.polygamma_n_1", "values")
    assert {r.status for r in absent} == {Status.MISSING}


def test_a_tie_broken_the_wrong_way_fails(plant: Plant, run: Run) -> None:
    """relu'(0) = 1 is caught although rounding budgets grow near a kink."""
    from autograd_conformance.budgets import Oracle
    from autograd_conformance.cases import Mismatch
    from autograd_conformance.checks.gradients import check
    from autograd_conformance.execution import torch_subject
    from autograd_conformance.freezing import freeze
    from autograd_conformance.observation import Observation
    from autograd_conformance.opinfo_cases import Sample, entries
    from autograd_conformance.subjects import Subject, SubjectSpec

    def amax(x: Any, dim: int) -> Any:
        return torch.max(x, dim).values  # gives one of the tied elements everything

    tied = torch.tensor([2.0, 2.0, 1.0], dtype=torch.float64, requires_grad=True)
    sample = Sample(0, "float64", freeze(tied), (0,), {})
    entry = entries()["amax"]
    actual = Observation(Subject(SubjectSpec(plant(amax=amax))), entry, sample, "function", 0)
    with pytest.raises(Mismatch, match="gradient 0: values differ"):
        check(Oracle(torch_subject(), entry, sample, "function", 0), actual)
