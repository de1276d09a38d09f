"""Small programs on which a subject once differed from torch: all that they leave is compared."""

from __future__ import annotations

import importlib
import tomllib
import warnings
from pathlib import Path
from typing import Any

import pytest

import autograd_core
from autograd_conformance.checks.scenario import compare
from autograd_conformance.scenarios.recording import Observation, Program, Recorder, observe

real_torch = pytest.importorskip("torch")

with warnings.catch_warnings():  # torch compiles some tangents, once, with warnings of itself
    warnings.simplefilter("ignore")
    importlib.import_module("torch._decomp.decompositions_for_jvp")

PROGRAMS: dict[str, str] = tomllib.loads(
    Path(__file__).with_name("found_programs.toml").read_text("utf-8")
)


def observations(torch: Any, program: str) -> list[Observation]:
    """What the program records, and every tensor that it leaves."""

    def scenario(torch: Any, record: Recorder) -> None:
        x = torch.tensor([[0.5, -1.25, 2.0], [-0.75, 1.5, 0.3125]], dtype=torch.float64)
        names = {
            "torch": torch,
            "record": record,
            "pack": lambda saved: (record("pack", saved), saved)[1],
            "x": x.requires_grad_(),
            "y": (x.detach() * 2 - 1).requires_grad_(),
            "v": x.detach()[1].clone().requires_grad_(),
        }
        with record.raises("the program"):
            exec(program, names)
        for name, value in names.items():
            if isinstance(value, torch.Tensor):
                record(name, value)
                if value.is_leaf:
                    record(f"{name}.grad", value.grad)
                elif value.requires_grad:
                    record.graph(f"graph of {name}", value)

    return observe(Program("found", "found", scenario), torch)


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_found_program_does_as_torch(name: str, backend: str) -> None:
    expected = observations(real_torch, PROGRAMS[name])
    with autograd_core.use_backend(backend):
        compare(expected, observations(autograd_core, PROGRAMS[name]))
