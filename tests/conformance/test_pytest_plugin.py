"""The kit under pytest: readable ids, markers, --lf, JUnit, xdist, and no run without a case."""

from __future__ import annotations

import os
import sys
import xml.etree.ElementTree as ElementTree
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

pytest_plugins = ["pytester"]

MIRROR = """
import sys, types
import torch
sys.modules[__name__].__dict__.update(
    {n: getattr(torch, n) for n in dir(torch) if not n.startswith("__")}
)
exp = lambda x: torch.exp(x) + 1
"""


@pytest.fixture
def kit(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the kit, in a process of its own, on a mirror of torch whose exp is off by one."""
    pytester.makepyfile(off_by_one=MIRROR)
    path = os.pathsep.join([str(pytester.path), *filter(None, sys.path)])
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    named = ("--pyargs", "autograd_conformance", "--subject", "off_by_one", "--samples", "1")
    plugin = () if _is_installed() else ("-p", "autograd_conformance.pytest_plugin")
    return lambda *options: pytester.runpytest_subprocess(*plugin, *named, *options)


def _is_installed() -> bool:
    points = metadata.entry_points(group="pytest11")
    return any(point.value.startswith("autograd_conformance") for point in points)


OPS = ("--ops", "exp,softmax,scenario.roots.a_freed_graph", "--check", "values,graph,scenario")


def test_each_check_of_an_entry_is_a_test(kit: Any, pytester: pytest.Pytester) -> None:
    done = kit(*OPS, "-n", "2", "-v", "--strict-markers", "--junitxml", "report.xml")
    counts = done.parseoutcomes()
    assert counts["failed"] == 6  # exp at three dtypes, in two checks
    assert counts["passed"] >= 5  # softmax at two, the scenario
    lines = "\n".join(done.outlines)
    assert "FAILED" in lines
    assert "exp|float64|0|values: output 0: values differ" in lines

    root = ElementTree.parse(Path(pytester.path) / "report.xml").getroot()
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert len(cases) == counts["failed"] + counts["passed"] + counts.get("skipped", 0)
    assert "test_case[off_by_one-scenario.roots.a_freed_graph]" in cases
    failed = cases["test_case[off_by_one-exp-float64-values]"]
    assert failed.find("failure") is not None
    assert {p.get("name"): p.get("value") for p in failed.iter("property")} == {"fail": "1"}

    again = kit(*OPS, "--lf").parseoutcomes()
    assert again["failed"] == 6
    assert "passed" not in again


def test_markers_choose_by_family_and_check(kit: Any) -> None:
    options = ("--ops", "exp,linalg.solve", "--dtype", "float64", "--strict-markers", "-rA")
    done = kit(*options, "-m", "family_linalg and check_gradients")
    done.assert_outcomes(passed=1, deselected=done.parseoutcomes()["deselected"])
    done.stdout.fnmatch_lines(["*PASSED *test_case[[]off_by_one-linalg.solve-float64-gradients]*"])


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (("--ops", "no_such_op"), {pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERRUPTED}),
        (("--ops", "exp", "-m", "family_fft"), {pytest.ExitCode.NO_TESTS_COLLECTED}),
    ],
)
def test_an_empty_selection_fails(
    kit: Any, options: tuple[str, ...], codes: set[pytest.ExitCode]
) -> None:
    assert kit(*options).ret in codes
