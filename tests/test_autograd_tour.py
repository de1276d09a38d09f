"""The tour notebook: what its cells show on each backend, and beside live torch."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def tour() -> ModuleType:
    spec = importlib.util.spec_from_file_location("autograd_tour", EXAMPLES / "autograd_tour.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(EXAMPLES)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_cell_shows_what_the_document_shows(tour: ModuleType, torch: Any) -> None:
    shown = [(cell, text) for cell, text in tour.run(torch, seed=0) if not cell.is_random]
    assert len(shown) == 38
    assert [text for _, text in shown] == [cell.expected for cell, _ in shown]


@pytest.mark.parametrize("seed", [0, 7])
def test_random_cells_show_what_torch_shows(tour: ModuleType, engine: Any, seed: int) -> None:
    real = pytest.importorskip("torch")
    ours = [text for _, text in tour.run(engine, seed)]
    assert ours == [text for _, text in tour.run(real, seed)]
    assert len(ours) == 45
