"""The goldens of the package judge as torch does, where neither torch nor NumPy is."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from autograd_conformance import scenarios
from autograd_conformance.cases import ANY_DTYPE
from autograd_conformance.goldens import opened, packaged
from autograd_conformance.mutations import mutations
from autograd_conformance.mutations.scoring import Fate, score
from autograd_conformance.plan import Selection, left_out, make_plan
from autograd_conformance.scenarios import PREFIX, programs


def test_the_smoke_tier_is_held_whole() -> None:
    held = opened("goldens")
    assert held.about["torch"].startswith("2.13.0")
    assert packaged().stat().st_size < 20e6
    assert left_out(Selection(), "goldens") == ()
    areas = {area: held.archive.read_json(f"scenarios/{area}.json") for area in scenarios.areas()}
    programs_held = 0
    for chunk in make_plan(Selection(), "goldens"):
        if chunk.entry.startswith(PREFIX):
            programs_held += chunk.entry in areas[programs()[chunk.entry].area]
        else:
            kind = "errors" if chunk.dtype == ANY_DTYPE else chunk.dtype
            assert held.held(chunk.entry, kind), (chunk.entry, kind)
    assert programs_held > 0.97 * len(programs())


BUGS = (
    "cos-sign",
    "broadcast-reduction-takes-the-first",
    "relu-passes-everything",
    "softmax-second-order-sign",
    "exp-not-conjugated",
    "a-removed-hook-stays",
    "a-saved-tensor-has-a-dim-too-many",
    "what-was-freed-reads-as-none",
    "a-warning-is-not-given",
    "a-random-number-too-many-is-drawn",
)


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_caught(name: str) -> None:
    mutation = mutations()[name]
    if mutation.plant.subject.backend == "numpy" and importlib.util.find_spec("numpy") is None:
        pytest.skip("the backend needs NumPy")
    verdict = score(mutation, "goldens")
    assert verdict.fate is Fate.CAUGHT, f"{verdict.fate} by {verdict.token}: {verdict.message}"


WITHOUT = """
import sys

for name in ("torch", "numpy", "scipy"):
    sys.modules[name] = None
import autograd_core
import autograd_python
from autograd_conformance.cases import CHECKS
from autograd_conformance.execution import Bench, Chunk, Settings
from autograd_conformance.subjects import SubjectSpec

autograd_core.register_backend("python", autograd_python.PythonBackend)
bench = Bench(Settings((SubjectSpec("autograd_core", "python"),), oracle="goldens"))
for entry in ("softmax", "cat"):
    for result in bench.run(Chunk(entry, "float64", CHECKS, 0, 2), lambda *_: None):
        print(result.token, result.status)
"""


def test_neither_torch_nor_numpy_is_needed() -> None:
    found = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True
    )
    lines = found.stdout.splitlines()
    assert len(lines) > 15
    assert {line.split()[-1] for line in lines} <= {"pass", "blind"}
