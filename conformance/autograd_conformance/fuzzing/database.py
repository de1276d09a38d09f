"""The directory that a campaign keeps: examples, findings, crashes, and which batches are done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_conformance.fuzzing.programs import Program
from autograd_conformance.fuzzing.script import script
from autograd_conformance.subjects import SubjectSpec

if TYPE_CHECKING:
    from autograd_conformance.fuzzing.batches import Crash, Finding

EXAMPLES = "examples"
_STATE, _FINDINGS, _CRASHES = "campaign.json", "findings", "crashes"


class Database:
    """The directory that a campaign keeps: ValueError where it is not what it should be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists() and not path.is_dir():
            raise ValueError(f"the database {path} is a file; a directory is needed")
        try:
            for part in (_FINDINGS, _CRASHES, EXAMPLES):
                (path / part).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"the database {path} cannot be written: {error}") from error
        self.done: dict[str, list[int]] = self._state()

    def _state(self) -> dict[str, Any]:
        file = self.path / _STATE
        if not file.exists():
            return {}
        try:
            state = json.loads(file.read_text(encoding="utf-8"))
            done = {str(key): [int(n) for n in numbers] for key, numbers in state["done"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"the database {self.path} is damaged: {file.name} cannot be read ({error}); "
                "delete that file to start counting anew, or the directory to forget everything"
            ) from error
        return done

    def finish(self, key: str, number: int) -> None:
        """Remember that a batch is done."""
        self.done.setdefault(key, []).append(number)
        file = self.path / _STATE
        part = file.with_suffix(".part")
        part.write_text(json.dumps({"done": self.done}), encoding="utf-8")
        part.replace(file)

    def keep(self, finding: Finding) -> Path:
        """Write a finding and its script; the path of the script."""
        told = f"A program on which {finding.subject.label} and torch were seen to differ."
        row = {"label": finding.judgement.label, "detail": finding.judgement.detail}
        return self._write(_FINDINGS, finding, row, finding.subject, told)

    def keep_crash(self, crash: Crash, subject: SubjectSpec) -> Path:
        """Write a crash and its script, which also runs on the subject; the path of the script."""
        told = f"A program that ended a process of {crash.subject.label} ({crash.death})."
        return self._write(_CRASHES, crash, {"death": crash.death}, subject, told)

    def _write(
        self,
        part: str,
        found: Finding | Crash,
        row: dict[str, str],
        subject: SubjectSpec,
        told: str,
    ) -> Path:
        base = self.path / part / found.digest
        program = json.loads(found.program.to_json())
        row = {"subject": found.subject.label, "cause": found.cause, **row, "program": program}
        base.with_suffix(".json").write_text(json.dumps(row, indent=1), encoding="utf-8")
        file = base.with_suffix(".py")
        file.write_text(script(found.program, subject, told), encoding="utf-8")
        return file

    def crashes(self) -> list[Program]:
        """The stored programs that ended a process."""
        files = sorted((self.path / _CRASHES).glob("*.json"))
        return [stored(file) for file in files]


def stored(file: Path) -> Program:
    """The program of a file of the database; ValueError where it holds none."""
    try:
        text = json.dumps(json.loads(file.read_text(encoding="utf-8"))["program"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file} is no finding of the fuzzer: {error}") from error
    return Program.from_json(text)
