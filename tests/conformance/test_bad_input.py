"""What who gets something wrong is told: a sentence that names it, exit code 2, no traceback."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograd_conformance.command_line import main
from autograd_conformance.goldens import packaged

GOLDENS = ("--oracle", "goldens", "--backend", "python")
FILES = {
    "raising.py": "raise RuntimeError('boom')",
    "hollow.py": "x = 1",
    "bare.txt": "not JSON",
    "list.json": "[1]",
    "foreign.json": '{"schema": "something else"}',
    "newer.json": '{"schema": "autograd-conformance-report/99"}',
    "damaged.json": '{"schema": "autograd-conformance-report/2"}',
    "no.toml": "[[difference]",
    "odd.toml": '[[difference]]\nopp = "x"\n',
    "bad.zip": "no archive",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the commands run: with a file of each kind that may be wrong."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "folder").mkdir()
    data = packaged().read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: len(data) // 2])
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("hollow", None)


WRONG = {
    # Names ---------------------------------------------------------------------------------------
    "run --ops softmx": "no entry or scenario is named 'softmx'; did you mean softmax",
    "run --ops exp,!lnalg.*": "no entry or scenario is named '!lnalg.*'",
    "run --family pointwis": "unknown families 'pointwis'; did you mean pointwise?",
    "run --dtype flot64": "unknown dtypes 'flot64'; did you mean float64",
    "run --check valus": "unknown checks 'valus'; did you mean values?",
    "run --tier cor": "unknown tier 'cor'; did you mean core?",
    "run --backend pyton": "no backend 'pyton'; did you mean python?",
    "run --ops rrelu": "no entry or scenario is named 'rrelu'; did you mean nn.functional.rrelu?",
    "list --ops softmx": "no entry or scenario is named 'softmx'; did you mean softmax",
    "replay softmx|float64|0|values": "no entry 'softmx'; did you mean softmax",
    "replay exp|float64|0|valus": "unknown check 'valus' in 'exp|float64|0|valus'; did you",
    "replay exp|flot64|0|values": "exp has no samples at 'flot64'; did you mean float64",
    "replay exp|float64|999|values": "exp has no sample 999 at float64",
    "replay exp|float16|0|values": "the goldens hold no samples of exp at float16",
    "replay exp|int64|0|gradients": "exp at int64 is not asked 'gradients'; asked are values",
    "replay exp|float64|0|operator": "exp at float64 is not asked 'operator'",
    "replay softmax|any|0|errors": "softmax at any is not asked 'errors'",
    "replay exp": "not a case token (entry|dtype|sample|check): 'exp'",
    "replay exp|float64|²|values": "not a case token",
    "replay scenario.roots.a_fred_graph|any|0|scenario": "did you mean scenario.roots.a_fre",
    "replay scenario.roots.a_freed_graph|any|1|scenario": "the one case of a scenario is",
    "replay exp|float64|0|values --backend pyton": "pyton could not be entered: BackendError",
    "explain softmx|float64|0|values": "no entry 'softmx'; did you mean softmax",
    "capabilities --backend pyton": "pyton could not be entered: BackendError: unknown",
    "goldens record --ops softmx --out new.zip": "did you mean softmax",
    # Selections that hold nothing ----------------------------------------------------------------
    "run --ops exp --check tangents --dtype int64": "no case is selected: FAILED",
    "run --family activation --ops exp": "no case is selected: FAILED",
    # Numbers -------------------------------------------------------------------------------------
    "run --samples -1": "--samples: less than nothing: '-1'",
    "run --jobs 0": "--jobs: there must be a worker at least",
    "run --timeout 0": "--timeout: no time at all",
    "run --ops exp --seed 5": "the goldens are of seed 0",
    # Files ---------------------------------------------------------------------------------------
    "run --oracle gold": "no oracle 'gold'; there are torch, goldens and goldens:FILE",
    "run --oracle goldens:none.zip": "there is no file none.zip",
    "run --oracle goldens:bad.zip": "bad.zip is no file of goldens, or is cut off",
    "run --oracle goldens:cut.zip": "cut.zip is no file of goldens, or is cut off",
    "goldens verify bad.zip": "bad.zip is no file of goldens",
    "goldens diff bad.zip cut.zip": "bad.zip is no file of goldens",
    "run --ops exp --known-differences none.toml": "none.toml",
    "run --ops exp --known-differences no.toml": "no.toml: ",
    "run --ops exp --known-differences odd.toml": "odd.toml: difference 1: unknown keys ['opp']",
    "run --json folder": "--json: folder is a folder; the name of a file is needed",
    "run --html bare.txt/page.html": "--html: bare.txt/page.html cannot be written",
    "lockstep none.py": "none.py",
    **{
        f"{command} {file}": message
        for command in ("run --resume", "run --failed", "report --html x.html", "diff list.json")
        for file, message in {
            "bare.txt": "bare.txt is no report: it is not JSON",
            "list.json": "list.json is another kind of file",
            "foreign.json": "foreign.json is another kind of file",
            "newer.json": "newer.json is 'autograd-conformance-report/99'; this version reads",
            "damaged.json": "the report damaged.json is damaged",
            "none.json": "cannot read the report none.json",
            "folder": "cannot read the report folder: Is a directory",
        }.items()
        if command != "diff list.json"
    },
    "diff bare.txt list.json": "bare.txt is no report: it is not JSON",
    # Clusters ------------------------------------------------------------------------------------
    "run --subject no_such_module --ops exp": "No module named 'no_such_module'",
}


@pytest.mark.parametrize("call", WRONG)
def test_a_wrong_call_is_answered_in_a_sentence(
    call: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = call.split(" ")
    if words[0] in ("run", "replay", "explain", "list", "capabilities"):
        words += [] if "--oracle" in call else ["--oracle", "goldens"]
        named = {"--backend", "--subject", "--resume", "--failed"} & set(words)
        words += [] if named or words[0] == "list" else ["--backend", "python"]
    if words[:2] in (["goldens", "record"], ["goldens", "verify"]) or words[0] == "lockstep":
        pytest.importorskip("torch")
    if words[0] == "lockstep":
        pytest.importorskip("greenlet")
    assert main(words) == 2
    said = capsys.readouterr().err
    assert said.startswith("autograd-conformance: ")
    assert WRONG[call] in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.autograd_conformance]\ntier = \n", "pyproject.toml: Invalid value"),
        ('[tool.autograd_conformance]\nteir = "core"', "unknown setting 'teir'; did you mean tier"),
        ("tool.autograd_conformance = 1", "[tool.autograd_conformance] is not a table"),
        ("tool = 1", "[tool] is not a table"),
    ],
)
def test_a_wrong_settings_file_is_named(
    text: str, message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pyproject.toml").write_text(text)
    assert main(["run", *GOLDENS]) == 2
    assert message in capsys.readouterr().err


def test_a_subject_that_raises_on_import_fails_by_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ("--oracle", "goldens", "--ops", "exp", "--samples", "1", "--dtype", "float64")
    both = ("--subject", "raising", "--backend", "python", "--jobs", "1")
    assert main(["run", *options, *both, "--json", "r.json"]) == 1
    assert "raising could not be entered: RuntimeError: boom" in capsys.readouterr().out
    report = json.loads(Path("r.json").read_text())
    assert report["subjects"]["python"]["counts"]["pass"] > 0
    assert main(["replay", "exp|float64|0|values", "--oracle", "goldens", *both[:2]]) == 2
    assert "raising could not be entered: RuntimeError: boom" in capsys.readouterr().err


def test_a_subject_that_has_nothing_was_not_tested(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--ops", "exp", "--samples", "1", "--dtype", "float64", "--check", "values")
    assert main(["run", "--oracle", "goldens", "--subject", "hollow", *options]) == 2
    assert "no case was run: FAILED" in capsys.readouterr().out


def test_reports_go_to_folders_that_are_made() -> None:
    options = ("--ops", "exp", "--samples", "1", "--dtype", "float64", "--check", "values")
    assert main(["run", *GOLDENS, *options, "--json", "new/folder/report.json"]) == 0
    assert Path("new/folder/report.json").is_file()
