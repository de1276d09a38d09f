"""Scenario programs: what the recorder takes down, what is told apart, and how they run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from autograd_conformance import scenarios
from autograd_conformance.cases import Mismatch, Status
from autograd_conformance.checks.scenario import compare
from autograd_conformance.command_line import main
from autograd_conformance.execution import Bench, Chunk, Settings, run_scenario
from autograd_conformance.scenarios.recording import Observation, Program, Recorder, observe
from autograd_conformance.subjects import Subject, SubjectSpec

Plant = Callable[..., str]


def ran(program: Callable[[Any, Recorder], None], subject: str = "torch") -> Any:
    """The outcome of a program written in a test on a module."""
    wrapped = Program("scenario.test.it", "test", program)
    return run_scenario(wrapped, observe(wrapped, torch), Subject(SubjectSpec(subject)))


def hooks(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    x.register_hook(lambda grad: record("hook", grad))
    y = (x * 3).exp()
    record.graph("graph", y)
    y.sum().backward()
    record("grad", x.grad)
    with record.raises("again"):
        y.sum().backward()


def test_a_program_agrees_with_itself() -> None:
    assert ran(hooks).status is Status.PASS


def test_the_recorder_takes_down_what_was_seen_when_it_was_seen() -> None:
    def program(torch: Any, record: Recorder) -> None:
        x = torch.zeros(2)
        record("before", x)
        x.add_(1)
        record("after", x)

    before, after, warned = observe(Program("p", "a", program), torch)
    assert (before.value.values, before.value.version) == ((0.0, 0.0), 0)
    assert (after.value.values, after.value.version) == ((1.0, 1.0), 1)
    assert warned == Observation("warnings", [])


def test_a_program_that_records_nothing_fails() -> None:
    outcome = ran(lambda torch, record: None)
    assert (outcome.status, outcome.message) == (Status.FAIL, "the scenario records nothing")


def test_warnings_are_recorded_with_category_and_text() -> None:
    def program(torch: Any, record: Recorder) -> None:
        (torch.ones(2, requires_grad=True) * 2).grad  # noqa: B018

    (warned,) = observe(Program("p", "a", program), torch)
    ((category, text),) = warned.value
    assert category == "UserWarning"
    assert "not a leaf Tensor is being accessed" in text


TENSOR = torch.tensor([1.0, 2.0, -3.0])


def _observed(value: Any) -> list[Observation]:
    recorder = Recorder(torch)
    recorder("it", value)
    return recorder.observations


@pytest.mark.parametrize(
    ("value", "other", "message"),
    [
        (TENSOR, TENSOR.double(), "'it': dtype differs"),
        (TENSOR, TENSOR.reshape(3, 1), "'it': shape differs"),
        (TENSOR, torch.tensor([1.0, 9, 2, 9, -3, 9])[::2], "'it': strides differs"),
        (TENSOR, TENSOR.clone().requires_grad_(), "'it': requires_grad differs"),
        (TENSOR, TENSOR * (1 + 1e-5), "'it': values differ"),
        (TENSOR, TENSOR.clone().mul_(1), "'it': version differs"),
        (TENSOR, torch.nn.Parameter(TENSOR, requires_grad=False), "'it': type differs"),
        (TENSOR, None, "'it': kind differs"),
        (1, True, "'it': kind differs"),
        ([1, 2], [1], "'it': length differs"),
        ((1, 2), [1, 2], "'it': differs"),
        ({"a": 1}, {"b": 1}, "'it': differs"),
        ("text", "other", "'it': differs"),
        (1.0, 1.0 + 1e-12, "'it': number differs"),
        (float("nan"), 0.0, "'it': number differs"),
        (ValueError("a"), ValueError("b"), "'it': differs"),
        (ValueError("a"), TypeError("a"), "'it': differs"),
        (torch.float32, torch.float64, "'it': differs"),
    ],
)
def test_every_kind_of_difference_is_told(value: Any, other: Any, message: str) -> None:
    assert compare(_observed(value), _observed(value)).status is Status.PASS
    with pytest.raises(Mismatch) as caught:
        compare(_observed(value), _observed(other))
    assert caught.value.message == message


def test_a_missing_observation_is_told() -> None:
    with pytest.raises(Mismatch, match="number of observations differs"):
        compare([Observation("a", 1), Observation("b", 1)], [Observation("a", 1)])
    with pytest.raises(Mismatch, match="the programs part at 'a'"):
        compare([Observation("a", 1)], [Observation("b", 1)])


def test_rounding_is_allowed_and_no_more() -> None:
    near = torch.nextafter(TENSOR, torch.full((3,), 9.0))
    assert compare(_observed(TENSOR), _observed(near)).status is Status.PASS


def test_rounding_is_allowed_beside_nan() -> None:
    part = torch.tensor([3.0], dtype=torch.float64)
    near = torch.nextafter(part, 2 * part)
    nan = torch.full_like(part, float("nan"))
    one, other = _observed(torch.complex(nan, part)), _observed(torch.complex(nan, near))
    assert compare(one, other).status is Status.PASS
    with pytest.raises(Mismatch, match="values differ"):
        compare(one, _observed(torch.complex(nan, 2 * part)))


def test_addresses_are_not_compared() -> None:
    first, second = torch.ones(1, requires_grad=True).exp(), torch.ones(1, requires_grad=True).exp()
    ours, theirs = _observed(repr(first.grad_fn)), _observed(repr(second.grad_fn))
    assert compare(ours, theirs).status is Status.PASS


def test_a_planted_bug_is_named_by_its_label(plant: Plant) -> None:
    subject = plant(exp=lambda x: torch.exp(x) * 1.001)

    def program(torch: Any, record: Recorder) -> None:
        record("sine", torch.sin(torch.ones(2)))
        record("exponential", torch.exp(torch.ones(2)))

    outcome = ran(program, subject)
    assert (outcome.status, outcome.message) == (Status.FAIL, "'exponential': values differ")


def test_a_program_leaves_defaults_as_they_were() -> None:
    def program(torch: Any, record: Recorder) -> None:
        torch.set_default_dtype(torch.float64)
        record("default", torch.ones(1))

    observe(Program("p", "a", program), torch)
    assert torch.get_default_dtype() is torch.float32


def test_a_program_that_torch_does_not_run_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def program(torch: Any, record: Recorder) -> None:
        raise KeyError("wrong")

    wrong = Program("scenario.test.wrong", "test", program)
    monkeypatch.setattr(scenarios, "programs", lambda: {wrong.name: wrong})
    bench = Bench(Settings((SubjectSpec("torch"),)))
    (result,) = bench.run(Chunk(wrong.name, "any", ("scenario",)), lambda *_: None)
    assert result.status is Status.FAIL
    assert result.outcome.message == "the scenario fails on torch: KeyError: 'wrong'"


def test_names_and_areas_are_unique_and_found() -> None:
    found = scenarios.programs()
    assert {program.area for program in found.values()} == set(scenarios.areas())
    printing = scenarios.matching(["scenario.printing.*"])
    assert printing
    assert all(program.name.startswith("scenario.printing.") for program in printing)
    assert scenarios.matching([]) == list(found.values())


def test_the_commands_know_scenarios(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    name = "scenario.printing.leaves_print_requires_grad"
    assert main(["list", "--ops", name]) == 0
    assert capsys.readouterr().out == f"{name}\n0 entries, 1 scenarios\n"
    token = f"{name}|any|0|scenario"
    assert main(["replay", token, "--subject", "torch"]) == 0
    assert "tensor([1.0000, 2.5000], requires_grad=True)" in capsys.readouterr().out
    assert main(["explain", token, "--subject", "torch"]) == 0
    script = capsys.readouterr().out
    exec(compile(script, "script", "exec"), {})
    assert "leaf: tensor([1.0000, 2.5000], requires_grad=True)" in capsys.readouterr().out
    report = tmp_path / "report.json"
    options = ["--subject", "torch", "--jobs", "1", "--json", str(report), "--ops", name]
    assert main(["run", *options]) == 0
    subjects = json.loads(report.read_text())["subjects"]
    assert [subject["scenarios_passing"] for subject in subjects.values()] == [1]
