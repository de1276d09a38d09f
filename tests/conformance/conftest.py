"""Subjects for the kit's own tests: torch under another name, whole or with a bug planted in it.

Torch is imported in the fixtures, so that the folder can be collected where there is none.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session", autouse=True)
def torch_is_in_the_fork_server() -> None:
    """Workers are forked from a process that has torch, whatever the first test runs against.

    The first run of a process decides what is imported there: one against goldens imports no torch.
    """
    if importlib.util.find_spec("torch") is not None:
        from autograd_conformance import fork_server

        fork_server.start(also=("autograd_conformance.fuzzing.processes",))


@pytest.fixture
def plant() -> Iterator[Callable[..., str]]:
    """Registers a mirror of torch with the given attributes replaced; returns its name.

    A value of None removes the attribute.
    """
    from autograd_conformance.mutations.planting import mirror

    planted: list[str] = []

    def make(**changes: Any) -> str:
        name = f"planted_{len(planted)}"
        module = mirror(name)
        for attribute, value in changes.items():
            if value is None:
                delattr(module, attribute)
            else:
                setattr(module, attribute, value)
        sys.modules[name] = module
        planted.append(name)
        return name

    yield make
    for name in planted:
        del sys.modules[name]


@pytest.fixture
def plant_gradients(plant: Callable[..., str]) -> Callable[..., str]:
    """A mirror whose `autograd.grad` passes the list of its results through a function."""

    def make(change: Callable[[list[Any], list[Any]], list[Any]]) -> str:
        import torch

        from autograd_conformance.mutations.planting import overlaid

        def grad(outputs: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
            found = torch.autograd.grad(outputs, inputs, *args, **kwargs)
            return tuple(change(list(found), list(inputs)))

        return plant(autograd=overlaid(torch.autograd, {"grad": grad}))

    return make


@pytest.fixture
def run() -> Callable[..., list[Any]]:
    """Runs samples of an entry on a module: run(module, entry, *checks, dtype=, samples=)."""
    from autograd_conformance.execution import Bench, Chunk, Settings
    from autograd_conformance.subjects import SubjectSpec

    def execute(
        module: str, entry: str, *checks: str, dtype: str = "float64", samples: int | None = 3
    ) -> list[Any]:
        bench = Bench(Settings((SubjectSpec(module),)))
        chunk = Chunk(entry, dtype, checks, 0, samples)
        return list(bench.run(chunk, lambda token, subject: None))

    return execute
