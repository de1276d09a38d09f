"""Which cases a run holds: the tiers, and a chunk of work for each entry at each dtype."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from autograd_conformance import scenarios
from autograd_conformance.cases import ANY_DTYPE, CHECKS, SMOKE_CHECKS, chosen, suggestion
from autograd_conformance.chunks import Chunk
from autograd_conformance.execution import TORCH, reference
from autograd_conformance.families import family_of
from autograd_conformance.samples import Entry

CORE_DTYPES = ("float64", "float32", "complex128")
#: Samples of an entry in a core run that names no number.
CORE_SAMPLES = 8
#: Entries with hundreds of samples: they start first, so that no worker is left alone with one.
_LONGEST = ("*max_pool*", "*max_unpool*", "linalg.solve_triangular", "*lu_solve", "masked.norm")


@dataclass(frozen=True)
class Selection:
    """What the command line asked for; empty tuples and None mean the tier's own choice."""

    tier: str = "smoke"
    ops: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    samples: int | None = None
    families: tuple[str, ...] = ()

    @property
    def is_smoke_list(self) -> bool:
        """Whether the run is the fixed smoke list, in which every op must exist."""
        return self.tier == "smoke" and not self.ops and not self.families


def make_plan(selection: Selection, oracle: str = TORCH) -> list[Chunk]:
    """The chunks of a selection, among the entries that the oracle knows.

    smoke: the rows of smoke_tier.toml; core: every entry at float64, float32 and complex128, the
    first 8 samples; full: every entry, every dtype, every sample. Naming ops or families replaces
    the entries of the tier, and in the smoke and core tiers runs all their samples at the core
    dtypes. Every tier has all scenarios; globs over ops and families choose among them, too. Core
    and full have every check, smoke all but the metamorphic one, unless checks are named; those
    that the oracle has no answers to are left out.
    ValueError if a glob chooses nothing.
    """
    entries = reference(oracle).entries()
    refuse_unknown(selection.ops, entries)
    checks = selection.checks or tuple(
        check
        for check in (SMOKE_CHECKS if selection.tier == "smoke" else CHECKS)
        if check not in reference(oracle).unanswered
    )
    if selection.is_smoke_list:
        return _smoke(selection, checks, entries)
    limit = selection.samples
    narrowed = selection.ops or selection.families
    if limit is None and selection.tier == "core" and not narrowed:
        limit = CORE_SAMPLES
    found = matching(list(selection.ops), entries)
    longest = {entry.name for entry in matching(list(_LONGEST), entries)}
    chunks: list[Chunk] = []
    for entry in sorted(found, key=lambda e: e.name not in longest):
        dtypes = selection.dtypes or (entry.dtypes if selection.tier == "full" else CORE_DTYPES)
        for dtype in dtypes:
            chunks += _chunk(entry, dtype, checks, limit)
        chunks += _errors(entry, checks)
    chunks += _scenarios(selection, checks)
    if selection.families:
        return [chunk for chunk in chunks if family_of(chunk.entry) in selection.families]
    return chunks


def left_out(selection: Selection, oracle: str) -> tuple[str, ...]:
    """The checks that a plan lacks as the oracle has no answers to them."""
    return () if selection.checks else reference(oracle).unanswered


def matching(patterns: list[str], entries: Mapping[str, Entry]) -> list[Entry]:
    """The entries that the glob patterns choose by any of their names."""
    return [entry for entry in entries.values() if chosen(patterns, *entry.names)]


def refuse_unknown(ops: Iterable[str], entries: Mapping[str, Entry]) -> None:
    """Raises ValueError for a glob that names neither an entry nor a scenario."""
    for pattern in ops:
        glob = [pattern.removeprefix("!")]
        if not matching(glob, entries) and not scenarios.matching(glob):
            known = [name for entry in entries.values() for name in entry.names]
            near = suggestion(pattern, [*known, *scenarios.programs()])
            raise ValueError(f"no entry or scenario is named {pattern!r}{near}")


def _scenarios(selection: Selection, checks: tuple[str, ...]) -> list[Chunk]:
    if "scenario" not in checks or selection.dtypes:
        return []
    found = scenarios.matching(list(selection.ops))
    return [Chunk(program.name, ANY_DTYPE, ("scenario",)) for program in found]


def _chunk(entry: Entry, dtype: str, checks: tuple[str, ...], limit: int | None) -> list[Chunk]:
    applicable = tuple(c for c in checks if c in entry.checks(dtype))
    return [Chunk(entry.name, dtype, applicable, 0, limit)] if applicable else []


def _errors(entry: Entry, checks: tuple[str, ...]) -> list[Chunk]:
    if "errors" not in checks or not entry.has_error_inputs:
        return []
    return [Chunk(entry.name, ANY_DTYPE, ("errors",))]


def _smoke(
    selection: Selection, checks: tuple[str, ...], entries: Mapping[str, Entry]
) -> list[Chunk]:
    text = (resources.files("autograd_conformance") / "smoke_tier.toml").read_text("utf-8")
    table: dict[str, Any] = tomllib.loads(text)
    limit = table["samples"] if selection.samples is None else selection.samples
    chunks: list[Chunk] = []
    for dtype, names in table["entries"].items():
        if selection.dtypes and dtype not in selection.dtypes:
            continue
        for name in names:
            chunks += _chunk(entries[name], dtype, checks, limit)
    for name in table["errors"]:
        chunks += _errors(entries[name], checks)
    return chunks + _scenarios(selection, checks)
