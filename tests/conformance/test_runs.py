"""The run as a whole: exit codes, known differences, lost workers, reports, commands, plug-in."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

torch = pytest.importorskip("torch")

from autograd_conformance import known_differences, progress, runner
from autograd_conformance.cases import Outcome, Result, Status, Token, chosen
from autograd_conformance.chunks import Chunk, Ledger
from autograd_conformance.command_line import main
from autograd_conformance.opinfo_cases import Entry
from autograd_conformance.report import Report
from autograd_conformance.runner import Finished
from autograd_conformance.subjects import SubjectSpec

MIRROR = """
import sys, types
import torch
sys.modules[__name__].__dict__.update(
    {n: getattr(torch, n) for n in dir(torch) if not n.startswith("__")}
)
"""

Module = Callable[..., str]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Module:
    """Writes an importable mirror of torch, with source text appended; returns its name."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in sys.path if p))
    monkeypatch.chdir(tmp_path)

    def write(extra: str = "") -> str:
        name = f"mirror_{abs(hash(extra))}"
        (tmp_path / f"{name}.py").write_text(MIRROR + extra)
        return name

    return write


def run(module: str, *options: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of a run in one worker."""
    path = Path("report.json")
    code = main(["run", "--subject", module, "--jobs", "1", "--json", str(path), *options])
    return code, json.loads(path.read_text())


def test_a_clean_run_exits_zero_and_reports(module: Module) -> None:
    name = module()
    code, report = run(name, "--ops", "exp,softmax", "--dtype", "float64", "--samples", "2")
    assert code == 0
    assert report["schema"] == "autograd-conformance-report/2"
    subject = report["subjects"][name]
    assert subject["entries_passing"] == {"float64": 3}
    assert subject["entries_of"] == 547
    assert {row["family"] for row in subject["entries"]} == {"pointwise", "normalization"}
    assert subject["counts"]["pass"] > 20


def test_a_failure_exits_one_and_names_its_token(module: Module) -> None:
    name = module("exp = lambda x: torch.exp(x) + 1\n")
    code, report = run(name, "--ops", "exp", "--dtype", "float64", "--check", "values")
    assert code == 1
    tokens = [row["token"] for row in report["notable"] if row["status"] == "fail"]
    assert tokens == ["exp|float64|0|values", "exp|float64|2|values"]
    (entry,) = report["subjects"][name]["entries"]
    assert entry["checks"] == {"values": {"fail": "0,2", "pass": "1"}}


@pytest.mark.parametrize(
    "options",
    [("--ops", "no_such_op"), ("--ops", "exp", "--samples", "0"), ("--ops", "exp", "--dtype", "x")],
)
def test_no_case_run_exits_two(module: Module, options: tuple[str, ...]) -> None:
    name = module()
    try:
        code, _ = run(name, *options)
    except FileNotFoundError:  # refused before anything ran
        code = 2
    assert code == 2


def test_the_first_failure_of_a_cause_carries_a_script_and_its_divergence(module: Module) -> None:
    name = module("exp = lambda x: torch.exp(x) + 1\n")
    _, report = run(name, "--ops", "exp", "--dtype", "float64", "--check", "graph")
    (first, *others) = report["notable"]
    assert "torch.exp(t0)" in first["script"]
    assert first["divergence"].startswith("first divergence: graph of AddBackward0")
    assert not any("script" in row for row in others)
    assert report["nodes"] == {"exp": ["ExpBackward0"]}


def test_missing_ops_fail_only_when_asked(module: Module) -> None:
    name = module("del exp\n")
    options = ("--ops", "exp,sin", "--dtype", "float64", "--check", "values")
    code, report = run(name, *options)
    assert code == 0
    assert report["subjects"][name]["missing"] == ["exp"]
    assert report["subjects"][name]["entries_passing"] == {"float64": 1}
    assert run(name, *options, "--fail-missing")[0] == 1


ROW = '[[difference]]\nop = "exp"\ncheck = "values"\nsample = [0, 2]\nreason = "it is meant"\n'


def test_a_known_difference_is_not_a_failure(module: Module, tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text(ROW)
    name = module("exp = lambda x: torch.exp(x) + 1\n")
    options = ("--ops", "exp", "--dtype", "float64", "--check", "values")
    code, report = run(name, *options, "--known-differences", "known.toml")
    assert code == 0
    assert {row["status"] for row in report["notable"]} == {"known_difference"}
    assert {row["reason"] for row in report["notable"]} == {"it is meant"}


def test_an_unexpected_pass_is_a_failure(module: Module, tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text(ROW)
    options = ("--ops", "exp", "--dtype", "float64", "--check", "values")
    code, report = run(module(), *options, "--known-differences", "known.toml")
    assert code == 1
    assert {row["status"] for row in report["notable"]} == {"unexpected_pass"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[difference]]\nop = "exp"\n', "known.toml: difference 1: `op` and a `reason`"),
        ('[[difference]]\nop = "exp"\nreason = "r"\nwhy = 1\n', r"unknown keys \['why'\]"),
    ],
)
def test_a_difference_needs_a_reason(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        known_differences.parse(text, "known.toml")


def test_rows_cover_by_glob_and_sample() -> None:
    text = '[[difference]]\nop = "nn.*"\ndtype = "float*"\nsample = [1, 2]\nreason = "r"\n'
    (row,) = known_differences.parse(text, "x")
    assert row.covers(Token("nn.functional.relu", "float32", 2, "values"))
    assert not row.covers(Token("nn.functional.relu", "float32", 0, "values"))
    assert not row.covers(Token("nn.functional.relu", "int64", 1, "values"))
    assert not row.covers(Token("relu", "float32", 1, "values"))


ONLY_VALUES = ("--dtype", "float64", "--check", "values")


def test_a_lost_worker_is_reported_and_the_rest_goes_on(module: Module) -> None:
    name = module("import os\nexp = lambda x: os.abort() if x.ndim == 0 else torch.exp(x)\n")
    code, report = run(name, "--ops", "exp,cos", "--dtype", "float64", "--check", "values,graph")
    assert code == 1
    # Each case of the sample that crashes is run, and the samples after it.
    assert {row["token"]: row["status"] for row in report["notable"]} == {
        "exp|float64|2|values": "crash",
        "exp|float64|2|graph": "crash",
    }
    assert {row["message"] for row in report["notable"]} == {"the process died (SIGABRT)"}
    assert report["subjects"][name]["counts"] == {"pass": 10, "crash": 2}
    assert report["subjects"][name]["entries_passing"] == {"float64": 1}


def test_a_case_that_hangs_is_stopped(module: Module) -> None:
    name = module("def exp(x):\n    while True: pass\n")
    code, report = run(name, "--ops", "exp,sin", *ONLY_VALUES, "--samples", "2", "--timeout", "3")
    assert code == 1
    assert {row["message"] for row in report["notable"]} == {"no answer within 3 s"}
    assert report["subjects"][name]["counts"] == {"pass": 1, "timeout": 2}
    assert report["subjects"][name]["entries_passing"] == {"float64": 1}


def test_an_entry_that_keeps_hanging_is_given_up(module: Module) -> None:
    name = module("import time\nexp = lambda x: time.sleep(60)\n")
    options = ("--ops", "exp,cos", "--dtype", "float64", "--check", "values,graph")
    code, report = run(name, *options, "--timeout", "3")
    assert code == 1
    assert report["subjects"][name]["counts"] == {"pass": 6, "timeout": 3}
    assert "after 3 of them the entry's other cases were not run" in str(report["notable"])


def test_no_subject_that_imports_is_no_run(module: Module, tmp_path: Path) -> None:
    module()
    (tmp_path / "broken.py").write_text("raise RuntimeError('no licence')")
    options = ["--subject", "broken", "--ops", "exp", *ONLY_VALUES, "--json", "r.json"]
    assert main(["run", *options]) == 1
    report = json.loads(Path("r.json").read_text())
    assert report["complete"]
    assert report["subjects"]["broken"]["broken"] == "RuntimeError: no licence"


def test_a_known_crash_is_no_failure(module: Module, tmp_path: Path) -> None:
    row = '[[difference]]\nop = "exp"\nsample = 2\nreason = "the library aborts"\n'
    (tmp_path / "known.toml").write_text(row)
    name = module("import os\nexp = lambda x: os.abort() if x.ndim == 0 else torch.exp(x)\n")
    known = ("--known-differences", "known.toml")
    code, report = run(name, "--ops", "exp", *ONLY_VALUES, *known)
    assert code == 0
    assert report["notable"][0]["status"] == "known_difference"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("import os; os.abort()", "importing it ended the process (SIGABRT)"),
        ("import time; time.sleep(60)", "no answer within 5 s of importing it"),
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
    ],
)
def test_a_subject_that_does_not_import_fails_and_the_others_run(
    module: Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, why: str
) -> None:
    monkeypatch.setattr(runner, "IMPORT_SECONDS", 5.0)
    (tmp_path / "broken.py").write_text(source)
    name = module()
    options = ("--subject", "broken", "--ops", "exp", *ONLY_VALUES)
    code, report = run(name, *options)
    assert code == 1
    assert report["subjects"]["broken"]["broken"] == why
    assert report["subjects"][name]["counts"] == {"pass": 3}


def test_bad_use_is_told_in_one_line(module: Module, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--subject", "no_such_module_anywhere"]) == 2
    assert "no_such_module_anywhere" in capsys.readouterr().err
    for options, hint in (
        (
            ["--ops", "sofmax"],
            "no entry or scenario is named 'sofmax'; did you mean softmax or fmax or",
        ),
        (["--check", "gradient"], "--check: unknown checks 'gradient'; did you mean gradients?"),
        (["--family", "pointwize"], "did you mean pointwise?"),
        (["--dtype", "float46"], "did you mean float64"),
        (["--ops", "exp", "--samples", "0"], "no case was run"),
        (["--ops", "exp", "--check", "scenario"], "no case is selected: FAILED"),
        (["--backend", "nunpy", "--ops", "exp"], "no backend 'nunpy'; did you mean numpy"),
    ):
        subject = [] if "--backend" in options else ["--subject", module()]
        assert main(["run", "--jobs", "1", *subject, *options]) == 2
        told = capsys.readouterr()
        assert hint in told.err + told.out
    assert main(["replay", "exp|float64|values", "--subject", module()]) == 2
    assert "not a case token" in capsys.readouterr().err
    assert main(["replay", "nothing|float64|0|values", "--subject", module()]) == 2
    assert "no entry 'nothing'" in capsys.readouterr().err


def test_replay_shows_both_sides(module: Module, capsys: pytest.CaptureFixture[str]) -> None:
    name = module("exp = lambda x: torch.exp(x) * 2\n")
    assert main(["replay", "exp|float64|2|gradients", "--subject", name]) == 1
    text = capsys.readouterr().out
    assert "gradient 0: values differ" in text
    assert "--- torch" in text
    assert f"--- {name}" in text
    assert main(["replay", "exp|float64|2|gradients", "--subject", module()]) == 0


@pytest.mark.parametrize(
    "token", ["softmax|float64|1|gradients", "add|complex128|2|method", "exp|float32|1|inplace"]
)
def test_explain_prints_a_script_that_runs(
    token: str, module: Module, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["explain", token, "--subject", module()]) == 0
    source = capsys.readouterr().out
    outputs = []
    for side in (["torch"], []):
        monkeypatch.setattr(sys, "argv", ["script.py", *side])
        exec(compile(source, "script.py", "exec"), {"__name__": "__main__"})
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]
    assert "tensor(" in outputs[0]


def test_the_script_needs_no_more_than_it_imports(
    module: Module, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "exp|float64|0|gradients", "--subject", module()]) == 0
    command = [sys.executable, "-c", capsys.readouterr().out]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "tensor(" in done.stdout


def test_tokens_are_read_as_they_are_written() -> None:
    token = Token("nn.functional.pad.constant", "bfloat16", 12, "second_order")
    assert Token.parse(str(token)) == token
    with pytest.raises(ValueError, match="unknown check 'vibes'"):
        Token.parse("exp|float64|0|vibes")


def result(status: Status, message: str = "", reason: str = "", sample: int = 0) -> Result:
    token = Token("exp", "float64", sample, "gradients")
    return Result(token, "one", Outcome(status, message, reason=reason))


@pytest.mark.parametrize(
    ("statuses", "passes"),
    [
        ((Status.PASS, Status.PASS), True),
        ((Status.PASS, Status.KNOWN_DIFFERENCE), True),
        ((Status.PASS, Status.FAIL), False),
        ((Status.PASS, Status.MISSING), False),
        ((Status.PASS, Status.SKIP), False),
        ((Status.PASS, Status.UNEXPECTED_PASS), False),
        ((Status.PASS, Status.BLIND), False),
        ((Status.PASS, Status.ORACLE_ERROR), True),
        ((Status.ORACLE_ERROR,), False),
        ((), False),
    ],
)
def test_what_makes_an_entry_pass(statuses: tuple[Status, ...], passes: bool) -> None:
    report = Report(["one"])
    for status in statuses:
        report.add(result(status))
    assert report.passing("one") == (["exp"] if passes else [])


def test_an_explained_blind_case_counts_and_alone_proves_nothing() -> None:
    report = Report(["one"])
    report.add(result(Status.BLIND, reason="zero"))
    assert report.passing("one") == []
    report.add(result(Status.PASS))
    assert report.passing("one") == ["exp"]


def test_a_backend_finds_its_own_differences() -> None:
    assert known_differences.load(SubjectSpec("torch")) == []


def pytest_in(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_plug_in_is_inert_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "import sys\n"
        "def test_mine(pytestconfig):\n"
        "    assert 'torch' not in sys.modules\n"
        "    assert 'autograd_conformance.cases' not in sys.modules\n"
        "    assert not hasattr(pytestconfig.option, 'conformance_tier')\n"
    )
    done = pytest_in(tmp_path)
    assert done.returncode == 0, done.stdout
    assert pytest_in(tmp_path, "--backend", "numpy").returncode == 4  # an unknown option


def test_the_plug_in_collects_the_cases(module: Module) -> None:
    name = module("exp = lambda x: torch.exp(x) + 1\ndel cos\n")
    options = ("--ops", "exp,cos,sin", "--dtype", "float64", "--check", "values")
    here = Path.cwd()
    done = pytest_in(here, "--pyargs", "autograd_conformance", "--subject", name, "-rA", *options)
    assert done.returncode == 1
    assert "1 failed, 1 passed, 1 skipped" in done.stdout
    assert f"test_case[{name}-exp-float64-values]" in done.stdout
    assert "exp|float64|0|values: output 0: values differ" in done.stdout


@pytest.mark.parametrize(
    ("patterns", "name", "taken"),
    [
        ([], "add", True),
        (["torch.*"], "add", True),
        (["torch.*"], "linalg.det", False),
        (["torch.*", "!torch.add"], "add", False),
        (["torch.*", "!torch.add"], "sub.rounded", True),
        (["!linalg.*"], "linalg.det", False),
        (["!linalg.*"], "add", True),
        (["sub"], "sub.rounded", True),
    ],
)
def test_globs_choose_and_exclude(patterns: list[str], name: str, taken: bool) -> None:
    entry = Entry(name, SimpleNamespace(name=name.removesuffix(".rounded")))
    assert chosen(patterns, *entry.names) is taken


def test_a_log_is_told_how_far_a_run_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    chunks = [Chunk("add", "float64", ("values",)), Chunk("sub", "float64", ("values",))]
    token = Token("sub", "float64", 0, "values")
    result = Result(token, "mine", Outcome(Status.FAIL, "output 0: values differ"))
    log = io.StringIO()
    events = [Finished(chunks[0]), result]
    followed = progress.follow(events, chunks, Console(file=log, width=120), Ledger(chunks))
    assert list(followed) == [result]
    assert "1 failed, 0 missing, 1 of 2 chunks in 0 min" in log.getvalue()


def test_the_slowest_entries_are_listed(module: Module, capsys: pytest.CaptureFixture[str]) -> None:
    run(module(), "--ops", "sin,cos", "--dtype", "float64", "--samples", "1", "--slowest", "1")
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert sum(line[1:] in (["s", "sin"], ["s", "cos"]) for line in lines) == 1


PLANTED = """
import os
from autograd_numpy import NumpyBackend

class Aborting(NumpyBackend):
    name = "aborting"
    def exp(self, input):
        os.abort()

class Looping(NumpyBackend):
    name = "looping"
    def exp(self, input):
        while True:
            pass
"""


def test_backends_that_abort_and_loop_do_not_take_the_run_down(
    module: Module, tmp_path: Path
) -> None:
    pytest.importorskip("scipy")
    module()  # puts the folder on the path
    (tmp_path / "planted.py").write_text(PLANTED)
    package = tmp_path / "planted-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: planted\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(
        "[autograd_core.backends]\naborting = planted:Aborting\nlooping = planted:Looping\n"
    )
    options = ("--backend", "aborting,looping", "--ops", "exp,cos", "--samples", "1")
    path = ("--json", "report.json", "--html", "report.html", "--timeout", "4", "--jobs", "1")
    assert main(["run", *options, *ONLY_VALUES, *path]) == 1
    report = json.loads(Path("report.json").read_text())
    told = {(row["subject"], row["token"]): row["status"] for row in report["notable"]}
    assert told == {
        ("aborting", "exp|float64|0|values"): "crash",
        ("looping", "exp|float64|0|values"): "timeout",
    }
    for name in ("aborting", "looping"):
        assert report["subjects"][name]["counts"]["pass"] == 1
    page = Path("report.html").read_text()
    assert "the process died (SIGABRT)" in page
    assert "no answer within 4 s" in page
