"""Differences that are meant or cannot be had (findings.toml), and what tidies a finding."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any

from autograd_conformance import toml_rows
from autograd_conformance.fuzzing.interpreter import run
from autograd_conformance.fuzzing.judging import Judgement
from autograd_conformance.fuzzing.programs import Program

FILE_NAME = "findings.toml"
_KEYS = {"step", "message", "detail", "before", "after", "subject", "reason"}


@dataclass(frozen=True)
class Row:
    """A declared difference: globs over the label, message, answers and subject, and a reason.

    Where ``before`` is given, it must match something that torch answered before the difference;
    where ``after`` is, it must match the template of a step of the program.
    """

    reason: str
    step: str = "*"
    message: str = "*"
    detail: str = "*"
    before: str = ""
    after: str = "*"
    subject: str = "*"


def parse(text: str, origin: str) -> list[Row]:
    """The rows of a file's text; ValueError names the file and the row that is wrong."""
    rows = []
    for where, raw in toml_rows.rows(text, origin, "finding", _KEYS):
        if not str(raw.get("reason", "")).strip() or len(raw) < 2:
            raise ValueError(f"{where}: a `reason` and a glob are required")
        rows.append(Row(**raw))
    return rows


@functools.cache
def rows() -> list[Row]:
    """The rows that the kit carries."""
    text = (resources.files("autograd_conformance.fuzzing") / FILE_NAME).read_text("utf-8")
    return parse(text, FILE_NAME)


def covering(program: Program, judgement: Judgement, subject: str) -> Row | None:
    """The row that explains a difference, if one does; `step` is held against the template."""
    number = re.match(r"(\d+): ", judgement.label)
    place = program.steps[int(number[1]) - 1].text if number else judgement.label
    for row in rows():
        if (
            fnmatchcase(place, row.step)
            and fnmatchcase(judgement.message, row.message)
            and fnmatchcase(judgement.detail, row.detail)
            and fnmatchcase(subject, row.subject)
            and (not row.before or _occurred(row.before, judgement))
            and any(fnmatchcase(step.text, row.after) for step in program.steps)
        ):
            return row
    return None


def _occurred(pattern: str, judgement: Judgement) -> bool:
    return any(fnmatchcase(repr(seen.value), pattern) for seen in judgement.before)


def tidy(program: Program, torch: Any) -> Program:
    """The program without unused leaves, and without names for results that are no tensors."""
    made = {label for label, _ in run(program, torch).made}
    steps = tuple(
        step if f"{number}: {step}" in made else replace(step, to=())
        for number, step in enumerate(program.steps, 1)
    )
    read = {name for step in steps for name in step.reads}
    leaves = tuple(leaf for leaf in program.leaves if leaf.name in read)
    return Program(leaves or program.leaves[:1], steps)
