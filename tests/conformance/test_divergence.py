"""First divergence: bugs are planted, and the node that is named must be the planted one."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import autograd_core
from autograd_conformance import divergence
from autograd_conformance.cases import Token
from autograd_conformance.fuzzing.programs import Leaf, Program, Step
from autograd_conformance.subjects import Subject, SubjectSpec

Patch = pytest.MonkeyPatch
SUBJECT = SubjectSpec("autograd_core", "numpy")
X = Leaf("x", (3,), "float64", (0.5, -1.25, 2.0), True)


def chain(*texts: str) -> Program:
    """x, then each text applied to the result before, then a backward."""
    steps = [Step(text, ("x" if not k else "a",), ("a",)) for k, text in enumerate(texts)]
    return Program((X,), (*steps, Step("{0}.sum().backward()", ("a",))))


def found(program: Program) -> divergence.Divergence | None:
    subject = Subject(SUBJECT)
    expected = divergence.tapes_of_program(program, torch)
    with subject.activate():
        actual = divergence.tapes_of_program(program, subject.module)
    return divergence.first_divergence(expected, actual)


def plant_kernel(patch: Patch, name: str, change: Any) -> None:
    """Change the numbers that an op computes, behind the graph's back."""
    method = getattr(autograd_core.Tensor, name)

    def wrong(self: autograd_core.Tensor) -> autograd_core.Tensor:
        result = method(self)
        result.data.copy_(change(result.detach()))
        return result

    patch.setattr(autograd_core.Tensor, name, wrong)


def plant_formula(patch: Patch, node: str, change: Any) -> None:
    """Change what a node's backward gives."""
    from autograd_core.derivatives.op_node import OpNode

    apply = OpNode._run

    def wrong(self: Any, *args: Any) -> Any:
        made = apply(self, *args)
        if self.name() != node:
            return made
        return tuple(None if grad is None else change(grad) for grad in made)

    patch.setattr(OpNode, "_run", wrong)


def test_two_runs_that_agree_do_not_diverge() -> None:
    assert found(chain("{0}.exp()", "{0} * {0}", "{0}.sin()")) is None


@pytest.mark.parametrize(
    "kernel, node", [("sin", "SinBackward0"), ("exp", "ExpBackward0"), ("tanh", "TanhBackward0")]
)
def test_a_wrong_kernel_is_named(monkeypatch: Patch, kernel: str, node: str) -> None:
    program = chain("{0}.sin()", "{0}.exp()", "{0} * {0}", "{0}.tanh()", "{0} + 1")
    plant_kernel(monkeypatch, kernel, lambda result: result * 1.001)
    parted = found(program)
    assert parted is not None
    assert (parted.kind, parted.name, parted.position) == ("forward value", node, 1)


def test_the_second_node_of_a_name_is_told_from_the_first(monkeypatch: Patch) -> None:
    calls = []

    def second(result: Any) -> Any:
        calls.append(None)
        return result * 1.5 if len(calls) == 2 else result

    plant_kernel(monkeypatch, "sin", second)
    parted = found(chain("{0}.sin()", "{0}.exp()", "{0}.sin()", "{0}.exp()"))
    assert parted is not None
    assert (parted.kind, parted.name, parted.position) == ("forward value", "SinBackward0", 2)


@pytest.mark.parametrize("node", ["ExpBackward0", "SinBackward0", "TanhBackward0"])
def test_a_wrong_formula_is_named(monkeypatch: Patch, node: str) -> None:
    plant_formula(monkeypatch, node, lambda grad: -grad)
    parted = found(chain("{0}.sin()", "{0}.exp()", "{0} * {0}", "{0}.tanh()", "{0} + 1"))
    assert parted is not None
    assert (parted.kind, parted.name) == ("outgoing gradient", node)


def test_another_node_is_named(monkeypatch: Patch) -> None:
    monkeypatch.setattr(autograd_core.Tensor, "sin", lambda self: self.cos())
    parted = found(chain("{0}.exp()", "{0}.sin()", "{0}.exp()"))
    assert parted is not None
    assert (parted.kind, parted.name, parted.number) == ("graph", "SinBackward0", 2)


def test_a_case_is_told_by_its_token(monkeypatch: Patch) -> None:
    plant_formula(monkeypatch, "ExpBackward0", lambda grad: grad * 2)
    token = Token("logaddexp", "float64", 0, "gradients")
    assert divergence.divergence_of(token, Subject(SUBJECT), 0) is None  # it has no such node
    parted = divergence.divergence_of(Token("exp", "float64", 0, "gradients"), Subject(SUBJECT), 0)
    assert parted is not None
    assert (parted.kind, parted.name) == ("outgoing gradient", "ExpBackward0")


def test_a_scenario_is_told_by_its_token(monkeypatch: Patch) -> None:
    token = Token("scenario.views.regeneration.no_such", "any", 0, "scenario")
    with pytest.raises(ValueError, match="no scenario"):
        divergence.divergence_of(token, Subject(SUBJECT), 0)


def test_both_graphs_are_drawn(monkeypatch: Patch) -> None:
    plant_kernel(monkeypatch, "exp", lambda result: result * 2)
    parted = found(chain("{0}.sin()", "{0}.exp()"))
    assert parted is not None
    text = divergence.as_text(parted)
    assert "==> #2 ExpBackward0 -> #1" in text
    dot = divergence.as_dot(parted, "numpy")
    assert dot.count("t2 -> t1;") == dot.count("s2 -> s1;") == 1
    assert dot.count("fillcolor") == 2
    assert 'label="numpy"' in dot
    svg = divergence.as_svg(parted, "numpy")
    if shutil.which("dot") is None:
        assert svg is None
    else:
        assert svg is not None
        assert svg.startswith("<svg")
        assert "ExpBackward0" in svg


def test_without_the_program_there_is_the_text(monkeypatch: Patch) -> None:
    plant_kernel(monkeypatch, "exp", lambda result: result * 2)
    parted = found(chain("{0}.exp()"))
    assert parted is not None
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert divergence.as_svg(parted) is None
    assert "<pre>first divergence: forward value of ExpBackward0" in divergence.as_html(parted)
