"""Torch's answers out of a file, as the source of entries, samples and oracles of a run."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograd_conformance.arrays import Array, ulps
from autograd_conformance.cases import OracleError, Unsupported
from autograd_conformance.goldens.archive import Archive
from autograd_conformance.goldens.encoding import (
    Decoder,
    get_array,
    get_facts,
    out_of_units,
    unpack_levels,
    unpack_signed,
)
from autograd_conformance.observation import Forward, Graph, Node, SecondOrder
from autograd_conformance.oracles import Budget, NotHeld
from autograd_conformance.samples import BrokenSample, Entry, Sample, fits, names_of
from autograd_conformance.saved_values import Attributes, Freed, Saved
from autograd_conformance.scenarios.recording import Observation, Program
from autograd_conformance.spellings import callback, spoken
from autograd_conformance.subjects import Subject


@dataclass(frozen=True, eq=False)
class GoldenEntry:
    """An entry as the file describes it."""

    name: str
    row: dict[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        return names_of(self.name, self.row["short_name"])

    @property
    def dtypes(self) -> tuple[str, ...]:
        return tuple(self.row["checks"])

    @property
    def has_error_inputs(self) -> bool:
        return bool(self.row["has_error_inputs"])

    @property
    def supports_inplace_autograd(self) -> bool:
        return bool(self.row["supports_inplace_autograd"])

    def checks(self, dtype: str) -> tuple[str, ...]:
        """The checks that torch has answers to, held in the file or not."""
        return tuple(self.row["checks"].get(dtype, ()))

    def applies(self, form: str, sample: Sample) -> bool:
        return fits(form, sample, self.row["arity"].get(form, 0))

    def spelling(self, form: str) -> str | None:
        found: str | None = self.row["spellings"].get(form)
        return found

    def callable(self, form: str, subject: Subject) -> Callable[..., Any]:
        spelling = self.spelling(form)
        if spelling is None:
            raise NotHeld(f"the goldens cannot spell {self.name} as a {form}")
        return spoken(spelling, subject)


@dataclass(frozen=True)
class GoldenSample(Sample):
    """A sample with torch's answers, by form."""

    answers: Mapping[str, GoldenAnswers] = field(default_factory=dict)


#: The error inputs of an entry are a member of this name beside those of its dtypes.
ERRORS = "errors"


class GoldenAnswers:
    """What torch answered about a sample in one form: recorded values, or recorded refusals."""

    def __init__(self, record: dict[str, Any], data: bytes) -> None:
        self.record = record
        self.data = data

    def _recall(self, quantity: str) -> Any:
        held = self.record.get(quantity)
        if held is None:
            if "forward" in self.record and quantity != "forward":
                self._recall("forward")  # what torch refuses has no other answers
            raise NotHeld(f"the goldens hold no {quantity.replace('_', ' ')} of this sample")
        if "raised" in held:
            kind, text = held["raised"]
            raise OracleError(Exception(text), kind)
        if "unsupported" in held:
            raise Unsupported(held["unsupported"])
        if "too_large" in held:
            raise NotHeld(f"the goldens do not hold this answer: it takes {_kilobytes(held)}")
        return held["is"]

    def _arrays(self, quantity: str) -> list[Any]:
        return [get_array(self.data, reference) for reference in self._recall(quantity)]

    @functools.cached_property
    def _forward(self) -> Forward:
        held = self._recall("forward")
        return Forward(
            raw=None,
            structure=held["structure"],
            outputs=[],
            plain=Decoder().decode(held["plain"]),
            facts=[get_facts(row) for row in held["facts"]],
            inputs=[],
            leaves=[],
            input_versions=held["input_versions"],
            returned_self=held["returned_self"],
        )

    def forward(self) -> Forward:
        return self._forward

    @functools.cached_property
    def _values(self) -> list[Array]:
        return self._arrays("values")

    def values(self) -> list[Array]:
        return self._values

    def inputs_after(self) -> list[Array]:
        return self._arrays("inputs_after")

    def graph(self) -> Graph:
        held = self._recall("graph")
        nodes = [Node(name, tuple(map(_edge, edges))) for name, edges in held["nodes"]]
        return Graph([_edge(root) for root in held["roots"]], nodes)

    def gradients(self) -> list[Array | None]:
        return self._arrays("gradients")

    def second_order(self) -> SecondOrder:
        return SecondOrder(self._recall("first_requires_grad"), self.second_gradients())

    def second_gradients(self) -> list[Array | None]:
        return self._arrays("second_gradients")

    def tangents(self) -> list[Array | None]:
        return self._arrays("tangents")

    def saved(self) -> Saved:
        nodes = _attributes(self._recall("saved"))
        return Saved(nodes, self.saved_tensors())

    def saved_tensors(self) -> list[Array]:
        return self._arrays("saved_tensors")

    def freed(self) -> Freed:
        held = self._recall("freed")
        answers = Decoder().decode(held["answers"])
        return [
            (name, {key: was if place is None else answers[place] for (key, was), place in pairs})
            for (name, saved), places in zip(self.saved().nodes, held["nodes"], strict=True)
            for pairs in [zip(saved.items(), places, strict=True)]
        ]

    def warned(self, quantity: str) -> list[tuple[str, str]]:
        """What is held of a quantity, though it be nothing, is there under its name."""
        found = GoldenAnswers(self._recall("warned"), self.data)._recall(quantity)
        return [(category, text) for category, text in found]

    def next_numbers(self) -> list[float]:
        return list(self._recall("next_numbers"))


