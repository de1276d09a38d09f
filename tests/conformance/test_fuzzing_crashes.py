"""Programs that end the process: found, blamed on one side, shrunk, and the hunt goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("hypothesis")
pytest.importorskip("platformdirs")

from autograd_conformance import command_line
from autograd_conformance.fuzzing import processes
from autograd_conformance.fuzzing.batches import TORCH, Crash, Plan
from autograd_conformance.fuzzing.campaign import Campaign
from autograd_conformance.fuzzing.database import Database
from autograd_conformance.fuzzing.programs import Leaf, Program, Step
from autograd_conformance.subjects import SubjectSpec

NUMPY = SubjectSpec("autograd_core", "numpy")
DYING = SubjectSpec("a_module_that_dies")
X = Leaf("x", (3,), "float64", (0.5, -1.25, 2.0), True)
#: torch dies of a hook on a view whose base was written since the view's node was last looked at.
ON_A_STALE_VIEW = Program(
    (X, Leaf("y", (), "float64", (1.0,), False)),
    (
        Step("{0}.exp()", ("x",), ("a",)),
        Step("{0}.sin()", ("a",), ("b",)),
        Step("{0}.sum()", ("y",), ("d",)),
        Step("{0}[:2]", ("b",), ("c",)),
        Step("{0}.zero_()", ("b",), ("b",)),
        Step("{0}.register_hook(3)", ("c",), ("e",)),
        Step("{0}.exp()", ("a",), ("e",)),
    ),
)


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file of a subject that is torch, but for ops that end the process."""
    file = tmp_path / f"{DYING.module}.py"
    file.write_text(
        "import os, signal, torch\n"
        "__getattr__ = lambda name: getattr(torch, name)\n"
        "cat = lambda *args, **options: os._exit(0)\n"
        "lerp = lambda *args, **options: os.kill(os.getpid(), signal.SIGSEGV)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return file


def test_the_program_and_who_died_of_it_are_found() -> None:
    (crash,) = processes.crashes(ON_A_STALE_VIEW, (NUMPY,))
    assert crash.of_torch
    assert crash.cause == "torch: {0}.register_hook(3): SIGSEGV"
    texts = [step.text for step in crash.program.steps]
    assert texts == ["{0}.exp()", "{0}[:2]", "{0}.zero_()", "{0}.register_hook(3)"]
    assert crash.program.leaves == (X,)


def test_a_campaign_goes_on_after_a_crash(dying: Path, tmp_path: Path) -> None:
    """Each program is counted once; what is found again is counted and no more."""
    plan = Plan((DYING,), programs=40, seed=0, database=tmp_path / "database")
    (_, stored), (number, report) = Campaign(plan).run()
    assert (number, report.programs, report.batches, stored.crashes) == (0, 40, 1, [])
    assert not report.errors
    crashed = report.verdicts["a_module_that_dies crashed"]
    assert sum(report.verdicts.values()) == 40
    assert crashed == len(report.crashes) + sum(report.again.values()) > 0
    for crash in report.crashes:
        assert crash.alone
        assert crash.death == ("SIGSEGV" if "lerp" in crash.cause else "exit code 0")
        assert len(crash.program.steps) <= 3
    assert report.failed()
    assert Campaign(plan).skipped == 1
    (_, again), *rest = Campaign(plan).run()
    assert [crash.digest for crash in again.crashes] == sorted(c.digest for c in report.crashes)
    assert not rest


def test_a_subjects_crash_fails(dying: Path, capsys: pytest.CaptureFixture[str]) -> None:
    called = ["fuzz", "--subject", DYING.module, "--programs", "10", "--database", "none"]
    assert command_line.main(called) == 1
    assert "a_module_that_dies crashed (exit code 0)" in capsys.readouterr().out


def test_torchs_crash_is_listed_and_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Database(tmp_path).keep_crash(Crash(TORCH, ON_A_STALE_VIEW, "SIGSEGV"), NUMPY)
    called = ["fuzz", "--backend", "numpy", "--programs", "5", "--database", str(tmp_path)]
    assert command_line.main(called) == 0
    told = capsys.readouterr().out
    assert "stored crash, still there" in told
    assert "torch crashed (SIGSEGV)" in told
    assert "A program that ended a process of torch (SIGSEGV)." in script.read_text("utf-8")
    file = script.with_suffix(".json")
    assert json.loads(file.read_text("utf-8"))["subject"] == "torch"
    assert command_line.main(["fuzz", "--backend", "numpy", "--replay", str(file)]) == 0
    assert "torch crashed (SIGSEGV)" in capsys.readouterr().out


def test_a_program_that_never_ends_counts_as_one(
    monkeypatch: pytest.MonkeyPatch, dying: Path
) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 5.0)
    dying.write_text(
        dying.read_text("utf-8") + "cat = lambda *args: __import__('time').sleep(99)\n"
    )
    program = Program((X,), (Step("torch.cat([{0}, {0}])", ("x",), ("a",)),))
    (crash,) = processes.crashes(program, (DYING,))
    assert (crash.death, crash.program) == ("no answer within 5 s", program)


@pytest.mark.parametrize("text", ["raise ValueError('not today')", "import os; os._exit(3)"])
def test_a_subject_that_cannot_be_entered_is_refused(
    dying: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    dying.write_text(text, encoding="utf-8")
    assert command_line.main(["fuzz", "--subject", DYING.module, "--database", "none"]) == 2
    assert "could not be entered" in capsys.readouterr().err


def test_a_replay_tells_what_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = (0.5, -1.25, 2.0)
    program = Program(
        (Leaf("x", (3,), "float64", numbers, False), Leaf("y", (3,), "bfloat16", numbers, False)),
        (Step("torch.ldexp({0}, {1})", ("x", "y"), ("a",)),),
    )
    script = Database(tmp_path).keep_crash(Crash(TORCH, program, "SIGSEGV"), NUMPY)
    file = str(script.with_suffix(".json"))
    assert command_line.main(["fuzz", "--backend", "numpy", "--replay", file]) == 0
    assert "known: torch rounds a power of two" in capsys.readouterr().out
