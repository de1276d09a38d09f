"""The training examples print the same on each backend and on torch."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_perceptron_learns(engine: Any) -> None:
    lines = list(example("train_mlp").run(engine))
    assert lines[-2] == "<All keys matched successfully>"
    assert lines[-1].startswith("60 of 60 points")


def test_the_convolutional_network_learns(engine: Any) -> None:
    lines = list(example("train_cnn").run(engine))
    assert int(lines[-2].split()[0]) > 40


def test_the_compiled_step_is_the_same(engine: Any, capsys: pytest.CaptureFixture[str]) -> None:
    example("compiled_training").main()
    assert "the same bits compiled and not" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["train_mlp", "train_cnn"])
def test_it_prints_what_torch_prints(engine: Any, name: str) -> None:
    real = pytest.importorskip("torch")
    program = example(name)
    assert list(program.run(engine)) == list(program.run(real))
