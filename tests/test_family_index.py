"""The index of families is current, and nothing is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import autograd_core
from autograd_core import family_index, ops

EVERY_FAMILY = {
    *(f"autograd_core.ops.{family}" for family in family_index.OPS),
    *(f"autograd_core.default_kernels.{family}" for family in family_index.KERNELS),
    *(f"autograd_core.{f}" for index in family_index.NAMESPACES.values() for f in index),
}


def run(*arguments: str) -> str:
    """What a fresh interpreter prints, in which no family has been imported."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_index_is_current() -> None:
    run(str(Path(__file__).with_name("index_families.py")), "--check")


def test_no_family_is_imported_at_start() -> None:
    loaded = run("-c", "import autograd_core, sys; print(*sys.modules)").split()
    assert len(EVERY_FAMILY) > 100
    assert EVERY_FAMILY.isdisjoint(loaded)
    assert "typing" in loaded


def test_no_family_of_ops_is_named_as_an_op() -> None:
    """Its module would take the op's place in the package."""
    names = {name for together in family_index.OPS.values() for name in together.split()}
    assert names.isdisjoint(path.stem for path in Path(ops.__file__).parent.glob("*.py"))


def test_nothing_hides_a_name_of_a_family() -> None:
    """A module that is named as one has been imported at start, so that none comes in between."""
    program = "import autograd_core, sys; print(*vars(autograd_core)); print(*sys.modules)"
    names, modules = (set(line.split()) for line in run("-c", program).splitlines())
    public = set(" ".join(family_index.NAMESPACES[""].values()).split())
    assert names.isdisjoint(public)
    assert "Tensor" in names
    files = {path.stem for path in Path(autograd_core.__file__).parent.iterdir()}
    assert {f"autograd_core.{name}" for name in files & public} <= modules


def test_threads_that_come_first_together() -> None:
    program = """
import threading
import autograd_core as torch

start, found = threading.Barrier(8), []

def work(k):
    start.wait()
    x = torch.ones(3, requires_grad=True)
    y = (x.cumsum(0) if k % 2 else torch.cumsum(x, 0)).softmax(0)
    torch.nn.functional.cross_entropy(y[None], torch.tensor([1])).backward()
    found.append(x.grad.tolist())

threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(found), len(set(map(str, found))))
"""
    assert run("-c", program).split() == ["8", "1"]
