"""Do a backend's capabilities say what it can do? Each is tried by a few cases that need it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograd_conformance.cases import FAILING, Result, Status
from autograd_conformance.chunks import Chunk
from autograd_conformance.execution import Bench, Settings
from autograd_conformance.subjects import Subject, SubjectSpec

#: What needs a capability: entries, and the dtype they are tried at.
PROBES: dict[str, tuple[str, tuple[str, ...]]] = {
    "complex": (
        "complex128",
        ("add", "mul", "div.no_rounding_mode", "exp", "abs", "angle", "conj", "mm", "sum"),
    ),
    "special": (
        "float64",
        ("erf", "erfc", "erfinv", "lgamma", "digamma", "polygamma.polygamma_n_1", "i0"),
    ),
    "fft": ("float64", ("fft.fft", "fft.ifft", "fft.rfft", "fft.irfft", "fft.fftn", "fft.hfft")),
    "linalg": (
        "float64",
        (
            "linalg.cholesky",
            "linalg.lu_factor",
            "linalg.qr",
            "linalg.solve_triangular",
            "linalg.svdvals",
            "linalg.eigvalsh",
            "linalg.eigvals",
        ),
    ),
}
_CHECKS = ("values", "gradients")
_SAMPLES = 6


@dataclass
class Finding:
    """What became of the cases that need a capability."""

    name: str
    declared: bool
    passed: int = 0
    trouble: list[Result] = field(default_factory=list)

    @property
    def works(self) -> bool:
        """Whether cases passed and none failed or found something missing."""
        return self.passed > 0 and not self.trouble

    @property
    def is_true(self) -> bool:
        """Whether the declaration says what is the case."""
        return self.works is self.declared

    def __str__(self) -> str:
        cases = self.passed + len(self.trouble)
        if self.works:
            found = f"works ({cases} cases)"
        elif self.trouble:
            first = self.trouble[0]
            found = (
                f"does not work: {len(self.trouble)} of {cases} cases; "
                f"{first.token}: {first.outcome.message}"
            )
        else:
            found = "could not be tried: no case was run"
        verdict = "" if self.is_true else "  <- WRONG"
        return f"{self.name}: {'declared' if self.declared else 'not declared'}, {found}{verdict}"


def declared_by(backend: str) -> frozenset[str]:
    """What a backend says of itself."""
    found: Iterable[str] = getattr(_object(backend), "capabilities", ())
    return frozenset(found)


def _object(backend: str) -> Any:
    with Subject(SubjectSpec("autograd_core", backend)).activate() as found:
        return found


def verify(backend: str, oracle: str) -> list[Finding]:
    """One finding per capability there is, declared or not; each is tried."""
    declared = declared_by(backend)
    bench = Bench(Settings((SubjectSpec("autograd_core", backend),), oracle=oracle))
    findings = []
    for name, (dtype, entries) in PROBES.items():
        finding = Finding(name, name in declared)
        for entry in entries:
            chunk = Chunk(entry, dtype, _CHECKS, 0, _SAMPLES)
            for result in bench.run(chunk, lambda token, subject: None):
                if result.status in (*FAILING, Status.MISSING):
                    finding.trouble.append(result)
                elif result.status in (Status.PASS, Status.KNOWN_DIFFERENCE):
                    finding.passed += 1
        findings.append(finding)
    return findings


def declare(backend: str, capabilities: Iterable[str]) -> Path:
    """Writes what the class of a backend declares into its source; returns the file.

    ValueError where the class has no `capabilities` of its own to write to.
    """
    kind = type(_object(backend))
    file = inspect.getsourcefile(kind)
    if file is None:
        raise ValueError(f"the source of {kind.__qualname__} is not there")
    path = Path(file)
    text = path.read_text(encoding="utf-8")
    value = _declaration(ast.parse(text), kind.__name__)
    if value is None or value.end_lineno is None or value.end_col_offset is None:
        raise ValueError(f"{kind.__name__} in {path} has no line `capabilities = ...` to be set")
    words = ", ".join(f'"{name}"' for name in sorted(capabilities))
    lines = text.encode().splitlines(keepends=True)
    before = b"".join(lines[: value.lineno - 1]) + lines[value.lineno - 1][: value.col_offset]
    last = value.end_lineno - 1
    after = lines[last][value.end_col_offset :] + b"".join(lines[last + 1 :])
    new = f"frozenset({{{words}}})" if words else "frozenset()"
    path.write_bytes(before + new.encode() + after)
    return path


def _declaration(module: ast.Module, name: str) -> ast.expr | None:
    """The value that the class of this name gives to `capabilities`."""
    for kind in ast.walk(module):
        if isinstance(kind, ast.ClassDef) and kind.name == name:
            for line in kind.body:
                if isinstance(line, ast.Assign):
                    targets = line.targets
                elif isinstance(line, ast.AnnAssign):
                    targets = [line.target]
                else:
                    continue
                if any(isinstance(t, ast.Name) and t.id == "capabilities" for t in targets):
                    return line.value
    return None
