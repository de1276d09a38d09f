"""What is made of a report: JSON both ways, causes, JUnit's file, badge, page, diff."""

from __future__ import annotations

import json
import re
import time
import xml.etree.ElementTree as xml
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jinja2")
pytest.importorskip("rich")

from autograd_conformance.cases import CHECKS, Outcome, Result, Status, Token
from autograd_conformance.chunks import Chunk
from autograd_conformance.command_line import main
from autograd_conformance.report import Report
from autograd_conformance.reports import json_file
from autograd_conformance.reports.badge import badge
from autograd_conformance.reports.causes import causes
from autograd_conformance.reports.difference import difference
from autograd_conformance.reports.json_file import read_samples, spell
from autograd_conformance.reports.junit import junit
from autograd_conformance.reports.page import STATUSES, page
from autograd_conformance.subjects import SubjectSpec

EVIL = "<script>alert('&')</script>\x00\ud800"


def case(token: str, status: str = "pass", message: str = "", **outcome: Any) -> Result:
    subject = outcome.pop("subject", "numpy")
    return Result(Token.parse(token), subject, Outcome(Status(status), message, **outcome), 0.5)


def made(*results: Result, subjects: tuple[str, ...] = ("numpy", "python")) -> Report:
    report = Report(list(subjects), {"torch": "2.13.0", "python": "3.11.7", "seconds": 1.5})
    report.specs = {name: SubjectSpec("autograd_core", name) for name in subjects}
    report.settings = {"tier": {"value": "full", "origin": "--tier"}}
    for result in results:
        report.add(result)
    return report


def mixed() -> Report:
    """A report with a case of every status, one that was stopped, and one hostile text."""
    report = made(
        *(case(f"exp|float64|{n}|values", max_ulp=1.5) for n in range(5)),
        case("exp|float64|5|values", "fail", "output 0: values differ", detail="expected 1, got 2"),
        case("exp|float64|5|gradients", "fail", "gradient 0: values differ"),
        case("sort|float32|0|values", "crash", "the process died (SIGSEGV)"),
        case("svd|float32|0|values", "timeout", "no answer within 60 s"),
        case("sin|float64|0|values", "known_difference", "m", reason="meant", category="rounding"),
        case("sin|float64|1|values", "unexpected_pass", "declared as a known difference"),
        case("cos|float64|0|gradients", "blind", "blind: zero", reason="the gradient is zero"),
        case("cos|float64|1|gradients", "blind", "blind: zero"),
        case("tan|float64|0|values", "missing", "MissingInSubject: no tan"),
        case("tan|float64|1|values", "missing", "MissingInSubject: no tan"),
        case("abs|any|0|errors", "oracle_error", "torch raises"),
        case("abs|any|1|errors", type_match=True, text_match=False),
        case("abs|any|2|errors", "fail", "type", type_match=False, text_match=False),
        case("neg|bool|0|values", "skip", "sparse", reason="sparse"),
        case("scenario.hooks.order|any|0|scenario", "fail", EVIL, detail=EVIL, script=EVIL),
        case("scenario.hooks.other|any|0|scenario", subject="python", graph="<svg/>"),
    )
    report.unfinished = [Chunk("abs", "float64", ("values",), 3, None, (("numpy", "values"),))]
    report.complaints = ["a row covers no case"]
    report.broken = {"python": "ImportError: x"}
    report.nodes = {"exp": ["ExpBackward0"]}
    return report


def test_samples_are_spelled_as_ranges() -> None:
    for numbers in ([0], [3, 1, 2], [0, 2, 3, 9], [5, 7, 6, 100]):
        assert read_samples(spell(numbers)) == sorted(numbers)
    assert spell([3, 1, 2, 7]) == "1-3,7"


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    report = mixed()
    json_file.write(report, tmp_path / "r.json")
    again = json_file.read(tmp_path / "r.json")
    assert json_file.as_json(again) == json_file.as_json(report)
    assert sorted(again.statuses("numpy")) == sorted(report.statuses("numpy"))
    assert again.unfinished == report.unfinished
    assert again.exit_code() == report.exit_code() == 1
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


