"""Holds goldens against the torch that is installed, or against other goldens: what has changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd_conformance.cases import Mismatch, OracleError, Unsupported
from autograd_conformance.checks import scenario
from autograd_conformance.goldens.encoding import Decoder, Encoder, Store
from autograd_conformance.goldens.reading import GoldenAnswers, GoldenOracle, Goldens, GoldenSample
from autograd_conformance.judging import compare_all
from autograd_conformance.oracles import QUANTITIES, NotHeld
from autograd_conformance.samples import BrokenSample, Sample

#: The places of arrays in messages.
_PLACES = {
    "values": "output {}",
    "inputs_after": "input {} after the call",
    "gradients": "gradient {}",
    "second_gradients": "second-order gradient {}",
    "tangents": "tangent {}",
    "saved_tensors": "saved tensor {}",
}


def differing_rows(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[str]:
    """What two catalogues of entries say differently."""
    before, after = ({row["name"]: row for row in rows} for rows in (old, new))
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield f"{name}: no longer an entry"
        elif name not in before:
            yield f"{name}: a new entry"
        else:
            for key in sorted(before[name].keys() | after[name].keys()):
                was, is_now = before[name].get(key), after[name].get(key)
                if was != is_now:
                    yield f"{name}: {key} was {was}, is {is_now}"


def same_sample(old: Sample | BrokenSample, new: Sample | BrokenSample) -> bool:
    """Whether two samples call the op with the same arguments, or cannot be used for one reason."""
    if any(isinstance(s, BrokenSample) and isinstance(s.error, NotHeld) for s in (old, new)):
        return True  # left out for its size: nothing to compare
    if isinstance(old, BrokenSample) or isinstance(new, BrokenSample):
        return isinstance(old, BrokenSample) and isinstance(new, BrokenSample)
    same: bool = _written(old) == _written(new)
    return same


def _written(sample: Sample) -> Any:
    store = Store()
    encoder = Encoder(store)
    call = encoder.encode(sample.call)
    process = sample.process_output
    return (
        call,
        encoder.storages,
        encoder.tensors,
        bytes(store.data),
        None if process is None else process.name,
        sample.broadcasts_input,
    )


def diff(old: Goldens, new: Goldens) -> Iterator[str]:
    """What the two hold differently, a line each; numbers may differ within the old budgets."""
    yield from differing_rows(*(g.archive.read_json("catalogue.json") for g in (old, new)))
    members = [set(g.archive.members()) for g in (old, new)]
    for which, absent in (("only in the first", 0), ("only in the second", 1)):
        for name in sorted(members[absent] - members[1 - absent]):
            if name.endswith(".json"):
                yield f"{name.removesuffix('.json')}: {which}"
    for name in sorted(members[0] & members[1]):
        if name.startswith("cases/") and name.endswith(".json"):
            yield from _differing_cases(old, new, name.removesuffix(".json"))
        elif name.startswith("scenarios/"):
            yield from _differing_programs(*(g.archive.read_json(name) for g in (old, new)))


def _differing_cases(old: Goldens, new: Goldens, name: str) -> Iterator[str]:
    entry, _, dtype = name.removeprefix("cases/").rpartition("/")
    pairs = zip(old.held(entry, dtype), new.held(entry, dtype), strict=False)
    for before, after in pairs:
        where = f"{entry}|{dtype}|{before.index}"
        if not same_sample(before, after):
            yield f"{where}: another sample"
        elif isinstance(before, GoldenSample) and isinstance(after, GoldenSample):
            for form in sorted(before.answers.keys() | after.answers.keys()):
                if form not in before.answers or form not in after.answers:
                    yield f"{where}|{form}: only in one of the two"
                else:
                    answers = before.answers[form], after.answers[form]
                    for text in _differing_answers(entry, *answers):
                        yield f"{where}|{form}: {text}"


def _differing_answers(entry: str, old: GoldenAnswers, new: GoldenAnswers) -> Iterator[str]:
    for name in sorted((old.record.keys() | new.record.keys()) - {"budgets", *QUANTITIES}):
        was, is_now = old.record.get(name), new.record.get(name)
        if was != is_now:
            yield f"{name} was {_short(was)}, is {_short(is_now)}"
    oracle = GoldenOracle(entry, old)
    for quantity in QUANTITIES:
        before, after = (answers.record.get(quantity) for answers in (old, new))
        if before is None and after is None:
            continue
        if before is None or after is None or "is" not in before or "is" not in after:
            if before != after:
                yield f"{quantity} was {_short(before)}, is {_short(after)}"
            continue
        try:
            compare_all(_PLACES[quantity], quantity, oracle, new)
        except Mismatch as mismatch:
            yield f"{mismatch.message}: {mismatch.detail}"
        except (NotHeld, OracleError, Unsupported) as error:
            yield f"{quantity}: {error}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


def _differing_programs(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if name not in old or name not in new:
            yield f"{name}: only in one of the two"
            continue
        try:
            scenario.compare(*(Decoder().decode(found[name]) for found in (old, new)))
        except Mismatch as mismatch:
            yield f"{name}: {mismatch.message}: {mismatch.detail}"
