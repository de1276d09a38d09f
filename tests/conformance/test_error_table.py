"""The table of recorded errors: written, read, and what has grown beyond it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rich")

from autograd_conformance import error_table
from autograd_conformance.cases import Outcome, Result, Status, Token
from autograd_conformance.command_line import main
from autograd_conformance.error_table import Row
from autograd_conformance.report import Report
from autograd_conformance.reports import json_file
from autograd_conformance.subjects import SubjectSpec

SOFTMAX = Row("softmax", "float64")
EXP = Row("exp", "float32")


def test_a_table_is_read_as_it_is_written() -> None:
    table = {SOFTMAX: {"gradients": 12.0, "tangents": 7.1}, EXP: {"values": 1.3e9}}
    free = Row("add", "float64")
    text = error_table.spell({**table, free: {"values": 4.0}})
    assert "softmax float64 gradients=12 tangents=7.1\n" in text
    assert error_table.parse(text, "here") == {**table, free: {}}
    with pytest.raises(ValueError, match="here: line 2 is no row of errors: 'softmax float64 12'"):
        error_table.parse("#\nsoftmax float64 12", "here")


def test_what_grows_beyond_the_record_is_a_loosening() -> None:
    recorded: error_table.Table = {SOFTMAX: {"gradients": 12.0}, EXP: {}}
    same: error_table.Table = {SOFTMAX: {"gradients": 12.0}, EXP: {"values": 4.0}}
    assert error_table.loosened(recorded, same) == []
    assert error_table.loosened({}, {EXP: {"values": 1e9}}) == []  # of it nothing is known
    found: error_table.Table = {SOFTMAX: {"gradients": 13.0}, EXP: {"values": 40.0}}
    assert error_table.loosened(recorded, found) == [
        ("exp|float32|values", 4.0, 40.0),
        ("softmax|float64|gradients", 12.0, 13.0),
    ]
    assert error_table.tightened({EXP: {"values": 50.0}}, found) == {EXP: {"values": 40.0}}
    assert error_table.recorded_with(recorded, found) == found


@pytest.fixture
def report(tmp_path: Path) -> Any:
    """Writes the report of a run of one case with a given error; returns its file."""

    def write(ulp: float) -> str:
        report = Report(["toy"], specs={"toy": SubjectSpec("autograd_core", "toy")})
        outcome = Outcome(Status.PASS, max_ulp=ulp)
        report.add(Result(Token("softmax", "float64", 3, "gradients"), "toy", outcome))
        json_file.write(report, tmp_path / "report.json")
        return str(tmp_path / "report.json")

    return write


def test_the_command_records_shows_and_tightens(
    report: Any, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    file = tmp_path / error_table.FILE_NAME
    monkeypatch.setattr(error_table, "file_of", lambda spec: file)
    assert main(["budgets", "record", "--report", report(12.34)]) == 0
    assert error_table.load(SubjectSpec("autograd_core", "toy")) == {SOFTMAX: {"gradients": 13.0}}
    assert main(["budgets", "tighten", "--report", report(50.0)]) == 0
    assert error_table.load(SubjectSpec("autograd_core", "toy")) == {SOFTMAX: {"gradients": 13.0}}
    capsys.readouterr()
    assert main(["budgets", "show", "--report", report(50.0)]) == 0
    assert "looser  softmax float64 gradients" in capsys.readouterr().out
    assert main(["budgets", "tighten", "--report", report(7.0)]) == 0
    assert error_table.load(SubjectSpec("autograd_core", "toy")) == {SOFTMAX: {"gradients": 7.0}}
    assert main(["budgets", "record"]) == 2


def test_the_page_shows_errors_and_what_has_grown(monkeypatch: Any) -> None:
    pytest.importorskip("jinja2")
    from autograd_conformance.reports.page import page

    monkeypatch.setattr(error_table, "load", lambda spec: {SOFTMAX: {"gradients": 13.0}})
    report = Report(
        ["toy"], {"torch": "2.13.0"}, specs={"toy": SubjectSpec("autograd_core", "toy")}
    )
    outcome = Outcome(Status.PASS, max_ulp=50.0)
    report.add(Result(Token("softmax", "float64", 3, "gradients"), "toy", outcome))
    shown = page(report)
    assert "; off by up to 50 ulp at float64" in shown
    assert "1 errors larger than recorded" in shown
    assert "softmax|float64|gradients 13 → 50" in shown


def test_both_backends_have_their_errors_at_double_precision_on_record() -> None:
    for backend in ("numpy", "python"):
        table = error_table.load(SubjectSpec("autograd_core", backend))
        assert table is not None
        assert sum(row.dtype == "float64" for row in table) > 500