def _attributes(nodes: list[Any]) -> Attributes:
    decode = Decoder().decode
    return [(name, {key: decode(value) for key, value in held.items()}) for name, held in nodes]


def _edge(edge: list[Any]) -> tuple[int | None, int]:
    number, output = edge
    return number, output


class GoldenOracle:
    """Torch's side of a sample in one form, with the budgets that torch's runs gave."""

    def __init__(self, entry_name: str, answers: GoldenAnswers) -> None:
        self.entry_name = entry_name
        self.expected = answers
        self._data = answers.data

    def _limits(self, quantity: str, index: int) -> dict[str, Any]:
        rows = self.expected.record.get("budgets", {}).get(quantity)
        if rows is None or rows[index] is None:
            raise NotHeld(f"the goldens hold no budget of the {quantity}")
        limits: dict[str, Any] = rows[index]
        return limits

    def _own(self, quantity: str, index: int) -> Array:
        own: Array = getattr(self.expected, quantity)()[index]
        return own

    def _amounts(self, quantity: str, index: int, name: str) -> list[float]:
        """Amounts that are held in units of the last place of torch's number, or as they are.

        Zeros are not held.
        """
        own, reference = self._own(quantity, index), self._limits(quantity, index).get(name)
        if reference is None:
            return [0.0] * own.numel()
        if isinstance(reference, dict):
            numbers = get_array(self._data, reference["numbers"])
            return [] if numbers is None else numbers.values
        units = unpack_levels(self._data[reference : reference + own.numel()])
        return [count * unit for count, unit in zip(units, ulps(own), strict=True)]

    def budgets(self, quantity: str, index: int) -> Iterator[Budget]:
        limits = self._limits(quantity, index)
        reference = self._own(quantity, index).values
        if (whole := get_array(self._data, limits.get("reference"))) is not None:
            reference = whole.values
        elif (low := limits.get("low")) is not None:
            reference = self._moved(self._own(quantity, index), low)
        yield Budget(reference, self._amounts(quantity, index, "allowed"))

    def _moved(self, own: Array, low: list[Any]) -> list[Any]:
        """Torch's numbers at high precision: moved by so many units in the last place."""
        levels, signs = low
        count = own.numel() * (2 if own.is_complex else 1)
        bits = self._data[signs : signs + -(-count // 8)]
        amounts = unpack_signed(self._data[levels : levels + count], bits)
        distances = out_of_units(amounts, ulps(own), own.is_complex)
        return [value + off for value, off in zip(own.values, distances, strict=True)]

    def spread(self, quantity: str, index: int) -> list[float]:
        return self._amounts(quantity, index, "spread")

    def switches(self, quantity: str, index: int) -> list[bool]:
        held = get_array(self._data, self._limits(quantity, index).get("switches"))
        if held is None:
            return [False] * self._own(quantity, index).numel()
        return held.values

    def is_flat(self, quantity: str) -> bool:
        return bool(self.expected.record.get("flat", {}).get(quantity, False))

    def has_constant_gradients(self) -> bool:
        return bool(self.expected.record.get("constant_gradients", False))


class Goldens:
    """An open file of goldens as `oracles.Reference`."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    @property
    def seed(self) -> int:
        return int(self.archive.header["seed"])

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The checks that were left out when the file was recorded."""
        return tuple(self.archive.header["unanswered"])

    @property
    def about(self) -> dict[str, str]:
        return {"torch": self.archive.header["torch"], "goldens": str(self.archive.path)}

    @functools.cache  # noqa: B019
    def entries(self) -> Mapping[str, Entry]:
        rows = self.archive.read_json("catalogue.json")
        return {row["name"]: GoldenEntry(row["name"], row) for row in rows}

    def samples(
        self, entry: Entry, dtype: str, seed: int, start: int = 0, stop: int | None = None
    ) -> Iterator[Sample | BrokenSample]:
        rows, complete = self._rows(entry.name, dtype)
        yield from rows[start:stop]
        if not complete and (stop is None or stop > len(rows)):
            text = f"the goldens hold {len(rows) or 'no'} samples of {entry.name} at {dtype}"
            raise NotHeld(text, max(start, len(rows)))

    def held(self, entry: str, kind: str) -> list[Sample | BrokenSample]:
        """All samples that the file holds of an entry at a dtype, or of its error inputs."""
        return self._rows(entry, kind)[0]

    def _rows(self, entry: str, kind: str) -> tuple[list[Sample | BrokenSample], bool]:
        """The samples of a member, and whether torch has no more."""
        member = f"cases/{entry}/{kind}"
        if f"{member}.json" not in self.archive:
            return [], False
        text = self.archive.read_json(f"{member}.json")
        data = self.archive.read(f"{member}.bin")
        return [_sample(row, kind, data) for row in text["samples"]], text["complete"]

    def error_samples(self, entry: Entry, seed: int) -> Iterator[Sample | BrokenSample]:
        return self.samples(entry, ERRORS, seed)

    def oracle(self, entry: Entry, sample: Sample, form: str, seed: int) -> GoldenOracle:
        answers = sample.answers.get(form) if isinstance(sample, GoldenSample) else None
        if answers is None:
            raise NotHeld(f"the goldens hold no {form} of this sample")
        return GoldenOracle(entry.name, answers)

    def scenario(self, program: Program) -> list[Observation]:
        member = f"scenarios/{program.area}.json"
        held = self.archive.read_json(member) if member in self.archive else {}
        if program.name not in held:
            raise NotHeld(f"the goldens hold no answers to {program.name}")
        found: list[Observation] = Decoder().decode(held[program.name])
        return found


def _kilobytes(held: dict[str, Any]) -> str:
    return f"{held['too_large'] / 1000:.0f} kB"


def _sample(row: dict[str, Any], dtype: str, data: bytes) -> Sample | BrokenSample:
    index = row["index"]
    if "too_large" in row:
        text = f"the goldens do not hold this sample: it takes {_kilobytes(row)}"
        return BrokenSample(index, NotHeld(text, index))
    if "broken" in row:
        kind, text = row["broken"]
        broken = Unsupported(text) if kind == "Unsupported" else OracleError(Exception(text), kind)
        return BrokenSample(index, broken)
    decoder = Decoder(data, row["storages"], row["tensors"])
    first, args, kwargs = decoder.decode(row["call"])
    process = None if row["callback"] is None else callback(row["callback"])
    answers = {form: GoldenAnswers(record, data) for form, record in row["forms"].items()}
    return GoldenSample(
        index, dtype, first, args, kwargs, process, row["broadcasts_input"], answers
    )
