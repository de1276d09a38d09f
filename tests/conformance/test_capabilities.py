"""Capabilities are tried both ways, and what works can be written down."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import autograd_core
from autograd_conformance import capabilities
from autograd_conformance.command_line import main

BACKEND = '''
"""A backend for tests."""
import autograd_numpy


class Backend(autograd_numpy.NumpyBackend):
    name = "{name}"
    capabilities = frozenset(  # what it can do
        {words}
    )
    {body}
'''


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Registers a backend written to a file: backend(declared, body); returns name and file."""
    monkeypatch.setattr(capabilities, "_SAMPLES", 2)
    monkeypatch.syspath_prepend(str(tmp_path))
    few = {name: (dtype, names[:2]) for name, (dtype, names) in capabilities.PROBES.items()}
    monkeypatch.setattr(capabilities, "PROBES", few)

    def write(name: str, words: set[str], body: str = "") -> Path:
        path = tmp_path / f"{name}.py"
        path.write_text(BACKEND.format(name=name, words=sorted(words), body=body))
        autograd_core.register_backend(name, importlib.import_module(name).Backend)
        return path

    return write


ALL = {"complex", "fft", "linalg", "special"}


def test_a_true_declaration_passes(backend: Any, capsys: pytest.CaptureFixture[str]) -> None:
    backend("honest", ALL)
    assert main(["capabilities", "--backend", "honest"]) == 0
    assert capsys.readouterr().out.count("declared, works") == len(ALL)


def test_what_works_and_is_not_declared_is_told_and_written(
    backend: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = backend("modest", {"complex", "special", "linalg"})
    assert main(["capabilities", "--backend", "modest"]) == 1
    assert "fft: not declared, works" in capsys.readouterr().out
    assert main(["capabilities", "--backend", "modest", "--fix"]) == 0
    text = path.read_text()
    assert '    capabilities = frozenset({"complex", "fft", "linalg", "special"})\n' in text
    compile(text, str(path), "exec")


def test_what_is_declared_and_fails_is_told_and_taken_back(
    backend: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    body = "def dft(self, input, *how):\n        return super().dft(input, *how) * 2"
    path = backend("boastful", ALL, body)
    assert main(["capabilities", "--backend", "boastful"]) == 1
    out = capsys.readouterr().out
    assert "fft: declared, does not work" in out
    assert "linalg: declared, works" in out
    assert main(["capabilities", "--backend", "boastful", "--fix"]) == 0
    assert 'frozenset({"complex", "linalg", "special"})' in path.read_text()


def test_every_probe_is_an_entry_and_every_capability_has_one() -> None:
    from autograd_conformance.opinfo_cases import entries
    from autograd_core.backend import CAPABILITIES

    assert capabilities.PROBES.keys() >= CAPABILITIES.keys() | {"complex", "special"}
    for dtype, names in capabilities.PROBES.values():
        assert [n for n in names if dtype not in entries()[n].dtypes] == []
