"""Differences from torch that are meant: rows of a TOML file, each with its reason.

A row reads ``[[difference]]`` with `op` (glob over entry names), `check` (a glob or a list of them)
and `dtype` (a glob; both `*` by default), `sample` (an index or a list of them, all by default),
`reason`, and if wanted `category` (of CATEGORIES) and `fingerprint` (one or several): a failure of
another fingerprint is no longer the difference that was meant, and fails. A row with a `device` is
of the subject on that kind of device alone (``--backend torch:cuda``). One that `varies` is seen on
some processors and not on others, for which a library has code of its own: it may pass.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autograd_conformance import toml_rows
from autograd_conformance.cases import Outcome, Status, Token
from autograd_conformance.subjects import SubjectSpec, backend_package

FILE_NAME = "known_differences.toml"
CATEGORIES = ("rounding", "library limit", "torch is wrong", "not supported", "by design")
_KEYS = {"op", "check", "dtype", "sample", "reason", "category", "device", "fingerprint", "varies"}
_LISTED = {"check", "sample", "fingerprint"}
_COVERED = (Status.FAIL, Status.CRASH, Status.TIMEOUT, Status.MISSING, Status.SKIP)
#: What `budgets` says of how far numbers lie apart, which changes with every rounding.
_DISTANCE = re.compile(r"off by \S+ ulp where \S+ are allowed, at flat index \d+; ")
_NUMBER = re.compile(r"-?\d+(?:\.\d+(?:e[-+]?\d+)?|e[-+]?\d+)")
_ADDRESS = re.compile(r"0x[0-9a-f]+")


@dataclass(frozen=True)
class Row:
    """One declared difference (or, for the zero-gradient file, one declared blindness).

    `number` is its place in its file, from 1.
    """

    op: str
    reason: str
    check: tuple[str, ...] = ("*",)
    dtype: str = "*"
    sample: tuple[int, ...] = ()
    category: str = ""
    device: str = ""
    varies: bool = False
    fingerprint: tuple[str, ...] = ()
    number: int = 0

    def covers(self, token: Token) -> bool:
        return self.covers_op(token.entry, token.dtype, token.check) and (
            not self.sample or token.sample in self.sample
        )

    def covers_op(self, entry: str, dtype: str, check: str) -> bool:
        """Whether the row is about this check of an entry at a dtype, whatever the sample."""
        return (
            fnmatchcase(entry, self.op)
            and any(fnmatchcase(check, glob) for glob in self.check)
            and fnmatchcase(dtype, self.dtype)
        )


def parse(text: str, origin: str) -> list[Row]:
    """The rows of a file's text; ValueError names the file and the row that is wrong."""
    rows = []
    for number, (where, raw) in enumerate(toml_rows.rows(text, origin, "difference", _KEYS), 1):
        if not raw.get("op") or not str(raw.get("reason", "")).strip():
            raise ValueError(f"{where}: `op` and a `reason` are required")
        category = raw.get("category", "")
        if category and category not in CATEGORIES:
            raise ValueError(
                f"{where}: no category {category!r}; there are {', '.join(CATEGORIES)}"
            )
        for key in _LISTED & raw.keys():
            raw[key] = _several(raw[key])
        rows.append(Row(**raw, number=number))
    return rows


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def load(spec: SubjectSpec, path: Path | None = None) -> list[Row]:
    """The rows of `path` if given, else those that the subject's backend package carries."""
    found = file_of(spec, path)
    if found is None:
        return []
    rows = parse(found.read_text(encoding="utf-8"), origin(spec, path))
    return [row for row in rows if row.device in ("", spec.device)]


def origin(spec: SubjectSpec, path: Path | None = None) -> str:
    """How messages name the file of a subject's rows."""
    return str(path) if path is not None else f"{package_of(spec)}/{FILE_NAME}"


def file_of(spec: SubjectSpec, path: Path | None = None) -> Any:
    """The file of a subject's rows, as a path or a package's resource; None when it has none."""
    if path is not None:
        return path
    package = package_of(spec)
    if package is None:
        return None
    resource = resources.files(package) / FILE_NAME
    return resource if resource.is_file() else None


def package_of(spec: SubjectSpec) -> str | None:
    """The package of the subject's backend, which may carry files; None where there is none.

    A module that is tested as it stands has none, nor has a backend in a single module.
    """
    if spec.backend_name is None:
        return None
    # A checkout on the path is found by its name, not installed.
    package = backend_package(spec.backend_name) or f"autograd_{spec.backend_name}"
    found = find_spec(package)
    return package if found and found.submodule_search_locations is not None else None


def fingerprint(outcome: Outcome) -> str:
    """A short hash of what differs that the last digits of numbers do not change."""
    text = _DISTANCE.sub("", f"{outcome.status}\n{outcome.message}\n{outcome.detail}")
    text = _NUMBER.sub(lambda number: f"{float(number[0]):.2e}", _ADDRESS.sub("0x", text))
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]


def judge(outcome: Outcome, token: Token, rows: list[Row]) -> Outcome:
    """`outcome` in the light of the rows: a covered failure is known, a covered pass is not.

    What a subject lacks, or the kit cannot carry to it, is known likewise. A failure that is not
    the row's own any more stays one.
    """
    row = next((r for r in rows if r.covers(token)), None)
    if row is None:
        return outcome
    if outcome.status in _COVERED:
        outcome.reason, outcome.category = row.reason, row.category
        outcome.fingerprint = fingerprint(outcome)
        if not row.fingerprint or outcome.fingerprint in row.fingerprint:
            outcome.status = Status.KNOWN_DIFFERENCE
        else:
            was = " or ".join(row.fingerprint)
            outcome.message = (
                f"a known difference has changed (fingerprint {outcome.fingerprint}, declared "
                f"{was}): {outcome.message}"
            )
            if outcome.status in (Status.MISSING, Status.SKIP):
                outcome.status = Status.FAIL
    elif outcome.status is Status.PASS and not row.varies:
        outcome.status = Status.UNEXPECTED_PASS
        outcome.message = "declared as a known difference, yet passes"
        outcome.reason, outcome.category = row.reason, row.category
    return outcome


def with_fingerprints(text: str, fingerprints: Mapping[int, tuple[str, ...]], name: str) -> str:
    """A file's text with these fingerprints in its rows, by number; all else stays as it is.

    ValueError if the file is laid out so that the rows cannot be told by their lines.
    """
    lines: list[str] = []
    number = 0
    last = 0  # where the row's last line is, after which its fingerprint goes

    def close() -> None:
        if number in fingerprints:
            words = ", ".join(f'"{word}"' for word in fingerprints[number])
            value = words if len(fingerprints[number]) == 1 else f"[{words}]"
            lines.insert(last + 1, f"fingerprint = {value}")

    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("["):
            if stripped == "[[difference]]" or not stripped.endswith(","):
                close()
                number += stripped == "[[difference]]"
        elif number in fingerprints and re.match(r"fingerprint\s*=", stripped):
            continue
        lines.append(line)
        if stripped and not stripped.startswith("#"):
            last = len(lines) - 1
    close()
    changed = "\n".join(lines) + "\n"
    before, after = parse(text, name), parse(changed, name)
    plain = [(r.op, r.check, r.dtype, r.sample, r.reason, r.category) for r in before]
    told = {r.number: r.fingerprint for r in after if r.number in fingerprints}
    if plain != [(r.op, r.check, r.dtype, r.sample, r.reason, r.category) for r in after] or (
        told != dict(fingerprints)
    ):
        raise ValueError(f"{name}: the rows are not laid out a key to a line; write them by hand")
    return changed
