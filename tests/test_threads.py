"""The number of threads: torch's functions and errors, and the variables of the environment."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import pytest

import autograd_core
from autograd_core import threads

BAD = [0, -1, 1.5, "2", None, True, 1 << 40]


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts with nothing set, neither in the process nor in the environment."""
    monkeypatch.setattr(threads, "_number", None)
    for variable in threads.VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def test_the_default_is_a_thread_per_core() -> None:
    assert autograd_core.get_num_threads() == threads._cores() >= 1


def test_what_is_set_is_in_force() -> None:
    autograd_core.set_num_threads(3)
    assert autograd_core.get_num_threads() == 3


@pytest.mark.parametrize("number", BAD)
def test_errors_are_those_of_torch(number: Any) -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises((RuntimeError, ValueError)) as expected:
        torch.set_num_threads(number)
    with pytest.raises(expected.type) as raised:
        autograd_core.set_num_threads(number)
    assert str(raised.value) == str(expected.value)


@pytest.mark.parametrize(
    ("environment", "number"),
    [
        ({"AUTOGRAD_NUM_THREADS": "5"}, 5),
        ({"OMP_NUM_THREADS": "6"}, 6),
        ({"AUTOGRAD_NUM_THREADS": " 5 ", "OMP_NUM_THREADS": "6"}, 5),
        ({"AUTOGRAD_NUM_THREADS": "", "OMP_NUM_THREADS": "6"}, 6),
        ({"OMP_NUM_THREADS": "many"}, None),
        ({"OMP_NUM_THREADS": "0"}, None),
    ],
)
def test_variables_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], number: int | None
) -> None:
    for variable, text in environment.items():
        monkeypatch.setenv(variable, text)
    assert autograd_core.get_num_threads() == (number or threads._cores())


@pytest.mark.parametrize("text", ["0", "-2", "two", "1.5"])
def test_a_variable_that_is_no_number_is_warned_of_once(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("AUTOGRAD_NUM_THREADS", text)
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with pytest.warns(UserWarning, match=f"AUTOGRAD_NUM_THREADS .* got '{text}'"):
        assert autograd_core.get_num_threads() == 7
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert autograd_core.get_num_threads() == 7


def test_no_thread_is_started_before_the_first_large_op() -> None:
    program = """
import threading, autograd_core as torch
torch.set_default_backend("numpy")
torch.set_num_threads(4)
for size in (1, 1000, 100_000):
    torch.ones(size).sin().sum()
assert threading.active_count() == 1, threading.enumerate()
torch.ones(1 << 20).sin()
assert threading.active_count() == 4, threading.enumerate()
"""
    pytest.importorskip("numpy")
    subprocess.run([sys.executable, "-c", program], check=True)
