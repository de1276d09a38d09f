"""The kit under pytest: readable ids, markers, --lf, JUnit, xdist, and no run without a case."""

from __future__ import annotations

import os
import sys
import xml.etree.ElementTree as ElementTree
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["pytester"]

MIRROR = """
import sys
import autograd_core
sys.modules[__name__].__dict__.update(
    {n: getattr(autograd_core, n) for n in dir(autograd_core) if not n.startswith("__")}
)
exp = lambda x: autograd_core.exp(x) + 1
"""


@pytest.fixture
def pyargs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `pytest --pyargs autograd_conformance` with options, in a process of its own."""
    path = os.pathsep.join([str(pytester.path), *filter(None, sys.path)])
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    plugin = () if _is_installed() else ("-p", "autograd_conformance.pytest_plugin")
    named = (*plugin, "--pyargs", "autograd_conformance")
    return lambda *options: pytester.runpytest_subprocess(*named, *options)


@pytest.fixture
def kit(pyargs: Any, pytester: pytest.Pytester) -> Any:
    """Runs the kit on a mirror of the engine whose exp is off by one.

    Torch's answers come from a file: importing torch in each process would take most of the time.
    `test_runs.py` has the plug-in run torch.
    """
    pytester.makepyfile(off_by_one=MIRROR)
    options = ("--subject", "off_by_one", "--oracle", "goldens", "--samples", "1")
    return lambda *more: pyargs(*options, *more)


@pytest.fixture
def without_torch(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """In processes that are started, importing torch fails as where there is none."""
    path = [str(pytester.path), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    # A module of that name would not do: pytest puts an installed kit's folder before it.
    pytester.makepyfile(
        sitecustomize="""
        import sys

        class WithoutTorch:
            @staticmethod
            def find_spec(name, path=None, target=None):
                if name == "torch":
                    raise ModuleNotFoundError("No module named 'torch'", name="torch")

        sys.meta_path.insert(0, WithoutTorch)
        """
    )


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


FROM_GOLDENS = (
    "--backend",
    "python",
    "--oracle",
    "goldens",
    "--samples",
    "1",
    "--dtype",
    "float64",
)


@pytest.mark.usefixtures("without_torch")
def test_goldens_stand_in_for_torch(pyargs: Any) -> None:
    done = pyargs(*FROM_GOLDENS, "--ops", "exp,mm", "--check", "values,graph", "-n", "2", "-v")
    done.assert_outcomes(passed=4)
    done.stdout.fnmatch_lines(["*PASSED*test_case[[]python-exp-float64-values]*"])


@pytest.mark.usefixtures("without_torch")
def test_what_failed_against_goldens_is_run_again(pyargs: Any, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(off_by_one=MIRROR)
    options = ("--subject", "off_by_one", "--oracle", "goldens", "--samples", "1", "--dtype")
    chosen = ("float64", "--ops", "exp,mm", "--check", "values,graph")
    first = pyargs(*options, *chosen, "-n", "2")
    first.assert_outcomes(failed=2, passed=2)
    again = pyargs(*options, *chosen, "--lf")
    again.assert_outcomes(failed=2)
    again.stdout.fnmatch_lines(["*exp|float64|0|values: output 0: values differ*"])


@pytest.mark.usefixtures("without_torch")
def test_what_the_goldens_do_not_hold_does_not_pass(pyargs: Any) -> None:
    options = ("--oracle", "goldens", "--ops", "exp", "--dtype", "float16", "--check", "values")
    done = pyargs("--backend", "python", *options, "-rs")
    done.assert_outcomes(skipped=1)
    done.stdout.fnmatch_lines(["*1 of 1 not run: the goldens hold no samples of exp at float16*"])


@pytest.mark.usefixtures("without_torch")
def test_no_torch_and_no_goldens_is_an_error(pyargs: Any) -> None:
    done = pyargs("--backend", "python", "--ops", "exp")
    assert done.ret not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    text = "\n".join([*done.outlines, *done.errlines])
    assert "No module named 'torch'; it is needed here: pip install" in text
    assert "--oracle goldens" in text


@pytest.mark.parametrize("oracle", ["golden", "goldens:nothing.zip", "goldens:foreign.zip"])
def test_an_oracle_that_is_none_is_an_error(
    pyargs: Any, oracle: str, pytester: pytest.Pytester
) -> None:
    (Path(pytester.path) / "foreign.zip").write_bytes(b"no archive")
    done = pyargs("--backend", "python", "--ops", "exp", "--oracle", oracle)
    assert done.ret in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERRUPTED)
    assert "Traceback" not in "\n".join([*done.outlines, *done.errlines])


def test_families_are_chosen(pyargs: Any) -> None:
    options = ("--family", "activation", "--ops", "nn.functional.relu,exp", "--check", "values")
    done = pyargs(*FROM_GOLDENS, *options)
    done.assert_outcomes(passed=1)