def test_the_schema_holds_for_reports() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    text = (resources.files("autograd_conformance") / "reports/report_schema.json").read_text()
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    found = json.loads(json.dumps(json_file.as_json(mixed())))
    assert list(validator.iter_errors(found)) == []
    assert schema["properties"]["schema"]["const"] == json_file.SCHEMA
    assert schema["$defs"]["status"]["enum"] == [str(status) for status in Status]
    assert set(STATUSES) == set(Status)
    found["notable"][0]["status"] = "maybe"
    del found["subjects"]["numpy"]["entries"][0]["dtype"]
    assert len(list(validator.iter_errors(found))) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot read the report"),
        ("{", "is no report: it is not JSON"),
        ("[1]", "is another kind of file; this version reads"),
        ('{"schema": "autograd-conformance-report/1"}', "report/1'; this version reads"),
        ('{"schema": "autograd-conformance-report/2"}', "is damaged (KeyError: 'subjects')"),
        ("status", "is damaged (ValueError: 'maybe' is not a valid Status)"),
        ("samples", "is damaged (ValueError: invalid literal"),
        (b"\xff\xfe", "is no report: it is not JSON"),
    ],
)
@pytest.mark.parametrize("command", ["report", "diff", "run --failed", "run --resume"])
def test_a_file_that_is_no_report_is_told(
    command: str,
    text: str | bytes | None,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if command.startswith("run"):
        pytest.importorskip("torch")
    path = tmp_path / "r.json"
    if text in ("status", "samples"):
        found = json_file.as_json(mixed())
        if text == "status":
            found["notable"][0]["status"] = "maybe"
        else:
            found["subjects"]["numpy"]["entries"][0]["checks"]["errors"]["pass"] = "a-b"
        text = json.dumps(found)
    if isinstance(text, bytes):
        path.write_bytes(text)
    elif text is not None:
        path.write_text(text)
    arguments = [str(path)] * (2 if command == "diff" else 1)
    assert main([*command.split(), *arguments]) == 2
    assert message in capsys.readouterr().err


def test_later_checks_of_a_sample_are_set_down_to_the_first() -> None:
    report = made(
        case("exp|float64|0|values", "fail", "output 0: values differ"),
        case("exp|float64|0|gradients", "fail", "gradient 0: values differ"),
        case("exp|float64|0|second_order", "fail", "second-order gradient 0: values differ"),
        case("exp|float64|0|graph", "fail", "node ExpBackward0 is SinBackward0"),
        case("exp|float64|1|gradients", "fail", "gradient 0: values differ"),
    )
    found = {cause.check: (len(cause.results), cause.then) for cause in causes(report)}
    assert found == {
        "values": (1, {"gradients": 1, "second_order": 1}),
        "graph": (1, {}),  # another question, of which wrong values say nothing
        "gradients": (1, {}),
    }


def test_a_node_of_another_name_is_one_failure() -> None:
    report = made(
        case("exp|float64|0|attributes", "fail", "output 0: grad_fn differs"),
        case("exp|float64|0|graph", "fail", "node ExpBackward0 is SinBackward0"),
        case("exp|float64|1|attributes", "fail", "output 0: is_leaf differs"),
        case("exp|float64|1|graph", "fail", "node ExpBackward0 is SinBackward0"),
    )
    assert {(c.check, c.cases, len(c.results)) for c in causes(report)} == {
        ("attributes", 3, 2),
        ("graph", 1, 1),
    }


def test_an_op_is_set_down_to_a_failing_op_whose_nodes_it_holds() -> None:
    message = "gradient 0: values differ"
    ops = ("nn.functional.softmin", "softmax", "exp", "log_softmax")
    report = made(*(case(f"{op}|float64|0|gradients", "fail", message) for op in ops))
    assert [list(cause.ops) for cause in causes(report)] == [[op] for op in sorted(ops, key=str)]
    report.nodes = {
        "softmax": ["SoftmaxBackward0"],
        "nn.functional.softmin": ["NegBackward0", "SoftmaxBackward0"],
        "log_softmax": ["LogSoftmaxBackward0"],
        "exp": ["ExpBackward0"],
    }
    first, *others = causes(report)
    assert list(first.ops) == ["softmax", "nn.functional.softmin"]
    assert first.first.token.entry == "softmax"
    assert [list(cause.ops) for cause in others] == [["exp"], ["log_softmax"]]


def test_a_root_must_fail_the_same_check_on_the_same_subject() -> None:
    message = "gradient 0: values differ"
    report = made(
        case("softmin|float64|0|gradients", "fail", message),
        case("softmax|float64|0|gradients", "fail", message, subject="python"),
        case("softmax|float64|0|graph", "fail", "edges differ"),
    )
    report.nodes = {"softmax": ["S"], "softmin": ["N", "S"]}
    assert sorted(list(cause.ops) for cause in causes(report)) == [
        ["softmax"],
        ["softmax"],
        ["softmin"],
    ]


def test_one_exception_is_one_cause() -> None:
    text = "RuntimeError: no kernel for {} of 3 dims"
    report = made(
        *(case(f"{op}|float64|0|values", "fail", text.format(7)) for op in ("sin", "cos")),
        case("tan|float64|0|gradients", "fail", text.format(8)),
        case("tan|float64|0|values", "fail", "output 0: values differ"),
    )
    first, second = causes(report)
    assert first.ops == {"cos": 1, "sin": 1}
    assert (second.root, second.then) == ("tan", {"gradients": 1})


def test_a_missing_op_is_a_failure_where_it_fails_the_run() -> None:
    report = made(case("exp|float64|0|values", "missing", "MissingInSubject: no exp"))
    assert not report.failures()
    assert "nothing failed" in page(report)
    report.about["missing_fails"] = True
    assert [cause.root for cause in causes(report)] == ["exp"]
    assert "nothing failed" not in page(report)
    assert xml.fromstring(junit(report)).get("failures") == "1"
    assert report.exit_code() == 1


def test_junit_has_a_test_per_entry_dtype_and_check() -> None:
    root = xml.fromstring(junit(mixed()))
    numpy, python = root
    tests = {(t.get("classname"), t.get("name")): t for t in numpy}
    failed = tests["numpy.pointwise.exp", "float64-values"]
    assert failed[0].tag == "failure"
    assert failed[0].get("message") == "1 of 6 cases: output 0: values differ"
    assert "replay 'exp|float64|5|values' --backend numpy" in str(failed[0].text)
    assert tests["numpy.indexing.sort", "float32-values"][0].tag == "error"
    assert tests["numpy.pointwise.cos", "float64-gradients"][0].tag == "skipped"
    assert numpy.get("failures") == "5"
    assert numpy.get("errors") == "3"  # a crash, a timeout, and the complaint
    assert [t[0].get("message") for t in python if len(t)] == ["ImportError: x"]
    assert int(str(root.get("tests"))) == len(numpy) + len(python)


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (made(case("exp|float64|0|values"), subjects=("numpy",)), "1/547 ops"),
        (made(case("scenario.a.b|any|0|scenario"), subjects=("numpy",)), "1/1 programs"),
        (
            made(case("exp|float64|0|values", "crash", "x"), subjects=("numpy",)),
            "0/547 ops, failing",
        ),
        (made(), "no case run"),
        (mixed(), "does not import"),
    ],
)
def test_the_badge_says_how_much_passes(report: Report, text: str) -> None:
    root = xml.fromstring(badge(report))
    assert root.get("aria-label") == f"torch conformance: {text}"


