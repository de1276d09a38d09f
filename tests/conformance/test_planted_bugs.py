"""The kit sees every bug of its list, and tells a missing op from a broken one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from autograd_conformance import scenarios
from autograd_conformance.cases import Status
from autograd_conformance.chunks import Chunk
from autograd_conformance.command_line import main
from autograd_conformance.mutations import groups, mutations, scoring
from autograd_conformance.mutations.mutation import Mutation
from autograd_conformance.mutations.page import render
from autograd_conformance.mutations.planting import Attribute, Formula, Kernel
from autograd_conformance.mutations.scoring import Fate, score
from autograd_conformance.plan import Selection, make_plan

Plant = Callable[..., str]
Run = Callable[..., list[Any]]
DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("mutation", mutations().values(), ids=mutations())
def test_a_planted_bug_is_seen_where_it_should(mutation: Mutation) -> None:
    verdict = score(mutation)
    assert verdict.fate is Fate.CAUGHT, f"{verdict.fate} by {verdict.token}: {verdict.message}"


def test_every_area_of_scenarios_sees_a_bug() -> None:
    cases = [case for mutation in mutations().values() for case in mutation.cases]
    seeing = {case.split(".")[1] for case in cases if case.startswith(scenarios.PREFIX)}
    assert seeing == set(scenarios.areas())


def test_there_are_enough_of_each_kind() -> None:
    assert len(mutations()) >= 100
    assert all(len(members) >= 30 for members in groups().values())
    assert {m.plant.subject.label for m in mutations().values()} >= {"numpy", "python"}


def test_the_page_is_current() -> None:
    assert (DOCS / "mutations.md").read_text("utf-8") == render()


@pytest.mark.parametrize(
    "plant",
    [
        Attribute("autograd_core.engine.node:NoSuchNode.apply_raw", lambda right: right),
        Attribute("autograd_core.no_such_module:name", lambda right: right),
        Formula("NoSuchBackward0", "self", lambda formula, at: None),
        Formula("MulBackward0", "nobody", lambda formula, at: None),
    ],
)
def test_a_bug_in_a_place_that_is_gone_is_an_error(plant: Any) -> None:
    with pytest.raises(LookupError, match="nothing can be planted at"):
        score(Mutation("gone", "It is nowhere.", plant, ("exp|float64|values",)))


def test_what_is_no_bug_survives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its own cases nor the others that are tried then, here but a few, see it."""
    tried: list[Chunk] = []

    def few(selection: Selection, oracle: str) -> list[Chunk]:
        tried.extend(make_plan(replace(selection, ops=("exp", "mul"), samples=2), oracle))
        return tried

    monkeypatch.setattr(scoring, "make_plan", few)
    harmless = Kernel("numpy", "exp", lambda right: lambda input: right(input))
    assert score(Mutation("no-bug", "It is right.", harmless, ("exp|float64|values",))).fate is (
        Fate.SURVIVED
    )
    assert len(tried) > 6


def test_a_bug_seen_for_another_cause_is_told() -> None:
    wrong = Kernel("numpy", "exp", lambda right: lambda input: right(input) + 1)
    cases, causes = ("exp|float64|values",), ("output 0: dtype differs",)
    assert score(Mutation("other", "It is off by 1.", wrong, cases, causes)).fate is Fate.MISNAMED


def test_a_bug_is_gone_afterwards(run: Run) -> None:
    for name in ("exp-factor-forgotten", "numpy-exp-off", "mul-second-order-term"):
        assert score(mutations()[name]).fate is Fate.CAUGHT
    from autograd_conformance.execution import Bench, Chunk, Settings
    from autograd_conformance.subjects import SubjectSpec

    bench = Bench(Settings((SubjectSpec("autograd_core", "numpy"),)))
    for entry in ("exp", "mul"):
        chunk = Chunk(entry, "float64", ("values", "gradients", "second_order"), 0, 4)
        results = list(bench.run(chunk, lambda token, subject: None))
        assert {r.status for r in results} <= {Status.PASS, Status.BLIND}


def test_threads_that_were_seen_do_not_hide_a_bug() -> None:
    """Once several have recorded, runs are counted ones, which this bug is not in."""
    import autograd_core

    def record() -> None:
        autograd_core.ones(2, requires_grad=True).exp()

    for _ in range(2):
        thread = Thread(target=record)
        thread.start()
        thread.join()
    assert autograd_core.engine.modes.threads.record
    verdict = score(mutations()["captured-sums-are-not-counted"])
    assert (verdict.fate, verdict.message) == (Fate.CAUGHT, "'grad': version differs")
    assert autograd_core.engine.modes.threads.record


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_command_prints_the_score(jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", "--only", "numpy-exp-off,cos-sign", "--jobs", jobs]) == 0
    assert "mutation score 100.0%: 2 of 2 seen (2 caught)" in capsys.readouterr().out
    assert main(["mutate", "--only", "no-such-bug", "--jobs", jobs]) == 2


def test_the_command_fails_below_100(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(mutation: Mutation, oracle: str) -> scoring.Verdict:
        return scoring.Verdict(mutation.name, Fate.SURVIVED)

    monkeypatch.setattr(scoring, "score", blind)
    assert main(["mutate", "--only", "cos-sign", "--jobs", "1"]) == 1
    out = capsys.readouterr().out
    assert "cos-sign: survived" in out
    assert "mutation score 0.0%" in out


def test_an_absent_op_is_missing_and_a_bug_inside_one_is_not(plant: Plant, run: Run) -> None:
    absent = run(plant(exp=None), "exp", "values", "gradients")
    assert {r.status for r in absent} == {Status.MISSING}

    def unwritten(x: Any) -> Any:
        raise NotImplementedError("backend lacks exp")

    assert {r.status for r in run(plant(exp=unwritten), "exp", "values")} == {Status.MISSING}

    broken = run(plant(exp=lambda x: x.no_such_method()), "exp", "values")
    assert {r.status for r in broken} == {Status.FAIL}


def test_an_absent_op_behind_a_lambda_of_opinfo_is_missing(plant: Plant, run: Run) -> None:
    """`polygamma.polygamma_n_1` is a lambda with a closure over the database's module."""
    absent = run(plant(polygamma=None), "polygamma.polygamma_n_1", "values")
    assert {r.status for r in absent} == {Status.MISSING}


def test_an_error_of_the_right_type_is_told_from_its_text(plant: Plant, run: Run) -> None:
    def cat(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("no")

    found = run(plant(cat=cat), "cat", "errors", dtype="any")
    by_text = [r for r in found if r.outcome.message == "message text differs"]
    assert by_text
    assert all(r.outcome.type_match and not r.outcome.text_match for r in by_text)


def test_a_tie_broken_the_wrong_way_fails_within_the_budgets(plant: Plant) -> None:
    """Rounding budgets grow near a kink, and do not hide what is wrong there."""
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
