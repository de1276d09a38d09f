"""The training example prints the same on each backend and on torch."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[1] / "examples" / "train_mlp.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_mlp", EXAMPLE)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_learns(example: ModuleType, engine: Any) -> None:
    lines = list(example.run(engine))
    assert lines[-2] == "<All keys matched successfully>"
    assert lines[-1].startswith("60 of 60 points")


def test_it_prints_what_torch_prints(example: ModuleType, engine: Any) -> None:
    real = pytest.importorskip("torch")
    assert list(example.run(engine)) == list(example.run(real))
