"""Programs run on torch and a backend at once, and stop at the line that makes a difference."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("greenlet")

import autograd_conformance.lockstep as lockstep
from autograd_conformance.command_line import main
from autograd_conformance.mutations import mutations

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


PROGRAMS = load(HERE / "lockstep_programs.py").PROGRAMS


@pytest.fixture(params=["numpy", "python"])
def torch(request: pytest.FixtureRequest) -> Iterator[Any]:
    lockstep.use(request.param)
    yield lockstep
    lockstep.use("numpy")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
@pytest.mark.filterwarnings("ignore:Anomaly Detection has been enabled")
def test_a_program_goes_through(program: Callable[[Any], None], torch: Any) -> None:
    program(torch)


def test_the_tour_goes_through() -> None:
    command = [sys.executable, EXAMPLES / "autograd_tour.py", "--check"]
    done = subprocess.run(
        [*command, "--module", "autograd_conformance.lockstep"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "38 of 38 cells show what the notebook shows" in done.stdout


#: A bug, a program, the line that it is found on, and what is found.
FINDINGS = [
    (
        "numpy-exp-off",
        "x = torch.ones(3, dtype=torch.float64)\ny = x * 2\nz = y.exp()\nw = z + 1\n",
        3,
        "the result of exp: values differ",
    ),
    (
        "mul-own-factor",
        "x = torch.ones(3, requires_grad=True)\ny = x * 2.5 * x\ny.sum().backward()\nx.grad\n",
        3,
        "a tensor that this line changed: grad.values differs",
    ),
    (
        "writes-are-not-counted",
        "x = torch.ones(3)\ny = x * 2\ny[0] = 5\ny.sum()\n",
        3,
        "_version differs",
    ),
    (
        "tensor-hooks-run-newest-first",
        "x = torch.ones(3, requires_grad=True)\n"
        "y = x * 2\n"
        "y.register_hook(lambda g: g * 2)\n"
        "y.register_hook(lambda g: g * 3)\n"
        "y.sum().backward()\n",
        5,
        "another function is called",
    ),
    (
        "output-numbers-are-0",
        "x = torch.ones(2, 3, requires_grad=True)\na, b = x.unbind()\n",
        2,
        "output_nr differs",
    ),
    (
        "permutation-not-inverted",
        "x = torch.ones(2, 3, 2, requires_grad=True)\ny = x.permute(1, 2, 0)\ny.sum().backward()\n",
        3,
        "what is raised differs",
    ),
]


@pytest.mark.parametrize(("bug", "source", "line", "what"), FINDINGS, ids=lambda v: str(v)[:30])
def test_a_planted_bug_is_found_on_its_line(
    bug: str, source: str, line: int, what: str, tmp_path: Path
) -> None:
    path = tmp_path / "program.py"
    path.write_text(f"import torch\n{source}")
    plant = mutations()[bug].plant
    lockstep.use(plant.subject.backend)
    with plant.planted(), pytest.raises(lockstep.Divergence) as raised:
        lockstep.script.run(path, [])
    found = raised.value
    assert found.line == lockstep.Line(str(path), line + 1, source.splitlines()[line - 1])
    assert what in str(found)
    assert f"{path}:{line + 1}" in str(found)
    assert "torch: " in str(found)
    assert f"{plant.subject.backend}: " in str(found)


SCRIPT = """
import sys
import torch.nn.functional
import torch.nn as nn
import torch.nn.functional as F
from torch import tensor, no_grad
from torch.nn import Linear, Module
from torch.optim.lr_scheduler import StepLR

class Net(Module):
    def __init__(self):
        super().__init__()
        self.a = Linear(2, 3)
    def forward(self, x):
        return F.softmax(nn.functional.relu(self.a(x)), dim=-1)

print(sys.argv[1:], Net()(tensor([[1.0, 2.0]])).shape)
"""


def test_a_script_runs_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    assert main(["lockstep", "--backend", "numpy", str(path), "--flag", "3"]) == 0
    out = capsys.readouterr().out
    assert "['--flag', '3'] torch.Size([1, 3])" in out
    assert "nothing differs" in out


def test_a_script_that_differs_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "script.py"
    path.write_text("import torch\nx = torch.ones(2, dtype=torch.float64).exp()\n")
    with mutations()["numpy-exp-off"].plant.planted():
        assert main(["lockstep", "--backend", "numpy", str(path)]) == 1
    assert f"at {path}:2" in capsys.readouterr().err


def test_what_the_subject_lacks_is_told() -> None:
    with pytest.raises(AttributeError, match="torch has no"):
        _ = lockstep.no_such_name


def test_an_exception_of_the_users_goes_through_both(torch: Any) -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * 2

    def hook(grad: Any) -> Any:
        raise KeyError("mine")

    y.register_hook(hook)
    with pytest.raises(KeyError, match="mine"):
        y.sum().backward()
    assert (x * 2).sum().item() == 4.0  # both sides go on


def test_the_backend_may_come_from_the_environment() -> None:
    source = "import autograd_conformance.lockstep as t; print(t.SESSION.subject.label)"
    done = subprocess.run(
        [sys.executable, "-c", source],
        env={**os.environ, "AUTOGRAD_CONFORMANCE_LOCKSTEP": "python"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "python"
