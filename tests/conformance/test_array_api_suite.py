"""The runner of the Array API test suite, on a small checkout that is laid out as the real one."""

from __future__ import annotations

import pytest

from autograd_conformance import array_api_suite
from autograd_conformance.command_line import main

CONFTEST = """
import pytest


def pytest_addoption(parser):
    parser.addoption("--skips-file")
    parser.addoption("--xfails-file")
    parser.addoption("--max-examples", type=int, default=100)


def listed(config, option):
    with open(config.getoption(option)) as lines:
        return [line.strip() for line in lines]


def pytest_collection_modifyitems(config, items):
    for item in items:
        if any(item.nodeid.startswith(test) for test in listed(config, "--skips-file")):
            item.add_marker(pytest.mark.skip(reason="listed"))
        if any(item.nodeid.startswith(test) for test in listed(config, "--xfails-file")):
            item.add_marker(pytest.mark.xfail(reason="listed"))
"""
TESTS = """
import importlib
import os

import pytest

xp = importlib.import_module(os.environ["ARRAY_API_TESTS_MODULE"])


@pytest.mark.parametrize("value", [1, 2])
def test_value(value):
    assert xp.ONE == value


def test_version():
    assert os.environ["ARRAY_API_TESTS_VERSION"] == "2024.12"


def test_wild():
    assert not hasattr(xp, "ONE")


def test_examples(request):
    assert request.config.getoption("--max-examples") == 7
"""
ROWS = """
[[difference]]
test = "array_api_tests/test_numbers.py::test_value[2]"
reason = "one is not two"

[[difference]]
test = "array_api_tests/test_numbers.py::test_wild"
reason = "as the weather is"
skip = true
"""


@pytest.fixture
def checkout(tmp_path):
    path = tmp_path / "array-api-tests"
    (path / "array_api_tests").mkdir(parents=True)
    (path / "array-api" / "src").mkdir(parents=True)
    (path / "conftest.py").write_text(CONFTEST)
    (path / "array_api_tests" / "__init__.py").write_text("")
    (path / "array_api_tests" / "test_numbers.py").write_text(TESTS)
    return path


@pytest.fixture
def namespace(tmp_path, monkeypatch):
    """The name of an importable package with these differences."""

    def make(rows):
        folder = tmp_path / "packages" / "one_namespace"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("ONE = 1\n")
        (folder / "known_differences.toml").write_text(rows)
        monkeypatch.syspath_prepend(folder.parent)
        monkeypatch.setenv("PYTHONPATH", str(folder.parent))
        return folder.name

    return make


def run(checkout, module, *arguments):
    return main(["array-api-tests", str(checkout), "--module", module, *arguments])


def test_a_run_counts_what_passed_and_what_differs_as_known(checkout, namespace, capfd):
    assert run(checkout, namespace(ROWS), "--max-examples", "7") == 0
    assert (
        "one_namespace: 3 passed, 0 failed, 1 differ as known, 1 skipped" in capfd.readouterr().out
    )


def test_a_failure_is_named(checkout, namespace, capfd):
    assert run(checkout, namespace(""), "--max-examples", "7") == 1
    out = capfd.readouterr().out
    assert "array_api_tests/test_numbers.py::test_value[2]: assert 1 == 2" in out
    assert "3 passed, 2 failed" in out


def test_a_known_difference_that_is_none_fails(checkout, namespace, capfd):
    rows = ROWS.replace("test_value[2]", "test_value[1]")
    assert run(checkout, namespace(rows), "--pytest", "-k 'test_value and 1'") == 1
    assert "test_value[1]: [XPASS(strict)] listed" in capfd.readouterr().out


def test_a_run_of_nothing_is_no_success(checkout, namespace, capfd):
    assert run(checkout, namespace(ROWS), "--pytest", "-k nothing_of_the_kind") == 2
    assert "no test ran: FAILED" in capfd.readouterr().out


def test_a_folder_that_is_no_checkout_is_told(checkout, tmp_path, capfd):
    assert run(tmp_path, "autograd_python.array_api") == 2
    assert f"{tmp_path} is no checkout of array-api-tests" in capfd.readouterr().err
    (checkout / "array-api" / "src").rmdir()
    assert run(checkout, "autograd_python.array_api") == 2
    assert "git submodule update --init" in capfd.readouterr().err


def test_a_module_that_is_not_there_is_told(checkout, capfd):
    assert run(checkout, "no_such_namespace.array_api") == 2
    assert "there is no module 'no_such_namespace.array_api' to test" in capfd.readouterr().err


@pytest.mark.parametrize(
    "text, message",
    [
        ('[[difference]]\ntest = "x"', "`test` and a `reason` are required"),
        ('[[difference]]\ntest = "x"\nreason = "y"\nwhy = "z"', r"unknown keys \['why'\]"),
        ("[[difference", "FILE: "),
    ],
)
def test_a_file_of_differences_is_checked(text, message):
    with pytest.raises(ValueError, match=message):
        array_api_suite.parse(text, "FILE")


def test_the_differences_of_the_pure_python_namespace_have_reasons():
    rows = array_api_suite.differences("autograd_python.array_api")
    assert rows
    assert all(row.test.startswith("array_api_tests/test_") for row in rows)
