"""Known differences: a changed failure, a stale row and an unexpected pass each fail a run."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from autograd_conformance import known_differences
from autograd_conformance.cases import Outcome, Status, Token
from autograd_conformance.command_line import main
from autograd_conformance.known_differences import fingerprint, judge, parse, with_fingerprints

WRONG = """
import torch
globals().update({n: getattr(torch, n) for n in dir(torch) if not n.startswith("__")})
def cos(x):
    return torch.cos(x) + 1
"""
ROW = '[[difference]]\nop = "cos"\ncheck = "values"\nreason = "it is meant"\n'
TOKEN = Token("cos", "float64", 0, "values")


def run(
    tmp_path: Path, rows: str, *options: str, module: str = WRONG
) -> tuple[int, dict[str, Any]]:
    (tmp_path / "known.toml").write_text(rows)
    (tmp_path / "wrong.py").write_text(module)
    arguments = ["run", "--subject", "wrong", "--known-differences", "known.toml", "--jobs", "1"]
    code = main([*arguments, *options, "--json", "r.json"])
    return code, json.loads(Path("r.json").read_text())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in sys.path if p))
    monkeypatch.chdir(tmp_path)
    return tmp_path


COS = ("--ops", "cos", "--dtype", "float64", "--check", "values")


def test_a_category_is_told(place: Path) -> None:
    rows = ROW.replace('"values"', '"values"\nsample = [0, 2]') + 'category = "by design"\n'
    code, report = run(place, rows, *COS)
    assert code == 0
    assert {row["category"] for row in report["notable"]} == {"by design"}


def test_fingerprints_are_written_and_a_changed_failure_fails(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "# Ours.\n\n" + ROW.replace('"values"', '"values"\nsample = [0, 2]') + "\n# The end.\n"
    code, report = run(place, rows, *COS, "--update-known-differences")
    assert code == 0
    assert "fingerprints of 1 rows" in capsys.readouterr().out
    text = (place / "known.toml").read_text()
    seen = sorted({row["fingerprint"] for row in report["notable"]})
    assert text == rows.replace('meant"\n', f'meant"\nfingerprint = ["{seen[0]}", "{seen[1]}"]\n')
    assert run(place, text, *COS)[0] == 0
    # Of another length: Python would take what it compiled a moment ago of a file as long.
    code, report = run(place, text, *COS, module=WRONG.replace("+ 1", "+ 20"))
    assert code == 1
    for row in report["notable"]:
        assert row["status"] == "fail"
        assert row["message"].startswith("a known difference has changed (fingerprint ")
        assert row["message"].endswith("): output 0: values differ")
    assert "a known difference has changed" in capsys.readouterr().out
    again = ("--update-known-differences",)
    run(place, text, *COS, *again, module=WRONG.replace("+ 1", "+ 20"))
    updated = (place / "known.toml").read_text()
    assert updated != text
    assert run(place, updated, *COS, module=WRONG.replace("+ 1", "+ 20"))[0] == 0


@pytest.mark.parametrize(
    ("row", "options", "what"),
    [
        ('op = "cosine"\n', (), ""),  # it may be of the tier's other ops
        ('op = "cos"\nsample = [0, 2, 9]\n', (), "samples that there are not: remove 9"),
        ('op = "cos"\ndtype = "float64"\nsample = 40\n', (), "no case that there is: remove it"),
        ('op = "cos"\ndtype = "quaternion"\n', (), "no case that there is: remove it"),
        ('op = "cos"\nsample = 9\n', ("--samples", "2"), ""),  # not in the plan
        ('op = "cos"\nsample = 9\ncheck = "*"\n', (), ""),  # other checks were not asked
        ('op = "*"\nsample = 9\n', (), ""),  # nor other ops
    ],
)
def test_a_stale_row_fails_the_run_if_its_cases_were_planned(
    place: Path,
    row: str,
    options: tuple[str, ...],
    what: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    check = "" if "check" in row else 'check = "values"\n'
    dtype = "" if "dtype" in row else 'dtype = "float64"\n'
    rows = f'[[difference]]\n{row}{check}{dtype}reason = "r"\n'
    module = WRONG.replace("+ 1", "+ (x.ndim == 1 or x.ndim == 0)")
    _, report = run(place, rows, *COS, *options, module=module)
    (declared,) = parse(rows, "known.toml")
    expected = [f"known.toml: difference 1 (op {declared.op!r}) covers {what}"] if what else []
    assert report["complaints"] == expected
    if expected:
        assert expected[0] in capsys.readouterr().out


def test_a_complaint_alone_fails_the_run(place: Path) -> None:
    rows = '[[difference]]\nop = "cos"\ndtype = "quaternion"\ncheck = "values"\nreason = "r"\n'
    code, report = run(place, rows, *COS, module=WRONG.replace(" + 1", ""))
    assert report["notable"] == []
    assert code == 1


def test_a_row_of_an_op_that_is_not_is_stale_when_everything_was_planned() -> None:
    from autograd_conformance import scenarios
    from autograd_conformance.chunks import Chunk
    from autograd_conformance.opinfo_cases import entries
    from autograd_conformance.stale_differences import Plan

    names = [*entries(), *scenarios.programs()]
    row = known_differences.Row("no_such_op", "r")
    chunks = [Chunk(name, "float64", ("values",)) for name in names]
    assert Plan(chunks, entries()).holds(row)
    assert not Plan(chunks[1:], entries()).holds(row)


def test_fingerprints_do_not_hang_on_last_digits() -> None:
    def of(detail: str, message: str = "values differ") -> str:
        return fingerprint(Outcome(Status.FAIL, message, detail))

    text = "off by {} ulp where {} are allowed, at flat index {}; expected [{}], got [{}]"
    one = of(text.format("12", "3.5", 4, "1.2345678901", "-0.5"))
    assert one == of(text.format("1.3e+04", "3.6", 5, "1.2345678902", "-0.50000001"))
    assert one != of(text.format("12", "3.5", 4, "1.2345678901", "0.5"))
    assert one != of(text.format("12", "3.5", 4, "1.3345678901", "-0.5"))
    assert of("shape (2, 3)") != of("shape (2, 4)")
    assert of("<object at 0x7f12ab>") == of("<object at 0x7e00cd>")
    assert len(one) == 8


def test_what_is_missing_can_be_known_by_its_fingerprint() -> None:
    (row,) = parse(ROW + 'fingerprint = "00000000"\n', "x")
    changed = judge(Outcome(Status.MISSING, "no cos"), TOKEN, [row])
    assert changed.status is Status.FAIL
    (row,) = parse(ROW + f'fingerprint = ["1", "{changed.fingerprint}"]\n', "x")
    assert judge(Outcome(Status.MISSING, "no cos"), TOKEN, [row]).status is Status.KNOWN_DIFFERENCE
    assert judge(Outcome(), TOKEN, [row]).status is Status.UNEXPECTED_PASS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            ROW + 'category = "bad luck"\n',
            "known.toml: difference 1: no category 'bad luck'; there",
        ),
        ("[[difference]\n", "known.toml: "),
        ('[[difference]]\nop = "cos"\nreason = " "\n', "difference 1: `op` and a `reason` are"),
    ],
)
def test_a_file_that_is_wrong_fails_before_anything_runs(
    text: str, message: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(FileNotFoundError, match=r"r\.json"):
        run(place, text, *COS)
    assert message in capsys.readouterr().err


def test_a_row_can_name_several_checks() -> None:
    rows = parse(ROW.replace('"values"', '["values", "grad*"]'), "rows")
    covered = [
        c for c in ("values", "gradients", "graph") if rows[0].covers_op("cos", "float64", c)
    ]
    assert covered == ["values", "gradients"]


def test_what_varies_from_processor_to_processor_may_pass() -> None:
    for row, passed in (("", Status.UNEXPECTED_PASS), ("varies = true\n", Status.PASS)):
        rows = parse(ROW + row, "rows")
        assert judge(Outcome(Status.PASS), TOKEN, rows).status is passed
        assert judge(Outcome(Status.FAIL), TOKEN, rows).status is Status.KNOWN_DIFFERENCE


def test_fingerprints_go_where_their_rows_are() -> None:
    text = (
        '# Head.\n[[difference]]\nop = "a"\nsample = [\n  1,\n  2,\n]\nfingerprint = "0"\n'
        'reason = "r"\n\n# About b.\n[[difference]]\nop = "b"\nreason = "r"\n\n'
        '[[difference]]\nop = "c"\nreason = "r"\n'
    )
    changed = with_fingerprints(text, {1: ("1",), 3: ("2", "3")}, "x")
    assert changed == (
        '# Head.\n[[difference]]\nop = "a"\nsample = [\n  1,\n  2,\n]\n'
        'reason = "r"\nfingerprint = "1"\n\n# About b.\n[[difference]]\nop = "b"\nreason = "r"\n\n'
        '[[difference]]\nop = "c"\nreason = "r"\nfingerprint = ["2", "3"]\n'
    )
    assert with_fingerprints(changed, {1: ("1",), 3: ("2", "3")}, "x") == changed
    with pytest.raises(ValueError, match="not laid out a key to a line"):
        with_fingerprints('difference = [{op = "a", reason = "r"}]\n', {1: ("1",)}, "x")


@pytest.mark.parametrize("backend", ["numpy", "python"])
def test_the_files_of_the_backends_are_read(backend: str) -> None:
    from autograd_conformance.subjects import SubjectSpec

    rows = known_differences.load(SubjectSpec("autograd_core", backend))
    assert rows
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
