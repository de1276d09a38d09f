"""A run that is stopped reports what is done; what is left can be run later, or failures only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from autograd_conformance.cases import Outcome, Result, Status, Token
from autograd_conformance.chunks import Chunk, Ledger, of_failed
from autograd_conformance.command_line import main
from autograd_conformance.execution import Bench, Settings
from autograd_conformance.subjects import SubjectSpec

SLOW = """
import os, sys, time
import autograd_core
sys.modules[__name__].__dict__.update(
    {n: getattr(autograd_core, n) for n in dir(autograd_core) if not n.startswith("__")}
)
def exp(x):
    open("started", "w").close()
    while not os.path.exists("go"):
        time.sleep(0.05)
    return autograd_core.exp(x)
def cos(x):
    return autograd_core.cos(x) + 1
"""
#: Torch's answers come from a file, so that a run of its own need not import torch.
OPS = ("--ops", "cos,exp,sin", "--dtype", "float64", "--check", "values,graph", "--jobs", "1")
OPS += ("--oracle", "goldens")
#: Seconds that a run may take to begin, and to end, on a machine that does much else.
LONG = 300


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the module `slow`, in which `exp` waits for a file `go` and `cos` is wrong."""
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "go").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in sys.path if p))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(path).read_text())
    return found


def cases(report: dict[str, Any]) -> list[Any]:
    rows = report["subjects"]["slow"]["entries"]
    return sorted((row["entry"], row["checks"]) for row in rows)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_reports_and_can_be_resumed(place: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "autograd_conformance.command_line", "run"]
    command += ["--subject", "slow", *OPS, "--json", "part.json"]
    (place / "go").unlink()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + LONG
    while not (place / "started").exists() and time.monotonic() < deadline:
        assert process.poll() is None, "it ended before it began"
        time.sleep(0.05)
    # Ctrl-C in a terminal reaches the workers as well.
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    out, _ = process.communicate(timeout=LONG)
    assert process.returncode == 128 + number, out
    assert f"stopped by {number.name}: " in out
    assert "run --resume part.json" in out
    part = read("part.json")
    assert part["complete"] is False
    assert part["unfinished"]
    before = cases(part)
    (place / "go").touch()

    assert main(["run", "--resume", "part.json", "--jobs", "1"]) == 1
    resumed = read("part.json")
    assert main(["run", "--subject", "slow", *OPS, "--json", "whole.json"]) == 1
    whole = read("whole.json")
    assert cases(resumed) == cases(whole) != before
    assert [row["token"] for row in resumed["notable"]] == [r["token"] for r in whole["notable"]]
    assert resumed["complete"]
    assert resumed["unfinished"] == []


def test_a_complete_report_is_not_resumed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--subject", "slow", "--ops", "sin", "--check", "values", "--jobs", "1"]
    assert main(["run", *options, "--json", "r.json"]) == 0
    assert main(["run", "--resume", "r.json"]) == 2
    assert "nothing left to run" in capsys.readouterr().err
    assert main(["run", "--failed", "r.json"]) == 2
    assert "no failure to run again" in capsys.readouterr().err


def test_only_failures_are_run_again(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--subject", "slow", *OPS, "--json", "r.json"]) == 1
    failures = ("cos", {"graph": {"fail": "0-2"}, "values": {"fail": "0,2", "pass": "1"}})
    assert failures in cases(read("r.json"))
    again = ["run", "--failed", "r.json", "--json", "again.json", "--jobs", "1"]
    assert main(again) == 1
    assert cases(read("again.json")) == [
        ("cos", {"graph": {"fail": "0-2"}, "values": {"fail": "0,2"}})
    ]
    (place / "slow.py").write_text(SLOW.replace("+ 1", ""))
    assert main(again) == 0
    assert cases(read("again.json")) == [
        ("cos", {"graph": {"pass": "0-2"}, "values": {"pass": "0,2"}})
    ]
    assert main([*again, "--ops", "exp"]) == 2
    assert "leave out ops" in capsys.readouterr().err


def results(chunk: Chunk) -> list[tuple[Token, str]]:
    bench = Bench(Settings((SubjectSpec("torch"), SubjectSpec("slow"))))
    return [(r.token, r.subject) for r in bench.run(chunk, lambda *_: None)]


@pytest.mark.usefixtures("place")
def test_what_is_left_of_a_chunk_is_the_rest_of_its_cases() -> None:
    chunk = Chunk("cos", "float64", ("values", "graph", "gradients"), 0, 2)
    everything = results(chunk)
    assert len(everything) == len(set(everything)) == 12
    left = chunk
    for number, (token, subject) in enumerate(everything, 1):
        left = left.after(token, subject)
        assert left.key == chunk.key
        if number in (1, 5, 6, 11):
            assert results(left) == everything[number:]


def test_the_ledger_holds_what_is_left_of_a_plan() -> None:
    first, errors = Chunk("cos", "float64", ("values",)), Chunk("cos", "any", ("errors",))
    halves = [Chunk("sin", "float64", ("values",), 0, 5), Chunk("sin", "float64", ("values",), 5)]
    ledger = Ledger([first, errors, *halves])
    ledger.saw(Token("sin", "float64", 5, "values"), "a")
    ledger.saw(Token("sin", "float64", 6, "values"), "a")
    ledger.finished(errors)
    ledger.finished(halves[0])
    assert ledger.left == [
        first,
        Chunk("sin", "float64", ("values",), 6, None, (("a", "values"),)),
    ]


def test_chunks_of_failures_hold_nothing_else() -> None:
    token = Token("cos", "float64", 3, "values")
    (chunk,) = of_failed([(token, "a"), (token._replace(check="graph"), "b")], ["a", "b", "c"])
    assert (chunk.start, chunk.stop, chunk.checks) == (3, 4, ("graph", "values"))
    runs = [
        (subject, check)
        for subject in ("a", "b", "c")
        for check in chunk.checks
        if not chunk.skips(token._replace(check=check), subject)
    ]
    assert runs == [("a", "values"), ("b", "graph")]


def test_a_result_is_told_by_what_it_is() -> None:
    result = Result(Token("cos", "float64", 0, "values"), "a", Outcome(Status.CRASH, "x 12"))
    assert result.cause == ("values", "x N")
