"""Units of work, and what is left of them when a run ends early. Nothing here imports torch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from autograd_conformance.cases import Token


@dataclass(frozen=True)
class Chunk:
    """A unit of work: samples [start, stop) of an entry at a dtype, on all subjects.

    `done` are the cases of sample `start`, as (subject, check), that are not run again, `without`
    the subjects that do not run the chunk.
    """

    entry: str
    dtype: str
    checks: tuple[str, ...]
    start: int = 0
    stop: int | None = None
    done: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, tuple[str, ...], int | None]:
        """What is the same for a chunk and for what is left of it."""
        return self.entry, self.dtype, self.checks, self.stop

    def holds(self, sample: int) -> bool:
        """Whether the chunk has a sample."""
        return sample >= self.start and (self.stop is None or sample < self.stop)

    def skips(self, token: Token, subject: str) -> bool:
        """Whether a case of the chunk has been run, or is not to be run on this subject."""
        return subject in self.without or (
            token.sample == self.start and (subject, token.check) in self.done
        )

    def after(self, token: Token, subject: str) -> Chunk:
        """What is left of the chunk after a case."""
        case = (subject, token.check)
        done = (*self.done, case) if token.sample == self.start else (case,)
        return replace(self, start=token.sample, done=done)


class Ledger:
    """What is left of a plan, told by the events of a run however its work is spread."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self._left = {chunk.key: chunk for chunk in chunks}
        self._places: dict[tuple[str, str], list[Any]] = {}
        for chunk in self._left.values():
            self._places.setdefault((chunk.entry, chunk.dtype), []).append(chunk.key)

    def saw(self, token: Token, subject: str) -> None:
        """A case was run; the cases of a chunk come in order."""
        for key in self._places.get((token.entry, token.dtype), ()):
            chunk = self._left.get(key)
            if chunk is not None and chunk.holds(token.sample) and token.check in chunk.checks:
                self._left[key] = chunk.after(token, subject)
                return

    def finished(self, chunk: Chunk) -> None:
        """A chunk, or what was left of it, is done."""
        self._left.pop(chunk.key, None)

    @property
    def left(self) -> list[Chunk]:
        """What has not been run."""
        return list(self._left.values())


def of_failed(cases: Iterable[tuple[Token, str]], subjects: Iterable[str]) -> list[Chunk]:
    """Chunks that hold exactly these cases, as (token, subject)."""
    checks: dict[tuple[str, str, int], dict[str, set[str]]] = {}
    for token, subject in cases:
        place = checks.setdefault((token.entry, token.dtype, token.sample), {})
        place.setdefault(subject, set()).add(token.check)
    labels = list(subjects)
    found = []
    for (entry, dtype, sample), by in checks.items():
        asked = tuple(sorted(set().union(*by.values())))
        done = tuple((s, c) for s in by for c in asked if c not in by[s])
        without = tuple(s for s in labels if s not in by)
        found.append(Chunk(entry, dtype, asked, sample, sample + 1, done, without))
    return found