def test_the_page_holds_everything_and_escapes_it() -> None:
    text = page(mixed())
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    assert "replay 'exp|float64|5|values' --backend numpy" in text
    for words in ("a row covers no case", "ImportError: x", "meant", "rounding", "SIGSEGV"):
        assert words in text
    assert re.findall(r"(?:src|href)=\"(?!data:|#)", text) == []
    assert "--subjects:2" in text


def test_a_full_report_stays_small_and_fast(tmp_path: Path) -> None:
    """240,000 cases, a thousand of them failing, each with its own text."""
    report = made()
    begun = time.process_time()
    for op in range(500):
        for dtype in ("float64", "float32", "float16", "complex128"):
            for check in CHECKS[:6]:
                for sample in range(10):
                    for subject in report.subjects:
                        token = Token(f"op{op}", dtype, sample, check)
                        bad = sample == 0 and check == "values" and dtype == "float64"
                        status = Status.FAIL if bad else Status.PASS
                        outcome = Outcome(status, f"wrong {op}" * bad, "x" * 400 * bad)
                        report.add(Result(token, subject, outcome))
    assert report.cases == 240_000
    json_file.write(report, tmp_path / "r.json")
    assert (tmp_path / "r.json").stat().st_size < 3_000_000
    again = json_file.read(tmp_path / "r.json")
    text = page(again)
    assert len(text) < 5_000_000
    assert len(junit(again)) < 10_000_000
    assert time.process_time() - begun < 60


