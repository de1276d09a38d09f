"""Differences from torch that are meant: rows of a TOML file, each with its reason.

A row reads ``[[difference]]`` with `op` (glob over entry names), `check` and `dtype` (globs, `*` by
default), `sample` (an index or a list of them, all by default) and `reason`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autograd_conformance.cases import Outcome, Status, Token
from autograd_conformance.subjects import SubjectSpec, backend_package

FILE_NAME = "known_differences.toml"
_KEYS = {"op", "check", "dtype", "sample", "reason"}
_COVERED = (Status.FAIL, Status.CRASH, Status.TIMEOUT, Status.MISSING, Status.SKIP)


@dataclass(frozen=True)
class Row:
    """One declared difference (or, for the zero-gradient file, one declared blindness)."""

    op: str
    reason: str
    check: str = "*"
    dtype: str = "*"
    sample: tuple[int, ...] = ()

    def covers(self, token: Token) -> bool:
        return (
            fnmatchcase(token.entry, self.op)
            and fnmatchcase(token.check, self.check)
            and fnmatchcase(token.dtype, self.dtype)
            and (not self.sample or token.sample in self.sample)
        )


def parse(text: str, origin: str) -> list[Row]:
    """The rows of a file's text; ValueError names the file and the row that is wrong."""
    rows = []
    for number, raw in enumerate(tomllib.loads(text).get("difference", []), 1):
        where = f"{origin}: difference {number}"
        if unknown := raw.keys() - _KEYS:
            raise ValueError(f"{where}: unknown keys {sorted(unknown)}")
        if not raw.get("op") or not str(raw.get("reason", "")).strip():
            raise ValueError(f"{where}: `op` and a `reason` are required")
        sample: Any = raw.pop("sample", ())
        rows.append(Row(**raw, sample=(sample,) if isinstance(sample, int) else tuple(sample)))
    return rows


def package_of(spec: SubjectSpec) -> str | None:
    """The package of the subject's backend; None for a module that is tested as it stands."""
    package = backend_package(spec.backend) if spec.backend else None
    if package is None and spec.backend and find_spec(f"autograd_{spec.backend}"):
        return f"autograd_{spec.backend}"  # a checkout on the path, not installed
    return package


def load(spec: SubjectSpec, path: Path | None = None) -> list[Row]:
    """The rows of `path` if given, else those that the subject's backend package carries."""
    if path is not None:
        return parse(path.read_text(encoding="utf-8"), str(path))
    package = package_of(spec)
    if package is None:
        return []
    resource = resources.files(package) / FILE_NAME
    if not resource.is_file():
        return []
    return parse(resource.read_text(encoding="utf-8"), f"{package}/{FILE_NAME}")


def judge(outcome: Outcome, token: Token, rows: list[Row]) -> Outcome:
    """`outcome` in the light of the rows: a covered failure is known, a covered pass is not.

    What a subject lacks, or the kit cannot carry to it, is known likewise.
    """
    row = next((r for r in rows if r.covers(token)), None)
    if row is None:
        return outcome
    if outcome.status in _COVERED:
        outcome.status = Status.KNOWN_DIFFERENCE
        outcome.reason = row.reason
    elif outcome.status is Status.PASS:
        outcome.status = Status.UNEXPECTED_PASS
        outcome.message = "declared as a known difference, yet passes"
        outcome.reason = row.reason
    return outcome
