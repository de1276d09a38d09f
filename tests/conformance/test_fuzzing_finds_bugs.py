"""The fuzzer finds a bug of each class within a bounded number of programs, and shrinks it."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("hypothesis")

import autograd_core
from autograd_conformance.fuzzing import batches, drawing
from autograd_conformance.fuzzing.campaign import Campaign
from autograd_conformance.fuzzing.interpreter import observe
from autograd_conformance.fuzzing.judging import Verdict
from autograd_conformance.fuzzing.programs import Program
from autograd_conformance.mutations.planting import Kernel
from autograd_conformance.scenarios.recording import Observation
from autograd_conformance.subjects import SubjectSpec
from autograd_core import Tensor
from autograd_core.derivatives import call
from autograd_core.engine import hook_calls
from autograd_core.engine.node import AccumulateGrad

Patch = pytest.MonkeyPatch
#: Programs within which each bug is found, and of a batch: hunts end with the one that does.
PROGRAMS, BATCH = 3000, 100
#: Steps of the largest shrunk program.
STEPS = 5
NUMPY = SubjectSpec("autograd_core", "numpy")


def nothing(*args: Any, **kwargs: Any) -> None:
    """Stand in for a step that is left out."""


def writes_are_not_counted(patch: Patch) -> None:
    patch.setattr(call, "bump_version", nothing)


def a_view_keeps_its_node(patch: Patch) -> None:
    patch.setattr(Tensor, "grad_fn", property(lambda self: self._grad_fn))


def hooks_are_dropped(patch: Patch) -> None:
    patch.setattr(hook_calls, "tensor_hooks", nothing)


def a_write_broadcasts_wrongly(patch: Patch) -> None:
    for name in ("add_", "sub_", "mul_", "div_"):
        patch.setattr(Tensor, name, _broadcasting_wrongly(getattr(Tensor, name)))


def _broadcasting_wrongly(write: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def wrong(self: Tensor, other: Any, **options: Any) -> Tensor:
        if isinstance(other, Tensor) and other.ndim and other.shape != self.shape:
            other = other.flatten()[:1]
        return write(self, other, **options)

    return wrong


def unused_inputs_have_zeros(patch: Patch) -> None:
    grad = autograd_core.autograd.grad

    def zeros(outputs: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        made = grad(outputs, inputs, *args, **kwargs)
        wanted = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        return tuple(autograd_core.zeros_like(w) if g is None else g for w, g in zip(wanted, made))

    patch.setattr(autograd_core.autograd, "grad", zeros)


def gradients_replace_instead_of_adding_up(patch: Patch) -> None:
    def replacing(accumulate: Callable[..., None]) -> Callable[..., None]:
        def replace(self: Any, *args: Any, **kwargs: Any) -> None:
            self.variable._grad = None
            accumulate(self, *args, **kwargs)

        return replace

    for way in ("accumulate_raw", "accumulate_tensor", "accumulate_recorded"):
        patch.setattr(AccumulateGrad, way, replacing(getattr(AccumulateGrad, way)))


BUGS = [
    writes_are_not_counted,
    a_view_keeps_its_node,
    hooks_are_dropped,
    a_write_broadcasts_wrongly,
    unused_inputs_have_zeros,
    gradients_replace_instead_of_adding_up,
]


def differs(finding: batches.Finding) -> bool:
    """Whether the program still differs."""
    bench = batches.Bench((NUMPY,))
    expected = observe(finding.program, bench.torch)
    verdict = bench.judge(finding.program, expected, bench.subjects[0]).verdict
    return verdict is Verdict.DIFFERENT


def hunted(patch: Patch, plant: Callable[[Patch], None]) -> batches.Finding | None:
    """The first finding that is of the planted bug: it is gone once the bug is."""
    patch.setattr(batches, "BATCH", BATCH)
    plan = batches.Plan((NUMPY,), programs=PROGRAMS, seed=1)
    ignored: frozenset[str] = frozenset()
    for number in range(PROGRAMS // BATCH):
        with patch.context() as planted:
            plant(planted)
            report = batches.run_batch(batches.Task(plan, number, ignored))
        assert not report.errors, report.errors
        for finding in report.findings:
            if not differs(finding):
                return finding
        ignored |= {finding.cause for finding in report.findings}
    return None


@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found_and_shrunk(
    monkeypatch: Patch, plant: Callable[[Patch], None]
) -> None:
    finding = hunted(monkeypatch, plant)
    assert finding is not None
    assert len(finding.program.steps) <= STEPS, str(finding.program)


@pytest.mark.parametrize("name", ["exp", "tanh", "sum"])
def test_a_kernel_that_is_off_by_a_little_is_seen(name: str) -> None:
    """A factor of 1 + 1e-12, in double precision, is no rounding."""
    bench = batches.Bench((NUMPY,))
    numbers = random.Random(0)

    def off(right: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args: right(*args) * (1 + 1e-12)

    def verdict(program: Program, observed: list[Observation]) -> Verdict:
        return bench.judge(program, observed, bench.subjects[0]).verdict

    for _ in range(PROGRAMS):
        leaves = [numbers.randbytes(5) for _ in range(3)]
        program = drawing.build(leaves, [numbers.randbytes(8) for _ in range(6)])
        if not any(f".{name}(" in step.text for step in program.steps):
            continue
        observed = observe(program, bench.torch)
        with Kernel("numpy", name, off).planted():
            wrong = verdict(program, observed)
        if (wrong, verdict(program, observed)) == (Verdict.DIFFERENT, Verdict.SAME):
            return
    pytest.fail("the factor was not seen")


WRONG = """import torch
__getattr__ = lambda name: getattr(torch, name)
"""


def test_a_stored_failure_is_replayed_first(monkeypatch: Patch, tmp_path: Path) -> None:
    subject = tmp_path / "wrong_until_mended.py"
    subject.write_text(WRONG + "lerp = torch.add\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    spec = SubjectSpec(subject.stem)
    plan = batches.Plan((spec,), programs=BATCH, seed=1, database=tmp_path / "database")
    first = list(Campaign(plan).run())
    again = list(Campaign(plan).run())
    assert [(number, bool(report.findings)) for number, report in first] == [
        (batches.STORED, False),
        (0, True),
    ]
    assert [(number, bool(report.findings)) for number, report in again] == [(batches.STORED, True)]
    subject.write_text(WRONG, encoding="utf-8")
    mended = list(Campaign(plan).run())
    assert not [finding for _, report in mended for finding in report.findings]