def test_report_makes_every_file_from_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    json_file.write(mixed(), Path("r.json"))
    files = ("--html", "o.html", "--junit", "j.xml", "--badge", "b.svg")
    assert main(["report", "r.json", *files]) == 0
    text = page(json_file.read(Path("r.json")))
    assert Path("o.html").read_bytes() == text.encode(errors="replace")
    assert xml.parse("j.xml").getroot().tag == "testsuites"
    assert xml.parse("b.svg").getroot().get("height") == "20"
    capsys.readouterr()
    assert main(["report", "r.json"]) == 0
    assert "the process died (SIGSEGV)" in capsys.readouterr().out


def test_a_diff_tells_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = made(
        *(case(f"exp|float64|{n}|values", "fail", "wrong 1") for n in range(3)),
        case("exp|float64|3|values"),
        *(case(f"sin|float64|{n}|values", "fail", f"wrong {n}") for n in range(3)),
        case("tan|float64|0|values"),
        case("cos|float64|0|values", "blind", "blind"),
        case("abs|float64|0|values", "known_difference", "m", reason="r"),
    )
    new = made(
        *(case(f"exp|float64|{n}|values") for n in range(3)),
        case("exp|float64|3|values", "crash", "the process died"),
        case("sin|float64|0|values", "fail", "wrong 7"),  # a number alone is no other message
        case("sin|float64|1|values", "fail", "other"),
        case("sin|float64|2|values", "timeout", "no answer"),
        case("cos|float64|0|values"),
        case("abs|float64|0|values"),
        *(case(f"neg|float64|{n}|values") for n in range(4)),
        case("neg|float64|4|values", "fail", "wrong"),
    )
    for name, report in (("old.json", old), ("new.json", new)):
        json_file.write(report, tmp_path / name)
    files = [str(tmp_path / name) for name in ("old.json", "new.json")]
    assert main(["diff", *files, "--json", str(tmp_path / "diff.json")]) == 1
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == (
        "+3 fixed, -1 broken, 2 changed message, 2 of another status, "
        "5 new (1 of them failing), 1 gone"
    )
    assert "fixed    exp|float64|0-2|values on numpy" in out
    found = json.loads((tmp_path / "diff.json").read_text())
    assert found["counts"] == {
        "fixed": 3,
        "broken": 1,
        "changed": 2,
        "other": 2,
        "new": 5,
        "gone": 1,
    }
    (broken,) = [change for change in found["changes"] if change["kind"] == "broken"]
    assert broken == {
        "kind": "broken",
        "subject": "numpy",
        "token": "exp|float64|3|values",
        "old": "pass",
        "new": "crash",
        "new_message": "the process died",
    }
    assert main(["diff", files[0], files[0]]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "+0 fixed, -0 broken, 0 changed message, 0 new, 0 gone"
    )


@pytest.mark.parametrize("status", ["skip", "blind", "missing", "oracle_error", "fail"])
def test_a_case_that_is_no_longer_tested_has_broken(status: str) -> None:
    old, new = made(case("exp|float64|0|values")), made(case("exp|float64|0|values", status, "m"))
    assert difference(old, new).exit_code == 1
    back = difference(new, old)
    assert back.exit_code == 0
    assert back.count("fixed") == (status in ("missing", "fail"))


def test_what_a_stopped_run_has_left_is_not_gone() -> None:
    old = made(case("exp|float64|0|values"), case("exp|float64|1|values"))
    new = made(case("exp|float64|0|values"))
    assert difference(old, new).count("gone") == 1
    new.unfinished = [Chunk("exp", "float64", ("values",), 1)]
    found = difference(old, new)
    assert found.count("gone") == 0
    assert "no time for" in found.line


def test_a_subject_that_no_longer_imports_has_broken() -> None:
    old, new = made(case("exp|float64|0|values")), made()
    new.broken = {"numpy": "ImportError: x"}
    assert difference(old, new).exit_code == 1
