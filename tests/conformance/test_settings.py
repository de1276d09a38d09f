"""Settings come from the command line, the environment, pyproject.toml, or are the defaults."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from autograd_conformance.settings import DTYPES, SETTINGS, Resolved, add_arguments, resolve

FILE = """
[tool.autograd_conformance]
backends = ["numpy", "python"]
ops = "softmax, exp"
tier = "core"
jobs = 3
timeout = 2.5
fail_missing = true
junit = "build/page.html"
"""


def resolved(
    folder: Path, file: str = "", environment: dict[str, str] | None = None, *options: str
) -> Resolved:
    (folder / "pyproject.toml").write_text(file)
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    given = vars(parser.parse_args(options))
    inner = folder / "deep" / "inside"
    inner.mkdir(parents=True, exist_ok=True)
    return resolve(given, environment=environment or {}, directory=inner)


def test_the_nearest_place_says_it(tmp_path: Path) -> None:
    environment = {"AUTOGRAD_CONFORMANCE_TIER": "full", "AUTOGRAD_CONFORMANCE_JOBS": "5"}
    found = resolved(tmp_path, FILE, environment, "--jobs", "7", "--ops", "sin,cos", "--ops", "tan")
    file = str(tmp_path / "pyproject.toml")
    expected: dict[str, tuple[Any, str]] = {
        "backends": (("numpy", "python"), file),
        "ops": (("sin", "cos", "tan"), "--ops"),
        "tier": ("full", "AUTOGRAD_CONFORMANCE_TIER"),
        "jobs": (7, "--jobs"),
        "timeout": (2.5, file),
        "fail_missing": (True, file),
        "junit": (tmp_path / "build/page.html", file),
        "seed": (0, "default"),
    }
    assert {name: (found[name].value, found[name].origin) for name in expected} == expected


def test_every_setting_is_had_everywhere(tmp_path: Path) -> None:
    texts = {"tier": "core", "checks": "graph", "dtypes": "bool", "families": "loss"}
    texts |= {"oracle": "torch"}
    for setting in SETTINGS:
        text = texts.get(setting.name, "1")
        options = (setting.flag,) if setting.is_switch else (setting.flag, text)
        toml = "true" if setting.is_switch else repr(text)
        file = f"[tool.autograd_conformance]\n{setting.name} = {toml}\n"
        values = [
            resolved(tmp_path, "", None, *options),
            resolved(tmp_path, "", {setting.variable: text}),
            resolved(tmp_path, file),
        ]
        found = [v[setting.name] for v in values]
        assert found[0].value == found[1].value, setting.name
        if not isinstance(found[2].value, Path):
            assert found[2].value == found[0].value
        assert {v.origin for v in found} == {
            setting.flag,
            setting.variable,
            str(tmp_path / "pyproject.toml"),
        }


def test_a_switch_can_be_turned_off(tmp_path: Path) -> None:
    assert resolved(tmp_path, FILE, None, "--no-fail-missing").value("fail_missing") is False


@pytest.mark.parametrize(
    ("file", "environment", "message"),
    [
        ("tiers = 'core'", {}, "unknown setting 'tiers'; did you mean tier"),
        ("tier = 'cores'", {}, "pyproject.toml: tier: unknown tier 'cores'; did you mean core?"),
        ("jobs = 0", {}, "jobs: there must be a worker"),
        ("jobs = [1]", {}, r"jobs: not a value for this: \[1\]"),
        ("ops = [1]", {}, "ops: not a value"),
        ("", {"AUTOGRAD_CONFORMANCE_TIMEOUT": "soon"}, "_TIMEOUT: not a number of seconds: 'soon'"),
        ("", {"AUTOGRAD_CONFORMANCE_TEIR": "core"}, "TEIR: there is no such setting; did you mean"),
        ("", {"AUTOGRAD_CONFORMANCE_FAIL_MISSING": "maybe"}, "neither true nor false: 'maybe'"),
        ("", {"AUTOGRAD_CONFORMANCE_CHECKS": "graphs"}, "unknown checks 'graphs'; did you mean"),
        ("x = [", {}, "pyproject.toml: "),
    ],
)
def test_mistakes_are_told_with_their_place(
    tmp_path: Path, file: str, environment: dict[str, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        resolved(tmp_path, f"[tool.autograd_conformance]\n{file}\n", environment)


def test_other_variables_of_the_name_are_let_be(tmp_path: Path) -> None:
    assert resolved(tmp_path, "", {"AUTOGRAD_CONFORMANCE_PYTEST": "1"}).value("tier") == "smoke"


def test_values_and_origins_go_into_json(tmp_path: Path) -> None:
    found = resolved(tmp_path, FILE).as_json()
    assert found["ops"] == {
        "value": ["softmax", "exp"],
        "origin": str(tmp_path / "pyproject.toml"),
    }
    assert found["junit"]["value"] == str(tmp_path / "build/page.html")


def test_the_dtypes_are_those_of_the_database() -> None:
    pytest.importorskip("torch")
    from autograd_conformance.opinfo_cases import entries

    assert {dtype for entry in entries().values() for dtype in entry.dtypes} <= set(DTYPES)
