"""What is recorded with torch judges as torch does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from autograd_conformance.cases import ANY_DTYPE, CHECKS, SMOKE_CHECKS, Status
from autograd_conformance.command_line import main
from autograd_conformance.execution import Bench, Chunk, Settings
from autograd_conformance.goldens import opened
from autograd_conformance.goldens.comparing import diff
from autograd_conformance.goldens.recording import record
from autograd_conformance.mutations import mutations
from autograd_conformance.mutations.scoring import Fate, score
from autograd_conformance.plan import Selection, left_out, make_plan
from autograd_conformance.subjects import SubjectSpec

#: Of each kind: own spellings, seeded and processed ones, forms, error inputs, NaN, no gradient.
OPS = (
    "exp,floor,einsum,nn.functional.elu,linalg.eigh,gather,__rpow__,normal.number_mean,T,"
    "scenario.views.views_share_versions"
)
Plant = Callable[..., str]


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("goldens") / "recorded.zip"
    options = ["--ops", OPS, "--samples", "3", "--jobs", "1", "--out", str(path)]
    assert main(["goldens", "record", *options]) == 0
    return path


def run(recorded: Path, module: str, entry: str, *checks: str, dtype: str = "float64") -> list[Any]:
    bench = Bench(Settings((SubjectSpec(module),), oracle=f"goldens:{recorded}"))
    chunk = Chunk(entry, dtype, checks, 0, None if dtype == ANY_DTYPE else 3)
    return list(bench.run(chunk, lambda token, subject: None))


@pytest.mark.parametrize("dtype", ["float64", "float32", "complex128", ANY_DTYPE])
def test_torch_agrees_with_its_own_answers(recorded: Path, dtype: str, plant: Plant) -> None:
    held = opened(f"goldens:{recorded}")
    kind = "errors" if dtype == ANY_DTYPE else dtype
    found = [name for name in held.entries() if held.held(name, kind)]
    assert found
    module = plant()
    for name in found:
        results = run(recorded, module, name, *SMOKE_CHECKS, dtype=dtype)
        assert results
        good = {Status.PASS, Status.BLIND, Status.ORACLE_ERROR}
        bad = [r for r in results if r.status not in good]
        assert not bad, [(str(r.token), r.outcome) for r in bad]


def test_verdicts_are_those_of_torch(recorded: Path, plant: Plant) -> None:
    module = plant()
    for name in ("floor", "exp", "__rpow__", "normal.number_mean"):
        chunk = Chunk(name, "float64", SMOKE_CHECKS, 0, 3)
        live = Bench(Settings((SubjectSpec(module),))).run(chunk, lambda token, subject: None)
        expected = [(r.token, r.status, r.outcome.message, r.outcome.reason) for r in live]
        found = run(recorded, module, name, *SMOKE_CHECKS)
        assert [(r.token, r.status, r.outcome.message, r.outcome.reason) for r in found] == expected


def first(change: Callable[[Any], Any]) -> Callable[[list[Any], list[Any]], list[Any]]:
    return lambda gradients, inputs: [change(gradients[0]), *gradients[1:]]


@pytest.mark.parametrize(
    ("change", "entry", "cause"),
    [
        (lambda g: -g, "exp", "gradient 0: values differ"),
        (lambda g: g * (1 + 1e-12), "exp", "gradient 0: values differ"),
        (torch.ones_like, "exp", "gradient 0: values differ"),
        (lambda g: None, "exp", "gradient 0: expected a tensor, got None"),
        (lambda g: g.float(), "exp", "gradient 0: dtype differs"),
        (torch.nan_to_num, "__rpow__", "gradient 0: nan in other places"),
        (lambda g: g.unsqueeze(0), "exp", "gradient 0: shape differs"),
        (lambda g: g + 1, "floor", "gradient 0: values differ"),
    ],
)
def test_a_wrong_gradient_fails(
    recorded: Path, change: Any, entry: str, cause: str, plant_gradients: Plant
) -> None:
    results = run(recorded, plant_gradients(first(change)), entry, "gradients")
    assert {r.outcome.message for r in results if r.status is Status.FAIL} == {cause}


@pytest.mark.parametrize(
    ("name", "function", "check", "cause"),
    [
        ("exp", lambda x: torch.exp(x) * (1 + 1e-12), "values", "output 0: values differ"),
        ("exp", lambda x: (torch.exp(x),), "values", "structure of the result differs"),
        ("exp", torch.exp2, "graph", "node ExpBackward0 is Exp2Backward0"),
        (
            "exp",
            lambda x: torch.exp(x).detach(),
            "attributes",
            "output 0: requires_grad differs",
        ),
    ],
)
def test_a_wrong_output_fails(
    recorded: Path, name: str, function: Any, check: str, cause: str, plant: Plant
) -> None:
    results = run(recorded, plant(**{name: function}), name, check)
    assert {r.outcome.message for r in results if r.status is Status.FAIL} == {cause}


def test_a_wrong_text_fails(recorded: Path, plant: Plant) -> None:
    def gather(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("no")

    results = run(recorded, plant(gather=gather), "gather", "errors", dtype=ANY_DTYPE)
    assert {r.outcome.message for r in results} == {"message text differs"}


def test_a_bug_in_a_backend_is_caught_with_both_oracles(recorded: Path) -> None:
    for oracle in ("torch", f"goldens:{recorded}"):
        assert score(mutations()["exp-factor-forgotten"], oracle).fate is Fate.CAUGHT


def test_what_is_not_held_is_not_run(recorded: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"

    def execute(ops: str, *options: str) -> tuple[int, dict[str, Any]]:
        oracle = ["--oracle", f"goldens:{recorded}", "--backend", "numpy", "--jobs", "1"]
        code = main(["run", *oracle, "--ops", ops, "--json", str(report), *options])
        return code, json.loads(report.read_text())["subjects"]["numpy"]["counts"]

    only = ("--dtype", "float64", "--check", "values")
    code, counts = execute("sin", *only)
    assert (code, counts) == (2, {"not_run": 1})
    code, counts = execute("exp,sin", *only, "--samples", "3")
    assert (code, counts) == (0, {"pass": 3, "not_run": 1})
    code, counts = execute("exp", *only, "--samples", "5")
    assert counts.get("not_run", 0) == (0 if counts["pass"] == 3 else 1)
    code, counts = execute("scenario.views.views_*")
    assert code == 0
    assert counts["pass"] == 1
    assert counts["not_run"] > 1


def test_a_file_says_which_checks_it_leaves_out(tmp_path: Path) -> None:
    path = tmp_path / "values.zip"
    some = ["--ops", "exp", "--dtype", "float64", "--samples", "1", "--jobs", "1"]
    assert main(["goldens", "record", *some, "--check", "values", "--out", str(path)]) == 0
    oracle = f"goldens:{path}"
    left = left_out(Selection(), oracle)
    assert left == tuple(check for check in CHECKS if check != "values")
    selection = Selection(ops=("exp",), dtypes=("float64",), samples=1)
    (chunk,) = make_plan(selection, oracle)
    assert chunk.checks == ("values",)
    (named,) = make_plan(replace(selection, checks=("saved", "warnings", "generator")), oracle)
    bench = Bench(Settings((SubjectSpec("torch"),), oracle=oracle))
    results = list(bench.run(named, lambda *_: None))
    assert [result.token.check for result in results] == ["saved", "warnings", "generator"]
    assert {result.status for result in results} == {Status.NOT_RUN}
    assert all("the goldens hold no" in result.outcome.message for result in results)
    with pytest.raises(ValueError, match="or of other checks"):
        record([], path, 0, 1, print)


def test_another_seed_is_refused(recorded: Path) -> None:
    with pytest.raises(ValueError, match="of seed 0"):
        Bench(Settings((SubjectSpec("torch"),), seed=1, oracle=f"goldens:{recorded}"))


def test_a_file_verifies_and_differs_from_another(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [
        "--ops",
        "exp,gather,scenario.views.views_share_versions",
        "--samples",
        "3",
        "--jobs",
        "1",
    ]
    assert main(["goldens", "verify", str(recorded), *options]) == 0
    assert " 0 differences" in capsys.readouterr().out
    other = tmp_path / "other.zip"
    fewer = ["--ops", "exp", "--samples", "2", "--jobs", "1", "--out", str(other)]
    assert main(["goldens", "record", *fewer]) == 0
    assert main(["goldens", "diff", str(recorded), str(recorded)]) == 0
    assert main(["goldens", "diff", str(recorded), str(other)]) == 1
    lines = list(diff(opened(f"goldens:{recorded}"), opened(f"goldens:{other}")))
    assert "cases/gather/float64: only in the first" in lines
    assert not [line for line in lines if line.startswith("exp")]


def test_a_changed_answer_is_named(recorded: Path) -> None:
    old, new = (opened(f"goldens:{recorded}") for _ in range(2))
    read = new.archive.read_json

    def changed(name: str) -> Any:
        found = read(name)
        if name == "cases/exp/float64.json":
            graph = found["samples"][0]["forms"]["function"]["graph"]["is"]
            graph["nodes"][0][0] = "NewBackward0"
        return found

    new.archive.read_json = changed  # type: ignore[method-assign]
    (line,) = diff(old, new)
    assert line.startswith("exp|float64|0|function: graph was")
    assert "NewBackward0" in line


def test_commands_answer_without_torch(
    recorded: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    oracle = ["--oracle", f"goldens:{recorded}"]
    assert main(["list", "--ops", "exp", *oracle]) == 0
    assert main(["replay", "exp|float64|0|values", "--backend", "numpy", *oracle]) == 0
    assert main(["explain", "exp|float64|0|gradients", "--backend", "numpy", *oracle]) == 0
    assert "torch.exp(t0)" in capsys.readouterr().out
