"""Fixtures: the engine on each installed backend, and torch itself where it is installed.

A test that takes ``torch`` runs once per backend, and once on real torch, which shows that what it
expects is what torch does.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Iterator
from typing import Any

import pytest

import autograd_core

SUBJECTS = [
    name
    for name, needs in (("numpy", "numpy"), ("python", "autograd_python"), ("torch", "torch"))
    if importlib.util.find_spec(needs) is not None
]


@pytest.hookimpl(optionalhook=True)  # of xdist
def pytest_xdist_auto_num_workers() -> int:
    """Beside torch half again as many as cores: many tests wait for what they start, or a limit."""
    cores = os.cpu_count() or 1
    return cores + cores // 2 if "torch" in SUBJECTS else cores


@pytest.fixture(params=SUBJECTS)
def torch(request: pytest.FixtureRequest) -> Iterator[Any]:
    """``autograd_core`` on one backend, or torch."""
    if request.param == "torch":
        yield importlib.import_module("torch")
        return
    with autograd_core.use_backend(request.param):
        yield autograd_core


@pytest.fixture(params=[name for name in SUBJECTS if name != "torch"])
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    """``autograd_core`` on one backend, for what torch does not have."""
    with autograd_core.use_backend(request.param):
        yield autograd_core
