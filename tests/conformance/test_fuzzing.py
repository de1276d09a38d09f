"""The fuzzer's parts: programs as data, what is drawn, how runs are judged, what is kept."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("hypothesis")
pytest.importorskip("platformdirs")

from autograd_conformance import command_line
from autograd_conformance.execution import torch_subject
from autograd_conformance.fuzzing import drawing, findings, interpreter, judging, script
from autograd_conformance.fuzzing.batches import STORED, Finding, Plan
from autograd_conformance.fuzzing.campaign import Campaign
from autograd_conformance.fuzzing.database import Database
from autograd_conformance.fuzzing.judging import Judgement, Verdict, judge
from autograd_conformance.fuzzing.menu import kinds
from autograd_conformance.fuzzing.programs import Leaf, Program, Step
from autograd_conformance.scenarios.recording import Observation, TensorFacts
from autograd_conformance.subjects import SubjectSpec

X = Leaf("x", (3,), "float64", (0.5, -1.25, 2.0), True)


def drawn(seed: int) -> Program:
    """A random program, without Hypothesis."""
    numbers = random.Random(seed)
    leaves = [numbers.randbytes(5) for _ in range(3)]
    return drawing.build(leaves, [numbers.randbytes(8) for _ in range(numbers.randint(1, 15))])


def test_every_spelling_of_the_menu_is_a_statement() -> None:
    spellings = [s for kind in kinds() for entry in kind.entries for s in entry.spellings]
    assert len(spellings) > 700
    for text in spellings:
        if text != "leave":
            interpreter.compiled(text)


def test_a_program_survives_json() -> None:
    for seed in range(50):
        program = drawn(seed)
        assert Program.from_json(program.to_json()) == program


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"leaves": [{}], "steps": []}'])
def test_what_is_no_program_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a fuzz program"):
        Program.from_json(text)


def test_torch_agrees_with_itself() -> None:
    module = torch_subject().module
    for seed in range(60):
        program = drawn(seed)
        runs = [interpreter.observe(program, module) for _ in range(2)]
        verdict = judge(program, *runs, module)
        assert verdict.verdict is Verdict.SAME, (program, verdict)


# Judging ------------------------------------------------------------------------------------------


def changed(observed: list[Observation], label: str, change: float) -> list[Observation]:
    """The observations with the numbers of those whose label begins so multiplied."""
    made = []
    for o in observed:
        if o.label.startswith(label) and isinstance(o.value, TensorFacts):
            values = tuple(v * change for v in o.value.values)
            o = replace(o, value=replace(o.value, values=values))
        made.append(o)
    return made


ROUND_DOWN = Program(
    (replace(X, shape=(), numbers=(math.log(2.0),)),),
    (Step("{0}.exp()", ("x",), ("a",)), Step("{0}.floor()", ("a",), ("b",))),
)


def test_a_unit_in_the_last_place_is_the_same() -> None:
    observed = interpreter.observe(ROUND_DOWN, torch)
    off = changed(observed, "1: a", 1 - 2.0**-52)
    assert judge(ROUND_DOWN, observed, off, torch).verdict is Verdict.SAME


def test_a_kink_is_rounding_only_where_something_was_rounded() -> None:
    observed = interpreter.observe(ROUND_DOWN, torch)
    flipped = changed(observed, "2: b", 0.5)
    verdict = judge(ROUND_DOWN, observed, flipped, torch)
    assert (verdict.verdict, verdict.label) == (Verdict.DIFFERENT, "2: b = a.floor()")
    rounded = changed(flipped, "1: a", 1 - 2.0**-52)
    assert judge(ROUND_DOWN, observed, rounded, torch).verdict is Verdict.KINK


def test_cancellation_is_measured_and_not_guessed() -> None:
    steps = (Step("{0}.tanh()", ("x",), ("a",)), Step("{0} - {1}", ("x", "a"), ("b",)))
    program = Program((replace(X, shape=(), numbers=(0.1,)),), steps)
    observed = interpreter.observe(program, torch)
    for change, verdict in ((1 + 2.0**-45, Verdict.ROUNDED), (1 + 2.0**-30, Verdict.DIFFERENT)):
        off = changed(changed(observed, "2: b", change), "end: b", change)
        assert judge(program, observed, off, torch).verdict is verdict


OVER_TWO_OPS = Program(
    (X, replace(X, name="y", numbers=(0.7, 0.3, -1.1))),
    (
        Step("torch.softmax({0} * {1}, 0)", ("x", "y"), ("a",)),
        Step("{0} - {0}.mean()", ("a",), ("b",)),
        Step("{0}.exp().sum().backward()", ("b",)),
    ),
)


@pytest.mark.parametrize("label", ["1: a", "2: b", "end: x.grad", "end: y.grad"])
@pytest.mark.parametrize("factor", [1 + 1e-12, 1 - 1e-12])
def test_a_small_wrong_factor_is_a_difference(label: str, factor: float) -> None:
    observed = interpreter.observe(OVER_TWO_OPS, torch)
    wrong = judge(OVER_TWO_OPS, observed, changed(observed, label, factor), torch)
    assert (wrong.verdict, wrong.label[: len(label)]) == (Verdict.DIFFERENT, label)


def test_terms_that_cancel_leave_what_torch_rounds_and_no_more() -> None:
    """A sum that comes to nothing in torch may come to a rounding of its terms elsewhere."""
    terms = (0.1, 0.2, -0.3)
    program = Program(
        (replace(X, numbers=terms),), (Step("{0}.exp().log().sum()", ("x",), ("a",)),)
    )
    observed = interpreter.observe(program, torch)

    def off(by: float) -> Verdict:
        made = [
            replace(o, value=replace(o.value, values=(o.value.values[0] + by,)))
            if isinstance(o.value, TensorFacts)
            and o.label.split()[-1] in ("a", "x.exp().log().sum()")
            else o
            for o in observed
        ]
        return judge(program, observed, made, torch).verdict

    assert off(2.0**-53) in (Verdict.ROUNDED, Verdict.KINK)
    assert off(2.0**-40) is Verdict.DIFFERENT


def test_a_small_number_of_another_dtype_lends_nothing() -> None:
    """That a program has numbers of 16 bits says nothing of those of 64 beside them."""
    short = replace(X, name="y", dtype="bfloat16")
    steps = (Step("{0}.exp()", ("y",), ("a",)), Step("{0}.log1p()", ("z",), ("b",)))
    program = Program((short, replace(X, name="z", numbers=(0.5, 0.25, 2.0))), steps)
    observed = interpreter.observe(program, torch)
    wrong = judge(program, observed, changed(observed, "2: b", 1 + 1e-12), torch)
    assert (wrong.verdict, wrong.label[:4]) == (Verdict.DIFFERENT, "2: b")


def test_what_is_computed_of_bools_rounds_in_single_precision() -> None:
    steps = (
        Step("{0} > 0", ("x",), ("b",)),
        Step("torch.nn.functional.poisson_nll_loss({0}, {1})", ("b", "x"), ("a",)),
    )
    program = Program((X,), steps)
    observed = interpreter.observe(program, torch)
    for change, verdict in ((1 + 2.0**-24, Verdict.ROUNDED), (1 + 2.0**-12, Verdict.DIFFERENT)):
        off = changed(changed(observed, "2: a", change), "end: a", change)
        assert judge(program, observed, off, torch).verdict is verdict


def test_a_missing_observation_is_a_difference() -> None:
    observed = interpreter.observe(ROUND_DOWN, torch)
    verdict = judge(ROUND_DOWN, observed, observed[:-1], torch)
    assert verdict.verdict is Verdict.DIFFERENT
    assert judging.Verdict.DIFFERENT == "different"


# Known differences --------------------------------------------------------------------------------


def test_rows_need_reasons_and_globs() -> None:
    assert all(row.reason for row in findings.rows())
    with pytest.raises(ValueError, match="a `reason` and a glob are required"):
        findings.parse("[[finding]]\nreason = 'because'", "rows")
    with pytest.raises(ValueError, match="unknown keys"):
        findings.parse("[[finding]]\nreason = 'because'\nop = 'x'", "rows")


def test_a_row_covers_the_template(monkeypatch: pytest.MonkeyPatch) -> None:
    row = findings.parse("[[finding]]\nstep = '*.exp()'\nreason = 'because'", "rows")
    monkeypatch.setattr(findings, "rows", lambda: row)
    judgement = Judgement(Verdict.DIFFERENT, "1: a = x.exp()", "values differ")
    assert findings.covering(ROUND_DOWN, judgement, "numpy") is row[0]
    judgement = Judgement(Verdict.DIFFERENT, "2: b = a.floor()", "values differ")
    assert findings.covering(ROUND_DOWN, judgement, "numpy") is None


def test_a_row_may_ask_for_what_came_before(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[[finding]]\nbefore = '*int64*requires_grad=True*'\nreason = 'because'"
    row = findings.parse(text, "rows")
    monkeypatch.setattr(findings, "rows", lambda: row)
    clean = Judgement(Verdict.DIFFERENT, "1: a = x.exp()", "values differ")
    assert findings.covering(ROUND_DOWN, clean, "numpy") is None
    before = (Observation("1: a = x.exp()", "int64, requires_grad=True"),)
    assert findings.covering(ROUND_DOWN, replace(clean, before=before), "numpy") is row[0]


# The database -------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["{", "[]", '{"done": 3}', '{"done": {"0": ["x"]}}'])
def test_a_damaged_database_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    (tmp_path / "campaign.json").write_text(content)
    assert command_line.main(["fuzz", "--backend", "numpy", "--database", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "is damaged: campaign.json cannot be read" in told
    assert "Traceback" not in told


def test_a_file_is_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert command_line.main(["fuzz", "--backend", "numpy", "--database", str(file)]) == 2
    assert "is a file; a directory is needed" in capsys.readouterr().err


def test_done_batches_are_not_run_again(tmp_path: Path) -> None:
    subject = SubjectSpec("torch")
    plan = Plan((subject,), programs=20, database=tmp_path)
    first = [report.programs for number, report in Campaign(plan).run() if number >= 0]
    assert first == [20]
    again = Campaign(plan)
    assert again.skipped == 1
    assert [number for number, _ in again.run()] == [STORED]
    other = Campaign(replace(plan, seed=1))
    assert other.skipped == 0


# Scripts ------------------------------------------------------------------------------------------


def test_a_script_shows_the_difference(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(
        "import torch\n__getattr__ = lambda name: getattr(torch, name)\nsin = torch.cos\n",
        encoding="utf-8",
    )
    steps = (
        Step("with torch.no_grad():"),
        Step("leave"),
        Step("torch.sin({0})", ("x",), ("a",)),
        Step("its.hook({0}, 'doubles')", ("a",)),
        Step("{0}.sum().backward()", ("a",)),
        Step("{0}.reshape(7)", ("a",), ("b",)),
    )
    file = tmp_path / "script.py"
    text = script.script(Program((X,), steps), SubjectSpec("wrong"), "It differs.")
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(file), "both"], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 1, done.stderr
    assert "=== expected  3: a = torch.sin(x): [0.479" in done.stdout
    assert "=== got       3: a = torch.sin(x): [0.877" in done.stdout
    assert "    both      6: b = a.reshape(7): raises RuntimeError: shape" in done.stdout
    assert "    both      hook doubles: [1.0, 1.0, 1.0]" in done.stdout


def test_a_finding_is_kept_with_its_script(tmp_path: Path) -> None:
    database = Database(tmp_path)
    judgement = Judgement(Verdict.DIFFERENT, "1: a = x.exp()", "values differ", "expected, got")
    finding = Finding(SubjectSpec("autograd_core", "numpy"), "why", ROUND_DOWN, judgement)
    file = database.keep(finding)
    compile(file.read_text(encoding="utf-8"), str(file), "exec")
    row = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    assert Program.from_json(json.dumps(row["program"])) == ROUND_DOWN
